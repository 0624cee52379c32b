//! Opens a database and reports its migrations.

use std::sync::Arc;

use super::{
    database::Database,
    migrations::{self, Migration},
    postgres::{self, Postgres},
    sql_store::SqlStore,
    sqlite::{self, Sqlite},
    traits::Store,
    url::DatabaseUrl,
};
use crate::server::observability::metrics::StoreMetrics;

/// The purpose of a connection.
pub enum Role {
    /// SQLite allows one at a time.
    Server {
        /// Maximum number of todos per user.
        max_todos: u32,
        metrics: StoreMetrics,
    },
    /// A command, possibly beside a running server. Commands add no todos.
    Operator,
}

/// Opens or creates the database and applies pending migrations. The only function that selects the kind of database.
///
/// # Errors
/// A sentence that says what failed and what to do.
pub async fn connect(url: &DatabaseUrl, role: Role) -> Result<Arc<dyn Store>, String> {
    let (max_todos, metrics) = match &role {
        Role::Server { max_todos, metrics } => (*max_todos, metrics.clone()),
        Role::Operator => (u32::MAX, StoreMetrics::default()),
    };
    Ok(match (url, role) {
        (DatabaseUrl::Sqlite(path), Role::Server { .. }) => ready(Sqlite::serve(path, &metrics).await?, max_todos).await?,
        (DatabaseUrl::Sqlite(path), Role::Operator) => ready(Sqlite::open(path, &metrics).await?, max_todos).await?,
        (DatabaseUrl::Postgres(options), _) => ready(Postgres::open(options, &metrics).await?, max_todos).await?,
    })
}

async fn ready(database: impl Database, max_todos: u32) -> Result<Arc<dyn Store>, String> {
    let store = SqlStore { database, max_todos };
    store.respell_emails().await.map_err(|_| "can't update the addresses of accounts: the line above says why")?;
    Ok(Arc::new(store))
}

/// Compares the applied migrations with the known ones. Read-only.
///
/// # Errors
/// A sentence that says what failed and what to do.
pub async fn migration_status(url: &DatabaseUrl) -> Result<Vec<Migration>, String> {
    let (applied, known) = match url {
        DatabaseUrl::Sqlite(path) => (sqlite::applied_migrations(path).await, Sqlite::migrations()),
        DatabaseUrl::Postgres(options) => (postgres::applied_migrations(options).await, Postgres::migrations()),
    };
    let applied = applied.map_err(|error| format!("can't read the database: {error}; check DATABASE_URL"))?;
    Ok(migrations::compare(&applied, known))
}
