//! SQLite: the default, for one machine.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::{TryStreamExt, stream::BoxStream};
use sqlx::{
    ConnectOptions, Executor, SqliteConnection, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use tokio::task::spawn_blocking;

use super::{
    StoreError,
    database::{Database, Written, impl_driver, watch},
    migrations,
    statement::Statement,
    writer::Writer,
};
use crate::{domain::UserId, server::observability::metrics::StoreMetrics};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another process's lock.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
const READERS: u32 = 8;
/// As many as Linux follows.
const MOST_LINKS: u32 = 40;

pub struct Sqlite {
    writer: Writer,
    /// The writer's one connection.
    writing: SqlitePool,
    readers: SqlitePool,
    file: OpenFile,
    /// Held by a server, for as long as it runs.
    _lock: Option<File>,
}

impl Sqlite {
    /// Makes it if missing, and brings its schema up to date.
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

    /// As [`Self::open`], and no other server can while this one has it: two would not know of each other's limits.
    pub async fn serve(path: &Path, metrics: &StoreMetrics) -> Result<Self, String> {
        let lock = lock(path)?;
        Ok(Self { _lock: Some(lock), ..Self::open(path, metrics).await? })
    }

    async fn try_open(path: &Path, metrics: &StoreMetrics) -> Result<Self, sqlx::Error> {
        make_folder(path)?;
        // sqlx's migrations take no lock on SQLite, and several processes may start at once.
        let lock = private_file(&beside(&followed(path)?, "migrate.lock"))?;
        let lock = spawn_blocking(move || lock.lock().map(|()| lock)).await.map_err(io::Error::other)??;
        // Not one that is there: to close it would take SQLite's locks from whoever in this process has it open.
        if !path.exists() {
            private_file(path)?;
        }
        let options = options(path);
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT);
        // SQLite has one writer at a time, and waiting for it in a queue of ours beats its polling.
        let writing = pool(1).connect_with(options.clone()).await?;
        let file = OpenFile::at(path)?;
        MIGRATIONS.run(&writing).await?;
        lock.unlock()?;

        let readers = pool(READERS).connect_with(options.read_only(true)).await?;
        watch(metrics, "readers", &readers);
        let writer = Writer::start(writing.clone(), file.clone(), metrics.clone());
        Ok(Self { writer, writing, readers, file, _lock: None })
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        // With NORMAL, WAL loses acknowledged rows at a power cut.
        .synchronous(SqliteSynchronous::Full)
}

/// The database file that is open, whatever its name leads to by now.
#[derive(Clone)]
pub struct OpenFile {
    path: PathBuf,
    id: (u64, u64),
    /// Whether that it is gone was said already.
    is_told: Arc<AtomicBool>,
}

impl OpenFile {
    /// What has just been opened by this name.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), id: file_id(path)?, is_told: Arc::default() })
    }

    /// Fails if the file was removed, renamed or replaced: what is written to it then, nobody finds again.
    pub fn check(&self) -> Result<(), StoreError> {
        let is_there = file_id(&self.path).is_ok_and(|id| id == self.id);
        if !self.is_told.swap(!is_there, Ordering::Relaxed) && !is_there {
            tracing::warn!(
                "the database is unavailable: its file was removed or replaced; put it back, or restart on what is there now"
            );
        }
        if is_there { Ok(()) } else { Err(StoreError::Unavailable) }
    }
}

fn file_id(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// The folder of the database, for nobody else.
pub fn make_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder))
}

/// Opens it, or makes one that nobody else reads: a database has hashes of passwords. What SQLite puts beside that, it gives
/// the same mode.
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Where a path leads if it is a symbolic link, also to a file that is still to be made: one database has one lock, and its log
/// beside it, by whatever name it is opened.
pub fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("too many symbolic links"))
}

const NO_LOCKS: &str = "its file system has no locks, as some of a network have none: put it on a disk of this machine";

/// As Linux says it: EOPNOTSUPP and ENOLCK.
fn has_no_locks(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(95 | 37))
}

/// A file of ours, with the name of the database and this ending.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    path.with_added_extension(ending)
}

/// What is added to the name of a database for each file that belongs to it. The database first: while it is away by itself,
/// nobody opens what is left without it.
pub const FILES: [&str; 3] = ["", "-wal", "-shm"];

/// Where a restore sets aside what was there before it, the first time, the second, and so on.
pub fn aside(path: &Path, nth: u64) -> PathBuf {
    beside(path, &if nth == 1 { "replaced".to_owned() } else { format!("replaced-{nth}") })
}

/// The numbers of what restores have set aside and is still there.
pub fn asides(path: &Path) -> io::Result<BTreeSet<u64>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let first = aside(path, 1);
    let first = first.file_name().unwrap_or_default().as_encoded_bytes();
    let mut numbers = BTreeSet::new();
    for file in fs::read_dir(folder)? {
        let name = file?.file_name();
        let Some(rest) = name.as_encoded_bytes().strip_prefix(first).and_then(|rest| str::from_utf8(rest).ok()) else { continue };
        let number = FILES[1..].iter().find_map(|suffix| rest.strip_suffix(suffix)).unwrap_or(rest);
        let number = if number.is_empty() { Some(1) } else { number.strip_prefix('-').and_then(|number| number.parse().ok()) };
        numbers.extend(number);
    }
    Ok(numbers)
}

