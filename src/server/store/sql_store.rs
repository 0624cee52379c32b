//! The store, on any database that takes our SQL.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    Account, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, Schema, Store, StoreError, TrashPlace, UserChange,
    UserSummary, Write,
    database::{Database, Row},
    migrations, sql,
    statement::Statement,
};
use crate::{
    domain::{Email, Todo, TodoId, TodoOrder, TodoPatch, TodoTitle, UnixMillis, UserId},
    server::mail_address,
};

pub struct SqlStore<D> {
    database: D,
    max_todos: u32,
}

impl<D: Database> SqlStore<D> {
    /// A user may have `max_todos`.
    pub fn new(database: D, max_todos: u32) -> Self {
        Self { database, max_todos }
    }

    /// Gives accounts from before the spelling that their addresses are looked up by.
    pub async fn respell_emails(&self) -> Result<(), StoreError> {
        for row in self.database.read(Statement::new(sql::LIST_FOREIGN_EMAILS)).await? {
            let (user, email) = (UserId::from(uuid(&row, "id")?), text(&row, "email")?);
            let Some(respelled) = mail_address::parse(email).ok().filter(|parsed| parsed.as_str() != email) else { continue };
            let respell = Statement::new(sql::RESPELL_EMAIL).with(user).with(respelled.as_str());
            if self.database.write(None, respell).await?.changed == 0 {
                tracing::warn!(%user, "nobody can sign in to this account: another has the same address, with its domain in ASCII");
            }
        }
        Ok(())
    }

    async fn read_one(&self, statement: Statement) -> Result<Option<D::Row>, StoreError> {
        Ok(self.database.read(statement).await?.into_iter().next())
    }

    /// For a write about what belongs to the owner; returns the first row of its result.
    async fn write_one(&self, owner: Owner, statement: Statement) -> Result<Option<D::Row>, StoreError> {
        Ok(self.database.write(Some(owner.user), statement).await?.rows.into_iter().next())
    }

    /// For statements that found nothing to change: was it the session, or really nothing there?
    async fn check_session(&self, owner: Owner) -> Result<(), StoreError> {
        match self.read_one(Statement::new(sql::SESSION_IS_CURRENT).for_owner(owner)).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::SessionEnded),
        }
    }

    async fn find_kept_todo(&self, owner: Owner, id: TodoId) -> Result<Option<KeptTodo>, StoreError> {
        match self.read_one(Statement::new(sql::FIND_TODO).for_owner(owner).with(id)).await? {
            Some(row) => Ok(if_any(&row, kept_todo)?),
            None => Err(StoreError::SessionEnded),
        }
    }

    /// For a write that did nothing.
    async fn why_not<T>(&self, owner: Owner, id: TodoId) -> Result<Write<T>, StoreError> {
        Ok(match self.find_kept_todo(owner, id).await? {
            Some(kept) if kept.deleted_at.is_some() => Write::InTrash,
            Some(_) => Write::Refused,
            None => Write::NotFound,
        })
    }

    /// For a statement that lists: its one row of nulls stands for none.
    async fn read_many<T>(
        &self,
        statement: Statement,
        read: fn(&D::Row) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.database.read(statement).await?;
        if rows.is_empty() {
            return Err(StoreError::SessionEnded);
        }
        Ok(rows.iter().filter_map(|row| if_any(row, read).transpose()).collect::<Result<_, _>>()?)
    }

    /// For a statement about the owner's account itself: it finds it, or the session has ended.
    async fn change_account(&self, owner: Owner, statement: Statement) -> Result<(), StoreError> {
        let done = self.database.write(Some(owner.user), statement).await?;
        if done.changed > 0 { Ok(()) } else { Err(StoreError::SessionEnded) }
    }

    /// For a statement that changes many todos and returns them: it can't sort what it returns.
    async fn change_many(&self, owner: Owner, statement: Statement) -> Result<Vec<Todo>, StoreError> {
        let rows = self.database.write(Some(owner.user), statement).await?.rows;
        if rows.is_empty() {
            self.check_session(owner).await?;
        }
        let mut todos = rows.iter().map(todo).collect::<Result<Vec<_>, _>>()?;
        todos.sort_unstable_by_key(|todo| (todo.order.get(), todo.id));
        Ok(todos)
    }
}

