//! The store on SQLite: the default, for one machine.

use std::{collections::BTreeSet, fs, io, path::Path, time::Duration};

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, Row, SqlSafeStr, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{
        Sqlite as Driver, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};
use tokio::task::spawn_blocking;

use super::{
    Account, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, Store, StoreError, TodoChange, TrashPlace,
    UserChange, UserSummary, Write, sql,
};
use crate::domain::{Email, Todo, TodoId, TodoOrder, TodoTitle, UnixMillis, UserId};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const READERS: u32 = 8;

pub struct Sqlite {
    /// One connection: SQLite has one writer at a time, and waiting for it in a queue of ours beats its polling.
    writer: SqlitePool,
    readers: SqlitePool,
    max_todos: u32,
}

impl Sqlite {
    pub async fn open(path: &Path, max_todos: u32) -> Result<Self, String> {
        Self::try_open(path, max_todos).await.map_err(|error| {
            let hint = match error {
                sqlx::Error::Migrate(_) => "it may have been made by a newer Holdfast: then run that one",
                _ => "check that it is a SQLite database, and that file and folder are yours to write",
            };
            format!("can't open the database {}: {error}; {hint}", path.display())
        })
    }

    async fn try_open(path: &Path, max_todos: u32) -> Result<Self, sqlx::Error> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .journal_mode(SqliteJournalMode::Wal)
            // With NORMAL, WAL loses acknowledged rows at a power cut.
            .synchronous(SqliteSynchronous::Full);

