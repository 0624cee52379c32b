//! Which migrations a database has, and which this program knows.

use sqlx::migrate::{MigrateError, Migrator};

/// The version of the last one that was applied.
pub const LATEST: &str = "select max(version) as version from _sqlx_migrations where success";
/// All that were applied.
pub const APPLIED: &str = "select version, description from _sqlx_migrations where success order by version";

/// What to do where the schema can't be brought up to date; `None` where that has nothing to do with migrations.
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

/// Ours are numbered by four digits; those of other programs mostly have a date.
pub fn is_ours(version: i64) -> bool {
    (1..10_000).contains(&version)
}

/// A migration, and where it is known.
#[derive(Debug, PartialEq, Eq)]
pub struct Migration {
    pub version: i64,
    pub description: String,
    pub state: MigrationState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    Applied,
    /// The next start of the server applies it.
    Pending,
    /// A newer Holdfast applied it, or another program.
    Unknown,
}

/// All that the database or this program knows, by version; `applied` has those of the database.
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
