//! The database by command, for whoever runs the server: backups, the way to Postgres, migrations.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use super::user::{print_line, read_secret};
use crate::server::{
    observability::logging,
    store::{self, DatabaseUrl, MigrationState},
};

/// What is to be done.
pub enum Task {
    /// Into this file, which must be new.
    Backup(PathBuf),
    Restore {
        file: PathBuf,
        /// Whether it may take the place of a database that is there.
        force: bool,
    },
    MigrationStatus,
}

/// Does it to the database, and says so on standard output.
///
/// # Errors
/// A sentence that says why not, and what to do.
pub async fn run(task: Task, database: &DatabaseUrl) -> Result<(), String> {
    logging::start_for_commands();
    match task {
        Task::Backup(file) => backup(database, &file).await,
        Task::Restore { file, force } => restore(database, &file, force).await,
        Task::MigrationStatus => migration_status(database).await,
    }
}

/// Copies all of one database into another, and shows how far it is. Asks which, unless `to` says so.
///
/// # Errors
/// As [`run`].
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
        "Copied {} accounts and {} todos, and compared them: the two are the same. Set DATABASE_URL to the new one now.",
        copied.users, copied.todos
    ))
}

async fn backup(database: &DatabaseUrl, file: &Path) -> Result<(), String> {
    let path = sqlite_file(database, "back it up by `pg_dump`")?;
    must_exist(database)?;
    let contents = store::backup(path, file).await?;
    let size = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    print_line(&format!(
        "{} has {} accounts and {} todos, {} KB. Its integrity was checked.",
        file.display(),
        contents.users,
        contents.todos,
        size.div_ceil(1024)
    ))
}

async fn restore(database: &DatabaseUrl, file: &Path, force: bool) -> Result<(), String> {
    let path = sqlite_file(database, "restore it by `pg_restore` or `psql`")?;
    let (contents, before) = store::restore(file, path, force).await?;
    if let Some(before) = before {
        print_line(&format!("What was there before is in {}.", before.display()))?;
    }
    print_line(&format!("{} has {} accounts and {} todos now.", path.display(), contents.users, contents.todos))?;
    print_line("Set a new JWT_SECRET before the server starts: sessions that were ended after the backup would go on.")
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
        (0, 0) => "The database has all that this Holdfast knows.".to_owned(),
        (pending, 0) => format!("{pending} pending: the next start of the server applies them."),
        (_, unknown) => format!("{unknown} unknown: a newer Holdfast or another program made them, and this one will not start."),
    })
}

fn sqlite_file<'d>(database: &'d DatabaseUrl, instead: &str) -> Result<&'d Path, String> {
    match database {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => Err(format!("the database is Postgres, which has tools of its own: {instead}")),
    }
}

/// Else a mistyped address would look like an empty database.
fn must_exist(database: &DatabaseUrl) -> Result<(), String> {
    if database.exists() { Ok(()) } else { Err("there is no such database: check its address".to_owned()) }
}

/// In one line that is written over, or, where nobody looks, not at all.
fn show_progress(table: &str, rows: u64) {
    let mut terminal = io::stderr();
    if terminal.is_terminal() {
        // Nothing is lost with it.
        let _ = write!(terminal, "\r{table}: {rows} rows");
    }
}

fn end_progress() {
    if io::stderr().is_terminal() {
        eprintln!();
    }
}