        // sqlx's migrations take no lock on SQLite, and several processes may start at once.
        let lock = fs::File::create(path.with_added_extension("migrate.lock"))?;
        let lock = spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(io::Error::other)??;
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
        let writer = pool(1).connect_with(options.clone()).await?;
        MIGRATIONS.run(&writer).await?;
        lock.unlock()?;

        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers, max_todos })
    }

    /// For statements that found nothing to change: was it the session, or really nothing there?
    async fn check_session(&self, owner: Owner) -> Result<(), StoreError> {
        match for_owner(sql::SESSION_IS_CURRENT, owner).fetch_optional(&self.readers).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::SessionEnded),
        }
    }

    async fn find_kept_todo(&self, owner: Owner, id: TodoId) -> Result<Option<KeptTodo>, StoreError> {
        match for_owner(sql::FIND_TODO, owner).bind(id.to_string()).fetch_optional(&self.readers).await? {
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

    /// The statement that creates or replaces a todo, as often as it is wanted.
    fn put(&self, owner: Owner, new: NewTodo, condition: &Condition, now: UnixMillis) -> impl Fn() -> Query<'static> {
        let (max_todos, is_present, versions) = (self.max_todos, *condition != Condition::Always, versions(condition));
        let only_creates = *condition == Condition::Absent;
        let title = String::from(new.title);
        move || {
            let query = for_owner(if only_creates { sql::CREATE_TODO } else { sql::PUT_TODO }, owner)
                .bind(new.id.to_string())
                .bind(title.clone())
                .bind(new.completed)
                .bind(new.order.map(TodoOrder::get))
                .bind(now.0)
                .bind(max_todos);
            if only_creates { query } else { query.bind(is_present).bind(versions.clone()) }
        }
    }

    /// Lets go of the oldest deleted todos that are more than are kept.
    async fn make_room(&self, owner: Owner, transaction: &mut SqliteConnection) -> Result<(), StoreError> {
        let kept: i64 = for_owner(sql::COUNT_DELETED, owner).fetch_one(&mut *transaction).await?.try_get(0)?;
        let surplus = (kept - i64::from(self.max_todos)).max(0);
        for_owner(sql::FORGET_DELETED, owner).bind(surplus).execute(transaction).await?;
        Ok(())
    }

    /// For a statement that lists: its one row of nulls stands for none.
    async fn read_many<T>(&self, query: Query<'_>, read: fn(&SqliteRow) -> Result<T, sqlx::Error>) -> Result<Vec<T>, StoreError> {
        let rows = query.fetch_all(&self.readers).await?;
        if rows.is_empty() {
            return Err(StoreError::SessionEnded);
        }
        Ok(rows.iter().filter_map(|row| if_any(row, read).transpose()).collect::<Result<_, _>>()?)
    }

    /// For a statement about the owner's account itself: it finds it, or the session has ended.
    async fn change_account(&self, query: Query<'_>) -> Result<(), StoreError> {
        let done = query.execute(&self.writer).await?;
        if done.rows_affected() > 0 { Ok(()) } else { Err(StoreError::SessionEnded) }
    }

    /// For a statement that changes many todos and returns them: it can't sort what it returns.
    async fn change_many(&self, owner: Owner, query: Query<'_>) -> Result<Vec<Todo>, StoreError> {
        let changed = in_order(&query.fetch_all(&self.writer).await?)?;
        if changed.is_empty() {
            self.check_session(owner).await?;
        }
        Ok(changed)
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn create_user(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let query = sqlx::query(sql::CREATE_USER)
            .bind(user.id.to_string())
            .bind(user.email.as_str())
            .bind(user.password_hash)
            .bind(user.created_at.0);
        Ok(match query.fetch_optional(&self.writer).await? {
            Some(row) => CreateUser::Created(Owner { user: user.id, token_epoch: row.try_get("token_epoch")? }),
            None => CreateUser::EmailTaken,
        })
    }

    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let query = sqlx::query(sql::FIND_ACCOUNT).bind(email.as_str());
        let row = query.fetch_optional(&self.readers).await?;
        Ok(row.as_ref().map(account).transpose()?)
    }

    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError> {
        let row = for_owner(sql::READ_ACCOUNT, owner).fetch_optional(&self.readers).await?;
        Ok(account(&row.ok_or(StoreError::SessionEnded)?)?)
    }

    async fn set_password(&self, owner: Owner, hash: String, now: UnixMillis) -> Result<(), StoreError> {
        self.change_account(for_owner(sql::SET_PASSWORD, owner).bind(hash).bind(now.0)).await
    }

    async fn replace_hash(&self, owner: Owner, old: &str, new: String) -> Result<(), StoreError> {
        for_owner(sql::REPLACE_HASH, owner).bind(old.to_owned()).bind(new).execute(&self.writer).await?;
        Ok(())
    }

    async fn delete_user(&self, owner: Owner) -> Result<(), StoreError> {
        self.change_account(for_owner(sql::DELETE_USER, owner)).await
    }

    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError> {
        for_owner(sql::END_SESSIONS, owner).execute(&self.writer).await?;
        Ok(())
    }

    async fn list_users(&self, after: Option<&Email>, limit: u32) -> Result<Vec<UserSummary>, StoreError> {
        // No account has an empty e-mail.
        let query = sqlx::query(sql::LIST_USERS).bind(after.map_or("", Email::as_str)).bind(limit);
        let rows = query.fetch_all(&self.readers).await?;
        Ok(rows.iter().map(user_summary).collect::<Result<_, _>>()?)
    }

    async fn find_user(&self, email: &Email) -> Result<Option<UserSummary>, StoreError> {
        let row = sqlx::query(sql::FIND_USER).bind(email.as_str()).fetch_optional(&self.readers).await?;
        Ok(row.as_ref().map(user_summary).transpose()?)
    }

    async fn change_user(&self, email: &Email, change: UserChange, now: UnixMillis) -> Result<bool, StoreError> {
        let of_user = |statement| sqlx::query(statement).bind(email.as_str());
        let query = match change {
            UserChange::Password(hash) => of_user(sql::RESET_PASSWORD).bind(hash).bind(now.0),
            UserChange::Disable => of_user(sql::DISABLE_USER).bind(now.0),
            UserChange::Enable => of_user(sql::ENABLE_USER),
            UserChange::Delete => of_user(sql::REMOVE_USER),
        };
        Ok(query.execute(&self.writer).await?.rows_affected() > 0)
    }

    async fn list_todos(&self, owner: Owner, page: Page) -> Result<Vec<Todo>, StoreError> {
        let statement = if page.completed.is_some() { sql::LIST_TODOS_BY_STATE } else { sql::LIST_TODOS };
        // No todo has an empty id: this is the place before all others.
        let (order, id) = page.after.map_or((-TodoOrder::MAX, String::new()), |place| (place.order.get(), place.id.to_string()));
        let mut query = for_owner(statement, owner).bind(order).bind(id).bind(page.limit);
        if let Some(completed) = page.completed {
            query = query.bind(completed);
        }
        self.read_many(query, todo).await
    }

    async fn export_todos(&self, owner: Owner, after: Option<TodoId>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        self.read_many(for_owner(sql::EXPORT_TODOS, owner).bind(after).bind(limit), kept_todo).await
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
        let put = self.put(owner, new, &condition, now);
        if let Some(row) = put().fetch_optional(&self.writer).await? {
            return Ok(Write::Done(todo(&row)?));
        }
        match self.why_not(owner, id).await? {
            // Then it is for want of room.
            Write::NotFound if matches!(condition, Condition::Always | Condition::Absent) => {
                let mut transaction = self.writer.begin_with("begin immediate").await?;
                self.make_room(owner, &mut transaction).await?;
                let Some(row) = put().fetch_optional(&mut *transaction).await? else { return Ok(Write::LimitReached) };
                transaction.commit().await?;
                Ok(Write::Done(todo(&row)?))
            }
            other => Ok(other),
        }
    }

    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        change: TodoChange,
        now: UnixMillis,
    ) -> Result<Write<Todo>, StoreError> {
        let query = for_owner(sql::CHANGE_TODO, owner)
            .bind(id.to_string())
            .bind(change.title.map(String::from))
            .bind(change.completed)
            .bind(change.order.map(TodoOrder::get))
            .bind(now.0)
            .bind(versions(&condition));
        match query.fetch_optional(&self.writer).await? {
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
        let [one, other] = states(only);
        let query = for_owner(sql::COMPLETE_TODOS, owner).bind(now.0).bind(completed).bind(one).bind(other);
        self.change_many(owner, query).await
    }

    async fn delete_todo(
        &self,
        owner: Owner,
        id: TodoId,
        condition: Condition,
        now: UnixMillis,
    ) -> Result<Write<()>, StoreError> {
        let query = for_owner(sql::DELETE_TODO, owner).bind(id.to_string()).bind(now.0).bind(versions(&condition));
        if query.execute(&self.writer).await?.rows_affected() > 0 { Ok(Write::Done(())) } else { self.why_not(owner, id).await }
    }

    async fn delete_todos(&self, owner: Owner, only: Option<bool>, now: UnixMillis) -> Result<Vec<Todo>, StoreError> {
        let [one, other] = states(only);
        self.change_many(owner, for_owner(sql::DELETE_TODOS, owner).bind(now.0).bind(one).bind(other)).await
    }

    async fn restore_todos(&self, owner: Owner, ids: &[TodoId], now: UnixMillis) -> Result<Option<Vec<Todo>>, StoreError> {
        let ids: BTreeSet<_> = ids.iter().collect();
        let statement = sql::restore_todos(ids.len());
        let mut query = for_owner(AssertSqlSafe(statement), owner).bind(now.0);
        for id in &ids {
            query = query.bind(id.to_string());
        }
        let mut transaction = self.writer.begin_with("begin immediate").await?;
        let restored = in_order(&query.fetch_all(&mut *transaction).await?)?;
        if restored.len() == ids.len() {
            transaction.commit().await?;
            return Ok(Some(restored));
        }
        transaction.rollback().await?;
        self.check_session(owner).await?;
        Ok(None)
    }

    async fn restore_deleted(&self, owner: Owner, deleted_at: UnixMillis, now: UnixMillis) -> Result<Vec<Todo>, StoreError> {
        self.change_many(owner, for_owner(sql::RESTORE_DELETED, owner).bind(now.0).bind(deleted_at.0)).await
    }

    async fn list_trash(&self, owner: Owner, after: Option<TrashPlace>, limit: u32) -> Result<Vec<KeptTodo>, StoreError> {
        // Nothing is deleted as late as this: it is the place before all others.
        let (at, id) = after.map_or((i64::MAX, String::new()), |place| (place.deleted_at.0, place.id.to_string()));
        self.read_many(for_owner(sql::LIST_TRASH, owner).bind(at).bind(id).bind(limit), kept_todo).await
    }

    async fn empty_trash(&self, owner: Owner) -> Result<u64, StoreError> {
        let deleted = for_owner(sql::EMPTY_TRASH, owner).execute(&self.writer).await?.rows_affected();
        if deleted == 0 {
            self.check_session(owner).await?;
        }
        Ok(deleted)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query(sql::PING).execute(&self.readers).await?;
        Ok(())
    }
}

