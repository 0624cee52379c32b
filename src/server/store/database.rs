//! What the store needs of a database: here, and nowhere else, SQLite and Postgres differ.

use async_trait::async_trait;
use futures_util::{future::BoxFuture, stream::BoxStream};
use sqlx::{Pool, migrate::Migrator};

use super::{
    error::StoreError,
    statement::{Kind, Statement, Value},
};
use crate::{
    domain::UserId,
    server::observability::metrics::{PoolConnections, StoreMetrics},
};

#[async_trait]
pub trait Database: Send + Sync + 'static {
    type Connection: Connection<Row = Self::Row>;
    type Row: Row;

    /// The schema, as this program knows it.
    fn migrations() -> &'static Migrator;

    /// Whether other processes may serve from it as well.
    const IS_SHARED: bool;

    /// The rows of a statement that changes nothing.
    async fn read(&self, statement: Statement) -> Result<Vec<Self::Row>, StoreError>;

    /// Runs a statement, by itself: what it does is done wholly or not at all, and durable before this returns. No other write
    /// about the same user happens meanwhile, so a statement may count and then decide.
    async fn write(&self, user: Option<UserId>, statement: Statement) -> Result<Written<Self::Row>, StoreError>;

    /// As [`Self::write`], for several statements: all that they do is done, or nothing if the work fails. It may be called again
    /// after a commit that failed, and does no I/O but on its connection.
    async fn transact<T, W>(&self, user: UserId, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<Self::Connection, T>;

    /// Runs statements one after another: all of them, or none.
    async fn write_all(&self, statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError>;

    /// Whether this process can still write at all, whatever the database says.
    fn can_write(&self) -> bool;

    /// Once nobody asks for anything any more.
    async fn close(&self);
}

/// What is done in a transaction.
pub trait Work<C, T>: for<'c> Fn(&'c mut C) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + Sync + 'static {}

impl<C, T, F: for<'c> Fn(&'c mut C) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + Sync + 'static> Work<C, T> for F {}

/// Counts the connections of a pool at each scrape, for as long as the pool is open.
pub fn watch<D: sqlx::Database>(metrics: &StoreMetrics, name: &'static str, pool: &Pool<D>) {
    let pool = pool.clone();
    metrics.watch_pool(name, move || {
        let idle = pool.num_idle().try_into().unwrap_or(u32::MAX);
        PoolConnections { idle, in_use: pool.size().saturating_sub(idle) }
    });
}

/// What a statement did.
pub struct Written<R> {
    /// What it returns.
    pub rows: Vec<R>,
    /// How many rows it changed.
    pub changed: u64,
}

#[async_trait]
pub trait Connection: Send {
    type Row: Row;

    async fn run(&mut self, statement: Statement) -> Result<Written<Self::Row>, sqlx::Error>;
}

/// A row of a result.
pub trait Row: Send + Sync {
    fn value(&self, column: &str, kind: Kind) -> Result<Value, sqlx::Error>;
}

/// What is the same for both drivers, which have no trait that could be asked for it without a page of bounds.
macro_rules! impl_driver {
    ($connection:ty, $row:ty) => {
        impl crate::server::store::database::Row for $row {
            fn value(&self, column: &str, kind: Kind) -> Result<Value, sqlx::Error> {
                Ok(match kind {
                    Kind::Text => Value::Text(sqlx::Row::try_get(self, column)?),
                    Kind::Integer => Value::Integer(sqlx::Row::try_get(self, column)?),
                    Kind::Boolean => Value::Boolean(sqlx::Row::try_get(self, column)?),
                })
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
