//! A database per test, on SQLite or Postgres.

use std::{env, path::Path, process::Command};

use holdfast::server::{
    observability::metrics::StoreMetrics,
    store::{self, DatabaseUrl, Role, Store},
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

const MAX_TODOS: u32 = 10_000;

/// Selects the users whose counts are wrong, or whose todos are newer than their list.
pub const COUNT_FAULTS: &str = "select id from users where
    todos <> (select count(*) from todos where user_id = users.id and deleted_at is null)
    or completed_todos <> (select count(*) from todos where user_id = users.id and deleted_at is null and completed)
    or deleted_todos <> (select count(*) from todos where user_id = users.id and deleted_at is not null)
    or list_version < (select max(changed_in) from todos where user_id = users.id)
    or 0 = (select min(changed_in) from todos where user_id = users.id)";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    /// A schema on the server of `TEST_POSTGRES_URL`, which `scripts/with-postgres` starts.
    Postgres,
}

impl Kind {
    /// The kind in `TEST_DATABASE`, so that all tests run on both.
    pub fn from_env() -> Self {
        match env::var("TEST_DATABASE").as_deref() {
            Ok("postgres") => Self::Postgres,
            Ok("sqlite") | Err(_) => Self::Sqlite,
            Ok(other) => panic!("TEST_DATABASE must be sqlite or postgres, and not {other}"),
        }
    }
}

/// The database is created when it is first opened.
pub struct TestDatabase {
    url: String,
    /// The folder of the SQLite file.
    pub folder: TempDir,
}

impl TestDatabase {
    /// `None` without Postgres, which `scripts/with-postgres` reports.
    pub async fn new(kind: Kind) -> Option<Self> {
        super::log::install_subscriber();
        let folder = tempfile::tempdir().unwrap();
        let url = match kind {
            Kind::Sqlite => format!("sqlite://{}", folder.path().join("test.db").display()),
            Kind::Postgres => create_schema().await?,
        };
        Some(Self { url, folder })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn parsed_url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.url).unwrap()
    }

    /// Runs `holdfast backup`.
    pub fn backup(&self) -> Result<String, String> {
        command(self.url(), &["backup", self.folder.path().join("backup.db").to_str().unwrap()])
    }

    /// The content as text.
    pub async fn bytes(&self) -> String {
        if let DatabaseUrl::Postgres(options) = self.parsed_url() {
            let rows = "select coalesce((select string_agg(u::text, ' ') from users u), '') || coalesce((select string_agg(t::text, ' ') from todos t), '')";
            let mut connection = options.connect().await.unwrap();
            return sqlx::query_scalar(rows).fetch_one(&mut connection).await.unwrap();
        }
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| String::from_utf8_lossy(&std::fs::read(file.unwrap().path()).unwrap()).into_owned()).collect()
    }

    /// Changes a Postgres database bypassing the program.
    pub async fn execute(&self, statement: &'static str) {
        assert!(matches!(self.parsed_url(), DatabaseUrl::Postgres(_)), "run_sql is for SQLite");
        self.execute_text(statement).await;
    }

    /// Changes the database bypassing the program.
    pub async fn execute_text(&self, statement: &str) {
        let statement = AssertSqlSafe(statement.to_owned());
        match self.parsed_url() {
            DatabaseUrl::Postgres(options) => {
                sqlx::raw_sql(statement).execute(&mut options.connect().await.unwrap()).await.unwrap();
            }
            DatabaseUrl::Sqlite(file) => {
                let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// Reads a column of text bypassing the program.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        match self.parsed_url() {
            DatabaseUrl::Postgres(options) => {
                sqlx::query_scalar(query).fetch_all(&mut options.connect().await.unwrap()).await.unwrap()
            }
            DatabaseUrl::Sqlite(file) => {
                let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
                let texts = sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                texts
            }
        }
    }

    /// See [`COUNT_FAULTS`].
    pub async fn count_faults(&self) -> Vec<String> {
        self.texts(COUNT_FAULTS).await
    }

    pub async fn open(&self) -> Arc<dyn Store> {
        self.open_for(MAX_TODOS).await
    }

    pub async fn open_for(&self, max_todos: u32) -> Arc<dyn Store> {
        store::connect(&self.parsed_url(), Role::Server { max_todos, metrics: StoreMetrics::default() }).await.unwrap()
    }
}

/// Changes a SQLite database bypassing the program.
pub async fn run_sql(file: &Path, statement: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
}

/// Runs a command on this database. Returns its standard output, or its standard error on failure.
pub fn command(database_url: &str, arguments: &[&str]) -> Result<String, String> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    let output = program.args(arguments).env_clear().env("DATABASE_URL", database_url).current_dir("/").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// A schema is created faster than a database.
async fn create_schema() -> Option<String> {
    let server = env::var("TEST_POSTGRES_URL").ok()?;
    let name = format!("test_{}", Uuid::now_v7().simple());
    let mut connection = server.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("create schema {name}"))).execute(&mut connection).await.unwrap();
    Some(format!("{server}?options[search_path]={name}"))
}
