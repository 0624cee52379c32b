//! Todos in SQL. Each statement on a user's todos checks the owner and the session.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    columns::{self, FIELDS, FromRow, REPLACE_FIELDS, TODO, json_page, read},
    database::{Connection, Database, Row, Written},
    error::StoreError,
    query::{self, TodoFilter, TodoQuery, TrashCursor},
    sql_store::SqlStore,
    statement::{Parameter, SESSION, Statement},
    traits::TodoStore,
    types::{Batch, BulkChange, Condition, KeptTodo, NewTodo, Owner, Page, Write},
};
use crate::domain::{Todo, TodoId, TodoOrder, TodoPatch, UnixMillis, UserId};

impl<D: Database> SqlStore<D> {
    async fn read_page<T: FromRow>(&self, page: Statement) -> Result<Page<T>, StoreError> {
        let found = self.read_one(page).await?.ok_or(StoreError::SessionEnded)?;
        let page: Option<String> = read(&found, "page")?;
        let todos = page.as_deref().map(json_page).transpose()?;
        Ok(Page { list_version: read(&found, "list_version")?, todos })
    }

    async fn write_todo(&self, owner: Owner, id: TodoId, statement: Statement) -> Result<Write, StoreError> {
        outcome(&self.database.write(Some(owner.user), statement.or_else(move || query::find(owner, id))).await?)
    }

    /// Returns a number instead of rows, so that memory does not grow with the list.
    async fn write_many(&self, owner: Owner, statement: Statement) -> Result<BulkChange, StoreError> {
        let written = self.database.transact(owner.user, move |transaction: &mut D::Connection| {
            let statement = statement.clone();
            let version = Statement::about(owner).text(format!("select list_version from users where {SESSION}"));
            Box::pin(async move { Ok((transaction.run(statement).await?.changed, transaction.run(version).await?)) })
        });
        let (changed, version): (_, Written<D::Row>) = written.await?;
        let version = version.rows.first().ok_or(StoreError::SessionEnded)?;
        Ok(BulkChange { changed, list_version: read(version, "list_version")? })
    }

    async fn write_if_session(&self, owner: Owner, statement: Statement) -> Result<Written<D::Row>, StoreError> {
        let session = move || Statement::about(owner).text(format!("select 1 from users where {SESSION}"));
        let written = self.database.write(Some(owner.user), statement.or_else(session)).await?;
        if written.changed == 0 && written.rows.is_empty() { Err(StoreError::SessionEnded) } else { Ok(written) }
    }
}

#[async_trait]
impl<D: Database> TodoStore for SqlStore<D> {
    async fn list_todos(&self, owner: Owner, query: TodoQuery, known: Option<i64>) -> Result<Page<Todo>, StoreError> {
        self.read_page(query.statement::<D>(owner, known)).await
    }

    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        Ok(self.read_page(query::export::<D>(owner, after, limit)).await?.todos.unwrap_or_default())
    }

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError> {
        let row = self.read_one(query::find(owner, id)).await?.ok_or(StoreError::SessionEnded)?;
        let found = if is_none(&row)? { None } else { Some(KeptTodo::from_row(&row)?) };
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
        self.write_todo(owner, id, returning_todo(update(statement, &[&set, FINAL], &one))).await
    }

    async fn create_todos(
        &self,
        owner: Owner,
        todos: Vec<NewTodo>,
        at_least: usize,
        now: UnixMillis,
    ) -> Result<Batch, StoreError> {
        self.create_many(owner, todos, at_least, now).await
    }

    async fn move_todo(
        &self,
        owner: Owner,
        id: TodoId,
        after: Option<TodoId>,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Option<Write>, StoreError> {
        self.place_after(owner, id, after, condition, now).await
    }

    async fn complete_todos(
        &self,
        owner: Owner,
        completed: bool,
        filter: TodoFilter,
        now: UnixMillis,
    ) -> Result<BulkChange, StoreError> {
        self.write_many(owner, complete_many(owner, completed, filter, now)).await
    }

    async fn delete_todo(&self, owner: Owner, id: TodoId, condition: Condition, now: UnixMillis) -> Result<Write, StoreError> {
        let mut statement = Statement::about(owner);
        let set = mark_deleted(statement.bind(now));
        let one = one(&mut statement, id, &condition);
        self.write_todo(owner, id, returning_todo(update(statement, &[&set, FINAL], &one))).await
    }

    async fn delete_todos(&self, owner: Owner, filter: TodoFilter, now: UnixMillis) -> Result<BulkChange, StoreError> {
        self.write_many(owner, delete_many(owner, filter, now)).await
    }

    async fn undo(&self, owner: Owner, list_version: i64, now: UnixMillis) -> Result<BulkChange, StoreError> {
        self.write_many(owner, undo(owner, list_version, now)).await
    }

    async fn changed_todos(&self, owner: Owner, list_version: i64, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        Ok(self.read_page(query::changed::<D>(owner, list_version, limit)).await?.todos.unwrap_or_default())
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
        changed_in = {NEXT_VERSION},
        undo_stack = case when deleted_at is null then undo_stack end,
        deleted_at = null"
        );
        let all =
            [format!("id in ({list})"), format!("(select count(*) from todos where user_id = $1 and id in ({list})) = {count}")];
        let statement = returning_todo(update(statement, &[&set], &all));
        let written = self.write_if_session(owner, statement).await?;
        if written.changed != ids.len() as u64 || ids.is_empty() {
            return Ok(Some(Vec::new()).filter(|_| ids.is_empty()));
        }
        let mut todos = written.rows.iter().map(Todo::from_row).collect::<Result<Vec<_>, _>>()?;
        // `returning` can't sort.
        todos.sort_unstable_by_key(|todo| (todo.order.get(), todo.id));
        Ok(Some(todos))
    }

    async fn list_trash(
        &self,
        owner: Owner,
        after: Option<TrashCursor>,
        limit: u32,
        known: Option<i64>,
    ) -> Result<Page<KeptTodo>, StoreError> {
        self.read_page(query::trash::<D>(owner, after, limit, known)).await
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

/// The list version that a write makes. Writes of a user are serialised.
const NEXT_VERSION: &str = "(select list_version + 1 from users where id = $1)";

/// Set by bulk changes: pushes the state before the change to the undo stack, so that [`TodoStore::undo`] can restore it. An entry is
/// two numbers of 16 digits, which both databases can write and read: the list version, and the time of completion or 0. A stack
/// keeps the last ten entries.
fn undoable() -> String {
    let digits = |number: &str| format!("substr(cast(10000000000000000 + {number} as text), 2)");
    let (version, completed_at) = (digits(NEXT_VERSION), digits("coalesce(completed_at, 0)"));
    format!("undo_stack = {version} || {completed_at} || substr(coalesce(undo_stack, ''), 1, 9 * 32)")
}

/// Set by the others.
pub const FINAL: &str = "undo_stack = null";

/// Upserts a todo unless it is deleted. The trash may exceed `max_todos` by a tenth, so that not every insert purges.
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
        updated_at = excluded.updated_at,
        changed_in = excluded.changed_in,
        {FINAL}
    where todos.deleted_at is null and {}"#,
            met(&mut statement, condition)
        ),
    };
    // At the largest order, ties are sorted by id.
    let (max_order, gap) = (TodoOrder::MAX, 1024);
    statement.text(format!(
        r#"
    insert into todos (user_id, id, {FIELDS}, completed_at, "order", version, created_at, updated_at, changed_in)
    select users.id, {id}, {values}, {completed_at},
           coalesce({order}, (select case when "order" > {max_order} - {gap} then {max_order} else "order" + {gap} end
                              from todos where user_id = $1 and deleted_at is null order by "order" desc limit 1), {gap}),
           1, {now}, {now}, users.list_version + 1
    from users
    where {SESSION} {must_exist}
      and ({exists} or users.todos < {max} and users.deleted_todos <= {max} + {max} / 10)
    on conflict (user_id, id) {on_conflict}
    returning {TODO}"#
    ))
}

