//! Parses `DATABASE_URL`.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

/// A parsed `DATABASE_URL`. Has no `Debug` because it may contain a password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// Path of the database file, relative to the working directory unless absolute.
    Sqlite(PathBuf),
    /// In libpq's format: <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>.
    Postgres(Box<PgConnectOptions>),
}

impl DatabaseUrl {
    /// Accepts `sqlite://PATH`, `sqlite:PATH` and `postgres://USER:PASSWORD@HOST/DATABASE`.
    ///
    /// # Errors
    /// A sentence without the value, which may contain a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return parse_postgres(text);
        }
        let path = text
            .strip_prefix("sqlite:")
            .ok_or("must be sqlite://PATH, as in sqlite://data/holdfast.db, or postgres://USER:PASSWORD@HOST/DATABASE")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            // Each connection would see an empty database of its own.
            ":memory:" => Err("must name a file: a database in memory can't be shared between connections"),
            "" => Err("must name a file, as in sqlite://data/holdfast.db"),
            _ if path.contains('?') => Err("must not have a query: Holdfast sets SQLite's options itself"),
            _ => check_path(Path::new(path)).map(|()| Self::Sqlite(path.into())),
        }
    }

    /// Whether the database exists; otherwise opening creates it.
    #[must_use]
    pub fn exists(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.exists(),
            // Only an administrator creates those.
            Self::Postgres(_) => true,
        }
    }
}

/// Rejects a path that would create a file with an unintended name.
///
/// # Errors
/// A sentence with the rule that the path breaks.
pub fn check_path(path: &Path) -> Result<(), &'static str> {
    let text = path.to_string_lossy();
    if text.contains(char::is_control) {
        Err("must not have a line break or another control character in its path")
    } else if text.starts_with('~') {
        Err("must have the whole path: only a shell knows what ~ stands for")
    } else if text.starts_with("file:") {
        Err("must have a path, as in data/holdfast.db, and no address that begins with file:")
    } else {
        Ok(())
    }
}

fn parse_postgres(text: &str) -> Result<DatabaseUrl, &'static str> {
    let options: PgConnectOptions = text.parse().map_err(
        |_| "is no address that Postgres knows: it must be like postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full",
    )?;
    // libpq would default to the name of the user, so the database would depend on the account that starts the server.
    if options.get_database().is_none() {
        return Err("must name a database, as in postgres://USER:PASSWORD@HOST/holdfast");
    }
    Ok(DatabaseUrl::Postgres(Box::new(options.application_name("holdfast"))))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::DatabaseUrl;

    #[test]
    fn postgres_urls_name_a_database() {
        for text in ["postgres://u:p@db.example/holdfast", "postgresql://u@h:5433/d?sslmode=verify-full"] {
            assert!(matches!(DatabaseUrl::parse(text), Ok(DatabaseUrl::Postgres(_))), "{text}");
        }
    }

    #[test]
    fn sqlite_urls_name_a_file() {
        for (text, path) in [
            ("sqlite://a/b.db", "a/b.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("sqlite:b.db", "b.db"),
            ("sqlite://a$b/c~1.db", "a$b/c~1.db"),
        ] {
            assert!(matches!(DatabaseUrl::parse(text), Ok(DatabaseUrl::Sqlite(found)) if found == Path::new(path)), "{text}");
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for text in [
            "",
            "b.db",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://b.db?mode=ro",
            "sqlite:file:b.db",
            "sqlite://file:/a/b.db",
            "sqlite://~/b.db",
            "sqlite:~ann/b.db",
            "sqlite://a/b.db\n",
            "sqlite://a\u{1b}/b.db",
            "mysql://db",
            "postgres://h",
            "postgres://h:x/d",
        ] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
