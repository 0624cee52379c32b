//! The single writer of SQLite, with group commit: writes queued during a commit share the next transaction. Otherwise a disk
//! with 5 ms per sync would limit the throughput to 200 writes a second.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::{Connection as _, SqliteConnection, SqlitePool, sqlite::SqliteRow};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    oneshot,
};
use tracing::{Instrument, Span};

use super::file::OpenFile;
use crate::server::{
    observability::metrics::StoreMetrics,
    store::{
        database::{Connection, Work, Written},
        error::StoreError,
        statement::Statement,
    },
};

/// Maximum number of jobs per transaction. Bounds the retries after a failure and the latency of the first job.
const MAX_BATCH: usize = 256;
/// Maximum queue length. The last job of a longer queue would time out before it runs.
const MAX_QUEUED: usize = 4096;
/// How long a job may be queued before it fails without running.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

pub struct Writer {
    queue: mpsc::Sender<QueuedJob>,
}

struct QueuedJob {
    job: Box<dyn Job>,
    /// The span of the request.
    span: Span,
    since: Instant,
}

#[async_trait]
trait Job: Send {
    /// Whether it needs an explicit transaction; a single statement does not.
    fn is_transaction(&self) -> bool;

    /// Fails if the whole batch must be rolled back. Its own result is kept until the commit.
    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error>;

    fn is_awaited(&self) -> bool;

    /// Sends the result once it is durable, or the error of the batch.
    fn finish(self: Box<Self>, ended: Result<(), StoreError>);
}

struct WriteJob<T, W> {
    work: W,
    is_transaction: bool,
    result: Option<Result<T, sqlx::Error>>,
    sender: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send + 'static, W: Work<SqliteConnection, T>> WriteJob<T, W> {
    fn boxed(is_transaction: bool, work: W, sender: oneshot::Sender<Result<T, StoreError>>) -> Box<dyn Job> {
        Box::new(Self { work, is_transaction, result: None, sender })
    }
}

#[async_trait]
impl<T: Send, W: Work<SqliteConnection, T>> Job for WriteJob<T, W> {
    fn is_transaction(&self) -> bool {
        self.is_transaction
    }

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if !self.is_transaction {
            self.result = Some(Ok((self.work)(connection).await?));
            return Ok(());
        }
        // Isolates its failure from the rest of the batch.
        let mut savepoint = connection.begin().await?;
        let result = (self.work)(&mut savepoint).await;
        if result.is_ok() {
            savepoint.commit().await?;
        } else {
            savepoint.rollback().await?;
        }
        self.result = Some(result);
        Ok(())
    }

    fn is_awaited(&self) -> bool {
        !self.sender.is_closed()
    }

    fn finish(self: Box<Self>, ended: Result<(), StoreError>) {
        let Self { result, sender, .. } = *self;
        // A successful job has a result.
        let result = ended.and_then(|()| Ok(result.ok_or(StoreError::Broken)??));
        // Fails only if the request was cancelled.
        let _ = sender.send(result);
    }
}

impl Writer {
    /// `pool` has one connection, which it replaces after a failure.
    pub fn start(pool: SqlitePool, file: OpenFile, metrics: StoreMetrics) -> Self {
        let (queue, mut jobs) = mpsc::channel(MAX_QUEUED);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while jobs.recv_many(&mut batch, MAX_BATCH).await > 0 {
                let batch: Vec<_> = batch.drain(..).filter_map(QueuedJob::unless_expired).collect();
                if !batch.is_empty() {
                    run(&pool, &file, &metrics, batch).await;
                }
            }
        });
        Self { queue }
    }

    /// Returns after the write is durable. A failure does not affect other writes.
    pub async fn write(&self, statement: Statement) -> Result<Written<SqliteRow>, StoreError> {
        self.submit(false, move |connection: &mut SqliteConnection| connection.run(statement.clone())).await
    }

    /// As [`Self::write`], for several statements.
    pub async fn transact<T: Send + 'static>(&self, work: impl Work<SqliteConnection, T>) -> Result<T, StoreError> {
        self.submit(true, work).await
    }

    async fn submit<T: Send + 'static>(
        &self,
        is_transaction: bool,
        work: impl Work<SqliteConnection, T>,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let job = WriteJob::boxed(is_transaction, work, sender);
        self.queue.try_send(QueuedJob { job, span: Span::current(), since: Instant::now() }).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("the write queue is full"),
            TrySendError::Closed(_) => stopped(),
        })?;
        // The sender is dropped without a result only if the task stops.
        receiver.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Whether the writer task runs. It ends with the runtime, or by a panic.
    pub fn is_running(&self) -> bool {
        !self.queue.is_closed()
    }
}

