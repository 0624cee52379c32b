//! Maps the columns of `todos` to their types, once for all statements and both databases.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, SeqAccess, Visitor},
};
use uuid::Uuid;

use super::{
    database::Row,
    derived,
    statement::{Cell, Kind, Value},
    types::KeptTodo,
};
use crate::{
    domain::{
        DueDate, Email, SessionId, Todo, TodoFields, TodoId, TodoNotes, TodoOrder, TodoPatch, TodoTitle, UnixMillis, UserId,
    },
    server::time_zone::TimeZone,
};

/// A type with a column representation.
pub trait Stored: Into<Value> {
    const KIND: Kind;

    /// `None` if the value is not of this type.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

macro_rules! stored {
    ($($type:ty: $kind:ident, |$value:ident| $to:expr, |$raw:ident| $from:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($value: $type) -> Self {
                Self::$kind(Some($to))
            }
        }

        impl Stored for $type {
            const KIND: Kind = Kind::$kind;

            fn from_cell(cell: Cell<'_>) -> Option<Self> {
                let Cell::$kind($raw) = cell else { return None };
                $from
            }
        }
    )*};
}

stored! {
    String: Text, |text| text, |text| Some(text.into_owned());
    i64: Integer, |integer| integer, |integer| Some(integer);
    bool: Boolean, |boolean| boolean, |boolean| Some(boolean);
    UserId: Text, |id| id.to_string(), |text| Uuid::try_parse(&text).ok().map(Self::from);
    SessionId: Text, |id| id.to_string(), |text| Uuid::try_parse(&text).ok().map(Self::from);
    TodoId: Text, |id| id.to_string(), |text| Uuid::try_parse(&text).ok().map(Self::from);
    Email: Text, |email| email.as_str().to_owned(), |text| Some(Email::stored(text.into_owned()));
    TimeZone: Text, |zone| zone.as_str().to_owned(), |text| Some(TimeZone::stored(text.into_owned()));
    UnixMillis: Integer, |at| at.0, |millis| Some(UnixMillis(millis));
    TodoTitle: Text, |title| title.into(), |text| Some(TodoTitle::stored(text.into_owned()));
    TodoNotes: Text, |notes| notes.into(), |text| Some(TodoNotes::stored(text.into_owned()));
    DueDate: Text, |date| date.to_string(), |text| DueDate::parse(&text).ok();
    TodoOrder: Integer, |order| order.get(), |order| Some(TodoOrder::stored(order));
}

impl<T: Stored> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::null(T::KIND), Into::into)
    }
}

