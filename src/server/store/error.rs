//! Errors of the store.

use sqlx::sqlite::SqliteError;

/// Reason for a failed store call. The store has already logged the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// The session was revoked, or the account is disabled or deleted.
    SessionEnded,
    /// Busy or unreachable; a retry may succeed.
    Unavailable,
    /// An internal fault; a retry does not help.
    Broken,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_transient(&error) {
            tracing::warn!(%error, "the database is unavailable");
            Self::Unavailable
        } else {
            tracing::error!(%error, "the database failed");
            Self::Broken
        }
    }
}

fn is_transient(error: &sqlx::Error) -> bool {
    // https://sqlite.org/rescode.html: busy, locked, read-only, I/O error, full, can't open. Extended codes use the higher bits.
    const SQLITE: [i32; 6] = [5, 6, 8, 10, 13, 14];
    // https://www.postgresql.org/docs/current/errcodes-appendix.html, by class: connection, transaction rolled back, resources,
    // operator intervention, system error; and by code: read-only, lock not available.
    const POSTGRES: [&str; 7] = ["08", "40", "53", "57", "58", "25006", "55P03"];
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| match code.parse::<i32>() {
            Ok(code) if error.try_downcast_ref::<SqliteError>().is_some() => SQLITE.contains(&(code & 0xff)),
            _ => POSTGRES.iter().any(|class| code.starts_with(class)),
        }),
        _ => false,
    }
}
