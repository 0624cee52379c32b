//! The database file, its sidecar files and its locks.

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::server::store::error::StoreError;

/// The limit of Linux.
const MAX_LINKS: u32 = 40;

/// Identity of the open database file, independent of its path.
#[derive(Clone)]
pub struct OpenFile {
    path: PathBuf,
    id: (u64, u64),
    /// Whether the loss of the file was logged.
    is_logged: Arc<AtomicBool>,
}

impl OpenFile {
    /// Call it right after opening this path.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), id: file_id(path)?, is_logged: Arc::default() })
    }

    /// Fails if the file was removed, renamed or replaced, since later writes would be lost.
    pub fn check(&self) -> Result<(), StoreError> {
        let is_there = file_id(&self.path).is_ok_and(|id| id == self.id);
        if !self.is_logged.swap(!is_there, Ordering::Relaxed) && !is_there {
            tracing::warn!(
                "the database is unavailable: its file was removed or replaced; put it back, or restart on what is there now"
            );
        }
        if is_there { Ok(()) } else { Err(StoreError::Unavailable) }
    }
}

fn file_id(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|file| (file.dev(), file.ino()))
}

/// Creates the folder of the database with mode 0700.
pub fn make_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder))
}

/// Opens or creates a file with mode 0600, because the database contains password hashes. SQLite copies the mode to its sidecar
/// files.
pub fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

/// Resolves symbolic links, also to a missing file. The lock and the write-ahead log must be the same for every path to a
/// database.
pub fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else { return single(path) };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Rejects a file with hard links: SQLite names its sidecar files after the path, so two paths to one file corrupt it.
fn single(path: PathBuf) -> io::Result<PathBuf> {
    match fs::metadata(&path) {
        Ok(file) if file.nlink() > 1 => Err(io::Error::other("it has hard links: remove all names but one")),
        _ => Ok(path),
    }
}

pub const NO_LOCKS: &str = "its file system has no locks, as some of a network have none: put it on a disk of this machine";

/// EOPNOTSUPP and ENOLCK on Linux.
pub fn has_no_locks(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(95 | 37))
}

/// Path of a sidecar file with this extension.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    path.with_added_extension(ending)
}

/// Suffixes of a database's files. The database itself is first: the sidecar files are not opened without it.
pub const FILES: [&str; 3] = ["", "-wal", "-shm"];

/// Where the nth restore moves the replaced database.
pub fn aside(path: &Path, nth: u64) -> PathBuf {
    beside(path, &if nth == 1 { "replaced".to_owned() } else { format!("replaced-{nth}") })
}

/// Numbers of the replaced databases that still exist.
pub fn asides(path: &Path) -> io::Result<BTreeSet<u64>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let first = aside(path, 1);
    let first = first.file_name().unwrap_or_default().as_encoded_bytes();
    let mut numbers = BTreeSet::new();
    for file in fs::read_dir(folder)? {
        let name = file?.file_name();
        let Some(rest) = name.as_encoded_bytes().strip_prefix(first).and_then(|rest| str::from_utf8(rest).ok()) else { continue };
        let number = FILES[1..].iter().find_map(|suffix| rest.strip_suffix(suffix)).unwrap_or(rest);
        let number = if number.is_empty() { Some(1) } else { number.strip_prefix('-').and_then(|number| number.parse().ok()) };
        numbers.extend(number);
    }
    Ok(numbers)
}

/// Fails if the database is missing but a replaced one exists: a restore was interrupted between the two renames. A new, empty
/// database would look like data loss.
pub fn check_restored(path: &Path) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    // An unreadable folder is reported when the database is created in it.
    let asides = asides(path).unwrap_or_default();
    match asides.into_iter().rev().map(|nth| aside(path, nth)).find(|aside| aside.exists()) {
        Some(aside) => Err(format!(
            "there is no database {}, but an earlier one that a restore has set aside in {}: restore the backup again, or give that \
             one, and the files beside it, their names back; to begin with an empty database, move it to another folder",
            path.display(),
            aside.display()
        )),
        None => Ok(()),
    }
}

/// Takes the server lock, which the operating system releases when the process ends.
pub fn lock(path: &Path) -> Result<File, String> {
    let cant = |error: io::Error| {
        let hint = if has_no_locks(&error) { NO_LOCKS } else { "check that file and folder are yours to write" };
        format!("can't open the database {}: {error}; {hint}", path.display())
    };
    make_folder(path).map_err(cant)?;
    let database = followed(path).map_err(cant)?;
    let lock = private_file(&beside(&database, "server.lock")).map_err(cant)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(format!(
            "another server runs on the database {}: stop that one first; several servers need Postgres",
            path.display()
        )),
        Err(TryLockError::Error(error)) => Err(cant(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::has_no_locks;

    #[test]
    fn missing_lock_support_differs_from_a_held_lock() {
        let has_none = |code| has_no_locks(&std::io::Error::from_raw_os_error(code));
        let (enolck, eopnotsupp, eagain, eacces) = (37, 95, 11, 13);
        assert!(has_none(enolck) && has_none(eopnotsupp) && !has_none(eagain) && !has_none(eacces));
    }
}
