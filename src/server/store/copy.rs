//! Copies one database to another, also between SQLite and Postgres.

use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

use super::{
    columns,
    database::{Database, Row},
    error::StoreError,
    postgres::Postgres,
    sqlite::Sqlite,
    statement::{Kind, Statement, Value},
    url::DatabaseUrl,
};
use crate::server::observability::metrics::StoreMetrics;

/// Rows per statement. SQLite allows 32,766 parameters, and a row has about ten.
const PAGE_ROWS: usize = 500;

/// The tables with user data. Rate limits are not copied, since they expire within the hour, nor counts, which triggers keep.
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
            ("list_version", Kind::Integer),
            ("purged_version", Kind::Integer),
            ("time_zone", Kind::Text),
            ("time_zone_chosen", Kind::Boolean),
        ],
    },
    Table { name: "todos", keys: &["user_id", "id"], columns: columns::ALL },
    Table {
        name: "ended_sessions",
        keys: &["user_id", "sid"],
        columns: &[("user_id", Kind::Text), ("sid", Kind::Text), ("ends_at", Kind::Integer)],
    },
];

struct Table {
    name: &'static str,
    /// Text columns, first in `columns`.
    keys: &'static [&'static str],
    columns: &'static [(&'static str, Kind)],
}

/// A row's values in column order.
type Values = Vec<Value>;

/// Row counts of a database, with a hash of all rows.
#[derive(Debug, PartialEq, Eq)]
pub struct Content {
    pub users: u64,
    pub todos: u64,
    hash: [u8; 32],
}

/// Copies everything into a database without accounts, then compares the two. `progress` receives the table and its number of
/// copied rows.
///
/// # Errors
/// A sentence with the cause. The target is then still empty, unless the comparison failed.
pub async fn copy(from: &DatabaseUrl, to: &DatabaseUrl, progress: &(dyn Fn(&str, u64) + Sync)) -> Result<Content, String> {
    match from {
        // Takes the server lock, so that no server writes during the copy.
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
    // A database without accounts has no other rows.
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

async fn content(database: &impl Database) -> Result<Content, StoreError> {
    let (mut counts, mut hash) = ([0; TABLES.len()], Sha256::new());
    for (table, count) in TABLES.iter().zip(&mut counts) {
        let mut pages = pin!(pages(database, table));
        while let Some(page) = pages.try_next().await? {
            *count += page.len() as u64;
            for row in page {
                // The debug format is unambiguous.
                hash.update(format!("{row:?}"));
            }
        }
    }
    let [users, todos, _] = counts;
    Ok(Content { users, todos, hash: hash.finalize().into() })
}

/// Pages through a table by key.
fn pages<'d>(
    database: &'d impl Database,
    table: &'d Table,
) -> impl stream::Stream<Item = Result<Vec<Values>, StoreError>> + Send + 'd {
    // The empty string sorts before every key.
    let start = vec![Value::from(String::new()); table.keys.len()];
    stream::try_unfold(start, async move |after| {
        let rows = database.read(table.page(after)).await?;
        let page = rows.iter().map(|row| table.values(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(page.last().map(|last| last[..table.keys.len()].to_vec()).map(|last| (page, last)))
    })
}

impl Table {
    fn column_names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        names.join(", ")
    }

    /// Selects the page after these keys.
    fn page(&self, after: Vec<Value>) -> Statement {
        let mut statement = Statement::default();
        let (name, columns, keys, after) = (self.name, self.column_names(), self.keys.join(", "), statement.bind_all(after));
        statement.text(format!("select {columns} from {name} where ({keys}) > ({after}) order by {keys} limit {PAGE_ROWS}"))
    }

    fn insert(&self, rows: Vec<Values>) -> Statement {
        let mut statement = Statement::default();
        let rows: Vec<_> = rows.into_iter().map(|row| format!("({})", statement.bind_all(row))).collect();
        statement.text(format!("insert into {} ({}) values {}", self.name, self.column_names(), rows.join(", ")))
    }

    fn values(&self, row: &impl Row) -> Result<Values, sqlx::Error> {
        let value = |(name, kind): &(&str, Kind)| {
            let value = row.cell(name, *kind)?.into_value(*kind);
            value.ok_or_else(|| sqlx::Error::ColumnNotFound((*name).to_owned()))
        };
        self.columns.iter().map(value).collect()
    }
}

fn failure(what: &str, error: StoreError) -> String {
    let why = if error == StoreError::Unavailable { "it is busy or out of reach" } else { "it failed" };
    format!("a database could not be {what}: {why}, as the line above says")
}