/// Refuses a database that is missing while one that was set aside stands alone: a restore has ended between setting that aside
/// and putting the backup in its place, and an empty database would look as if everything were lost.
fn check_restored(path: &Path) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    // A folder that can't be read is told of where the database is made in it.
    let asides = asides(path).unwrap_or_default();
    match asides.into_iter().rev().map(|nth| aside(path, nth)).find(|aside| aside.exists()) {
        Some(aside) => Err(format!(
            "there is no database {}, but an earlier one that a restore has set aside in {}: restore the backup again, or give that \
             one, and the files beside it, their names back; to begin with an empty database, move it to another folder",
            path.display(),
            aside.display()
        )),
        None => Ok(()),
    }
}

/// The migrations that it has; none, if it is none of ours.
pub async fn applied_migrations(path: &Path) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let mut connection = SqliteConnectOptions::new().filename(path).read_only(true).connect().await?;
    let is_ours = "select 1 from sqlite_schema where name = '_sqlx_migrations'";
    if connection.fetch_optional(is_ours).await?.is_none() {
        return Ok(Vec::new());
    }
    sqlx::query_as(migrations::APPLIED).fetch_all(&mut connection).await
}

/// The right to serve from this database; the operating system gives it back when the process ends, however it does.
pub fn lock(path: &Path) -> Result<File, String> {
    let cant = |error: io::Error| {
        let hint = if has_no_locks(&error) { NO_LOCKS } else { "check that file and folder are yours to write" };
        format!("can't open the database {}: {error}; {hint}", path.display())
    };
    make_folder(path).map_err(cant)?;
    let database = followed(path).map_err(cant)?;
    let lock = private_file(&beside(&database, "server.lock")).map_err(cant)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another server runs on the database {}: stop that one first; several servers need Postgres",
            path.display()
        )),
        Err(TryLockError::Error(error)) => Err(cant(error)),
    }
}

pub type SqliteWritten = Written<SqliteRow>;

#[async_trait]
impl Database for Sqlite {
    type Row = SqliteRow;

    const IS_SHARED: bool = false;

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn read(&self, statement: Statement) -> Result<Vec<SqliteRow>, StoreError> {
        self.file.check()?;
        Ok(statement.into_query().fetch_all(&self.readers).await?)
    }

    async fn write(&self, _: Option<UserId>, statement: Statement) -> Result<SqliteWritten, StoreError> {
        self.writer.write(statement).await
    }

    async fn write_all(&self, mut statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError> {
        let mut transaction = self.writing.begin_with("begin immediate").await?;
        while let Some(statement) = statements.try_next().await? {
            run(&mut transaction, statement).await?;
        }
        Ok(transaction.commit().await?)
    }

    fn can_write(&self) -> bool {
        self.writer.is_running()
    }

    async fn close(&self) {
        // The writer last: only then SQLite puts what is in its log into the database, and removes the log.
        self.readers.close().await;
        self.writing.close().await;
    }
}

impl_driver!(SqliteConnection, SqliteRow);

#[cfg(test)]
mod tests {
    use sqlx::{Row, SqlitePool};

    use super::{Sqlite, has_no_locks};
    use crate::server::{observability::metrics::StoreMetrics, store::sql};

    #[test]
    fn file_system_without_locks_is_told_from_a_lock_that_is_taken() {
        let has_none = |code| has_no_locks(&std::io::Error::from_raw_os_error(code));
        let (enolck, eopnotsupp, eagain, eacces) = (37, 95, 11, 13);
        assert!(has_none(enolck) && has_none(eopnotsupp) && !has_none(eagain) && !has_none(eacces));
    }

    async fn plan(pool: &SqlitePool, statement: &str) -> String {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("explain query plan {statement}"))).fetch_all(pool).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
    }

    /// However many todos somebody has, a request reads only those that it is about: each table is searched by an index, and
    /// nothing is sorted.
    #[tokio::test]
    async fn no_statement_scans_or_sorts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("test.db"), &StoreMetrics::default()).await.unwrap();
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
            let session = "SCALAR SUBQUERY 2; SEARCH ended_sessions USING COVERING INDEX sqlite_autoindex_ended_sessions_1 \
                           (user_id=? AND sid=?)";
            let page = "SCAN t LEFT-JOIN";
            assert_eq!(plan(&store.readers, statement).await, format!("MATERIALIZE t; {expected}; {user}; {session}; {page}"));
        }
        for statement in sql::WITHOUT_LISTS.into_iter().chain([sql::restore_todos(2).as_str()]) {
            let plan = plan(&store.readers, statement).await;
            let by_state = plan.contains("todos_by_state (user_id=? AND completed=?)");
            assert_eq!(by_state, [sql::COMPLETE_TODOS, sql::DELETE_TODOS].contains(&statement), "{statement}: {plan}");
            assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN "), "{statement}: {plan}");
        }
        for (statement, deleted_at) in [(sql::RESTORE_DELETED, "deleted_at=?"), (sql::EMPTY_TRASH, "deleted_at>?")] {
            let plan = plan(&store.readers, statement).await;
            assert!(plan.contains(&format!("INDEX todos_by_deletion (user_id=? AND {deleted_at})")), "{plan}");
        }
        // The end of the list is where its index ends: read backwards, as nothing is sorted.
        let create = plan(&store.readers, sql::CREATE_TODO).await;
        assert!(create.contains("SEARCH todos USING INDEX todos_by_place (user_id=?)"), "{create}");
    }
}
