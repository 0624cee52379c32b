//! Creates many todos in one transaction, in SQL.

use std::{collections::HashMap, iter};

use super::{
    changes::forget_deleted,
    columns::{self, FIELDS, FromRow, TODO, read, read_json},
    database::{Connection, Database},
    error::StoreError,
    labels, query,
    sql_store::SqlStore,
    statement::{SESSION, Statement, Value},
    types::{Batch, NewTodo, Owner, Write},
};
use crate::domain::{Todo, TodoId, TodoOrder, UnixMillis};

impl<D: Database> SqlStore<D> {
    pub async fn create_many(
        &self,
        owner: Owner,
        todos: Vec<NewTodo>,
        at_least: usize,
        now: UnixMillis,
    ) -> Result<Batch, StoreError> {
        let max_todos = self.max_todos;
        let created = self.database.transact(owner.user, move |transaction: &mut D::Connection| {
            Box::pin(create::<D>(transaction, owner, todos.clone(), at_least, max_todos, now))
        });
        created.await?.ok_or(StoreError::SessionEnded)
    }
}

/// Returns `None` if the session is revoked.
async fn create<D: Database>(
    transaction: &mut D::Connection,
    owner: Owner,
    todos: Vec<NewTodo>,
    at_least: usize,
    max_todos: u32,
    now: UnixMillis,
) -> Result<Option<Batch>, sqlx::Error> {
    let found = transaction.run(query::state::<D>(owner, todos.iter().map(|todo| todo.id).collect())).await?;
    let Some(state) = found.rows.first() else { return Ok(None) };
    let (count, deleted): (i64, i64) = (read(state, "todos")?, read(state, "deleted_todos")?);
    let max = i64::from(max_todos);
    let room = usize::try_from(max - count).unwrap_or_default();
    let mut last: Option<i64> = read(state, "last")?;
    let mut taken: HashMap<TodoId, Option<i64>> = read_json::<Vec<_>>(state, "taken")?.into_iter().collect();
    let (mut written, mut new) = (Vec::new(), Vec::new());
    for todo in todos {
        written.push(match taken.get(&todo.id) {
            Some(Some(_)) => Write::InTrash,
            Some(None) => Write::Refused,
            None if new.len() >= room => Write::LimitReached,
            None => {
                taken.insert(todo.id, None);
                let order = todo.order.map_or_else(|| labels::append(last), TodoOrder::get);
                last = last.max(Some(order));
                new.push((todo, order));
                Write::NotFound
            }
        });
    }
    let mut batch = Batch { list_version: read(state, "list_version")?, written };
    if new.is_empty() || new.len() < at_least {
        return Ok(Some(batch));
    }
    if deleted > max + max / 10 {
        transaction.run(forget_deleted(owner, max_todos)).await?;
    }
    let ids: Vec<_> = new.iter().map(|(todo, _)| todo.id).collect();
    let mut created = HashMap::new();
    for row in transaction.run(insert(owner, new, now)).await?.rows {
        let todo = Todo::from_row(&row)?;
        created.insert(todo.id, todo);
        batch.list_version = read(&row, "changed_in")?;
    }
    for (write, id) in batch.written.iter_mut().filter(|write| **write == Write::NotFound).zip(ids) {
        *write = created.remove(&id).map_or(Write::NotFound, Write::Done);
    }
    Ok(Some(batch))
}

/// Inserts todos, each with its order. Repeats the last one up to a power of two, which limits the number of prepared statements; the
/// repetitions are conflicts.
pub fn insert(owner: Owner, mut todos: Vec<(NewTodo, i64)>, now: UnixMillis) -> Statement {
    let padding = todos.len().next_power_of_two() - todos.len();
    todos.extend(todos.last().cloned().into_iter().flat_map(|last| iter::repeat_n(last, padding)));
    let mut statement = Statement::about(owner);
    let at = statement.bind(now);
    let mut row = |(todo, order): (NewTodo, i64)| {
        let completed_at = todo.fields.completed.then_some(now);
        let fields = columns::field_values(todo.fields).into_iter();
        let values = iter::once(Value::from(todo.id)).chain(fields).chain([completed_at.into(), order.into()]);
        format!("({})", statement.bind_all(values))
    };
    let rows: Vec<_> = todos.into_iter().map(&mut row).collect();
    statement.text(format!(
        r#"
    insert into todos (user_id, id, {FIELDS}, completed_at, "order", version, created_at, updated_at, derived_from, changed_in)
    select users.id, given.*, 1, {at}, {at}, 1, users.list_version + 1
    from users, (values {}) given
    where {SESSION}
    on conflict (user_id, id) do nothing
    returning {TODO}, changed_in"#,
        rows.join(", ")
    ))
}
