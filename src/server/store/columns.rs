//! Maps the columns of `todos` to their types, once for all statements and both databases.

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

/// Takes the columns that map directly to a member of [`Todo`], [`TodoFields`] and [`TodoPatch`]. The other columns have rules of
/// their own in the statements.
macro_rules! todo_columns {
    ($($field:ident: $type:ty,)*) => {
        /// The columns read by [`todo()`].
        pub const TODO: &str =
            concat!("id, ", $(stringify!($field), ", ",)* r#"completed_at, "order", version, created_at, updated_at"#);

        /// The columns read by [`kept_todo`].
        pub const KEPT_TODO: &str = concat!(
            "id, ",
            $(stringify!($field), ", ",)*
            r#"completed_at, "order", version, created_at, updated_at, deleted_at"#
        );

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
        ];

        pub fn todo(row: &impl Row) -> Result<Todo, sqlx::Error> {
            Ok(Todo {
                id: read(row, "id")?,
                $($field: read(row, stringify!($field))?,)*
                completed_at: read(row, "completed_at")?,
                order: read(row, "order")?,
                version: read(row, "version")?,
                created_at: read(row, "created_at")?,
                updated_at: read(row, "updated_at")?,
            })
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

pub fn kept_todo(row: &impl Row) -> Result<KeptTodo, sqlx::Error> {
    Ok(KeptTodo { todo: todo(row)?, deleted_at: read(row, "deleted_at")? })
}
