//! The shapes of request and response bodies. None has a member for the owner.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};

use super::error::{ApiError, FieldError};
use crate::{
    domain::{TitleError, Todo, TodoId, TodoOrder, TodoTitle, UnixMillis},
    server::{
        config::Origin,
        store::{NewTodo, TodoChange},
    },
};

/// A todo, as the API shows it.
#[derive(Serialize)]
pub struct TodoBody {
    id: TodoId,
    /// Absolute.
    url: String,
    title: String,
    completed: bool,
    order: i64,
    version: i64,
    /// Times are RFC 3339, UTC.
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<String>,
}

impl TodoBody {
    pub fn new(todo: Todo, origin: &Origin) -> Self {
        Self {
            id: todo.id,
            url: url(todo.id, origin),
            title: todo.title.into(),
            completed: todo.completed_at.is_some(),
            order: todo.order.get(),
            version: todo.version,
            created_at: rfc3339(todo.created_at),
            updated_at: rfc3339(todo.updated_at),
            completed_at: todo.completed_at.map(rfc3339),
        }
    }
}

/// Where a todo is found.
pub fn url(id: TodoId, origin: &Origin) -> String {
    format!("{}{}/todos/{id}", origin.as_str(), super::ROOT)
}

fn rfc3339(UnixMillis(millis): UnixMillis) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |time| time.to_string())
}

/// What a client may say of a todo, in POST, PUT and PATCH alike.
///
/// Our own representation can be sent back as it came: what only the server sets is accepted and ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TodoInput {
    #[serde(default, deserialize_with = "present")]
    title: Option<String>,
    #[serde(default, deserialize_with = "present")]
    completed: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    order: Option<i64>,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    #[serde(default, rename = "url")]
    _url: IgnoredAny,
    #[serde(default, rename = "version")]
    _version: IgnoredAny,
    #[serde(default, rename = "created_at")]
    _created_at: IgnoredAny,
    #[serde(default, rename = "updated_at")]
    _updated_at: IgnoredAny,
    #[serde(default, rename = "completed_at")]
    _completed_at: IgnoredAny,
}

/// Null is no value: without this, serde would take it for an absent member.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl TodoInput {
    /// A whole todo: it needs a title, the rest has defaults.
    pub fn into_new(self, id: TodoId) -> Result<NewTodo, ApiError> {
        let TodoChange { title, completed, order } = self.into_change()?;
        let title = title.ok_or_else(|| invalid("/title", "required", "title is required"))?;
        Ok(NewTodo { id, title, completed: completed.unwrap_or(false), order })
    }

    /// A partial change: what is left out stays.
    pub fn into_change(self) -> Result<TodoChange, ApiError> {
        let title = self.title.as_deref().map(TodoTitle::parse).transpose().map_err(|error| match error {
            TitleError::Blank => invalid("/title", "blank", "title must not be blank"),
            TitleError::TooLong => invalid("/title", "too-long", "title may have 500 characters"),
            TitleError::ControlCharacter => invalid("/title", "control-character", "title must not hold control characters"),
        })?;
        let order = self.order.map(TodoOrder::parse).transpose();
        let order = order.map_err(|_| invalid("/order", "out-of-range", "order must be within 2^53 - 1 of zero"))?;
        Ok(TodoChange { title, completed: self.completed, order })
    }
}

fn invalid(pointer: &'static str, code: &'static str, detail: &'static str) -> ApiError {
    ApiError::Validation(vec![FieldError { pointer, code, detail }])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    pub email: String,
    pub password: String,
}

/// A successful answer of the token endpoint (RFC 6749, section 5.1).
#[derive(Serialize)]
pub struct TokenBody<'a> {
    pub access_token: &'a str,
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: u64,
}
