//! Opens a Postgres: waits for it, refuses what would fail at some later request, and brings the schema up to date.

use std::{pin::pin, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgPool, Row,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use crate::server::store::migrations;

pub static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

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
pub const LONGEST_ANSWER: Duration = Duration::from_secs(8);

pub async fn open(options: &PgConnectOptions) -> Result<PgPool, String> {
    try_open(options).await.map_err(|error| {
        let hint = match &error {
            sqlx::Error::Migrate(error) => migrations::hint(error).or(Some("check that the user may make tables in its schema")),
            sqlx::Error::Configuration(error) => error.downcast_ref().map(|Unfit(_, hint)| *hint),
            error if error.to_string().contains("unsupported startup parameter") => Some(POOLER),
            _ => None,
        };
        let hint = hint.unwrap_or("check that it runs, and that DATABASE_URL names the right host, user, password and database");
        format!("can't open the Postgres database at {}: {error}; {hint}", options.get_host())
    })
}

async fn try_open(options: &PgConnectOptions) -> Result<PgPool, sqlx::Error> {
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
        tracing::warn!("a pooler drops the limits of statements: set {LIMITS:?} in milliseconds for the role, by `alter role`");
    }
    Ok(pool)
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