type Query<'q> = sqlx::query::Query<'q, Driver, SqliteArguments>;

/// Every statement about what belongs to somebody starts with these two parameters.
fn for_owner<'q>(statement: impl SqlSafeStr, owner: Owner) -> Query<'q> {
    sqlx::query(statement).bind(owner.user.to_string()).bind(owner.token_epoch)
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

fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    let user: UserId = parsed(row, "id", str::parse)?;
    Ok(Account {
        owner: Owner { user, token_epoch: row.try_get("token_epoch")? },
        email: parsed(row, "email", Email::parse)?,
        password_hash: row.try_get("password_hash")?,
        created_at: UnixMillis(row.try_get("created_at")?),
        password_changed_at: UnixMillis(row.try_get("password_changed_at")?),
    })
}

fn user_summary(row: &SqliteRow) -> Result<UserSummary, sqlx::Error> {
    Ok(UserSummary {
        email: parsed(row, "email", Email::parse)?,
        created_at: UnixMillis(row.try_get("created_at")?),
        disabled_at: row.try_get::<Option<i64>, _>("disabled_at")?.map(UnixMillis),
        todos: row.try_get("todos")?,
    })
}

/// `None` for the row of nulls that stands for no todo.
fn if_any<T>(row: &SqliteRow, read: fn(&SqliteRow) -> Result<T, sqlx::Error>) -> Result<Option<T>, sqlx::Error> {
    let id: Option<&str> = row.try_get("id")?;
    id.map(|_| read(row)).transpose()
}

