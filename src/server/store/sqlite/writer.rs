//! The one that writes to SQLite. What waits to be written while a transaction is made durable goes together into the next
//! one (group commit): so a disk that takes 5 ms for that is no limit of 200 writes a second.

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

/// Jobs in one transaction. A bound on how much is run again one by one when one of them fails, and on how long the first has to
/// wait for the others.
const LARGEST_BATCH: usize = 256;
/// Jobs that may wait. More than that, and whoever asked for the last would give up before it is its turn.
const LONGEST_QUEUE: usize = 4096;
/// How long a job may wait for its turn. Then whoever asked for it gets an answer, and it is not run.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Takes jobs until it is dropped.
pub struct Writer {
    queue: mpsc::Sender<Waiting>,
}

/// A job in the queue.
struct Waiting {
    job: Box<dyn Job>,
    /// The request that wants it.
    span: Span,
    since: Instant,
}

#[async_trait]
trait Job: Send {
    /// Whether it has to be in a transaction, and is not one by itself.
    fn is_transaction(&self) -> bool;

    /// Fails if all that its transaction did has to be undone. Its result is kept until it is durable.
    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error>;

    fn is_awaited(&self) -> bool;

    /// With its result, if it is durable.
    fn answer(self: Box<Self>, ended: Result<(), StoreError>);
}

struct Pending<T, W> {
    work: W,
    is_transaction: bool,
    result: Option<Result<T, sqlx::Error>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send + 'static, W: Work<SqliteConnection, T>> Pending<T, W> {
    fn boxed(is_transaction: bool, work: W, answer: oneshot::Sender<Result<T, StoreError>>) -> Box<dyn Job> {
        Box::new(Self { work, is_transaction, result: None, answer })
    }
}

#[async_trait]
impl<T: Send, W: Work<SqliteConnection, T>> Job for Pending<T, W> {
    fn is_transaction(&self) -> bool {
        self.is_transaction
    }

    async fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        if !self.is_transaction {
            self.result = Some(Ok((self.work)(connection).await?));
            return Ok(());
        }
        // So it fails without its neighbours.
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
        !self.answer.is_closed()
    }

    fn answer(self: Box<Self>, ended: Result<(), StoreError>) {
        let Self { result, answer, .. } = *self;
        // One that ended well has a result.
        let result = ended.and_then(|()| Ok(result.ok_or(StoreError::Broken)??));
        // A request that does not wait any more learns it by looking.
        let _ = answer.send(result);
    }
}

