//! The one that writes to SQLite. What waits to be written while a transaction is made durable goes together into the next
//! one (group commit): so a disk that takes 5 ms for that is no limit of 200 writes a second.

use std::time::{Duration, Instant};

use sqlx::{SqlitePool, pool::PoolConnection, sqlite::Sqlite as Driver};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};
use tracing::{Instrument, Span};

use super::{
    StoreError,
    sqlite::{self, OpenFile, SqliteWritten},
    statement::Statement,
};
use crate::server::observability::metrics::StoreMetrics;

/// Statements in one transaction. A bound on how much is run again one by one when one of them fails, and on how long the first
/// has to wait for the others.
const LARGEST_BATCH: usize = 256;
/// Statements that may wait. More than that, and whoever asked for the last would give up before it is its turn.
const LONGEST_QUEUE: usize = 4096;
/// How long a statement may wait for its turn. Then whoever asked for it gets an answer, and it is not run.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Takes statements until it is dropped.
pub struct Writer {
    queue: mpsc::Sender<Job>,
}

/// A statement that waits.
struct Job {
    statement: Statement,
    /// The request that wants it.
    span: Span,
    since: Instant,
    answer: oneshot::Sender<Result<SqliteWritten, StoreError>>,
}

impl Writer {
    /// `pool` has one connection; a pool, because that replaces it if it breaks.
    pub fn start(pool: SqlitePool, file: OpenFile, metrics: StoreMetrics) -> Self {
        let (queue, mut waiting) = mpsc::channel(LONGEST_QUEUE);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
                let batch: Vec<_> = batch.drain(..).filter_map(Job::in_time).collect();
                if !batch.is_empty() {
                    run(&pool, &file, &metrics, batch).await;
                }
            }
        });
        Self { queue }
    }

    /// Returns when it is durable. One that fails does no harm to the others.
    pub async fn write(&self, statement: Statement) -> Result<SqliteWritten, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job = Job { statement, span: Span::current(), since: Instant::now(), answer };
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many writes are waiting"),
            TrySendError::Closed(_) => stopped(),
        })?;
        // The task answers each job, unless it ends in the midst of one.
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Whether the task that writes goes on. It ends with the runtime, or by a panic.
    pub fn is_running(&self) -> bool {
        !self.queue.is_closed()
    }
}

impl Job {
    /// Itself, unless nobody waits for it any more, or it has waited for too long.
    fn in_time(self) -> Option<Self> {
        if self.answer.is_closed() {
            return None;
        }
        if self.since.elapsed() < LONGEST_WAIT {
            return Some(self);
        }
        let error = self.span.in_scope(|| unavailable("a write had to wait for too long"));
        let _ = self.answer.send(Err(error));
        None
    }
}

async fn run(pool: &SqlitePool, file: &OpenFile, metrics: &StoreMetrics, batch: Vec<Job>) {
    if let Err(error) = file.check() {
        return refuse(batch, error);
    }
    let mut connection = match pool.acquire().await {
        Ok(connection) => connection,
        Err(error) => return refuse(batch, error.into()),
    };
    // A statement is a transaction by itself.
    if let [_] = batch.as_slice() {
        return run_each(&mut connection, metrics, batch).await;
    }
    let mut transaction = match sqlx::Connection::begin_with(&mut *connection, "begin immediate").await {
        Ok(transaction) => transaction,
        // It is about the database, and so about all of them; each by itself would wait as long again.
        Err(error) => return refuse(batch, error.into()),
    };
    let mut results = Vec::with_capacity(batch.len());
    for job in &batch {
        match sqlite::run(&mut transaction, job.statement.clone()).instrument(job.span.clone()).await {
            Ok(written) => results.push(written),
            Err(_) => break,
        }
    }
    let is_done = results.len() == batch.len();
    let ended = if is_done { transaction.commit().await } else { transaction.rollback().await };
    if is_done && ended.is_ok() {
        metrics.committed(batch.len().try_into().unwrap_or(u32::MAX));
        for (job, written) in batch.into_iter().zip(results) {
            // Who does not wait any more learns it by looking.
            let _ = job.answer.send(Ok(written));
        }
        return;
    }
    if ended.is_err() {
        // The transaction is over, as SQLite ends it by itself on a full disk; but sqlx believes that it goes on, and would begin no
        // other on this connection.
        let _ = connection.close().await;
        connection = match pool.acquire().await {
            Ok(connection) => connection,
            Err(error) => return refuse(batch, error.into()),
        };
    }
    // Nothing of it happened, as nothing was committed. Which of them is to blame shows one by one.
    run_each(&mut connection, metrics, batch).await;
}

async fn run_each(connection: &mut PoolConnection<Driver>, metrics: &StoreMetrics, batch: Vec<Job>) {
    for job in batch {
        let written = sqlite::run(connection, job.statement).instrument(job.span).await;
        if written.is_ok() {
            metrics.committed(1);
        }
        let _ = job.answer.send(written.map_err(StoreError::from));
    }
}

fn refuse(batch: Vec<Job>, error: StoreError) {
    for job in batch {
        let _ = job.answer.send(Err(error));
    }
}

