//! Postgres: where one machine is not enough. Any number of servers share one database.

use std::{pin::pin, time::Duration};

use async_trait::async_trait;
use futures_util::{TryStreamExt, stream::BoxStream};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool, Row, SqlSafeStr, SqlStr,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    StoreError,
    database::{Database, Written, impl_driver, watch},
    migrations,
    statement::Statement,
};
use crate::{domain::UserId, server::observability::metrics::StoreMetrics};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// For each server. Postgres has 100 by itself.
const CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a start waits for Postgres: machines often start both at once.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// After this it says what it waits for.
const QUIET_START: Duration = Duration::from_secs(1);
/// Postgres's own limits, in milliseconds: for a statement, for its wait for a lock, and for one of us that dies in the midst
/// of a transaction without its connection being closed.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "5000"), ("lock_timeout", "3000"), ("idle_in_transaction_session_timeout", "10000")];
/// After this Postgres does not keep its own limits, and no answer is awaited any more.
const LONGEST_ANSWER: Duration = Duration::from_secs(8);

pub struct Postgres {
    pool: PgPool,
}

impl Postgres {
    /// Brings the schema up to date.
    pub async fn open(options: &PgConnectOptions, metrics: &StoreMetrics) -> Result<Self, String> {
        Self::try_open(options, metrics).await.map_err(|error| {
            let hint = match &error {
                sqlx::Error::Migrate(error) => {
                    migrations::hint(error).or(Some("check that the user may make tables in its schema"))
                }
                sqlx::Error::Configuration(error) => error.downcast_ref().map(|Unfit(_, hint)| *hint),
                error if error.to_string().contains("unsupported startup parameter") => Some(POOLER),
                _ => None,
            };
            let hint =
                hint.unwrap_or("check that it runs, and that DATABASE_URL names the right host, user, password and database");
            format!("can't open the Postgres database at {}: {error}; {hint}", options.get_host())
        })
    }

    async fn try_open(options: &PgConnectOptions, metrics: &StoreMetrics) -> Result<Self, sqlx::Error> {
        // Without its limits: others may migrate at this moment, and that may take long. sqlx sees to it that one does.
        let mut connecting = pin!(PgPoolOptions::new().acquire_timeout(START_TIMEOUT).connect_with(options.clone()));
        let connected = if let Ok(connected) = timeout(QUIET_START, &mut connecting).await {
            connected
        } else {
            tracing::warn!("the database does not answer yet: trying for {START_TIMEOUT:?}");
            connecting.await
        };
        let patient = connected?;
        check_server(&patient).await?;
        let mut migrating = patient.acquire().await?.detach();
        MIGRATIONS.run(&mut migrating).await?;
        migrating.close().await?;
        patient.close().await;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT);
        let pool = pool.connect_with(options.clone().options(LIMITS)).await?;
        let limit: String = sqlx::query_scalar("select current_setting('statement_timeout')").fetch_one(&pool).await?;
        if limit == "0" {
            tracing::warn!(
                "a pooler drops the limits of statements: set {LIMITS:?} in milliseconds for the role, by `alter role`"
            );
        }
        watch(metrics, "all", &pool);
        Ok(Self { pool })
    }
}

/// Why a server that answers can't be used, and what to do.
#[derive(Debug)]
struct Unfit(String, &'static str);

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

const POOLER: &str = "a pooler is between: see docs/operations.md for the settings that it needs";

/// What would end in a fault at some later request is refused here.
async fn check_server(pool: &PgPool) -> Result<(), sqlx::Error> {
    let unfit = |what: String, hint| Err(sqlx::Error::Configuration(Unfit(what, hint).into()));
    let encoding: String = sqlx::raw_sql("select current_setting('server_encoding')").fetch_one(pool).await?.try_get(0)?;
    if encoding != "UTF8" {
        let hint = "make another database, with: encoding 'UTF8' template template0";
        return unfit(format!("its encoding is {encoding}, which has not all letters"), hint);
    }
    // A pooler that lends a connection for a transaction only gives this one another, while the first is lent to somebody else.
    // Then prepared statements are missing, and the lock of migrations is never released.
    let (mut ours, mut other) = (pool.acquire().await?, pool.acquire().await?);
    let backend = "select pg_backend_pid()";
    let before: i32 = sqlx::raw_sql(backend).fetch_one(&mut *ours).await?.try_get(0)?;
    let lent = other.begin().await?;
    // One that has no other to lend has us wait.
    let after: Option<i32> = match timeout(LONGEST_ANSWER, sqlx::raw_sql(backend).fetch_one(&mut *ours)).await {
        Ok(row) => Some(row?.try_get(0)?),
        Err(_) => None,
    };
    lent.rollback().await?;
    if after == Some(before) {
        Ok(())
    } else {
        unfit("it gives a session another connection for each transaction".to_owned(), POOLER)
    }
}

/// The migrations that it has; none, if it is empty.
pub async fn applied_migrations(options: &PgConnectOptions) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let mut connection = options.connect().await?;
    let exists: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut connection).await?;
    if exists { sqlx::query_as(migrations::APPLIED).fetch_all(&mut connection).await } else { Ok(Vec::new()) }
}