impl Writer {
    /// `pool` has one connection; a pool, because that replaces it if it breaks.
    pub fn start(pool: SqlitePool, file: OpenFile, metrics: StoreMetrics) -> Self {
        let (queue, mut waiting) = mpsc::channel(LONGEST_QUEUE);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, LARGEST_BATCH).await > 0 {
                let batch: Vec<_> = batch.drain(..).filter_map(Waiting::in_time).collect();
                if !batch.is_empty() {
                    run(&pool, &file, &metrics, batch).await;
                }
            }
        });
        Self { queue }
    }

    /// Returns when it is durable. One that fails does no harm to the others.
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
        let (answer, answered) = oneshot::channel();
        let job = Pending::boxed(is_transaction, work, answer);
        self.queue.try_send(Waiting { job, span: Span::current(), since: Instant::now() }).map_err(|error| match error {
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

impl Waiting {
    /// Itself, unless nobody waits for it any more, or it has waited for too long.
    fn in_time(self) -> Option<Self> {
        if !self.job.is_awaited() {
            return None;
        }
        if self.since.elapsed() < LONGEST_WAIT {
            return Some(self);
        }
        let error = self.span.in_scope(|| unavailable("a write had to wait for too long"));
        self.job.answer(Err(error));
        None
    }
}

async fn run(pool: &SqlitePool, file: &OpenFile, metrics: &StoreMetrics, mut batch: Vec<Waiting>) {
    let ended = match attempt(pool, file, &mut batch).await {
        Ok(Err(_)) if batch.len() > 1 => {
            // Nothing of it happened, as nothing was committed. Which of them is to blame shows one by one.
            for waiting in batch {
                Box::pin(run(pool, file, metrics, vec![waiting])).await;
            }
            return;
        }
        Ok(ended) => ended.map_err(StoreError::from),
        Err(error) => Err(error),
    };
    if ended.is_ok() {
        metrics.committed(batch.len().try_into().unwrap_or(u32::MAX));
    }
    for Waiting { job, span, .. } in batch {
        span.in_scope(|| job.answer(ended));
    }
}

/// Runs all of them in one transaction. The outer error is about the database, and so about all of them: each by itself would wait
/// as long again.
async fn attempt(pool: &SqlitePool, file: &OpenFile, batch: &mut [Waiting]) -> Result<Result<(), sqlx::Error>, StoreError> {
    file.check()?;
    let mut connection = pool.acquire().await?;
    // A statement is a transaction by itself.
    if let [Waiting { job, span, .. }] = batch
        && !job.is_transaction()
    {
        return Ok(job.run(&mut connection).instrument(span.clone()).await);
    }
    let mut transaction = connection.begin_with("begin immediate").await?;
    let mut done = Ok(());
    for Waiting { job, span, .. } in batch {
        done = job.run(&mut transaction).instrument(span.clone()).await;
        if done.is_err() {
            break;
        }
    }
    let ended = if done.is_ok() { transaction.commit().await } else { transaction.rollback().await };
    if ended.is_err() {
        // The transaction is over, as SQLite ends it by itself on a full disk; but sqlx believes that it goes on, and would begin no
        // other on this connection.
        let _ = connection.close().await;
    }
    Ok(done.and(ended))
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
    use sqlx::{SqliteConnection, SqlitePool, sqlite::SqlitePoolOptions};
    use tempfile::TempDir;
    use tokio::{runtime::Runtime, sync::oneshot, time::sleep};
    use tracing::Span;

    use super::{LONGEST_QUEUE, LONGEST_WAIT, OpenFile, Pending, Waiting, Writer};
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
        let written = join_all((0..64).map(|n| writer.write(insert(n)))).await;
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
        let written = join_all(numbers.map(|n: i64| writer.write(insert(n)))).await;
        let failed: Vec<_> = written.into_iter().map(Result::err).collect();
        assert_eq!(failed, [None, None, None, Some(StoreError::Broken), None, None]);
        let sum: i64 = sqlx::query_scalar("select sum(number) from numbers").fetch_one(&pool).await.unwrap();
        assert_eq!(sum, 15);
        assert!(writer.write(insert(6)).await.is_ok(), "and it goes on");
    }

    #[tokio::test]
    async fn transaction_that_sqlite_ends_by_itself_is_not_the_last() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        // As a full disk or a fault of it would.
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
    async fn what_nobody_waits_for_any_more_is_not_written() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        // The writer gets its turn only when this has given up.
        drop(futures::poll!(Box::pin(writer.write(insert(1)))));
        while writer.queue.capacity() < LONGEST_QUEUE {
            sleep(Duration::from_millis(1)).await;
        }
        // With nothing to write there is no transaction either, which would have come before this one.
        assert_eq!(commits(&metrics), 0);
        writer.write(insert(2)).await.unwrap();
        let numbers: Vec<i64> = sqlx::query_scalar("select number from numbers").fetch_all(&pool).await.unwrap();
        assert_eq!(numbers, [2]);
        assert_eq!(commits(&metrics), 1);
    }

    #[tokio::test]
    async fn what_waited_for_too_long_is_not_written_and_told_so() {
        let metrics = Metrics::default();
        let (writer, pool, _folder) = start(&metrics).await;
        let (answer, answered) = oneshot::channel();
        let job = Pending::boxed(false, |connection: &mut SqliteConnection| connection.run(insert(1)), answer);
        let since = Instant::now().checked_sub(LONGEST_WAIT).unwrap();
        writer.queue.try_send(Waiting { job, span: Span::none(), since }).ok().unwrap();
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
        let written = second.block_on(writer.write(insert(1)));
        assert_eq!(written.err(), Some(StoreError::Broken));
    }
}
