//! Todos in SQL. Each statement on a user's todos checks the owner and the session.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    columns::{self, FIELDS, REPLACE_FIELDS, TODO, kept_todo, read, todo},
    database::{Connection, Database, Row, Written},
    error::StoreError,
    query::{self, TodoFilter, TodoQuery, TrashCursor},
    sql_store::SqlStore,
    statement::{Parameter, SESSION, Statement},
    traits::TodoStore,
    types::{Condition, KeptTodo, NewTodo, Owner, Write},
};
use crate::domain::{Todo, TodoId, TodoOrder, TodoPatch, UnixMillis, UserId};

impl<D: Database> SqlStore<D> {
    /// No row means a revoked session, and one row of nulls an empty page.
    async fn read_page<T>(&self, page: Statement, read: fn(&D::Row) -> Result<T, sqlx::Error>) -> Result<Vec<T>, StoreError> {
        let rows = self.database.read(page).await?;
        Ok(match rows.as_slice() {
            [] => return Err(StoreError::SessionEnded),
            [row] if is_none(row)? => Vec::new(),
            rows => rows.iter().map(read).collect::<Result<_, _>>()?,
        })
    }

    async fn write_todo(&self, owner: Owner, id: TodoId, statement: Statement) -> Result<Write, StoreError> {
        outcome(&self.database.write(Some(owner.user), statement.or_else(move || query::find(owner, id))).await?)
    }

    /// Sorts the rows, which `returning` can't.
    async fn write_todos(&self, owner: Owner, statement: Statement) -> Result<Vec<Todo>, StoreError> {
        let written = self.write_if_session(owner, statement).await?;
        let rows = if written.changed == 0 { &[] } else { written.rows.as_slice() };
        let mut todos = rows.iter().map(todo).collect::<Result<Vec<_>, _>>()?;
        todos.sort_unstable_by_key(|todo| (todo.order.get(), todo.id));
        Ok(todos)
    }

    async fn write_if_session(&self, owner: Owner, statement: Statement) -> Result<Written<D::Row>, StoreError> {
        let session = move || Statement::about(owner).text(format!("select 1 from users where {SESSION}"));
        let written = self.database.write(Some(owner.user), statement.or_else(session)).await?;
        if written.changed == 0 && written.rows.is_empty() { Err(StoreError::SessionEnded) } else { Ok(written) }
    }
}

