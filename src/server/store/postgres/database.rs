//! The store's reads and writes on Postgres.

use async_trait::async_trait;
use futures_util::{TryStreamExt, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, SqlSafeStr, SqlStr,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgRow},
};
use tokio::time::timeout;
use tracing::Instrument;

use super::connect::{self, LONGEST_ANSWER, MIGRATIONS};
use crate::{
    domain::UserId,
    server::{
        observability::metrics::StoreMetrics,
        store::{
            database::{Connection, Database, Work, Written, impl_driver, watch},
            error::StoreError,
            statement::{Cell, Kind, Statement},
        },
    },
};

/// Begins a transaction and locks the user's row, in one round trip. Under READ COMMITTED a snapshot is taken per statement, so
/// the lock is a statement before the write: otherwise concurrent writes could exceed the limit, or pass a sign-out.
fn begin(user: UserId) -> SqlStr {
    // A user's id is a UUID.
    AssertSqlSafe(format!("begin; select 1 from users where id = '{user}' for no key update")).into_sql_str()
}

pub struct Postgres {
    pool: PgPool,
}

impl Postgres {
    /// Connects and applies pending migrations.
    pub async fn open(options: &PgConnectOptions, metrics: &StoreMetrics) -> Result<Self, String> {
        let pool = connect::open(options).await?;
        watch(metrics, "all", {
            let pool = pool.clone();
            move || (usize::try_from(pool.size()).unwrap_or(usize::MAX), pool.num_idle())
        });
        Ok(Self { pool })
    }

    async fn run<T, W>(&self, user: Option<UserId>, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<PgConnection, T>,
    {
        let pool = self.pool.clone();
        // In a separate task: cancelled by a client's disconnect, it would return a connection with an open transaction.
        let write = async move {
            let mut connection = pool.acquire().await?;
            let done = bounded(async {
                let Some(user) = user else { return Ok(work(&mut connection).await?) };
                let mut transaction = connection.begin_with(begin(user)).await?;
                let done = work(&mut transaction).await?;
                transaction.commit().await?;
                Ok(done)
            })
            .await;
            if done.is_err() {
                connection.close_on_drop();
            }
            done
        };
        tokio::spawn(write.in_current_span()).await.unwrap_or(Err(StoreError::Broken))
    }
}

#[async_trait]
impl Database for Postgres {
    type Connection = PgConnection;
    type Row = PgRow;

    const IS_SHARED: bool = true;

    fn json_rows(columns: &str) -> String {
        format!("coalesce(json_agg(json_build_array({columns})), '[]')::text")
    }

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn read(&self, statement: Statement) -> Result<Vec<PgRow>, StoreError> {
        let read = async { Ok(statement.into_query().fetch_all(&self.pool).await?) };
        bounded(read).await
    }

    async fn write(&self, user: Option<UserId>, statement: Statement) -> Result<Written<PgRow>, StoreError> {
        self.run(user, move |connection: &mut PgConnection| connection.run(statement.clone())).await
    }

    async fn transact<T, W>(&self, user: UserId, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Work<PgConnection, T>,
    {
        self.run(Some(user), work).await
    }

    async fn write_all(&self, mut statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        while let Some(statement) = statements.try_next().await? {
            transaction.run(statement).await?;
        }
        Ok(transaction.commit().await?)
    }

    fn can_write(&self) -> bool {
        !self.pool.is_closed()
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Applies the client-side timeout.
async fn bounded<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(LONGEST_ANSWER, work).await.unwrap_or_else(|_| {
        tracing::warn!("the database is unavailable: it does not respond");
        Err(StoreError::Unavailable)
    })
}

impl_driver!(PgConnection, PgRow);
