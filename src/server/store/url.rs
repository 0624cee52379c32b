//! Which database, as an operator writes it.

use std::path::PathBuf;

/// A parsed `DATABASE_URL`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The database file; relative to the working directory unless it starts with `/`.
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// Accepts `sqlite://PATH` and `sqlite:PATH`.
    ///
    /// # Errors
    /// A sentence without the value, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let path = text.strip_prefix("sqlite:").ok_or("must be sqlite://PATH, as in sqlite://data/holdfast.db")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            // Each connection would see an empty database of its own.
            ":memory:" => Err("must name a file: a database in memory can't be shared between connections"),
            "" => Err("must name a file, as in sqlite://data/holdfast.db"),
            _ if path.contains('?') => Err("must not have a query: Holdfast sets SQLite's options itself"),
            _ => Ok(Self::Sqlite(path.into())),
        }
    }

    /// Whether there is such a database already, or else it would be made.
    #[must_use]
    pub fn exists(&self) -> bool {
        match self {
            Self::Sqlite(path) => path.exists(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn sqlite_urls_name_a_file() {
        for (text, path) in [("sqlite://a/b.db", "a/b.db"), ("sqlite:///a/b.db", "/a/b.db"), ("sqlite:b.db", "b.db")] {
            assert!(DatabaseUrl::parse(text) == Ok(DatabaseUrl::Sqlite(path.into())), "{text}");
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for text in ["", "b.db", "sqlite:", "sqlite://", "sqlite::memory:", "sqlite://b.db?mode=ro", "mysql://db"] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