#[async_trait]
impl<D: Database> Store for SqlStore<D> {
    async fn create_user(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let statement = Statement::new(sql::CREATE_USER).with(user.id).with(user.email.as_str());
        let statement = statement.with(user.password_hash).with(user.created_at);
        Ok(match self.database.write(None, statement).await?.rows.first() {
            Some(row) => CreateUser::Created(Owner { user: user.id, token_epoch: integer(row, "token_epoch")?, session: None }),
            None => CreateUser::EmailTaken,
        })
    }

    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let row = self.read_one(Statement::new(sql::FIND_ACCOUNT).with(email.as_str())).await?;
        Ok(row.as_ref().map(account).transpose()?)
    }

    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError> {
        let row = self.read_one(Statement::new(sql::READ_ACCOUNT).for_owner(owner)).await?;
        Ok(account(&row.ok_or(StoreError::SessionEnded)?)?)
    }

    async fn set_password(&self, owner: Owner, hash: String, now: UnixMillis) -> Result<(), StoreError> {
        self.change_account(owner, Statement::new(sql::SET_PASSWORD).for_owner(owner).with(hash).with(now)).await
    }

    async fn replace_hash(&self, owner: Owner, old: &str, new: String) -> Result<(), StoreError> {
        let statement = Statement::new(sql::REPLACE_HASH).for_owner(owner).with(old).with(new);
        self.database.write(Some(owner.user), statement).await?;
        Ok(())
    }

    async fn delete_user(&self, owner: Owner) -> Result<(), StoreError> {
        self.change_account(owner, Statement::new(sql::DELETE_USER).for_owner(owner)).await
    }

    async fn end_session(&self, owner: Owner, ends_at: UnixMillis) -> Result<(), StoreError> {
        self.change_account(owner, Statement::new(sql::END_SESSION).for_owner(owner).with(ends_at)).await
    }

    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError> {
        self.change_account(owner, Statement::new(sql::END_SESSIONS).for_owner(owner)).await
    }

    async fn list_users(&self, after: Option<&Email>, limit: u32) -> Result<Vec<UserSummary>, StoreError> {
        // No account has an empty e-mail.
        let statement = Statement::new(sql::LIST_USERS).with(after.map_or("", Email::as_str)).with(limit);
        Ok(self.database.read(statement).await?.iter().map(user_summary).collect::<Result<_, _>>()?)
    }

    async fn find_user(&self, email: &Email) -> Result<Option<UserSummary>, StoreError> {
        let row = self.read_one(Statement::new(sql::FIND_USER).with(email.as_str())).await?;
        Ok(row.as_ref().map(user_summary).transpose()?)
    }

    async fn change_user(&self, email: &Email, change: UserChange, now: UnixMillis) -> Result<bool, StoreError> {
        let of_user = |statement| Statement::new(statement).with(email.as_str());
        let statement = match change {
            UserChange::Password(hash) => of_user(sql::RESET_PASSWORD).with(hash).with(now),
            UserChange::SignOut => of_user(sql::SIGN_OUT_USER),
            UserChange::Disable => of_user(sql::DISABLE_USER).with(now),
            UserChange::Enable => of_user(sql::ENABLE_USER),
            UserChange::Delete => of_user(sql::REMOVE_USER),
        };
        Ok(self.database.write(None, statement).await?.changed > 0)
    }

    async fn list_todos(&self, owner: Owner, page: Page) -> Result<Vec<Todo>, StoreError> {
        let statement = if page.completed.is_some() { sql::LIST_TODOS_BY_STATE } else { sql::LIST_TODOS };
        // No todo has an empty id: this is the place before all others.
        let (order, id) = page.after.map_or((i64::MIN, String::new()), |place| (place.order.get(), place.id.to_string()));
        let statement = Statement::new(statement).for_owner(owner).with(order).with(id).with(page.limit);
        self.read_many(statement.with_all(page.completed), todo).await
    }

    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        self.read_many(Statement::new(sql::EXPORT_TODOS).for_owner(owner).with(after).with(limit), kept_todo).await
    }

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError> {
        let kept = self.find_kept_todo(owner, id).await?;
        Ok(kept.filter(|kept| kept.deleted_at.is_none()).map(|kept| kept.todo))
    }

    async fn put_todo(
        &self,
        owner: Owner,
        new: NewTodo,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Write<Todo>, StoreError> {
        let id = new.id;
        let only_creates = condition == Condition::Absent;
        let put = Statement::new(if only_creates { sql::CREATE_TODO } else { sql::PUT_TODO }).for_owner(owner).with(id);
        let put = put.with(String::from(new.title)).with(new.completed).with(new.order.map(TodoOrder::get));
        let put = put.with(now).with(self.max_todos);
        let put = if only_creates { put } else { put.with(condition != Condition::Always).with(versions(&condition)) };
        if let Some(row) = self.write_one(owner, put.clone()).await? {
            return Ok(Write::Done(todo(&row)?));
        }
        match self.why_not(owner, id).await? {
            // Then it is for want of room. Perhaps there is too much in the trash.
            Write::NotFound if matches!(condition, Condition::Always | Condition::Absent) => {
                let make_room = Statement::new(sql::FORGET_DELETED).for_owner(owner).with(self.max_todos);
                self.database.write(Some(owner.user), make_room).await?;
                match self.write_one(owner, put).await? {
                    Some(row) => Ok(Write::Done(todo(&row)?)),
                    None => Ok(Write::LimitReached),
                }
            }
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
    ) -> Result<Write<Todo>, StoreError> {
        let statement = Statement::new(sql::CHANGE_TODO).for_owner(owner).with(id).with(patch.title.map(String::from));
        let statement = statement.with(patch.completed).with(patch.order.map(TodoOrder::get)).with(now);
        match self.write_one(owner, statement.with(versions(&condition))).await? {
            Some(row) => Ok(Write::Done(todo(&row)?)),
            None => self.why_not(owner, id).await,
        }
    }

    async fn complete_todos(
        &self,
        owner: Owner,
        completed: bool,
        only: Option<bool>,
        now: UnixMillis,
    ) -> Result<Vec<Todo>, StoreError> {
        let statement = Statement::new(sql::COMPLETE_TODOS).for_owner(owner).with(now).with(completed);
        self.change_many(owner, statement.with_all(states(only))).await
    }

    async fn delete_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Write<()>, StoreError> {
        let statement = Statement::new(sql::DELETE_TODO).for_owner(owner).with(id).with(now).with(versions(&condition));
        let deleted = self.database.write(Some(owner.user), statement).await?.changed > 0;
        if deleted { Ok(Write::Done(())) } else { self.why_not(owner, id).await }
    }

    async fn delete_todos(&self, owner: Owner, only: Option<bool>, now: UnixMillis) -> Result<Vec<Todo>, StoreError> {
        let statement = Statement::new(sql::DELETE_TODOS).for_owner(owner).with(now);
        self.change_many(owner, statement.with_all(states(only))).await
    }

    async fn restore_todos(&self, owner: Owner, ids: &[TodoId], now: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError> {
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        if ids.is_empty() {
            self.check_session(owner).await?;
            return Ok(Some(Vec::new()));
        }
        let statement = Statement::built(sql::restore_todos(ids.len())).for_owner(owner).with(now);
        let restored = self.change_many(owner, statement.with_all(ids)).await?;
        Ok(Some(restored).filter(|restored| !restored.is_empty()))
    }

    async fn restore_deleted(&self, owner: Owner, deleted_at: UnixMillis, now: UnixMillis) -> Result<Vec<Todo>, StoreError> {
        self.change_many(owner, Statement::new(sql::RESTORE_DELETED).for_owner(owner).with(now).with(deleted_at)).await
    }

    async fn list_trash(&self, owner: Owner, after: Option<TrashPlace>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        // Nothing is deleted as late as this: it is the place before all others.
        let (at, id) = after.map_or((i64::MAX, String::new()), |place| (place.deleted_at.0, place.id.to_string()));
        self.read_many(Statement::new(sql::LIST_TRASH).for_owner(owner).with(at).with(id).with(limit), kept_todo).await
    }

    async fn empty_trash(&self, owner: Owner) -> Result<u64, StoreError> {
        let deleted = self.database.write(Some(owner.user), Statement::new(sql::EMPTY_TRASH).for_owner(owner)).await?.changed;
        if deleted == 0 {
            self.check_session(owner).await?;
        }
        Ok(deleted)
    }

    async fn purge_todos(&self, before: UnixMillis) -> Result<u64, StoreError> {
        let mut purged = 0;
        // User by user, so that nobody's writes wait for long.
        while let Some(row) = self.read_one(Statement::new(sql::FIND_PURGEABLE).with(before)).await? {
            let user = UserId::from(uuid(&row, "user_id")?);
            let statement = Statement::new(sql::PURGE_TODOS).with(user).with(before);
            purged += self.database.write(Some(user), statement).await?.changed;
        }
        Ok(purged)
    }

    async fn purge_sessions(&self, before: UnixMillis) -> Result<(), StoreError> {
        self.database.write(None, Statement::new(sql::PURGE_SESSIONS).with(before)).await?;
        Ok(())
    }

    fn is_shared(&self) -> bool {
        D::IS_SHARED
    }

    async fn take_turn(
        &self,
        slot: i64,
        period: Duration,
        tolerance: Duration,
        now: UnixMillis,
    ) -> Result<Result<(), Duration>, StoreError> {
        let (period, tolerance) = (millis(period), millis(tolerance));
        let take = Statement::new(sql::TAKE_TURN).with(slot).with(now).with(period).with(tolerance);
        if !self.database.write(None, take).await?.rows.is_empty() {
            return Ok(Ok(()));
        }
        let full_at = match self.read_one(Statement::new(sql::FIND_TURN).with(slot)).await? {
            Some(row) => integer(&row, "full_at")?,
            // Given back meanwhile: as soon as it is tried again.
            None => now.0,
        };
        Ok(Err(Duration::from_millis((full_at - now.0 - tolerance).max(0).unsigned_abs())))
    }

    async fn return_turn(&self, slot: i64, period: Duration) -> Result<(), StoreError> {
        self.database.write(None, Statement::new(sql::RETURN_TURN).with(slot).with(millis(period))).await?;
        Ok(())
    }

    async fn ping(&self) -> Result<Schema, StoreError> {
        if !self.database.can_write() {
            return Err(StoreError::Broken);
        }
        let row = self.read_one(Statement::new(migrations::LATEST)).await?;
        let applied = row.and_then(|row| row.integer("version").transpose()).transpose()?;
        Ok(if applied >= D::migrations().iter().map(|migration| migration.version).max() {
            Schema::Current
        } else {
            Schema::Outdated
        })
    }

    async fn close(&self) {
        self.database.close().await;
    }
}

/// As [`sql::CHANGE_TODO`] takes it. Of a todo that is there, [`Condition::Absent`] is true in no version.
fn versions(condition: &Condition) -> Option<String> {
    let versions = match condition {
        Condition::Always | Condition::Present => return None,
        Condition::Absent => &[],
        Condition::Version(versions) => versions.as_slice(),
    };
    Some(versions.iter().fold(",".to_owned(), |list, version| format!("{list}{version},")))
}

/// As [`sql::COMPLETE_TODOS`] takes them: with these as a list it can use the index.
fn states(only: Option<bool>) -> [bool; 2] {
    only.map_or([false, true], |completed| [completed; 2])
}

fn account(row: &impl Row) -> Result<Account, sqlx::Error> {
    let user = UserId::from(uuid(row, "id")?);
    Ok(Account {
        owner: Owner { user, token_epoch: integer(row, "token_epoch")?, session: None },
        email: Email::stored(text(row, "email")?.to_owned()),
        password_hash: text(row, "password_hash")?.to_owned(),
        created_at: moment(row, "created_at")?,
        password_changed_at: moment(row, "password_changed_at")?,
    })
}

fn user_summary(row: &impl Row) -> Result<UserSummary, sqlx::Error> {
    Ok(UserSummary {
        email: Email::stored(text(row, "email")?.to_owned()),
        created_at: moment(row, "created_at")?,
        disabled_at: row.integer("disabled_at")?.map(UnixMillis),
        todos: integer(row, "todos")?,
    })
}

/// `None` for the row of nulls that stands for no todo.
fn if_any<R: Row, T>(row: &R, read: fn(&R) -> Result<T, sqlx::Error>) -> Result<Option<T>, sqlx::Error> {
    row.text("id")?.map(|_| read(row)).transpose()
}

fn kept_todo(row: &impl Row) -> Result<KeptTodo, sqlx::Error> {
    Ok(KeptTodo { todo: todo(row)?, deleted_at: row.integer("deleted_at")?.map(UnixMillis) })
}

fn todo(row: &impl Row) -> Result<Todo, sqlx::Error> {
    Ok(Todo {
        id: uuid(row, "id")?.into(),
        title: TodoTitle::stored(text(row, "title")?.to_owned()),
        completed_at: row.integer("completed_at")?.map(UnixMillis),
        order: TodoOrder::stored(integer(row, "order")?),
        version: integer(row, "version")?,
        created_at: moment(row, "created_at")?,
        updated_at: moment(row, "updated_at")?,
    })
}

fn uuid(row: &impl Row, column: &str) -> Result<Uuid, sqlx::Error> {
    Uuid::try_parse(text(row, column)?).map_err(|_| undecodable(column))
}

/// A value that its column can't have; it is not quoted, because it is somebody's.
fn undecodable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "is null, or not of its type".into() }
}

fn text<'r>(row: &'r impl Row, column: &str) -> Result<&'r str, sqlx::Error> {
    row.text(column)?.ok_or_else(|| undecodable(column))
}

fn integer(row: &impl Row, column: &str) -> Result<i64, sqlx::Error> {
    row.integer(column)?.ok_or_else(|| undecodable(column))
}

fn moment(row: &impl Row, column: &str) -> Result<UnixMillis, sqlx::Error> {
    integer(row, column).map(UnixMillis)
}

/// Enough for millions of years.
fn millis(time: Duration) -> i64 {
    time.as_millis().try_into().unwrap_or(i64::MAX)
}
