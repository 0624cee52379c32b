//! Moves a todo to another place of the list, in SQL.

use super::{
    changes::{FINAL, NEXT_VERSION, bump_version, one, returning_todo, update},
    columns::{FromRow, read_json},
    database::{Connection, Database, Row, Written},
    error::StoreError,
    labels::{self, Spread},
    query,
    sql_store::SqlStore,
    statement::{SESSION, Statement},
    todos::{is_none, outcome},
    types::{Condition, KeptTodo, Owner, Write},
};
use crate::domain::{Todo, TodoId, UnixMillis};

/// The order of a todo and its id, which breaks ties.
type Place = (i64, TodoId);

impl<D: Database> SqlStore<D> {
    pub async fn place_after(
        &self,
        owner: Owner,
        id: TodoId,
        after: Option<TodoId>,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Option<Write>, StoreError> {
        let moved = self.database.transact(owner.user, move |transaction: &mut D::Connection| {
            Box::pin(place::<D>(transaction, owner, id, after, condition.clone(), now))
        });
        moved.await?.as_ref().map(outcome).transpose()
    }
}

/// Returns a write of one todo, or `None` if `after` is no other todo of the list.
async fn place<D: Database>(
    transaction: &mut D::Connection,
    owner: Owner,
    id: TodoId,
    after: Option<TodoId>,
    condition: Condition,
    now: UnixMillis,
) -> Result<Option<Written<D::Row>>, sqlx::Error> {
    // Both neighbours suffice, unless there is no room between them.
    let mut reach = 1;
    loop {
        let found = transaction.run(query::neighbours::<D>(owner, id, after, reach)).await?;
        let todo = found.rows.first().map(|row| movable(row, &condition)).transpose()?.flatten();
        let (Some(row), Some(todo)) = (found.rows.first(), todo) else {
            return Ok(Some(Written { rows: found.rows, changed: 0 }));
        };
        let (before, following): (Vec<Place>, Vec<Place>) = (read_json(row, "before")?, read_json(row, "following")?);
        if before.first().map(|(_, id)| *id) != after {
            return Ok(None);
        }
        let place = (todo.order.get(), id);
        if before.first().is_none_or(|before| *before < place) && following.first().is_none_or(|after| place < *after) {
            // It is there already.
            return Ok(Some(Written { rows: found.rows, changed: 1 }));
        }
        let [before, following] = [before, following].map(|side| side.into_iter().map(|(order, _)| order).collect::<Vec<_>>());
        if let Some(order) = labels::between(before.first().copied(), following.first().copied()) {
            return transaction.run(set_order(owner, id, order, now)).await.map(Some);
        }
        if let Some(spread) = labels::spread(&before, &following, reach as usize) {
            transaction.run(renumber(owner, id, spread, now)).await?;
            return transaction.run(set_order(owner, id, spread.gap(), now)).await.map(Some);
        }
        reach = reach.saturating_mul(64);
    }
}

/// The todo, if it is in the list and meets the precondition.
fn movable(row: &impl Row, condition: &Condition) -> Result<Option<Todo>, sqlx::Error> {
    let kept = if is_none(row)? { None } else { Some(KeptTodo::from_row(row)?) };
    let todo = kept.filter(|kept| kept.deleted_at.is_none()).map(|kept| kept.todo);
    Ok(todo.filter(|todo| condition.is_met(todo.version)))
}

pub fn set_order(owner: Owner, id: TodoId, order: i64, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let set = format!(r#"{}, "order" = {}"#, bump_version(statement.bind(now), NEXT_VERSION), statement.bind(order));
    let one = one(&mut statement, id, &Condition::Always);
    returning_todo(update(statement, &[&set, FINAL], &one))
}

/// Gives the todos around the gap their new orders. They keep their undo stacks, since undoing changes no order.
pub fn renumber(owner: Owner, moved: TodoId, spread: Spread, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let (moved, set) = (statement.bind(moved), bump_version(statement.bind(now), NEXT_VERSION));
    let Spread { low, high, before, first, step } = spread;
    let [low, high, before, first, step] = [low, high, before, first, step].map(|number| statement.bind(number));
    // Twice, because Postgres would otherwise read all todos of the user for the join.
    let in_range = format!(r#"user_id = $1 and deleted_at is null and "order" between {low} and {high}"#);
    statement.text(format!(
        r#"
    update todos set {set}, "order" = spread.place
    from (
        select id, {first} + {step} * case when nth > {before} then nth else nth - 1 end as place
        from (
            select id, row_number() over (order by "order", id) as nth from todos where {in_range} and id <> {moved}
        ) numbered
    ) spread
    where {in_range} and todos.id = spread.id and "order" <> spread.place
      and exists (select 1 from users where {SESSION})"#
    ))
}