pub fn complete_many(owner: Owner, completed: bool, filter: TodoFilter, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let now = statement.bind(now);
    let set = assignments(&mut statement, TodoPatch { completed: Some(completed), ..TodoPatch::default() }, now);
    let mut those = filter.conditions(&mut statement);
    those.push(format!("completed = {}", statement.bind(!completed)));
    update(statement, &[&set, &undoable()], &those)
}

pub fn delete_many(owner: Owner, filter: TodoFilter, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let set = mark_deleted(statement.bind(now));
    let those = filter.conditions(&mut statement);
    update(statement, &[&set, &undoable()], &those)
}

/// Pops the undo stacks with this entry at the top.
pub fn undo(owner: Owner, list_version: i64, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let completed_at = "cast(substr(undo_stack, 17, 16) as bigint)";
    let set = format!(
        "{},
        completed = {completed_at} <> 0,
        completed_at = nullif({completed_at}, 0),
        deleted_at = null,
        undo_stack = nullif(substr(undo_stack, 33), '')",
        bump_version(statement.bind(now))
    );
    let version = statement.bind(list_version);
    let entry = statement.bind(format!("{list_version:016}"));
    // The first condition has an index.
    let those = [format!("changed_in >= {version}"), format!("substr(undo_stack, 1, 16) = {entry}")];
    update(statement, &[&set], &those)
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
        limit (select case when deleted_todos > {max} then deleted_todos - {max} else 0 end from users where id = $1))
      and exists (select 1 from users where {SESSION})"
    ))
}

/// Updates the owner's todos that meet all conditions.
pub fn update(statement: Statement, set: &[&str], conditions: &[String]) -> Statement {
    let (set, conditions) = (set.join(", "), conditions.join(" and "));
    statement.text(format!(
        "
    update todos set {set}
    where user_id = $1 and {conditions}
      and exists (select 1 from users where {SESSION})"
    ))
}

pub fn returning_todo(statement: Statement) -> Statement {
    let text = format!("{}\n    returning {TODO}", statement.as_str());
    statement.text(text)
}

pub fn bump_version(now: Parameter) -> String {
    format!("version = version + 1, updated_at = {now}, changed_in = {NEXT_VERSION}")
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
pub fn one(statement: &mut Statement, id: TodoId, condition: &Condition) -> [String; 3] {
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
pub fn outcome(written: &Written<impl Row>) -> Result<Write, StoreError> {
    let row = written.rows.first().ok_or(StoreError::SessionEnded)?;
    if written.changed > 0 {
        return Ok(Write::Done(Todo::from_row(row)?));
    }
    Ok(if is_none(row)? {
        Write::NotFound
    } else if KeptTodo::from_row(row)?.deleted_at.is_some() {
        Write::InTrash
    } else {
        Write::Refused
    })
}

/// Whether this is the row of nulls of an empty result.
pub fn is_none(row: &impl Row) -> Result<bool, sqlx::Error> {
    Ok(read::<Option<String>>(row, "id")?.is_none())
}