impl QueuedJob {
    /// Drops a cancelled job and fails a timed-out one.
    fn unless_expired(self) -> Option<Self> {
        if !self.job.is_awaited() {
            return None;
        }
        if self.since.elapsed() < QUEUE_TIMEOUT {
            return Some(self);
        }
        let error = self.span.in_scope(|| unavailable("a write timed out in the queue"));
        self.job.finish(Err(error));
        None
    }
}

async fn run(pool: &SqlitePool, file: &OpenFile, metrics: &StoreMetrics, mut batch: Vec<QueuedJob>) {
    let ended = match attempt(pool, file, &mut batch).await {
        Ok(Err(_)) if batch.len() > 1 => {
            // Nothing was committed: retries the jobs individually to isolate the failing one.
            for job in batch {
                Box::pin(run(pool, file, metrics, vec![job])).await;
            }
            return;
        }
        Ok(ended) => ended.map_err(StoreError::from),
        Err(error) => Err(error),
    };
    if ended.is_ok() {
        metrics.committed(batch.len().try_into().unwrap_or(u32::MAX));
    }
    for QueuedJob { job, span, .. } in batch {
        span.in_scope(|| job.finish(ended));
    }
}

/// Runs a batch in one transaction. The outer error concerns the database, so individual retries would only repeat the wait.
async fn attempt(pool: &SqlitePool, file: &OpenFile, batch: &mut [QueuedJob]) -> Result<Result<(), sqlx::Error>, StoreError> {
    file.check()?;
    let mut connection = pool.acquire().await?;
    // A single statement is its own transaction.
    if let [QueuedJob { job, span, .. }] = batch
        && !job.is_transaction()
    {
        return Ok(job.run(&mut connection).instrument(span.clone()).await);
    }
    let mut transaction = connection.begin_with("begin immediate").await?;
    let mut done = Ok(());
    for QueuedJob { job, span, .. } in batch {
        done = job.run(&mut transaction).instrument(span.clone()).await;
        if done.is_err() {
            break;
        }
    }
    let ended = if done.is_ok() { transaction.commit().await } else { transaction.rollback().await };
    if ended.is_err() {
        // SQLite rolls back by itself, as on a full disk, but sqlx still counts the transaction as open on this connection.
        let _ = connection.close().await;
    }
    Ok(done.and(ended))
}

