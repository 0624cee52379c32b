//! Compares a database's applied migrations with the known ones.

use sqlx::migrate::{MigrateError, Migrator};

/// Selects the latest applied version.
pub const LATEST: &str = "select max(version) as version from _sqlx_migrations where success";
/// Selects all applied migrations.
pub const APPLIED: &str = "select version, description from _sqlx_migrations where success order by version";

/// Advice for a failed migration; `None` if the error has another cause.
pub fn hint(error: &MigrateError) -> Option<&'static str> {
    match error {
        MigrateError::VersionMissing(version) if is_ours(*version) => Some("it was made by a newer Holdfast: run that one"),
        MigrateError::VersionMissing(_) => Some("it is another program's: Holdfast needs a database of its own"),
        MigrateError::VersionMismatch(_) => {
            Some("it was made by another program, or by a build of Holdfast with other migrations")
        }
        _ => None,
    }
}

/// Our versions have at most four digits; those of other software mostly are dates.
pub fn is_ours(version: i64) -> bool {
    (1..10_000).contains(&version)
}

/// A migration and its state.
#[derive(Debug, PartialEq, Eq)]
pub struct Migration {
    pub version: i64,
    pub description: String,
    pub state: MigrationState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    Applied,
    /// The server applies it at its next start.
    Pending,
    /// A newer Holdfast or other software applied it.
    Unknown,
}

/// The union of applied and known migrations, by version.
pub fn compare(applied: &[(i64, String)], known: &Migrator) -> Vec<Migration> {
    let is_known = |version| known.iter().any(|migration| migration.version == version);
    let is_applied = |version| applied.iter().any(|(other, _)| *other == version);
    let pending = known.iter().filter(|migration| !is_applied(migration.version)).map(|migration| Migration {
        version: migration.version,
        description: migration.description.to_string(),
        state: MigrationState::Pending,
    });
    let mut all: Vec<_> = pending.collect();
    all.extend(applied.iter().map(|(version, description)| Migration {
        version: *version,
        description: description.clone(),
        state: if is_known(*version) { MigrationState::Applied } else { MigrationState::Unknown },
    }));
    all.sort_unstable_by_key(|migration| migration.version);
    all
}