impl<T: Stored> Stored for Option<T> {
    const KIND: Kind = T::KIND;

    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if matches!(cell, Cell::Null) { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

pub fn read<T: Stored>(row: &impl Row, column: &str) -> Result<T, sqlx::Error> {
    // Without the value, which is personal data.
    let undecodable = || sqlx::Error::ColumnDecode { index: column.to_owned(), source: "is null, or not of its type".into() };
    T::from_cell(row.cell(column, T::KIND)?).ok_or_else(undecodable)
}

pub trait FromRow: Sized {
    fn from_row(row: &impl Row) -> Result<Self, sqlx::Error>;
}

/// Takes the columns that map directly to a member of [`Todo`], [`TodoFields`] and [`TodoPatch`]. The other columns have rules of
/// their own in the statements.
macro_rules! todo_columns {
    ($($field:ident: $type:ty,)*) => {
        /// The columns of a [`Todo`].
        pub const TODO: &str =
            concat!("id, ", $(stringify!($field), ", ",)* r#"completed_at, "order", version, created_at, updated_at"#);

        /// The columns of a [`KeptTodo`].
        pub const KEPT_TODO: &str = concat!(
            "id, ",
            $(stringify!($field), ", ",)*
            r#"completed_at, "order", version, created_at, updated_at, deleted_at"#
        );

        /// The names in [`KEPT_TODO`]; those in [`TODO`] are all but the last.
        const NAMES: &[&str] = &[
            "id",
            $(stringify!($field),)*
            "completed_at", "order", "version", "created_at", "updated_at", "deleted_at"
        ];

        /// The columns bound by [`field_values`].
        pub const FIELDS: &str = concat!($(stringify!($field), ", ",)* "completed, title_folded, tags, notes_folded");

        /// The `on conflict` assignments for [`FIELDS`].
        pub const REPLACE_FIELDS: &str = concat!(
            $(stringify!($field), " = excluded.", stringify!($field), ", ",)*
            "completed = excluded.completed, title_folded = excluded.title_folded, tags = excluded.tags, ",
            "notes_folded = excluded.notes_folded"
        );

        /// All columns of the table.
        pub const ALL: &[(&str, Kind)] = &[
            ("user_id", Kind::Text),
            ("id", Kind::Text),
            $((stringify!($field), <$type>::KIND),)*
            ("completed", Kind::Boolean),
            ("completed_at", Kind::Integer),
            ("order", Kind::Integer),
            ("version", Kind::Integer),
            ("created_at", Kind::Integer),
            ("updated_at", Kind::Integer),
            ("deleted_at", Kind::Integer),
            ("changed_in", Kind::Integer),
            ("undo_stack", Kind::Text),
            ("title_folded", Kind::Text),
            ("tags", Kind::Text),
            ("notes_folded", Kind::Text),
            ("derived_from", Kind::Integer),
        ];

        impl FromRow for Todo {
            fn from_row(row: &impl Row) -> Result<Self, sqlx::Error> {
                Ok(Self {
                    id: read(row, "id")?,
                    $($field: read(row, stringify!($field))?,)*
                    completed_at: read(row, "completed_at")?,
                    order: read(row, "order")?,
                    version: read(row, "version")?,
                    created_at: read(row, "created_at")?,
                    updated_at: read(row, "updated_at")?,
                })
            }
        }

        pub fn field_values(fields: TodoFields) -> Vec<Value> {
            let derived = derived::of_title(&fields.title).into_iter().chain([derived::of_notes(&fields.notes)]);
            let derived: Vec<_> = derived.map(|(_, value)| value).collect();
            let TodoFields { $($field,)* completed } = fields;
            let mut values = vec![$($field.into(),)* completed.into()];
            values.extend(derived);
            values
        }

        /// The columns set by a patch.
        pub fn patch_values(patch: TodoPatch) -> impl Iterator<Item = (&'static str, Value)> {
            let derived_of_title = patch.title.as_ref().map(derived::of_title);
            let derived_of_notes = patch.notes.as_ref().map(derived::of_notes);
            let TodoPatch { $($field,)* completed, order } = patch;
            let values = [
                $((stringify!($field), $field.map(Value::from)),)*
                ("completed", completed.map(Value::from)),
                (r#""order""#, order.map(Value::from)),
            ];
            let values = values.into_iter().filter_map(|(column, value)| Some((column, value?)));
            values.chain(derived_of_title.into_iter().flatten()).chain(derived_of_notes)
        }
    };
}

todo_columns! {
    title: TodoTitle,
    important: bool,
    due_on: Option<DueDate>,
    notes: TodoNotes,
}

impl FromRow for KeptTodo {
    fn from_row(row: &impl Row) -> Result<Self, sqlx::Error> {
        Ok(Self { todo: Todo::from_row(row)?, deleted_at: read(row, "deleted_at")? })
    }
}

/// Reads a column of JSON.
pub fn read_json<T: DeserializeOwned>(row: &impl Row, column: &str) -> Result<T, sqlx::Error> {
    let json: String = read(row, column)?;
    serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Reads a page that the database returns as one JSON array of arrays: SQLite's driver needs two context switches for fifty rows,
/// and an allocation for each column, which is half the cost of a list.
pub fn json_page<T: FromRow>(json: &str) -> Result<Vec<T>, sqlx::Error> {
    let rows: Vec<Parsed<T>> = serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(rows.into_iter().map(|Parsed(row)| row).collect())
}

struct Parsed<T>(T);

impl<'de, T: FromRow> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = deserializer.deserialize_seq(RowVisitor)?;
        T::from_row(&row).map(Self).map_err(D::Error::custom)
    }
}

/// Has the columns of [`TODO`] or [`KEPT_TODO`].
struct JsonRow<'j>([Cell<'j>; NAMES.len()]);

impl Row for JsonRow<'_> {
    fn cell(&self, column: &str, kind: Kind) -> Result<Cell<'_>, sqlx::Error> {
        let cell = NAMES.iter().position(|name| *name == column).map(|index| self.0[index].clone());
        Ok(match (cell.ok_or_else(|| sqlx::Error::ColumnNotFound(column.to_owned()))?, kind) {
            // SQLite has no booleans.
            (Cell::Integer(integer), Kind::Boolean) => Cell::Boolean(integer != 0),
            (cell, _) => cell,
        })
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = JsonRow<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonRow<'de>, A::Error> {
        let mut cells = [const { Cell::Null }; NAMES.len()];
        for cell in &mut cells {
            let Some(next) = seq.next_element()? else { break };
            *cell = next;
        }
        Ok(JsonRow(cells))
    }
}

impl<'de: 'j, 'j> Deserialize<'de> for Cell<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value of a column")
    }

    fn visit_unit<E>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, boolean: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Boolean(boolean))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Integer(integer))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<Cell<'de>, E> {
        integer.try_into().map(Cell::Integer).map_err(E::custom)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(text.to_owned().into()))
    }
}
