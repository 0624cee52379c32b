//! Maps the columns of `todos` to their types, once for all statements and both databases.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use uuid::Uuid;

use super::{
    database::Row,
    statement::{Kind, Value},
    types::KeptTodo,
};
use crate::domain::{Email, SessionId, Todo, TodoFields, TodoId, TodoOrder, TodoPatch, TodoTitle, UnixMillis, UserId};

/// A type with a column representation.
pub trait Stored: Into<Value> {
    const KIND: Kind;

    /// `None` if the value is not of this type.
    fn from_value(value: Value) -> Option<Self>;
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

            fn from_value(value: Value) -> Option<Self> {
                let Value::$kind(Some($raw)) = value else { return None };
                $from
            }
        }
    )*};
}

stored! {
    String: Text, |text| text, |text| Some(text);
    i64: Integer, |integer| integer, |integer| Some(integer);
    bool: Boolean, |boolean| boolean, |boolean| Some(boolean);
    UserId: Text, |id| id.to_string(), |text| Uuid::try_parse(&text).ok().map(Self::from);
    SessionId: Text, |id| id.to_string(), |text| Uuid::try_parse(&text).ok().map(Self::from);
    TodoId: Text, |id| id.to_string(), |text| Uuid::try_parse(&text).ok().map(Self::from);
    Email: Text, |email| email.as_str().to_owned(), |text| Some(Email::stored(text));
    UnixMillis: Integer, |at| at.0, |millis| Some(UnixMillis(millis));
    TodoTitle: Text, |title| title.into(), |text| Some(TodoTitle::stored(text));
    TodoOrder: Integer, |order| order.get(), |order| Some(TodoOrder::stored(order));
}

impl<T: Stored> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::null(T::KIND), Into::into)
    }
}

impl<T: Stored> Stored for Option<T> {
    const KIND: Kind = T::KIND;

    fn from_value(value: Value) -> Option<Self> {
        if value == Value::null(T::KIND) { Some(None) } else { T::from_value(value).map(Some) }
    }
}

pub fn read<T: Stored>(row: &impl Row, column: &str) -> Result<T, sqlx::Error> {
    // Without the value, which is personal data.
    let undecodable = || sqlx::Error::ColumnDecode { index: column.to_owned(), source: "is null, or not of its type".into() };
    T::from_value(row.value(column, T::KIND)?).ok_or_else(undecodable)
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
        pub const FIELDS: &str = concat!($(stringify!($field), ", ",)* "completed");

        /// The `on conflict` assignments for [`FIELDS`].
        pub const REPLACE_FIELDS: &str =
            concat!($(stringify!($field), " = excluded.", stringify!($field), ", ",)* "completed = excluded.completed");

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
            ("previous_completed_at", Kind::Integer),
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
            let TodoFields { $($field,)* completed } = fields;
            vec![$($field.into(),)* completed.into()]
        }

        /// The columns set by a patch.
        pub fn patch_values(patch: TodoPatch) -> impl Iterator<Item = (&'static str, Value)> {
            let TodoPatch { $($field,)* completed, order } = patch;
            let values = [
                $((stringify!($field), $field.map(Value::from)),)*
                ("completed", completed.map(Value::from)),
                (r#""order""#, order.map(Value::from)),
            ];
            values.into_iter().filter_map(|(column, value)| Some((column, value?)))
        }
    };
}

todo_columns! {
    title: TodoTitle,
}

impl FromRow for KeptTodo {
    fn from_row(row: &impl Row) -> Result<Self, sqlx::Error> {
        Ok(Self { todo: Todo::from_row(row)?, deleted_at: read(row, "deleted_at")? })
    }
}

/// Reads a page that the database returns as one JSON array of arrays: SQLite's driver needs two context switches for fifty rows,
/// and an allocation for each column, which is half the cost of a list.
pub fn json_page<T: FromRow>(json: &str) -> Result<Vec<T>, sqlx::Error> {
    let rows: Vec<JsonRow<'_>> = serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))?;
    rows.iter().map(T::from_row).collect()
}

/// Has the columns of [`TODO`] or [`KEPT_TODO`].
#[derive(Deserialize)]
#[serde(transparent)]
struct JsonRow<'j>(#[serde(borrow)] Vec<Cell<'j>>);

impl Row for JsonRow<'_> {
    fn value(&self, column: &str, kind: Kind) -> Result<Value, sqlx::Error> {
        let index = NAMES.iter().position(|name| *name == column);
        match (index.and_then(|index| self.0.get(index)), kind) {
            (Some(Cell::Null), kind) => Ok(Value::null(kind)),
            (Some(Cell::Text(text)), Kind::Text) => Ok(Value::Text(Some(text.clone().into_owned()))),
            (Some(Cell::Integer(integer)), Kind::Integer) => Ok(Value::Integer(Some(*integer))),
            // SQLite has no booleans.
            (Some(Cell::Integer(integer)), Kind::Boolean) => Ok(Value::Boolean(Some(*integer != 0))),
            (Some(Cell::Boolean(boolean)), Kind::Boolean) => Ok(Value::Boolean(Some(*boolean))),
            _ => Err(sqlx::Error::ColumnNotFound(column.to_owned())),
        }
    }
}

enum Cell<'j> {
    Null,
    Text(Cow<'j, str>),
    Integer(i64),
    Boolean(bool),
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
