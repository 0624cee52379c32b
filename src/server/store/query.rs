//! Filters, cursors and page queries of todos.

use super::{
    columns::{self, KEPT_TODO},
    database::Database,
    statement::{Parameter, SESSION, Statement},
    types::{KeptTodo, Owner},
};
use crate::{
    domain::{DueDate, Todo, TodoId, TodoOrder, UnixMillis},
    server::tags::Tag,
};

/// Selects todos outside the trash, by all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TodoFilter {
    /// Restricts to completed or to active todos.
    pub completed: Option<bool>,
    /// Restricts to active todos and to those completed since then.
    pub completed_since: Option<UnixMillis>,
    /// The first due date. Leaves out todos without one, like the last.
    pub due_from: Option<DueDate>,
    /// The last due date.
    pub due_to: Option<DueDate>,
    pub important: Option<bool>,
    pub tag: Option<Tag>,
    /// Folded text in the title or in the notes.
    pub text: Option<String>,
}

/// What is counted.
#[derive(Clone, Debug, Default)]
pub struct SummaryQuery {
    pub filter: TodoFilter,
    /// For the overdue todos and those due today.
    pub today: Option<DueDate>,
    /// For the todos that were completed since then.
    pub since: Option<UnixMillis>,
}

/// A page of the list.
#[derive(Clone, Debug)]
pub struct TodoQuery {
    pub filter: TodoFilter,
    pub sort: Sort,
    /// Starts after this position of the same sort, whose todo may be gone.
    pub after: Option<TodoCursor>,
    pub limit: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By order, then id.
    #[default]
    Order,
    /// By due date, then order and id; only todos with a due date.
    Due,
    /// By time of completion, the latest first, then id; only completed todos.
    Completed,
}

/// A position in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TodoCursor {
    Order(TodoOrder, TodoId),
    Due(DueDate, TodoOrder, TodoId),
    Completed(UnixMillis, TodoId),
}

