//! Moves all that one database holds into another, which may be of the other kind.

use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

use super::{
    DatabaseUrl, StoreError,
    database::{Database, Row},
    postgres::Postgres,
    sqlite::Sqlite,
    statement::{Statement, Value},
};
use crate::server::observability::metrics::StoreMetrics;

/// Rows in one statement; ten values each, of the 32,766 that SQLite takes.
const ROWS: usize = 500;

/// All that is somebody's. How often passwords were tried is not: it is forgotten within the hour anyway.
const TABLES: [Table; 3] = [
    Table {
        name: "users",
        keys: &["id"],
        columns: &[
            ("id", Kind::Text),
            ("email", Kind::Text),
            ("password_hash", Kind::Text),
            ("token_epoch", Kind::Integer),
            ("created_at", Kind::Integer),
            ("password_changed_at", Kind::Integer),
            ("disabled_at", Kind::Integer),
        ],
    },
    Table {
        name: "todos",
        keys: &["user_id", "id"],
        columns: &[
            ("user_id", Kind::Text),
            ("id", Kind::Text),
            ("title", Kind::Text),
            ("completed", Kind::Boolean),
            ("completed_at", Kind::Integer),
            ("order", Kind::Integer),
            ("version", Kind::Integer),
            ("created_at", Kind::Integer),
            ("updated_at", Kind::Integer),
            ("deleted_at", Kind::Integer),
        ],
    },
    Table {
        name: "ended_sessions",
        keys: &["user_id", "sid"],
        columns: &[("user_id", Kind::Text), ("sid", Kind::Text), ("ends_at", Kind::Integer)],
    },
];

struct Table {
    name: &'static str,
    /// All of them texts; they come first in `columns`.
    keys: &'static [&'static str],
    columns: &'static [(&'static str, Kind)],
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Boolean,
}

/// The values of a row, in the order of the columns.
type Values = Vec<Value>;

/// What a database holds: for each table the number of rows, and a hash of all.
#[derive(Debug, PartialEq, Eq)]
pub struct Content {
    pub users: u64,
    pub todos: u64,
    hash: [u8; 32],
}

/// Copies everything into a database that has nobody yet, and then compares the two. `progress` is called with the table and
/// how many of its rows are there.
///
/// # Errors
/// A sentence that says why not. Then the other database is as empty as it was, unless the two were compared and differ.
pub async fn copy(from: &DatabaseUrl, to: &DatabaseUrl, progress: &(dyn Fn(&str, u64) + Sync)) -> Result<Content, String> {
    match from {
        // As a server, so that none writes there meanwhile what would not be copied.
        DatabaseUrl::Sqlite(path) => copy_from(&Sqlite::serve(path, &StoreMetrics::default()).await?, to, progress).await,
        DatabaseUrl::Postgres(options) => {
            copy_from(&Postgres::open(options, &StoreMetrics::default()).await?, to, progress).await
        }
    }
}

async fn copy_from(from: &impl Database, to: &DatabaseUrl, progress: &(dyn Fn(&str, u64) + Sync)) -> Result<Content, String> {
    match to {
        DatabaseUrl::Sqlite(path) => copy_between(from, &Sqlite::serve(path, &StoreMetrics::default()).await?, progress).await,
        DatabaseUrl::Postgres(options) => {
            copy_between(from, &Postgres::open(options, &StoreMetrics::default()).await?, progress).await
        }
    }
}

async fn copy_between(
    from: &impl Database,
    to: &impl Database,
    progress: &(dyn Fn(&str, u64) + Sync),
) -> Result<Content, String> {
    let reading = |error| failure("read", error);
    // One page tells; without accounts there is nothing else.
    if pin!(pages(to, &TABLES[0])).try_next().await.map_err(reading)?.is_some() {
        return Err("the database to copy to has accounts already: it must be empty".to_owned());
    }
    let rows = stream::iter(&TABLES).then(async |table| {
        let mut count = 0;
        pages(from, table).map_ok(move |page| {
            count += page.len() as u64;
            progress(table.name, count);
            table.insert(page)
        })
    });
    to.write_all(rows.flatten().boxed()).await.map_err(|error| failure("written", error))?;
    let (original, copied) = (content(from).await.map_err(reading)?, content(to).await.map_err(reading)?);
    if original != copied {
        return Err(format!(
            "the copy is not the same: of {} accounts and {} todos it has {} and {}; was something writing to either?",
            original.users, original.todos, copied.users, copied.todos
        ));
    }
    Ok(copied)
}

/// Reads all that there is.
async fn content(database: &impl Database) -> Result<Content, StoreError> {
    let (mut counts, mut hash) = ([0; TABLES.len()], Sha256::new());
    for (table, count) in TABLES.iter().zip(&mut counts) {
        let mut pages = pin!(pages(database, table));
        while let Some(page) = pages.try_next().await? {
            *count += page.len() as u64;
            for row in page {
                // In this form no two rows look the same.
                hash.update(format!("{row:?}"));
            }
        }
    }
    let [users, todos, _] = counts;
    Ok(Content { users, todos, hash: hash.finalize().into() })
}

/// All rows of a table by their keys, some at a time.
fn pages<'d>(
    database: &'d impl Database,
    table: &'d Table,
) -> impl stream::Stream<Item = Result<Vec<Values>, StoreError>> + Send + 'd {
    // No key is as small.
    let start = vec![Value::from(""); table.keys.len()];
    stream::try_unfold(start, async move |after| {
        let rows = database.read(Statement::built(table.page()).with_all(after)).await?;
        let page = rows.iter().map(|row| table.values(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(page.last().map(|last| last[..table.keys.len()].to_vec()).map(|last| (page, last)))
    })
}

impl Table {
    fn column_names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    }

    /// The keys of the row before are its parameters.
    fn page(&self) -> String {
        let (columns, keys) = (self.column_names(), self.keys.join(", "));
        let parameters: Vec<_> = (1..=self.keys.len()).map(|n| format!("${n}")).collect();
        let (name, parameters) = (self.name, parameters.join(", "));
        format!("select {columns} from {name} where ({keys}) > ({parameters}) order by {keys} limit {ROWS}")
    }

    fn insert(&self, rows: Vec<Values>) -> Statement {
        let width = self.columns.len();
        let row = |nth: usize| {
            let parameters: Vec<_> = (1..=width).map(|n| format!("${}", nth * width + n)).collect();
            format!("({})", parameters.join(", "))
        };
        let all: Vec<_> = (0..rows.len()).map(row).collect();
        let text = format!("insert into {} ({}) values {}", self.name, self.column_names(), all.join(", "));
        Statement::built(text).with_all(rows.into_iter().flatten())
    }

    fn values(&self, row: &impl Row) -> Result<Values, sqlx::Error> {
        let value = |(name, kind): &(&'static str, Kind)| {
            Ok(match kind {
                Kind::Text => Value::Text(row.text(name)?.map(str::to_owned)),
                Kind::Integer => Value::Integer(row.integer(name)?),
                Kind::Boolean => Value::Boolean(row.boolean(name)?),
            })
        };
        self.columns.iter().map(value).collect()
    }
}

fn failure(what: &str, error: StoreError) -> String {
    let why = if error == StoreError::Unavailable { "it is busy or out of reach" } else { "it failed" };
    format!("a database could not be {what}: {why}, as the line above says")
}
