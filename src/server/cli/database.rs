//! Database commands: `backup`, `restore`, `copy` and `migrate status`.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use super::user::{print_line, read_secret};
use crate::server::{
    observability::logging,
    store::{self, DatabaseUrl, MigrationState},
};

pub enum Task {
    /// The file must not exist.
    Backup(PathBuf),
    Restore {
        file: PathBuf,
        /// Replaces an existing database.
        force: bool,
    },
    MigrationStatus,
}

/// Runs `task` and prints the result to standard output.
///
/// # Errors
/// A sentence with the cause and the remedy.
pub async fn run(task: Task, database: &DatabaseUrl) -> Result<(), String> {
    logging::start_for_commands();
    match task {
        Task::Backup(file) => backup(database, &file).await,
        Task::Restore { file, force } => restore(database, &file, force).await,
        Task::MigrationStatus => migration_status(database).await,
    }
}

/// Copies one database into another, and shows the progress. Without `to`, reads the URL from standard input.
///
/// # Errors
/// Same as [`run`].
pub async fn copy(from: &DatabaseUrl, to: Option<DatabaseUrl>) -> Result<(), String> {
    logging::start_for_commands();
    must_exist(from)?;
    let to = match to {
        Some(to) => to,
        None => DatabaseUrl::parse(read_secret("DATABASE_URL to copy to: ")?.trim())
            .map_err(|fault| format!("the DATABASE_URL to copy to {fault}"))?,
    };
    let copied = store::copy(from, &to, &show_progress).await?;
    end_progress();
    print_line(&format!(
        "Copied {} accounts and {} todos, and verified the copy. Now set DATABASE_URL to the new database.",
        copied.users, copied.todos
    ))
}

async fn backup(database: &DatabaseUrl, file: &Path) -> Result<(), String> {
    let path = sqlite_file(database, "use `pg_dump`")?;
    must_exist(database)?;
    let contents = store::backup(path, file).await?;
    let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    print_line(&format!(
        "Wrote {} accounts and {} todos to {} ({} KB). Its integrity was checked.",
        contents.users,
        contents.todos,
        file.display(),
        size.div_ceil(1024)
    ))
}

async fn restore(database: &DatabaseUrl, file: &Path, force: bool) -> Result<(), String> {
    let path = sqlite_file(database, "use `pg_restore` or `psql`")?;
    let (contents, before) = store::restore(file, path, force).await?;
    if let Some(before) = before {
        print_line(&format!("The previous database is now {}.", before.display()))?;
    }
    print_line(&format!("Restored {} accounts and {} todos to {}.", contents.users, contents.todos, path.display()))?;
    print_line(
        "Set a new JWT_SECRET before you start the server: otherwise sessions that ended after the backup are valid again.",
    )
}

async fn migration_status(database: &DatabaseUrl) -> Result<(), String> {
    must_exist(database)?;
    let migrations = store::migration_status(database).await?;
    let count = |state| migrations.iter().filter(|migration| migration.state == state).count();
    let (pending, unknown) = (count(MigrationState::Pending), count(MigrationState::Unknown));
    for migration in &migrations {
        let state = match migration.state {
            MigrationState::Applied => "applied",
            MigrationState::Pending => "pending",
            MigrationState::Unknown => "unknown",
        };
        print_line(&format!("{:04}  {state}  {}", migration.version, migration.description))?;
    }
    print_line(&match (pending, unknown) {
        (0, 0) => "The database is up to date.".to_owned(),
        (pending, 0) => format!("{pending} pending: the server applies them at its next start."),
        (_, unknown) => {
            format!("{unknown} unknown: a newer Holdfast or another program applied them, so this version will not start.")
        }
    })
}

fn sqlite_file<'d>(database: &'d DatabaseUrl, instead: &str) -> Result<&'d Path, String> {
    match database {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => Err(format!("this command is for SQLite, and the database is Postgres: {instead}")),
    }
}

/// A mistyped URL must not look like an empty database.
fn must_exist(database: &DatabaseUrl) -> Result<(), String> {
    if database.exists() { Ok(()) } else { Err("there is no such database: check its URL".to_owned()) }
}

/// Overwrites one line of a terminal; silent elsewhere.
fn show_progress(table: &str, rows: u64) {
    let mut terminal = io::stderr();
    if terminal.is_terminal() {
        // Progress is best effort.
        let _ = write!(terminal, "\r{table}: {rows} rows");
    }
}

fn end_progress() {
    if io::stderr().is_terminal() {
        eprintln!();
    }
}
