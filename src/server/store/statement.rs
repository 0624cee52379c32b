//! A statement with its values, as either database takes it.

use sqlx::{AssertSqlSafe, Encode, SqlSafeStr, SqlStr, Type, query::Query};

use super::Owner;
use crate::domain::{TodoId, UnixMillis, UserId};

/// What stands for a parameter; `None` is null, of this type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Boolean(Option<bool>),
}

#[derive(Clone)]
pub struct Statement {
    sql: SqlStr,
    values: Vec<Value>,
}

impl Statement {
    pub fn new(sql: &'static str) -> Self {
        Self { sql: sql.into_sql_str(), values: Vec::new() }
    }

    /// Of a text that was put together, and has no value in it.
    pub fn built(sql: String) -> Self {
        Self { sql: AssertSqlSafe(sql).into_sql_str(), values: Vec::new() }
    }

    /// About what belongs to somebody: each such statement starts with these three parameters.
    pub fn for_owner(self, owner: Owner) -> Self {
        self.with(owner.user).with(owner.token_epoch).with(owner.session.map(|session| session.sid.to_string()))
    }

    /// For the next parameter.
    pub fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// For the next parameters.
    pub fn with_all(mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        self.values.extend(values.into_iter().map(Into::into));
        self
    }

    pub fn into_query<D>(self) -> Query<'static, D, D::Arguments>
    where
        D: sqlx::Database,
        Option<String>: Encode<'static, D> + Type<D>,
        Option<i64>: Encode<'static, D> + Type<D>,
        Option<bool>: Encode<'static, D> + Type<D>,
    {
        self.values.into_iter().fold(sqlx::query(self.sql), |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Integer(integer) => query.bind(integer),
            Value::Boolean(boolean) => query.bind(boolean),
        })
    }
}

macro_rules! value_from {
    ($($type:ty => |$value:ident| $make:expr;)*) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $make
            }
        })*
    };
}

value_from! {
    &str => |text| Self::Text(Some(text.to_owned()));
    String => |text| Self::Text(Some(text));
    Option<String> => |text| Self::Text(text);
    UserId => |id| Self::Text(Some(id.to_string()));
    TodoId => |id| Self::Text(Some(id.to_string()));
    i64 => |integer| Self::Integer(Some(integer));
    u32 => |integer| Self::Integer(Some(integer.into()));
    Option<i64> => |integer| Self::Integer(integer);
    UnixMillis => |at| Self::Integer(Some(at.0));
    bool => |boolean| Self::Boolean(Some(boolean));
    Option<bool> => |boolean| Self::Boolean(boolean);
}