fn stopped() -> StoreError {
    tracing::error!("the writer task has stopped: restart the server");
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
    use sqlx::{SqliteConnection, SqlitePool, sqlite::SqlitePoolOptions};
    use tempfile::TempDir;
    use tokio::{runtime::Runtime, sync::oneshot, time::sleep};
    use tracing::Span;

    use super::{MAX_QUEUED, OpenFile, QUEUE_TIMEOUT, QueuedJob, WriteJob, Writer};
    use crate::server::{
        observability::metrics::Metrics,
        store::{database::Connection, error::StoreError, statement::Statement},
    };

    const INSERT: &str = "insert into numbers (number) values ($1)";

    fn insert(number: i64) -> Statement {
        statement(INSERT, number)
    }

    fn statement(text: &'static str, number: i64) -> Statement {
        let mut statement = Statement::default();
        statement.bind(number);
        statement.text(text)
    }

    async fn start(metrics: &Metrics) -> (Writer, SqlitePool, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let pool = SqlitePoolOptions::new().max_connections(1).connect(&url).await.unwrap();
        sqlx::query("create table numbers (number bigint not null unique)").execute(&pool).await.unwrap();
        let file = OpenFile::at(&path).unwrap();
        (Writer::start(pool.clone(), file, metrics.store.clone()), pool, folder)
    }

    fn commits(metrics: &Metrics) -> u64 {
        let text = metrics.text();
        let line = text.lines().find_map(|line| line.strip_prefix("holdfast_store_writes_per_commit_count "));
        line.unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn queued_writes_share_a_commit() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let written = join_all((0..64).map(|n| writer.write(insert(n)))).await;
        assert!(written.iter().all(|written| written.as_ref().is_ok_and(|written| written.changed == 1)));
        assert!(commits(&metrics) <= 3, "{} commits for 64 writes", commits(&metrics));
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(count, 64);
    }

    #[tokio::test]
    async fn failed_write_does_not_fail_the_rest_of_its_batch() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let numbers = [1, 2, 3, 2, 4, 5];
        let written = join_all(numbers.map(|n: i64| writer.write(insert(n)))).await;
        let failed: Vec<_> = written.into_iter().map(Result::err).collect();
        assert_eq!(failed, [None, None, None, Some(StoreError::Broken), None, None]);
        let sum: i64 = sqlx::query_scalar("select sum(number) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(sum, 15);
        assert!(writer.write(insert(6)).await.is_ok(), "and it goes on");
    }

    #[tokio::test]
    async fn writer_survives_a_rollback_by_sqlite() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        // Rolls back like a full or faulty disk.
        let fatal = "insert or rollback into numbers (number) values ($1)";
        let numbers = [(INSERT, 1), (INSERT, 2), (fatal, 2), (INSERT, 3)];
        let written = join_all(numbers.map(|(insert, n): (_, i64)| writer.write(statement(insert, n)))).await;
        let failed: Vec<_> = written.into_iter().map(Result::err).collect();
        assert_eq!(failed, [None, None, Some(StoreError::Broken), None]);
        let before = commits(&metrics);
        let written = join_all((4..8).map(|n| writer.write(insert(n)))).await;
        assert!(written.iter().all(Result::is_ok), "{:?}", written.into_iter().map(Result::err).collect::<Vec<_>>());
        assert!(commits(&metrics) < before + 4, "together");
        let sum: i64 = sqlx::query_scalar("select sum(number) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(sum, 28);
    }

    #[tokio::test]
    async fn cancelled_write_is_skipped() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        // The writer task runs only after this future is dropped.
        drop(futures::poll!(Box::pin(writer.write(insert(1)))));
        while writer.queue.capacity() < MAX_QUEUED {
            sleep(Duration::from_millis(1)).await;
        }
        // An empty batch begins no transaction.
        assert_eq!(commits(&metrics), 0);
        writer.write(insert(2)).await.unwrap();
        let numbers: Vec<i64> = sqlx::query_scalar("select number from numbers").fetch_all(&pool).await.unwrap();
        assert_eq!(numbers, [2]);
        assert_eq!(commits(&metrics), 1);
    }

    #[tokio::test]
    async fn expired_write_fails_without_running() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let (sender, receiver) = oneshot::channel();
        let job = WriteJob::boxed(false, |connection: &mut SqliteConnection| connection.run(insert(1)), sender);
        let since = Instant::now().checked_sub(QUEUE_TIMEOUT).unwrap();
        writer.queue.try_send(QueuedJob { job, span: Span::none(), since }).ok().unwrap();
        assert_eq!(receiver.await.unwrap().err(), Some(StoreError::Unavailable));
        let count: i64 = sqlx::query_scalar("select count(*) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn stopped_writer_is_broken_and_not_unavailable() {
        let (first, second) = (Runtime::new().unwrap(), Runtime::new().unwrap());
        let metrics = Metrics::default();
        let (writer, _pool, _folder) = first.block_on(start(&metrics));
        assert!(writer.is_running());
        drop(first);
        assert!(!writer.is_running());
        let written = second.block_on(writer.write(insert(1)));
        assert_eq!(written.err(), Some(StoreError::Broken));
    }
}
