//! Filters, cursors and page queries of todos.

use super::{
    columns::{self, KEPT_TODO},
    database::Database,
    statement::{Parameter, SESSION, Statement},
    types::{KeptTodo, Owner},
};
use crate::domain::{Todo, TodoId, TodoOrder, UnixMillis};

/// Selects todos outside the trash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TodoFilter {
    /// Restricts to completed or to active todos.
    pub completed: Option<bool>,
}

/// A page of the list, sorted by order, then id.
#[derive(Clone, Copy, Debug)]
pub struct TodoQuery {
    pub filter: TodoFilter,
    /// Starts after this position, whose todo may be gone.
    pub after: Option<TodoCursor>,
    pub limit: u32,
}

/// A position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TodoCursor {
    pub order: TodoOrder,
    pub id: TodoId,
}

impl From<&Todo> for TodoCursor {
    fn from(todo: &Todo) -> Self {
        Self { order: todo.order, id: todo.id }
    }
}

/// A position in the trash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrashCursor {
    pub deleted_at: UnixMillis,
    pub id: TodoId,
}

impl TrashCursor {
    /// `None` for a todo outside the trash.
    #[must_use]
    pub fn at(kept: &KeptTodo) -> Option<Self> {
        Some(Self { deleted_at: kept.deleted_at?, id: kept.todo.id })
    }
}

impl TodoFilter {
    pub fn conditions(self, statement: &mut Statement) -> Vec<String> {
        let mut conditions = vec!["deleted_at is null".to_owned()];
        if let Some(completed) = self.completed {
            conditions.push(format!("completed = {}", statement.bind(completed)));
        }
        conditions
    }
}

impl TodoQuery {
    /// `known` is the list version of a client: the page is null if the list still has it.
    pub fn statement<D: Database>(self, owner: Owner, known: Option<i64>) -> Statement {
        let mut statement = Statement::about(owner);
        let known = statement.bind(known);
        let mut conditions = self.filter.conditions(&mut statement);
        if let Some(TodoCursor { order, id }) = self.after {
            conditions.push(format!(r#"("order", id) > ({}, {})"#, statement.bind(order), statement.bind(id)));
        }
        let page = page::<D>(&mut statement, columns::TODO, &conditions, r#""order", id"#, self.limit);
        in_session(statement, &unless_known(known, &page))
    }
}

/// Deleted todos, latest first; `known` as in [`TodoQuery::statement`].
pub fn trash<D: Database>(owner: Owner, after: Option<TrashCursor>, limit: u32, known: Option<i64>) -> Statement {
    let mut statement = Statement::about(owner);
    let known = statement.bind(known);
    let mut conditions = vec!["deleted_at is not null".to_owned()];
    if let Some(TrashCursor { deleted_at, id }) = after {
        conditions.push(format!("(deleted_at, id) < ({}, {})", statement.bind(deleted_at), statement.bind(id)));
    }
    let page = page::<D>(&mut statement, KEPT_TODO, &conditions, "deleted_at desc, id desc", limit);
    in_session(statement, &unless_known(known, &page))
}

/// All todos by id, deleted ones included.
pub fn export<D: Database>(owner: Owner, after: Option<TodoId>, limit: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let condition = after.map_or("true".to_owned(), |after| format!("id > {}", statement.bind(after)));
    let page = page::<D>(&mut statement, KEPT_TODO, &[condition], "id", limit);
    in_session(statement, &page)
}

/// The todos that this list version changed, deleted ones included, by id.
pub fn changed<D: Database>(owner: Owner, version: i64, limit: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let condition = format!("changed_in = {}", statement.bind(version));
    let page = page::<D>(&mut statement, KEPT_TODO, &[condition], "id", limit);
    in_session(statement, &page)
}

/// Finds deleted todos too. Returns one row of nulls if there is none, and no row if the session is revoked.
pub fn find(owner: Owner, id: TodoId) -> Statement {
    let mut statement = Statement::about(owner);
    let id = statement.bind(id);
    statement.text(format!(
        "select t.* from (select 1 from users where {SESSION}) u
    left join (select {KEPT_TODO} from todos where user_id = $1 and id = {id}) t on true"
    ))
}

/// As [`find`], with the todo's neighbours at the place after another todo, or at the first place: `before` and `following`, at most
/// `reach` on each side, nearest first, as pairs of order and id. The first one before it is `after`, if that is another todo of the
/// list.
pub fn neighbours<D: Database>(owner: Owner, id: TodoId, after: Option<TodoId>, reach: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let id = statement.bind(id);
    let after = after.map(|after| statement.bind(after));
    let mut side = |comparison, sort| {
        let beside = after.map(|after| {
            let order = format!(r#"select "order" from todos where user_id = $1 and id = {after} and deleted_at is null"#);
            format!(r#"("order", id) {comparison} (({order}), {after})"#)
        });
        let beside = beside.unwrap_or_else(|| (comparison == ">").to_string());
        let conditions = ["deleted_at is null".to_owned(), format!("id <> {id}"), beside];
        page::<D>(&mut statement, r#""order", id"#, &conditions, sort, reach)
    };
    let (before, following) = (side("<=", r#""order" desc, id desc"#), side(">", r#""order", id"#));
    statement.text(format!(
        "select t.*, {before} as before, {following} as following from (select 1 from users where {SESSION}) u
    left join (select {KEPT_TODO} from todos where user_id = $1 and id = {id}) t on true"
    ))
}

/// Counts and largest order of the list, and which of these ids are taken, with the time of deletion.
pub fn state<D: Database>(owner: Owner, ids: Vec<TodoId>) -> Statement {
    let mut statement = Statement::about(owner);
    let taken = D::json_rows("id, deleted_at");
    let text = format!(
        r#"select list_version, todos, deleted_todos,
        (select "order" from todos where user_id = $1 and deleted_at is null order by "order" desc limit 1) as last,
        (select {taken} from todos where user_id = $1 and id in ({})) as taken
    from users where {SESSION}"#,
        statement.bind_list(ids)
    );
    statement.text(text)
}

/// Selects a page in the order of an index, as JSON.
fn page<D: Database>(statement: &mut Statement, columns: &str, conditions: &[String], sort: &str, limit: u32) -> String {
    let (conditions, limit) = (conditions.join(" and "), statement.bind(i64::from(limit)));
    // `+ 0` because SQLite plans by the value of a bare parameter, and would prepare the statement again for each value.
    format!(
        "(select {} from (
        select {columns} from todos where user_id = $1 and {conditions}
        order by {sort} limit {limit} + 0) page)",
        D::json_rows(columns)
    )
}

/// The page is not read at all if the condition is false.
fn unless_known(known: Parameter, page: &str) -> String {
    format!("case when list_version is distinct from {known} then {page} end")
}

/// Selects the page with its list version; no row if the session is revoked.
fn in_session(statement: Statement, page: &str) -> Statement {
    statement.text(format!("select list_version, {page} as page from users where {SESSION}"))
}
