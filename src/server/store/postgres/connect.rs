//! Connects to Postgres: waits until it is up, checks its configuration, and applies pending migrations.

use std::{pin::pin, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgPool, Row,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::time::timeout;

use crate::server::store::migrations;

pub static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// Pool size per server. Postgres allows 100 connections by default.
const CONNECTIONS: u32 = 16;
/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long startup waits for Postgres, which often starts at the same time.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Delay before the wait is logged.
const QUIET_START: Duration = Duration::from_secs(1);
/// Limits enforced by Postgres, in milliseconds. The last one ends the transaction of a server that died without closing its
/// connection.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "5000"), ("lock_timeout", "3000"), ("idle_in_transaction_session_timeout", "10000")];
/// Client-side timeout, for a Postgres that does not enforce its own limits.
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
    // Without limits, since another server's migration may take long. sqlx holds a lock while it migrates.
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

/// Reason why a reachable server can't be used, with advice.
#[derive(Debug)]
struct Unfit(String, &'static str);

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

const POOLER: &str = "a pooler is between: see docs/operations.md for the settings that it needs";

/// Rejects configurations that would fail at a later request.
async fn check_server(pool: &PgPool) -> Result<(), sqlx::Error> {
    let unfit = |what: String, hint| Err(sqlx::Error::Configuration(Unfit(what, hint).into()));
    let encoding: String = sqlx::raw_sql("select current_setting('server_encoding')").fetch_one(pool).await?.try_get(0)?;
    if encoding != "UTF8" {
        let hint = "make another database, with: encoding 'UTF8' template template0";
        return unfit(format!("its encoding is {encoding}, which has not all letters"), hint);
    }
    // A pooler in transaction mode switches to another backend while this one is in use. Prepared statements are then missing,
    // and the migration lock is never released.
    let (mut ours, mut other) = (pool.acquire().await?, pool.acquire().await?);
    let backend = "select pg_backend_pid()";
    let before: i32 = sqlx::raw_sql(backend).fetch_one(&mut *ours).await?.try_get(0)?;
    let lent = other.begin().await?;
    // A pooler without a free backend blocks.
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

/// Reads the applied migrations; none if the database is empty.
pub async fn applied_migrations(options: &PgConnectOptions) -> Result<Vec<(i64, String)>, sqlx::Error> {
    let mut connection = options.connect().await?;
    let exists: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(&mut connection).await?;
    if exists { sqlx::query_as(migrations::APPLIED).fetch_all(&mut connection).await } else { Ok(Vec::new()) }
}
