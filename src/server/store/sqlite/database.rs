//! SQLite: the default, for one machine.

use std::{fs::File, io, path::Path, thread, time::Duration};

use async_trait::async_trait;
use deadpool::unmanaged::{Pool, PoolConfig, PoolError};
use futures_util::{TryStreamExt, stream::BoxStream};
use sqlx::{
    ConnectOptions, Connection as _, Executor, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use tokio::task::spawn_blocking;

use super::{
    file::{NO_LOCKS, OpenFile, beside, check_restored, followed, has_no_locks, lock, make_folder, private_file},
    writer::Writer,
};
use crate::{
    domain::UserId,
    server::{
        observability::metrics::StoreMetrics,
        store::{
            database::{Connection, Database, Work, Written, impl_driver, watch},
            error::StoreError,
            migrations,
            statement::{Cell, Kind, Statement},
        },
    },
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for the lock of another process.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

pub struct Sqlite {
    writer: Writer,
    /// Has one connection.
    writing: SqlitePool,
    readers: Pool<SqliteConnection>,
    /// Of the readers.
    options: SqliteConnectOptions,
    file: OpenFile,
    /// The server lock; a command has none.
    _lock: Option<File>,
}

impl Sqlite {
    /// Opens or creates the database and applies pending migrations.
    pub async fn open(path: &Path, metrics: &StoreMetrics) -> Result<Self, String> {
        check_restored(&followed(path).unwrap_or_else(|_| path.to_owned()))?;
        Self::try_open(path, metrics).await.map_err(|error| {
            let hint = match &error {
                sqlx::Error::Migrate(error) => migrations::hint(error),
                sqlx::Error::Io(error) if has_no_locks(error) => Some(NO_LOCKS),
                _ => None,
            };
            let hint = hint.unwrap_or("check that it is a SQLite database, and that file and folder are yours to write");
            format!("can't open the database {}: {error}; {hint}", path.display())
        })
    }

    /// As [`Self::open`], exclusively: two servers would not share their rate limits.
    pub async fn serve(path: &Path, metrics: &StoreMetrics) -> Result<Self, String> {
        let lock = lock(path)?;
        Ok(Self { _lock: Some(lock), ..Self::open(path, metrics).await? })
    }

    async fn try_open(path: &Path, metrics: &StoreMetrics) -> Result<Self, sqlx::Error> {
        make_folder(path)?;
        // sqlx's migrations take no lock on SQLite, and several processes may start at once.
        let lock = private_file(&beside(&followed(path)?, "migrate.lock"))?;
        let lock = spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(io::Error::other)??;
        // Only if missing: closing an existing file would release SQLite's POSIX locks in this process.
        if !path.exists() {
            private_file(path)?;
        }
        let options = options(path);
        // SQLite allows one writer at a time, and its busy handler polls: a queue is faster.
        let writing = SqlitePoolOptions::new().max_connections(1).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
        let writing = writing.connect_with(options.clone()).await?;
        let file = OpenFile::at(path)?;
        MIGRATIONS.run(&writing).await?;
        lock.unlock()?;

        let options = options.read_only(true);
        let readers = open_readers(&options).await?;
        watch(metrics, "readers", {
            let readers = readers.clone();
            move || {
                let status = readers.status();
                (status.size, status.available)
            }
        });
        let writer = Writer::start(writing.clone(), file.clone(), metrics.clone());
        Ok(Self { writer, writing, readers, options, file, _lock: None })
    }
}

/// One reader per core, and one for a core that waits for the disk. More would only cost memory.
async fn open_readers(options: &SqliteConnectOptions) -> Result<Pool<SqliteConnection>, sqlx::Error> {
    let count = thread::available_parallelism().map_or(1, usize::from) + 1;
    let config =
        PoolConfig { timeout: Some(ACQUIRE_TIMEOUT), runtime: Some(deadpool::Runtime::Tokio1), ..PoolConfig::new(count) };
    let pool = Pool::from_config(&config);
    for _ in 0..count {
        pool.try_add(options.connect().await?).map_err(|(_, error)| unavailable(error))?;
    }
    Ok(pool)
}

fn unavailable(error: PoolError) -> sqlx::Error {
    match error {
        PoolError::Timeout => sqlx::Error::PoolTimedOut,
        PoolError::Closed | PoolError::NoRuntimeSpecified => sqlx::Error::PoolClosed,
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        // With NORMAL, WAL loses acknowledged writes in a power failure.
        .synchronous(SqliteSynchronous::Full)
}

/// Reads the applied migrations; none for a foreign database.
pub async fn applied_migrations(path: &Path) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let mut connection = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let is_ours = "select 1 from sqlite_schema where name = '_sqlx_migrations'";
    if connection.fetch_optional(is_ours).await?.is_none() {
        return Ok(Vec::new());
    }
    sqlx::query_as(migrations::APPLIED).fetch_all(&mut connection).await
}

#[async_trait]
impl Database for Sqlite {
    type Connection = SqliteConnection;
    type Row = SqliteRow;

    const IS_SHARED: bool = false;

    fn json_rows(columns: &str) -> String {
        format!("json_group_array(json_array({columns}))")
    }

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn read(&self, statement: Statement) -> Result<Vec<SqliteRow>, StoreError> {
        self.file.check()?;
        let mut reader = self.readers.get().await.map_err(unavailable)?;
        let found = statement.into_query().fetch_all(&mut *reader).await;
        if matches!(found, Err(sqlx::Error::WorkerCrashed)) {
            *reader = self.options.connect().await?;
        }
        Ok(found?)
    }

    async fn write(&self, _: Option<UserId>, statement: Statement) -> Result<Written<SqliteRow>, StoreError> {
        self.writer.write(statement).await
    }

    async fn transact<T, W>(&self, _: UserId, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<SqliteConnection, T>,
    {
        self.writer.transact(work).await
    }

    async fn write_all(&self, mut statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError> {
        let mut transaction = self.writing.begin_with("begin immediate").await?;
        while let Some(statement) = statements.try_next().await? {
            transaction.run(statement).await?;
        }
        Ok(transaction.commit().await?)
    }

    fn can_write(&self) -> bool {
        self.writer.is_running()
    }

    async fn close(&self) {
        // The writer last: SQLite checkpoints and removes the write-ahead log when the last connection closes and it can write.
        while self.readers.status().size > 0 {
            let Ok(reader) = self.readers.remove().await else { break };
            // There is nothing to lose.
            let _ = reader.close().await;
        }
        self.writing.close().await;
    }
}

impl_driver!(SqliteConnection, SqliteRow);
