//! The store on SQLite: the default, for one machine.

use std::{fs, io, path::Path, time::Duration};

use async_trait::async_trait;
use sqlx::{
    Row, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use tokio::task::spawn_blocking;

use super::{Account, CreateTodo, CreateUser, NewTodo, NewUser, Owner, Store, StoreError, TodoChange, sql};
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
}

impl Sqlite {
    pub async fn open(path: &Path) -> Result<Self, String> {
        Self::try_open(path).await.map_err(|error| {
            let hint = match error {
                sqlx::Error::Migrate(_) => "it may have been made by a newer Holdfast: then run that one",
                _ => "check that it is a SQLite database, and that file and folder are yours to write",
            };
            format!("can't open the database {}: {error}; {hint}", path.display())
        })
    }

    async fn try_open(path: &Path) -> Result<Self, sqlx::Error> {
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
        Ok(Self { writer, readers })
    }

    /// For statements that found nothing to change: was it the session, or really nothing there?
    async fn check_session(&self, owner: Owner) -> Result<(), StoreError> {
        let query = sqlx::query(sql::SESSION_IS_CURRENT).bind(owner.user.to_string()).bind(owner.token_epoch);
        match query.fetch_optional(&self.readers).await? {
            Some(_) => Ok(()),
            None => Err(StoreError::SessionEnded),
        }
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

    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError> {
        sqlx::query(sql::END_SESSIONS).bind(owner.user.to_string()).bind(owner.token_epoch).execute(&self.writer).await?;
        Ok(())
    }

    async fn list_todos(&self, owner: Owner) -> Result<Vec<Todo>, StoreError> {
        let query = sqlx::query(sql::LIST_TODOS).bind(owner.user.to_string()).bind(owner.token_epoch);
        let rows = query.fetch_all(&self.readers).await?;
        if rows.is_empty() {
            return Err(StoreError::SessionEnded);
        }
        Ok(rows.iter().filter_map(|row| todo_if_any(row).transpose()).collect::<Result<_, _>>()?)
    }

    async fn create_todo(&self, owner: Owner, new: NewTodo, now: UnixMillis) -> Result<CreateTodo, StoreError> {
        let query = sqlx::query(sql::CREATE_TODO)
            .bind(owner.user.to_string())
            .bind(owner.token_epoch)
            .bind(new.id.to_string())
            .bind(String::from(new.title))
            .bind(new.completed)
            .bind(new.order.map(TodoOrder::get))
            .bind(now.0);
        if let Some(row) = query.fetch_optional(&self.writer).await? {
            return Ok(CreateTodo::Created(todo(&row)?));
        }
        self.check_session(owner).await?;
        Ok(CreateTodo::IdTaken)
    }

    async fn find_todo(&self, owner: Owner, id: TodoId) -> Result<Option<Todo>, StoreError> {
        let query = sqlx::query(sql::FIND_TODO).bind(owner.user.to_string()).bind(owner.token_epoch).bind(id.to_string());
        match query.fetch_optional(&self.readers).await? {
            Some(row) => Ok(todo_if_any(&row)?),
            None => Err(StoreError::SessionEnded),
        }
    }

    async fn change_todo(
        &self,
        owner: Owner,
        id: TodoId,
        change: TodoChange,
        now: UnixMillis,
    ) -> Result<Option<Todo>, StoreError> {
        let query = sqlx::query(sql::CHANGE_TODO)
            .bind(owner.user.to_string())
            .bind(owner.token_epoch)
            .bind(id.to_string())
            .bind(change.title.map(String::from))
            .bind(change.completed)
            .bind(change.order.map(TodoOrder::get))
            .bind(now.0);
        if let Some(row) = query.fetch_optional(&self.writer).await? {
            return Ok(Some(todo(&row)?));
        }
        self.check_session(owner).await?;
        Ok(None)
    }

    async fn delete_todo(&self, owner: Owner, id: TodoId, now: UnixMillis) -> Result<bool, StoreError> {
        let query =
            sqlx::query(sql::DELETE_TODO).bind(owner.user.to_string()).bind(owner.token_epoch).bind(id.to_string()).bind(now.0);
        if query.execute(&self.writer).await?.rows_affected() > 0 {
            return Ok(true);
        }
        self.check_session(owner).await?;
        Ok(false)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query(sql::PING).execute(&self.readers).await?;
        Ok(())
    }
}

fn account(row: &SqliteRow) -> Result<Account, sqlx::Error> {
    let user: UserId = parsed(row, "id", str::parse)?;
    let owner = Owner { user, token_epoch: row.try_get("token_epoch")? };
    Ok(Account { owner, password_hash: row.try_get("password_hash")? })
}

/// `None` for the row of nulls that stands for no todo.
fn todo_if_any(row: &SqliteRow) -> Result<Option<Todo>, sqlx::Error> {
    let id: Option<&str> = row.try_get("id")?;
    id.map(|_| todo(row)).transpose()
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
