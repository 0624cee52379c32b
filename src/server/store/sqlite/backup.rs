//! Online backup of a SQLite database, and restore.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use sqlx::{ConnectOptions, Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    database::{BUSY_TIMEOUT, Sqlite, applied_migrations},
    file::{FILES, aside, asides, beside, followed, lock, make_folder},
};
use crate::server::store::{
    database::Database,
    migrations::{self, MigrationState},
};

/// Row counts of a backup.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    pub users: i64,
    /// Includes deleted todos.
    pub todos: i64,
}

/// Writes a snapshot to a new file, which gets its name only after it is complete, checked and durable.
///
/// # Errors
/// A sentence with the cause; the file does not exist then.
pub async fn backup(database: &Path, file: &Path) -> Result<Contents, String> {
    if file.exists() {
        return Err(format!("{} exists: name a new file, or remove it first", file.display()));
    }
    let partial = beside(file, "partial");
    let contents = copy_whole(database, &partial).await;
    let contents =
        contents.inspect_err(|_| drop(fs::remove_file(&partial))).map_err(|error| cant("back up", database, &error))?;
    publish(&partial, file).map_err(|error| cant("write", file, &error.into()))?;
    Ok(contents)
}

/// Replaces the database by a backup while no server runs. Keeps the replaced database beside it.
///
/// # Errors
/// A sentence with the cause; the database is then unchanged.
pub async fn restore(file: &Path, database: &Path, force: bool) -> Result<(Contents, Option<PathBuf>), String> {
    let _lock = lock(database)?;
    if database.exists() && !force {
        return Err(format!("{} exists: say --force to put the backup in its place", database.display()));
    }
    check_schema(file).await?;
    make_folder(database).map_err(|error| cant("write", database, &error.into()))?;
    // Keeps a symbolic link.
    let database = &followed(database).map_err(|error| cant("write", database, &error.into()))?;
    let restored = beside(database, "partial");
    let contents = copy_whole(file, &restored).await;
    let contents = contents.inspect_err(|_| drop(fs::remove_file(&restored))).map_err(|error| cant("restore", file, &error))?;
    renew_versions(&restored).await.map_err(|error| cant("restore", file, &error))?;
    fold_log(database).await;
    // To an unused name, because an earlier replaced database may be the only copy of its data.
    let asides = asides(database).map_err(|error| cant("write", database, &error.into()))?;
    let before = aside(database, asides.last().map_or(1, |last| last.saturating_add(1)));
    let replaced = rename_all(database, &before, FILES).and_then(|()| publish(&restored, database));
    replaced.map_err(|error| {
        // The log before the database, which lacks the last commits without it. If this fails too, the next start reports the
        // location of the files.
        let [first, second, third] = FILES;
        let _ = rename_all(&before, database, [third, second, first]);
        cant("replace", database, &error.into())
    })?;
    Ok((contents, before.exists().then_some(before)))
}

/// Fails if the file is no backup, or from a newer release.
async fn check_schema(file: &Path) -> Result<(), String> {
    if !file.is_file() {
        return Err(format!("there is no file {}", file.display()));
    }
    let applied = applied_migrations(file).await.map_err(|error| cant("read", file, &error))?;
    if applied.is_empty() {
        return Err(format!("{} is no backup of Holdfast", file.display()));
    }
    match migrations::compare(&applied, Sqlite::migrations()).iter().find(|migration| migration.state == MigrationState::Unknown)
    {
        Some(newer) if migrations::is_ours(newer.version) => {
            Err(format!("{} was made by a newer Holdfast: restore it with that one", file.display()))
        }
        Some(_) => Err(format!("{} is no backup of Holdfast", file.display())),
        None => Ok(()),
    }
}

/// Copies the database, with the content of its write-ahead log, to a single file.
async fn copy_whole(from: &Path, to: &Path) -> Result<Contents, sqlx::Error> {
    // Left by an earlier attempt.
    match fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    // Private, because it contains password hashes. SQLite accepts an empty file.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let mut source = SqliteConnectOptions::new().filename(from).busy_timeout(BUSY_TIMEOUT).connect().await?;
    let target = to.to_str().ok_or_else(|| io::Error::other("its name is no UTF-8"))?;
    sqlx::query("vacuum into $1").bind(target).execute(&mut source).await?;
    source.close().await?;
    let mut copy = SqliteConnectOptions::new().filename(to).read_only(true).connect().await?;
    let contents = check(&mut copy).await?;
    copy.close().await?;
    Ok(contents)
}

/// Sets all list versions to the time: an entity tag of the replaced database must not match another content.
async fn renew_versions(restored: &Path) -> Result<(), sqlx::Error> {
    let mut connection = SqliteConnectOptions::new().filename(restored).connect().await?;
    // The migration that adds the column does the same.
    let is_current = "select 1 from pragma_table_info('users') where name = 'list_version'";
    if connection.fetch_optional(is_current).await?.is_some() {
        let renew = "update users set list_version = max(list_version, cast(unixepoch('subsec') * 1000 as integer))";
        sqlx::query(renew).execute(&mut connection).await?;
    }
    connection.close().await
}

async fn check(copy: &mut SqliteConnection) -> Result<Contents, sqlx::Error> {
    let verdict: String = sqlx::query_scalar("pragma integrity_check(1)").fetch_one(&mut *copy).await?;
    if verdict != "ok" {
        return Err(io::Error::other(format!("it is damaged: {verdict}")).into());
    }
    let (users, todos) =
        sqlx::query_as("select (select count(*) from users), (select count(*) from todos)").fetch_one(copy).await?;
    Ok(Contents { users, todos })
}

/// Checkpoints the write-ahead log, so that one rename moves everything. The log of a damaged database is moved as it is.
async fn fold_log(database: &Path) {
    let options = SqliteConnectOptions::new().filename(database).busy_timeout(BUSY_TIMEOUT);
    if let Ok(mut connection) = options.connect().await {
        let _ = sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut connection).await;
        let _ = connection.close().await;
    }
}

/// Renames the existing files of a database in this order.
fn rename_all(from: &Path, to: &Path, suffixes: [&str; 3]) -> io::Result<()> {
    let with = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    suffixes.into_iter().try_for_each(|suffix| match fs::rename(with(from, suffix), with(to, suffix)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// Renames a complete file durably.
fn publish(partial: &Path, name: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    fs::rename(partial, name)?;
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn cant(what: &str, path: &Path, error: &sqlx::Error) -> String {
    format!("can't {what} {}: {error}", path.display())
}
