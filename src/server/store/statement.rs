//! A statement with its values, as either database takes it.

use std::{borrow::Cow, fmt, sync::Arc};

use sqlx::{AssertSqlSafe, Encode, SqlSafeStr, SqlStr, Type, query::Query};

use super::types::Owner;

/// True of the owner's row in `users` while the session goes on; for a statement [about](Statement::about) an owner. There is no
/// gap between this check and the act, since writes about one user happen one after another.
pub const SESSION: &str = "users.id = $1 and users.token_epoch = $2 and users.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// A type of the databases.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    Integer,
    Boolean,
}

/// What stands for a parameter; `None` is null, of this type.
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

/// The place of a bound value in the text.
#[derive(Clone, Copy)]
pub struct Parameter(usize);

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.0)
    }
}

/// Makes a statement that is rarely needed.
type Otherwise = Arc<dyn Fn() -> Statement + Send + Sync>;

/// Values are bound first, and their parameters then put into the text: no value is ever part of it.
#[derive(Clone, Default)]
pub struct Statement {
    text: Cow<'static, str>,
    values: Vec<Value>,
    otherwise: Option<Otherwise>,
}

impl Statement {
    /// About what belongs to somebody: `$1` is the user, `$2` the token epoch and `$3` the session, null for a token of the
    /// version before.
    pub fn about(owner: Owner) -> Self {
        let session = owner.session.map(|session| session.sid);
        Self { values: vec![owner.user.into(), owner.token_epoch.into(), session.into()], ..Self::default() }
    }

    pub fn bind(&mut self, value: impl Into<Value>) -> Parameter {
        self.values.push(value.into());
        Parameter(self.values.len())
    }

    /// The parameters of several values, with commas between them.
    pub fn bind_all(&mut self, values: impl IntoIterator<Item = impl Into<Value>>) -> String {
        let parameters: Vec<_> = values.into_iter().map(|value| self.bind(value).to_string()).collect();
        parameters.join(", ")
    }

    /// As [`Self::bind_all`], for `in (…)`. The last value is repeated up to a power of two, so that there are few texts for a
    /// database to prepare; in an empty list stands null, which nothing is equal to.
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

    /// What is run in the same turn if this changes nothing. Its rows are returned then, and tell why.
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

    #[cfg(test)]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same with this before its text.
    #[cfg(test)]
    pub fn after(&self, text: &str) -> Self {
        Self { text: format!("{text} {}", self.text).into(), ..self.clone() }
    }
}