/// No later try helps.
fn stopped() -> StoreError {
    tracing::error!("the task that writes to the database has stopped: restart the program");
    StoreError::Broken
}

fn unavailable(why: &str) -> StoreError {
    tracing::warn!("the database is unavailable: {why}");
    StoreError::Unavailable
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use futures::future::join_all;
    use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};
    use tempfile::TempDir;
    use tokio::{runtime::Runtime, sync::oneshot, time::sleep};
    use tracing::Span;

    use super::{Job, LONGEST_QUEUE, LONGEST_WAIT, Writer};
    use crate::server::{
        observability::metrics::Metrics,
        store::{StoreError, sqlite::OpenFile, statement::Statement},
    };

    const INSERT: &str = "insert into numbers (number) values ($1)";

    async fn start(metrics: &Metrics) -> (Writer, SqlitePool, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let pool = SqlitePoolOptions::new().max_connections(1).connect(&url).await.unwrap();
        sqlx::query("create table numbers (number bigint not null unique)").execute(&pool).await.unwrap();
        let file = OpenFile::at(&path).unwrap();
        (Writer::start(pool.clone(), file, metrics.store.clone()), pool, folder)
    }

    /// How many commits there were.
    fn commits(metrics: &Metrics) -> u64 {
        let text = metrics.text();
        let line = text.lines().find_map(|line| line.strip_prefix("holdfast_store_writes_per_commit_count "));
        line.unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn what_waits_together_is_committed_together() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let written = join_all((0..64_i64).map(|n| writer.write(Statement::new(INSERT).with(n)))).await;
        assert!(written.iter().all(|written| written.as_ref().is_ok_and(|written| written.changed == 1)));
        assert!(commits(&metrics) <= 3, "{} commits for 64 writes", commits(&metrics));
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(count, 64);
    }

    #[tokio::test]
    async fn one_that_fails_does_not_fail_its_neighbours() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let numbers = [1, 2, 3, 2, 4, 5];
        let written = join_all(numbers.map(|n: i64| writer.write(Statement::new(INSERT).with(n)))).await;
        let failed: Vec<_> = written.into_iter().map(Result::err).collect();
        assert_eq!(failed, [None, None, None, Some(StoreError::Broken), None, None]);
        let sum: i64 = sqlx::query_scalar("select sum(number) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(sum, 15);
        assert!(writer.write(Statement::new(INSERT).with(6_i64)).await.is_ok(), "and it goes on");
    }

    #[tokio::test]
    async fn transaction_that_sqlite_ends_by_itself_is_not_the_last() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        // As a full disk or a fault of it would.
        let fatal = "insert or rollback into numbers (number) values ($1)";
        let numbers = [(INSERT, 1), (INSERT, 2), (fatal, 2), (INSERT, 3)];
        let written = join_all(numbers.map(|(insert, n): (_, i64)| writer.write(Statement::new(insert).with(n)))).await;
        let failed: Vec<_> = written.into_iter().map(Result::err).collect();
        assert_eq!(failed, [None, None, Some(StoreError::Broken), None]);
        let before = commits(&metrics);
        let written = join_all((4..8_i64).map(|n| writer.write(Statement::new(INSERT).with(n)))).await;
        assert!(written.iter().all(Result::is_ok), "{:?}", written.into_iter().map(Result::err).collect::<Vec<_>>());
        assert!(commits(&metrics) < before + 4, "together");
        let sum: i64 = sqlx::query_scalar("select sum(number) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(sum, 28);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_written() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        // The writer gets its turn only when this has given up.
        drop(futures::poll!(Box::pin(writer.write(Statement::new(INSERT).with(1_i64)))));
        while writer.queue.capacity() < LONGEST_QUEUE {
            sleep(Duration::from_millis(1)).await;
        }
        // With nothing to write there is no transaction either, which would have come before this one.
        assert_eq!(commits(&metrics), 0);
        writer.write(Statement::new(INSERT).with(2_i64)).await.unwrap();
        let numbers: Vec<i64> = sqlx::query_scalar("select number from numbers").fetch_all(&pool).await.unwrap();
        assert_eq!(numbers, [2]);
        assert_eq!(commits(&metrics), 1);
    }

    #[tokio::test]
    async fn what_waited_for_too_long_is_not_written_and_told_so() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let (answer, answered) = oneshot::channel();
        let statement = Statement::new(INSERT).with(1_i64);
        let since = Instant::now().checked_sub(LONGEST_WAIT).unwrap();
        writer.queue.try_send(Job { statement, span: Span::none(), since, answer }).ok().unwrap();
        assert_eq!(answered.await.unwrap().err(), Some(StoreError::Unavailable));
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn writer_that_has_stopped_is_a_fault_and_not_busy() {
        let (first, second) = (Runtime::new().unwrap(), Runtime::new().unwrap());
        let metrics = Metrics::default();
        let (writer, _pool, _folder) = first.block_on(start(&metrics));
        assert!(writer.is_running());
        // Its task ends with its runtime.
        drop(first);
        assert!(!writer.is_running());
        let written = second.block_on(writer.write(Statement::new(INSERT).with(1_i64)));
        assert_eq!(written.err(), Some(StoreError::Broken));
    }
}
