//! Database abstraction of the store: all differences between SQLite and Postgres are behind these traits.

use async_trait::async_trait;
use futures_util::{future::BoxFuture, stream::BoxStream};
use sqlx::migrate::Migrator;

use super::{
    error::StoreError,
    statement::{Cell, Kind, Statement},
};
use crate::{
    domain::UserId,
    server::observability::metrics::{PoolConnections, StoreMetrics},
};

#[async_trait]
pub trait Database: Send + Sync + 'static {
    type Connection: Connection<Row = Self::Row>;
    type Row: Row;

    /// The migrations known to this release.
    fn migrations() -> &'static Migrator;

    /// Whether several servers may share the database.
    const IS_SHARED: bool;

    /// Aggregates these columns of all rows to one JSON array of arrays, in their order.
    fn json_rows(columns: &str) -> String;

    /// Runs a read-only statement.
    async fn read(&self, statement: Statement) -> Result<Vec<Self::Row>, StoreError>;

    /// Runs a statement atomically, and returns after it is durable. Writes for the same user are serialised, so a statement may
    /// count rows and then decide.
    async fn write(&self, user: Option<UserId>, statement: Statement) -> Result<Written<Self::Row>, StoreError>;

    /// As [`Self::write`], for several statements in one transaction. `work` may be retried after a failed commit, so it must do
    /// no other I/O.
    async fn transact<T, W>(&self, user: UserId, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<Self::Connection, T>;

    /// Runs statements sequentially in one transaction.
    async fn write_all(&self, statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError>;

    /// Whether this process is able to write, apart from the state of the database.
    fn can_write(&self) -> bool;

    /// Call it after the last request.
    async fn close(&self);
}

/// The body of a transaction.
pub trait Work<C, T>: for<'c> Fn(&'c mut C) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + Sync + 'static {}

impl<C, T, F: for<'c> Fn(&'c mut C) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + Sync + 'static> Work<C, T> for F {}

/// Exports a pool's connection counts at each scrape. `read` returns the number of connections, and that of the idle ones.
pub fn watch(metrics: &StoreMetrics, name: &'static str, read: impl Fn() -> (usize, usize) + Send + Sync + 'static) {
    let count = |count: usize| count.try_into().unwrap_or(u32::MAX);
    metrics.watch_pool(name, move || {
        let (size, idle) = read();
        PoolConnections { idle: count(idle), in_use: count(size.saturating_sub(idle)) }
    });
}

/// The result of a statement.
pub struct Written<R> {
    pub rows: Vec<R>,
    /// Number of changed rows.
    pub changed: u64,
}

#[async_trait]
pub trait Connection: Send {
    type Row: Row;

    async fn run(&mut self, statement: Statement) -> Result<Written<Self::Row>, sqlx::Error>;
}

pub trait Row: Send + Sync {
    fn cell(&self, column: &str, kind: Kind) -> Result<Cell<'_>, sqlx::Error>;
}

/// Implements the parts common to both drivers. A generic implementation would need a page of trait bounds.
macro_rules! impl_driver {
    ($connection:ty, $row:ty) => {
        impl crate::server::store::database::Row for $row {
            fn cell(&self, column: &str, kind: Kind) -> Result<Cell<'_>, sqlx::Error> {
                let cell = match kind {
                    Kind::Text => sqlx::Row::try_get::<Option<&str>, _>(self, column)?.map(|text| Cell::Text(text.into())),
                    Kind::Integer => sqlx::Row::try_get::<Option<i64>, _>(self, column)?.map(Cell::Integer),
                    Kind::Boolean => sqlx::Row::try_get::<Option<bool>, _>(self, column)?.map(Cell::Boolean),
                };
                Ok(cell.unwrap_or(Cell::Null))
            }
        }

        #[async_trait]
        impl crate::server::store::database::Connection for $connection {
            type Row = $row;

            async fn run(&mut self, mut statement: Statement) -> Result<Written<$row>, sqlx::Error> {
                let otherwise = statement.take_otherwise();
                let mut written = Written { rows: Vec::new(), changed: 0 };
                let mut results = sqlx::Executor::fetch_many(&mut *self, statement.into_query());
                while let Some(result) = results.try_next().await? {
                    match result {
                        sqlx::Either::Left(done) => written.changed += done.rows_affected(),
                        sqlx::Either::Right(row) => written.rows.push(row),
                    }
                }
                drop(results);
                if let (0, Some(otherwise)) = (written.changed, otherwise) {
                    written.rows = otherwise().into_query().fetch_all(self).await?;
                }
                Ok(written)
            }
        }
    };
}
pub(super) use impl_driver;