impl TodoCursor {
    /// `None` for a todo that this sort leaves out.
    #[must_use]
    pub fn at(sort: Sort, todo: &Todo) -> Option<Self> {
        Some(match sort {
            Sort::Order => Self::Order(todo.order, todo.id),
            Sort::Due => Self::Due(todo.due_on?, todo.order, todo.id),
            Sort::Completed => Self::Completed(todo.completed_at?, todo.id),
        })
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
    /// Whether it reads derived columns, which must be up to date.
    pub fn is_derived(&self) -> bool {
        self.tag.is_some() || self.text.is_some()
    }

    fn has_due_date(&self) -> bool {
        self.due_from.or(self.due_to).is_some()
    }

    pub fn conditions(self, statement: &mut Statement) -> Vec<String> {
        let mut conditions = vec!["deleted_at is null".to_owned()];
        if let Some(completed) = self.completed {
            let completed = statement.bind(completed);
            // Keeps the planner from the index of state, where another one is narrower.
            let is_narrow = self.has_due_date() || self.important == Some(true) || self.tag.is_some();
            conditions.push(if is_narrow {
                format!("(completed = {completed}) is true")
            } else {
                format!("completed = {completed}")
            });
        }
        if let Some(since) = self.completed_since {
            conditions.push(format!("(completed_at is null or completed_at >= {})", statement.bind(since)));
        }
        if let Some(from) = self.due_from {
            conditions.push(format!("due_on >= {}", statement.bind(from)));
        }
        if let Some(to) = self.due_to {
            conditions.push(format!("due_on <= {}", statement.bind(to)));
        }
        match self.important {
            Some(true) => conditions.push("important".to_owned()),
            Some(false) => conditions.push("not important".to_owned()),
            None => {}
        }
        if let Some(tag) = self.tag {
            // The first condition is that of the index.
            conditions.push(format!("tags <> '' and {}", contains("tags", bind_text(statement, &format!(" {tag} ")))));
        }
        if let Some(text) = self.text {
            let text = bind_text(statement, &text);
            conditions.push(format!("({} or {})", contains("title_folded", text), contains("notes_folded", text)));
        }
        conditions
    }
}

/// Binds a folded text for [`contains`].
pub fn bind_text(statement: &mut Statement, text: &str) -> Parameter {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    statement.bind(pattern)
}

/// Whether a column of folded text contains a text. SQLite's `instr` takes twice as long, and its `like` ignores the case of ASCII,
/// which folded text does not have.
pub fn contains(column: &str, text: Parameter) -> String {
    format!(r"{column} like {text} escape '\'")
}

impl TodoQuery {
    /// `known` is the list version of a client: the page is null if the list still has it.
    pub fn statement<D: Database>(self, owner: Owner, known: Option<i64>) -> Statement {
        let mut statement = Statement::about(owner);
        let known = statement.bind(known);
        let Self { filter, sort, after, limit } = self;
        let has_due_date = filter.has_due_date();
        let completed_since = filter.completed_since.filter(|_| filter.completed.is_none() && sort == Sort::Order);
        let mut conditions = filter.conditions(&mut statement);
        match sort {
            Sort::Order => {}
            Sort::Due => conditions.push("due_on is not null".to_owned()),
            Sort::Completed => conditions.push("completed_at is not null".to_owned()),
        }
        conditions.extend(after.map(|after| after.condition(&mut statement)));
        let order = match sort {
            // Reads the index of due dates, which are few, and sorts.
            Sort::Order if has_due_date => r#""order" + 0, id"#,
            Sort::Order => r#""order", id"#,
            Sort::Due => r#"due_on, "order", id"#,
            Sort::Completed => "completed_at desc, id desc",
        };
        let limit = statement.bind(i64::from(limit));
        let rows = match completed_since {
            None => rows(columns::TODO, &conditions, order, limit),
            Some(since) => {
                let part = |condition, order| rows(columns::TODO, &[conditions.as_slice(), &[condition]].concat(), order, limit);
                // Each part has an index. In the order of the list, all that was ever completed would be read.
                let active = part("completed = false".to_owned(), order);
                let completed = part(format!("completed_at >= {}", statement.bind(since)), r#""order" + 0, id"#);
                format!(
                    r#"select * from (select * from ({active}) active union all select * from ({completed}) completed) page
        order by "order", id limit {limit} + 0"#
                )
            }
        };
        in_session(statement, &unless_known(known, &as_json::<D>(columns::TODO, &rows)))
    }
}

impl TodoCursor {
    fn condition(self, statement: &mut Statement) -> String {
        match self {
            Self::Order(order, id) => format!(r#"("order", id) > ({}, {})"#, statement.bind(order), statement.bind(id)),
            Self::Due(due_on, order, id) => format!(
                r#"(due_on, "order", id) > ({}, {}, {})"#,
                statement.bind(due_on),
                statement.bind(order),
                statement.bind(id)
            ),
            Self::Completed(completed_at, id) => {
                format!("(completed_at, id) < ({}, {})", statement.bind(completed_at), statement.bind(id))
            }
        }
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

/// Selects a page as JSON.
fn page<D: Database>(statement: &mut Statement, columns: &str, conditions: &[String], sort: &str, limit: u32) -> String {
    let limit = statement.bind(i64::from(limit));
    as_json::<D>(columns, &rows(columns, conditions, sort, limit))
}

/// Selects rows in the order of an index.
fn rows(columns: &str, conditions: &[String], sort: &str, limit: Parameter) -> String {
    let conditions = conditions.join(" and ");
    // `+ 0` because SQLite plans by the value of a bare parameter, and would prepare the statement again for each value.
    format!("select {columns} from todos where user_id = $1 and {conditions}\n        order by {sort} limit {limit} + 0")
}

fn as_json<D: Database>(columns: &str, rows: &str) -> String {
    format!("(select {} from (\n        {rows}) page)", D::json_rows(columns))
}

/// The page is not read at all if the condition is false.
fn unless_known(known: Parameter, page: &str) -> String {
    format!("case when list_version is distinct from {known} then {page} end")
}

/// Selects the page with its list version; no row if the session is revoked.
fn in_session(statement: Statement, page: &str) -> Statement {
    statement.text(format!("select list_version, {page} as page from users where {SESSION}"))
}
