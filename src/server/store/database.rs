//! What the store needs of a database: here, and nowhere else, SQLite and Postgres differ.

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use sqlx::{Pool, migrate::Migrator, sqlite::SqliteError};

use super::{StoreError, statement::Statement};
use crate::{
    domain::UserId,
    server::observability::metrics::{PoolConnections, StoreMetrics},
};

#[async_trait]
pub trait Database: Send + Sync + 'static {
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

    /// Runs statements one after another: all of them, or none.
    async fn write_all(&self, statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError>;

    /// Whether this process can still write at all, whatever the database says.
    fn can_write(&self) -> bool;

    /// Once nobody asks for anything any more.
    async fn close(&self);
}

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

/// A row of a result.
pub trait Row: Send + Sync {
    /// `None` is null.
    fn text(&self, column: &str) -> Result<Option<&str>, sqlx::Error>;

    fn integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error>;

    fn boolean(&self, column: &str) -> Result<Option<bool>, sqlx::Error>;
}

/// What is the same for both drivers, which have no trait that could be asked for it without a page of bounds: a row, and how
/// a statement is run to its end.
macro_rules! impl_driver {
    ($connection:ty, $row:ty) => {
        impl crate::server::store::database::Row for $row {
            fn text(&self, column: &str) -> Result<Option<&str>, sqlx::Error> {
                sqlx::Row::try_get(self, column)
            }

            fn integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
                sqlx::Row::try_get(self, column)
            }

            fn boolean(&self, column: &str) -> Result<Option<bool>, sqlx::Error> {
                sqlx::Row::try_get(self, column)
            }
        }

        pub async fn run(connection: &mut $connection, statement: Statement) -> Result<Written<$row>, sqlx::Error> {
            let mut written = Written { rows: Vec::new(), changed: 0 };
            let mut results = sqlx::Executor::fetch_many(connection, statement.into_query());
            while let Some(result) = results.try_next().await? {
                match result {
                    sqlx::Either::Left(done) => written.changed += done.rows_affected(),
                    sqlx::Either::Right(row) => written.rows.push(row),
                }
            }
            Ok(written)
        }
    };
}
pub(super) use impl_driver;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_transient(&error) {
            tracing::warn!(%error, "the database is unavailable");
            Self::Unavailable
        } else {
            tracing::error!(%error, "the database failed");
            Self::Broken
        }
    }
}

fn is_transient(error: &sqlx::Error) -> bool {
    // https://sqlite.org/rescode.html: busy, locked, read-only, I/O error, full, can't open. The rest of an extended code is in
    // the higher bits.
    const SQLITE: [i32; 6] = [5, 6, 8, 10, 13, 14];
    // https://www.postgresql.org/docs/current/errcodes-appendix.html, by class: connection, transaction rolled back, resources,
    // operator intervention, system error; and by code: read-only, lock not available.
    const POSTGRES: [&str; 7] = ["08", "40", "53", "57", "58", "25006", "55P03"];
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.parse::<i32>() {
            Ok(code) if error.try_downcast_ref::<SqliteError>().is_some() => SQLITE.contains(&(code & 0xff)),
            _ => POSTGRES.iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}
