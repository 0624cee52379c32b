//! A statement with its parameters, for either database.

use std::{borrow::Cow, fmt, sync::Arc};

use sqlx::{AssertSqlSafe, Encode, SqlSafeStr, SqlStr, Type, query::Query};

use super::types::Owner;

/// Matches the owner's row in `users` while the session is valid; for a statement [about](Statement::about) an owner. Writes for
/// one user are serialised, so there is no race between this check and the write.
pub const SESSION: &str = "users.id = $1 and users.token_epoch = $2 and users.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// A column type.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Integer,
    Boolean,
}

/// The value of a parameter; `None` is a typed null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Boolean(Option<bool>),
}

impl Value {
    pub fn null(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(None),
            Kind::Integer => Self::Integer(None),
            Kind::Boolean => Self::Boolean(None),
        }
    }
}

/// The value of a column, borrowed from its row.
#[derive(Clone)]
pub enum Cell<'r> {
    Null,
    Text(Cow<'r, str>),
    Integer(i64),
    Boolean(bool),
}

impl Cell<'_> {
    /// `None` if it is neither null nor of this kind.
    pub fn into_value(self, kind: Kind) -> Option<Value> {
        Some(match (self, kind) {
            (Self::Null, kind) => Value::null(kind),
            (Self::Text(text), Kind::Text) => Value::Text(Some(text.into_owned())),
            (Self::Integer(integer), Kind::Integer) => Value::Integer(Some(integer)),
            (Self::Boolean(boolean), Kind::Boolean) => Value::Boolean(Some(boolean)),
            _ => return None,
        })
    }
}

/// The placeholder of a bound value.
#[derive(Clone, Copy)]
pub struct Parameter(usize);

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.0)
    }
}

/// Builds the fallback statement lazily.
type Otherwise = Arc<dyn Fn() -> Statement + Send + Sync>;

/// Values are bound first and return their placeholders for the text, which never contains a value.
#[derive(Clone, Default)]
pub struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
    otherwise: Option<Otherwise>,
}

impl Statement {
    /// Starts a statement on an owner's rows: `$1` is the user, `$2` the token epoch and `$3` the session, null for tokens of the
    /// previous version.
    pub fn about(owner: Owner) -> Self {
        let session = owner.session.map(|session| session.sid);
        Self { values: vec![owner.user.into(), owner.token_epoch.into(), session.into()], ..Self::default() }
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> Parameter {
        self.values.push(value.into());
        Parameter(self.values.len())
    }

    /// Binds several values and returns their placeholders, separated by commas.
    pub fn bind_all(&mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> String {
        let parameters: Vec<_> = values.into_iter().map(|value| self.bind(value).to_string()).collect();
        parameters.join(", ")
    }

    /// As [`Self::bind_all`], for `in (…)`. Pads the list to a power of two with its last value, to limit the number of prepared
    /// statements; an empty list becomes null, which equals nothing.
    pub fn bind_list<T: Clone>(&mut self, values: Vec<T>) -> String
    where
        Value: From<Option<T>>,
    {
        let (last, length) = (values.last().cloned(), values.len());
        let padding = std::iter::repeat_n(last, length.next_power_of_two() - length);
        self.bind_all(values.into_iter().map(Some).chain(padding))
    }

    pub fn text(self, text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), ..self }
    }

    /// Adds a fallback that runs in the same transaction if this statement changes nothing. Its rows explain why.
    pub fn or_else(self, otherwise: impl Fn() -> Self + Send + Sync + 'static) -> Self {
        Self { otherwise: Some(Arc::new(otherwise)), ..self }
    }

    pub fn take_otherwise(&mut self) -> Option<Otherwise> {
        self.otherwise.take()
    }

    pub fn into_query<D>(self) -> Query<'static, D, D::Arguments>
    where
        D: sqlx::Database,
        Option<String>: Encode<'static, D> + Type<D>,
        Option<i64>: Encode<'static, D> + Type<D>,
        Option<bool>: Encode<'static, D> + Type<D>,
    {
        let text: SqlStr = AssertSqlSafe(self.text).into_sql_str();
        self.values.into_iter().fold(sqlx::query(text), |query, value| match value {
            Value::Text(text) => query.bind(text),
            Value::Integer(integer) => query.bind(integer),
            Value::Boolean(boolean) => query.bind(boolean),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns a copy with a prefix before its text.
    #[cfg(test)]
    pub fn after(&self, text: &str) -> Self {
        Self { text: format!("{text} {}", self.text).into(), ..self.clone() }
    }
}
