//! Todos in SQL. Each statement on a user's todos checks the owner and the session.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    changes::{
        FINAL, NEXT_VERSION, assignments, complete_many, delete_many, forget_deleted, mark_deleted, one, put, returning_todo,
        undo, update,
    },
    columns::{FromRow, json_page, read},
    database::{Connection, Database, Row, Written},
    error::StoreError,
    query::{self, SummaryQuery, TodoFilter, TodoQuery, TrashCursor},
    rename,
    sql_store::SqlStore,
    statement::{SESSION, Statement},
    summary,
    traits::TodoStore,
    types::{Batch, BulkChange, Condition, KeptTodo, NewTodo, Owner, Page, RenamedTag, Summary, Write},
};
use crate::{
    domain::{Todo, TodoId, TodoPatch, UnixMillis, UserId},
    server::tags::Tag,
};

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

    /// Before a statement with this filter.
    async fn derive_for(&self, owner: Owner, filter: &TodoFilter) -> Result<(), StoreError> {
        if filter.is_derived() { self.derive(Some(owner.user)).await.map(drop) } else { Ok(()) }
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
        self.derive_for(owner, &query.filter).await?;
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
        self.derive_for(owner, &filter).await?;
        self.write_many(owner, complete_many(owner, completed, filter, now)).await
    }

    async fn delete_todo(&self, owner: Owner, id: TodoId, condition: Condition, now: UnixMillis) -> Result<Write, StoreError> {
        let mut statement = Statement::about(owner);
        let set = mark_deleted(statement.bind(now));
        let one = one(&mut statement, id, &condition);
        self.write_todo(owner, id, returning_todo(update(statement, &[&set, FINAL], &one))).await
    }

    async fn delete_todos(&self, owner: Owner, filter: TodoFilter, now: UnixMillis) -> Result<BulkChange, StoreError> {
        self.derive_for(owner, &filter).await?;
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
        derived_from = case when deleted_at is null then derived_from else derived_from + 1 end,
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

    async fn summarise(&self, owner: Owner, query: SummaryQuery) -> Result<Summary, StoreError> {
        let count = async || self.read_one(summary::statement::<D>(owner, query.clone())).await?.ok_or(StoreError::SessionEnded);
        let mut row = count().await?;
        // Tags are always counted.
        if summary::is_stale(&row)? {
            self.derive(Some(owner.user)).await?;
            row = count().await?;
        }
        Ok(summary::from_row(&row)?)
    }

    async fn rename_tag(&self, owner: Owner, tag: Tag, name: String, now: UnixMillis) -> Result<RenamedTag, StoreError> {
        self.derive(Some(owner.user)).await?;
        rename::rename(&self.database, owner, tag, name, now).await
    }

    async fn derive_todos(&self) -> Result<u64, StoreError> {
        self.derive(None).await
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