/// Begins a transaction that has the user's row for itself, in one exchange. By default Postgres lets transactions see what others
/// commit meanwhile (READ COMMITTED): without this, two todos could get one place, both of two fit where there is room for one,
/// and a write that waits for another would pass a sign-out. A statement sees what was committed before *it* began: so the lock
/// is one of its own, before.
fn begin(user: UserId) -> SqlStr {
    // A user's id is a UUID.
    AssertSqlSafe(format!("begin; select 1 from users where id = '{user}' for no key update")).into_sql_str()
}

async fn transact(
    connection: &mut PgConnection,
    user: Option<UserId>,
    statement: Statement,
) -> Result<Written<PgRow>, StoreError> {
    let Some(user) = user else { return Ok(run(connection, statement).await?) };
    let mut transaction = connection.begin_with(begin(user)).await?;
    let written = run(&mut transaction, statement).await?;
    transaction.commit().await?;
    Ok(written)
}

#[async_trait]
impl Database for Postgres {
    type Row = PgRow;

    const IS_SHARED: bool = true;

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn read(&self, statement: Statement) -> Result<Vec<PgRow>, StoreError> {
        let read = async { Ok(statement.into_query().fetch_all(&self.pool).await?) };
        bounded(read).await
    }

    async fn write(&self, user: Option<UserId>, statement: Statement) -> Result<Written<PgRow>, StoreError> {
        let pool = self.pool.clone();
        // In a task of its own: given up half-way, as when a client goes away, it would leave a connection in the midst of a
        // transaction to the next one.
        let write = async move {
            let mut connection = pool.acquire().await?;
            let written = bounded(transact(&mut connection, user, statement)).await;
            if written.is_err() {
                // For the same reason.
                connection.close_on_drop();
            }
            written
        };
        tokio::spawn(write.in_current_span()).await.unwrap_or(Err(StoreError::Broken))
    }

    async fn write_all(&self, mut statements: BoxStream<'_, Result<Statement, StoreError>>) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await?;
        while let Some(statement) = statements.try_next().await? {
            run(&mut transaction, statement).await?;
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

/// Gives up on an answer that does not come.
async fn bounded<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(LONGEST_ANSWER, work).await.unwrap_or_else(|_| {
        tracing::warn!("the database is unavailable: it gives no answer");
        Err(StoreError::Unavailable)
    })
}

impl_driver!(PgConnection, PgRow);

#[cfg(test)]
mod tests {
    use std::env;

    use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Row, postgres::PgConnectOptions};

    use super::MIGRATIONS;
    use crate::server::store::sql;

    /// As on SQLite: however many rows there are, each statement finds its own by an index.
    #[tokio::test]
    async fn no_statement_scans_a_table() {
        // scripts/with-postgres starts it, or says loudly that nothing is tested on Postgres.
        let Ok(server) = env::var("TEST_POSTGRES_URL") else { return };
        let options: PgConnectOptions = server.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        // Undone at the end. Tables as small as these it would scan if it may, whatever indexes there are.
        let mut transaction = connection.begin().await.unwrap();
        transaction
            .execute("create schema plans; set local search_path to plans; set local enable_seqscan to off")
            .await
            .unwrap();
        transaction.execute("set local plan_cache_mode to force_generic_plan").await.unwrap();
        for migration in MIGRATIONS.iter() {
            sqlx::raw_sql(migration.sql.clone()).execute(&mut *transaction).await.unwrap();
        }
        for statement in sql::LISTS.into_iter().chain(sql::WITHOUT_LISTS).chain([sql::restore_todos(2).as_str()]) {
            let parameters = (1..20).rev().find(|n| statement.contains(&format!("${n}"))).unwrap_or(0);
            let nulls = vec!["null"; parameters].join(", ");
            let call = if nulls.is_empty() { "statement".to_owned() } else { format!("statement({nulls})") };
            // Which types sqlx would tell Postgres, where it can't find out by itself.
            let types = match statement {
                sql::CREATE_TODO => "(text, bigint, text, text, text, boolean, bigint, bigint, bigint)",
                sql::PUT_TODO => "(text, bigint, text, text, text, boolean, bigint, bigint, bigint, boolean, text)",
                sql::CHANGE_TODO => "(text, bigint, text, text, text, boolean, bigint, bigint, text)",
                sql::DELETE_TODO => "(text, bigint, text, text, bigint, text)",
                sql::COMPLETE_TODOS => "(text, bigint, text, bigint)",
                sql::TAKE_TURN => "(bigint, bigint, bigint, bigint)",
                _ => "",
            };
            let texts = [
                format!("prepare statement {types} as {statement}"),
                format!("explain execute {call}"),
                "deallocate statement".to_owned(),
            ];
            let mut plan = String::new();
            for text in texts {
                for row in sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(&mut *transaction).await.unwrap() {
                    plan += &row.get::<String, _>(0);
                }
            }
            assert!(!plan.is_empty() && !plan.contains("Seq Scan"), "{statement}: {plan}");
        }
        transaction.rollback().await.unwrap();
    }
}