#[async_trait]
impl<D: Database> TodoStore for SqlStore<D> {
    async fn list_todos(&self, owner: Owner, query: TodoQuery) -> Result<Vec<Todo>, StoreError> {
        self.read_page(query.statement(owner), todo).await
    }

    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        self.read_page(query::export(owner, after, limit), kept_todo).await
    }

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError> {
        let found = self.read_page(query::find(owner, id), kept_todo).await?.pop();
        Ok(found.filter(|kept| kept.deleted_at.is_none()).map(|kept| kept.todo))
    }

    async fn put_todo(&self, owner: Owner, new: NewTodo, condition: Condition, now: UnixMillis) -> Result<Write, StoreError> {
        let id = new.id;
        let max_todos = self.max_todos;
        match self.write_todo(owner, id, put(owner, new.clone(), &condition, now, max_todos)).await? {
            Write::NotFound if matches!(condition, Condition::Always | Condition::Absent) => {}
            other => return Ok(other),
        }
        // The limit is reached, possibly by the trash.
        let put_with_room = self.database.transact(owner.user, move |transaction: &mut D::Connection| {
            let put = put(owner, new.clone(), &condition, now, max_todos).or_else(move || query::find(owner, id));
            Box::pin(async move {
                transaction.run(forget_deleted(owner, max_todos)).await?;
                transaction.run(put).await
            })
        });
        match outcome(&put_with_room.await?)? {
            Write::NotFound => Ok(Write::LimitReached),
            other => Ok(other),
        }
    }

    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        patch: TodoPatch,
        now: UnixMillis,
    ) -> Result<Write, StoreError> {
        let mut statement = Statement::about(owner);
        let now = statement.bind(now);
        let set = assignments(&mut statement, patch, now);
        let one = one(&mut statement, id, &condition);
        self.write_todo(owner, id, update(statement, &set, &one)).await
    }

    async fn complete_todos(
        &self,
        owner: Owner,
        completed: bool,
        filter: TodoFilter,
        now: UnixMillis,
    ) -> Result<Vec<Todo>, StoreError> {
        let mut statement = Statement::about(owner);
        let now = statement.bind(now);
        let set = assignments(&mut statement, TodoPatch { completed: Some(completed), ..TodoPatch::default() }, now);
        let mut those = filter.conditions(&mut statement);
        those.push(format!("completed = {}", statement.bind(!completed)));
        self.write_todos(owner, update(statement, &set, &those)).await
    }

    async fn delete_todo(&self, owner: Owner, id: TodoId, condition: Condition, now: UnixMillis) -> Result<Write, StoreError> {
        let mut statement = Statement::about(owner);
        let set = mark_deleted(statement.bind(now));
        let one = one(&mut statement, id, &condition);
        self.write_todo(owner, id, update(statement, &set, &one)).await
    }

    async fn delete_todos(&self, owner: Owner, filter: TodoFilter, now: UnixMillis) -> Result<Vec<Todo>, StoreError> {
        let mut statement = Statement::about(owner);
        let set = mark_deleted(statement.bind(now));
        let those = filter.conditions(&mut statement);
        self.write_todos(owner, update(statement, &set, &those)).await
    }

    async fn restore_todos(&self, owner: Owner, ids: &[TodoId], now: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError> {
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        let mut statement = Statement::about(owner);
        let now = statement.bind(now);
        let count = statement.bind(i64::try_from(ids.len()).unwrap_or(i64::MAX));
        let list = statement.bind_list(ids.iter().copied().collect());
        // Todos outside the trash are returned unchanged, which makes a retry idempotent.
        let set = format!(
            "version = case when deleted_at is null then version else version + 1 end,
        updated_at = case when deleted_at is null then updated_at else {now} end,
        deleted_at = null"
        );
        let all =
            [format!("id in ({list})"), format!("(select count(*) from todos where user_id = $1 and id in ({list})) = {count}")];
        let restored = self.write_todos(owner, update(statement, &set, &all)).await?;
        Ok(Some(restored).filter(|restored| restored.len() == ids.len()))
    }

    async fn restore_deleted(&self, owner: Owner, deleted_at: UnixMillis, now: UnixMillis) -> Result<Vec<Todo>, StoreError> {
        let mut statement = Statement::about(owner);
        let set = format!("{}, deleted_at = null", bump_version(statement.bind(now)));
        let those = [format!("deleted_at = {}", statement.bind(deleted_at))];
        self.write_todos(owner, update(statement, &set, &those)).await
    }

    async fn list_trash(&self, owner: Owner, after: Option<TrashCursor>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        self.read_page(query::trash(owner, after, limit), kept_todo).await
    }

    async fn empty_trash(&self, owner: Owner) -> Result<u64, StoreError> {
        let text = format!(
            "
    delete from todos
    where user_id = $1 and deleted_at is not null and exists (select 1 from users where {SESSION})"
        );
        Ok(self.write_if_session(owner, Statement::about(owner).text(text)).await?.changed)
    }

    async fn purge_todos(&self, before: UnixMillis) -> Result<u64, StoreError> {
        let mut purged = 0;
        loop {
            // One user per statement, so that other writes do not wait long.
            let mut find = Statement::default();
            let text = format!("select user_id from todos where deleted_at < {} order by deleted_at limit 1", find.bind(before));
            let Some(row) = self.read_one(find.text(text)).await? else { return Ok(purged) };
            let user: UserId = read(&row, "user_id")?;
            let mut purge = Statement::default();
            let (id, before) = (purge.bind(user), purge.bind(before));
            let text = format!("delete from todos where user_id = {id} and deleted_at < {before}");
            purged += self.database.write(Some(user), purge.text(text)).await?.changed;
        }
    }
}