fn in_order(rows: &[SqliteRow]) -> Result<Vec<Todo>, sqlx::Error> {
    let mut todos = rows.iter().map(todo).collect::<Result<Vec<_>, _>>()?;
    todos.sort_unstable_by_key(|todo| (todo.order.get(), todo.id));
    Ok(todos)
}

fn kept_todo(row: &SqliteRow) -> Result<KeptTodo, sqlx::Error> {
    Ok(KeptTodo { todo: todo(row)?, deleted_at: row.try_get::<Option<i64>, _>("deleted_at")?.map(UnixMillis) })
}

fn todo(row: &SqliteRow) -> Result<Todo, sqlx::Error> {
    let millis = |column| row.try_get(column).map(UnixMillis);
    Ok(Todo {
        id: parsed(row, "id", str::parse)?,
        title: parsed(row, "title", TodoTitle::parse)?,
        completed_at: row.try_get::<Option<i64>, _>("completed_at")?.map(UnixMillis),
        order: TodoOrder::parse(row.try_get("order")?).map_err(|_| undecodable("order"))?,
        version: row.try_get("version")?,
        created_at: millis("created_at")?,
        updated_at: millis("updated_at")?,
    })
}

fn parsed<T, E>(row: &SqliteRow, column: &'static str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, sqlx::Error> {
    parse(row.try_get(column)?).map_err(|_| undecodable(column))
}

