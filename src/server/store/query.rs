//! Filters, cursors and page queries of todos.

use super::{
    columns::{self, KEPT_TODO},
    statement::{SESSION, Statement},
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
    pub fn statement(self, owner: Owner) -> Statement {
        let mut statement = Statement::about(owner);
        let mut conditions = self.filter.conditions(&mut statement);
        if let Some(TodoCursor { order, id }) = self.after {
            conditions.push(format!(r#"("order", id) > ({}, {})"#, statement.bind(order), statement.bind(id)));
        }
        page(statement, columns::TODO, &conditions, r#""order", id"#, self.limit)
    }
}

/// Deleted todos, latest first.
pub fn trash(owner: Owner, after: Option<TrashCursor>, limit: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let mut conditions = vec!["deleted_at is not null".to_owned()];
    if let Some(TrashCursor { deleted_at, id }) = after {
        conditions.push(format!("(deleted_at, id) < ({}, {})", statement.bind(deleted_at), statement.bind(id)));
    }
    page(statement, KEPT_TODO, &conditions, "deleted_at desc, id desc", limit)
}

/// All todos by id, deleted ones included.
pub fn export(owner: Owner, after: Option<TodoId>, limit: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let condition = after.map_or("true".to_owned(), |after| format!("id > {}", statement.bind(after)));
    page(statement, KEPT_TODO, &[condition], "id", limit)
}

/// Finds deleted todos too.
pub fn find(owner: Owner, id: TodoId) -> Statement {
    let mut statement = Statement::about(owner);
    let id = statement.bind(id);
    statement.text(in_session(&format!("select {KEPT_TODO} from todos where user_id = $1 and id = {id}")))
}

/// Selects a page in the order of an index. The limit is in a subquery: applied after the join, Postgres would sort all todos
/// for each page.
fn page(mut statement: Statement, columns: &str, conditions: &[String], sort: &str, limit: u32) -> Statement {
    let (conditions, limit) = (conditions.join(" and "), statement.bind(i64::from(limit)));
    // `+ 0` because SQLite plans by the value of a bare parameter, and would prepare the statement again for each value.
    let rows = in_session(&format!(
        "
        select {columns} from todos where user_id = $1 and {conditions}
        order by {sort} limit {limit} + 0"
    ));
    statement.text(format!("{rows} order by {sort}"))
}

/// Returns the owner's rows, one row of nulls if there are none, and no row if the session is revoked.
fn in_session(rows: &str) -> String {
    format!("select t.* from (select 1 from users where {SESSION}) u left join ({rows}) t on true")
}