/// Upserts a todo unless it is deleted. The trash may exceed `max_todos` by a tenth, so that not every insert purges; counting
/// ten thousand live and deleted todos each by index takes 0.7 ms.
fn put(owner: Owner, new: NewTodo, condition: &Condition, now: UnixMillis, max_todos: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let id = statement.bind(new.id);
    let completed_at = statement.bind(new.fields.completed.then_some(now));
    let values = statement.bind_all(columns::field_values(new.fields));
    let (order, now, max) = (statement.bind(new.order), statement.bind(now), statement.bind(i64::from(max_todos)));
    let exists = format!("exists (select 1 from todos where user_id = $1 and id = {id})");
    let must_exist = match condition {
        Condition::Always | Condition::Absent => String::new(),
        Condition::Present | Condition::Version(_) => format!("and {exists}"),
    };
    let on_conflict = match condition {
        Condition::Absent => "do nothing".to_owned(),
        _ => format!(
            r#"do update set
        {REPLACE_FIELDS},
        completed_at = case when excluded.completed then coalesce(todos.completed_at, excluded.completed_at) end,
        "order" = coalesce({order}, todos."order"),
        version = todos.version + 1,
        updated_at = excluded.updated_at
    where todos.deleted_at is null and {}"#,
            met(&mut statement, condition)
        ),
    };
    // At the largest order, ties are sorted by id.
    let (max_order, gap) = (TodoOrder::MAX, 1024);
    statement.text(format!(
        r#"
    insert into todos (user_id, id, {FIELDS}, completed_at, "order", version, created_at, updated_at)
    select users.id, {id}, {values}, {completed_at},
           coalesce({order}, (select case when "order" > {max_order} - {gap} then {max_order} else "order" + {gap} end
                              from todos where user_id = $1 and deleted_at is null order by "order" desc limit 1), {gap}),
           1, {now}, {now}
    from users
    where {SESSION} {must_exist}
      and ({exists}
           or (select count(*) from todos where user_id = $1 and deleted_at is null) < {max}
          and (select count(*) from todos where user_id = $1 and deleted_at is not null) <= {max} + {max} / 10)
    on conflict (user_id, id) {on_conflict}
    returning {TODO}"#
    ))
}

/// Purges the oldest deleted todos beyond `max_todos`.
pub fn forget_deleted(owner: Owner, max_todos: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let max = statement.bind(i64::from(max_todos));
    statement.text(format!(
        "
    delete from todos
    where user_id = $1
      and id in (
        select id from todos where user_id = $1 and deleted_at is not null order by deleted_at
        limit (select case when count(*) > {max} then count(*) - {max} else 0 end
               from todos where user_id = $1 and deleted_at is not null))
      and exists (select 1 from users where {SESSION})"
    ))
}

/// Updates the owner's todos that meet all conditions.
fn update(statement: Statement, set: &str, conditions: &[String]) -> Statement {
    let conditions = conditions.join(" and ");
    statement.text(format!(
        "
    update todos set {set}
    where user_id = $1 and {conditions}
      and exists (select 1 from users where {SESSION})
    returning {TODO}"
    ))
}

fn bump_version(now: Parameter) -> String {
    format!("version = version + 1, updated_at = {now}")
}

fn mark_deleted(now: Parameter) -> String {
    format!("{}, deleted_at = {now}", bump_version(now))
}

fn assignments(statement: &mut Statement, patch: TodoPatch, now: Parameter) -> String {
    let mut set = vec![bump_version(now)];
    match patch.completed {
        Some(true) => set.push(format!("completed_at = coalesce(completed_at, {now})")),
        Some(false) => set.push("completed_at = null".to_owned()),
        None => {}
    }
    set.extend(columns::patch_values(patch).map(|(column, value)| format!("{column} = {}", statement.bind(value))));
    set.join(", ")
}

/// Matches the todo with this id if the precondition holds.
fn one(statement: &mut Statement, id: TodoId, condition: &Condition) -> [String; 3] {
    [format!("id = {}", statement.bind(id)), "deleted_at is null".to_owned(), met(statement, condition)]
}

/// The precondition in SQL, for an existing todo.
fn met(statement: &mut Statement, condition: &Condition) -> String {
    let versions = match condition {
        Condition::Always | Condition::Present => return "true".to_owned(),
        Condition::Absent => Vec::new(),
        Condition::Version(versions) => versions.clone(),
    };
    format!("todos.version in ({})", statement.bind_list(versions))
}

/// Maps the result of a write or of its fallback to an outcome.
fn outcome(written: &Written<impl Row>) -> Result<Write, StoreError> {
    let row = written.rows.first().ok_or(StoreError::SessionEnded)?;
    if written.changed > 0 {
        return Ok(Write::Done(todo(row)?));
    }
    Ok(if is_none(row)? {
        Write::NotFound
    } else if kept_todo(row)?.deleted_at.is_some() {
        Write::InTrash
    } else {
        Write::Refused
    })
}

/// Whether this is the row of nulls of an empty result.
fn is_none(row: &impl Row) -> Result<bool, sqlx::Error> {
    Ok(read::<Option<String>>(row, "id")?.is_none())
}