/// A value that the domain would not have let in; it is not quoted, because it is somebody's.
fn undecodable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "breaks a rule of the domain".into() }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        // https://sqlite.org/rescode.html: busy, locked, read-only, I/O error, full, can't open. The rest of an extended
        // code is in the higher bits.
        const TRANSIENT: [i32; 6] = [5, 6, 8, 10, 13, 14];
        let code = error.as_database_error().and_then(|e| e.code()?.parse::<i32>().ok());
        let transient = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => true,
            _ => code.is_some_and(|code| TRANSIENT.contains(&(code & 0xff))),
        };
        if transient {
            tracing::warn!(%error, "the database is unavailable");
            Self::Unavailable
        } else {
            tracing::error!(%error, "the database failed");
            Self::Broken
        }
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{Row, SqlitePool};

    use super::{Sqlite, sql};

    async fn plan(pool: &SqlitePool, statement: &str) -> String {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("explain query plan {statement}"))).fetch_all(pool).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
    }

    /// However many todos somebody has, a request reads only those that it is about: each table is searched by an index, and
    /// nothing is sorted.
    #[tokio::test]
    async fn no_statement_scans_or_sorts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("test.db"), 10_000).await.unwrap();
        for (statement, expected) in [
            (sql::LIST_TODOS, "SEARCH todos USING INDEX todos_by_place (user_id=? AND (order,id)>(?,?))"),
            (
                sql::LIST_TODOS_BY_STATE,
                "SEARCH todos USING INDEX todos_by_state (user_id=? AND completed=? AND (order,id)>(?,?))",
            ),
            (sql::EXPORT_TODOS, "SEARCH todos USING INDEX sqlite_autoindex_todos_1 (user_id=? AND id>?)"),
            (
                sql::LIST_TRASH,
                "SEARCH todos USING INDEX todos_by_deletion (user_id=? AND deleted_at>? AND (deleted_at,id)<(?,?))",
            ),
        ] {
            let user = "SEARCH u USING INDEX sqlite_autoindex_users_1 (id=?)";
            let page = "SCAN t LEFT-JOIN";
            assert_eq!(plan(&store.readers, statement).await, format!("MATERIALIZE t; {expected}; {user}; {page}"));
        }
        let restore = sql::restore_todos(2);
        for statement in [
            sql::CREATE_USER,
            sql::FIND_ACCOUNT,
            sql::READ_ACCOUNT,
            sql::SET_PASSWORD,
            sql::REPLACE_HASH,
            sql::DELETE_USER,
            sql::LIST_USERS,
            sql::FIND_USER,
            sql::RESET_PASSWORD,
            sql::DISABLE_USER,
            sql::ENABLE_USER,
            sql::REMOVE_USER,
            sql::END_SESSIONS,
            sql::SESSION_IS_CURRENT,
            sql::FIND_TODO,
            sql::CREATE_TODO,
            sql::PUT_TODO,
            sql::CHANGE_TODO,
            sql::COMPLETE_TODOS,
            sql::DELETE_TODO,
            sql::DELETE_TODOS,
            sql::RESTORE_DELETED,
            sql::EMPTY_TRASH,
            sql::COUNT_DELETED,
            sql::FORGET_DELETED,
            &restore,
        ] {
            let plan = plan(&store.writer, statement).await;
            let by_state = plan.contains("todos_by_state (user_id=? AND completed=?)");
            assert_eq!(by_state, [sql::COMPLETE_TODOS, sql::DELETE_TODOS].contains(&statement), "{statement}: {plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN "), "{statement}: {plan}");
        }
        for (statement, deleted_at) in [(sql::RESTORE_DELETED, "deleted_at=?"), (sql::EMPTY_TRASH, "deleted_at>?")] {
            let plan = plan(&store.writer, statement).await;
            assert!(plan.contains(&format!("INDEX todos_by_deletion (user_id=? AND {deleted_at})")), "{plan}");
        }
        // The end of the list is where its index ends: read backwards, as nothing is sorted.
        let create = plan(&store.writer, sql::CREATE_TODO).await;
        assert!(create.contains("SEARCH todos USING INDEX todos_by_place (user_id=?)"), "{create}");
    }
}
