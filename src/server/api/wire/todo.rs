//! The representation of a todo.

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::super::ROOT;
use crate::{
    domain::{DueDate, Todo, TodoId, TodoNotes, TodoTitle, UnixMillis},
    server::{config::Origin, store::KeptTodo, tags},
};

/// A UUID (RFC 9562) in lower case with hyphens, and not the nil one: one id has one spelling.
#[derive(ToSchema)]
#[schema(
    as = TodoId, value_type = String, format = Uuid, example = "019aa5a2-7b1c-7def-8abc-0123456789ab",
    pattern = "^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
)]
#[expect(dead_code, reason = "only for the OpenAPI document; in code it is a TodoId")]
pub struct CanonicalUuid(String);

pub const NOT_A_DATE: &str = "a date is YYYY-MM-DD, from 1970 to 9999";
pub const NOT_A_TAG: &str = "a tag has letters, digits, _ and -, at least one letter, and no #";

/// A todo.
#[derive(Serialize, ToSchema)]
#[schema(as = Todo, examples(todo_example))]
pub struct TodoBody<'o> {
    /// Never changes.
    #[schema(value_type = CanonicalUuid)]
    id: TodoId,
    /// Where it is; absolute.
    #[schema(value_type = String, format = Uri)]
    url: TodoUrl<'o>,
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    title: TodoTitle,
    /// Plain text; line breaks are LF.
    #[schema(value_type = String, max_length = 10_000)]
    notes: TodoNotes,
    /// A date without a time, or null.
    #[schema(value_type = Option<String>, format = Date, required = true)]
    due_on: Option<DueDate>,
    important: bool,
    /// The words of the title that begin with `#`, as spelled, each once.
    #[schema(max_items = 20)]
    tags: Vec<String>,
    completed: bool,
    /// Its place in the list: smaller comes first, ties go by id.
    #[schema(minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    order: i64,
    /// 1 at first, one more with each change. `"v{version}"` is its entity tag.
    #[schema(minimum = 1)]
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Rfc3339,
    /// When it got this version.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Rfc3339,
    /// Only of a completed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    completed_at: Option<Rfc3339>,
}

fn todo_example() -> serde_json::Value {
    serde_json::json!({
        "id": "019aa5a2-7b1c-7def-8abc-0123456789ab",
        "url": "http://127.0.0.1:3000/api/v1/todos/019aa5a2-7b1c-7def-8abc-0123456789ab",
        "title": "buy milk #home",
        "notes": "oat milk, if there is any",
        "due_on": "2026-11-21",
        "important": false,
        "tags": ["home"],
        "completed": true,
        "order": 1024,
        "version": 2,
        "created_at": "2026-11-21T12:00:00Z",
        "updated_at": "2026-11-21T12:01:00Z",
        "completed_at": "2026-11-21T12:01:00Z",
    })
}

impl<'o> TodoBody<'o> {
    pub fn new(todo: Todo, origin: &'o Origin) -> Self {
        Self {
            id: todo.id,
            url: TodoUrl(todo.id, origin),
            tags: tags::of_title(todo.title.as_str()).into_iter().map(|(name, _)| name.to_owned()).collect(),
            title: todo.title,
            notes: todo.notes,
            due_on: todo.due_on,
            important: todo.important,
            completed: todo.completed_at.is_some(),
            order: todo.order.get(),
            version: todo.version,
            created_at: Rfc3339(todo.created_at),
            updated_at: Rfc3339(todo.updated_at),
            completed_at: todo.completed_at.map(Rfc3339),
        }
    }
}

/// The absolute URL of a todo.
pub struct TodoUrl<'o>(pub TodoId, pub &'o Origin);

impl Display for TodoUrl<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(id, origin) = self;
        write!(f, "{}{}/todos/{id}", origin.as_str(), ROOT)
    }
}

impl Serialize for TodoUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

pub struct Rfc3339(pub UnixMillis);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Timestamp::from_millisecond(self.0.0) {
            Ok(time) => serializer.collect_str(&time),
            Err(_) => serializer.serialize_str(""),
        }
    }
}

/// A todo, perhaps a deleted one.
#[derive(Serialize, ToSchema)]
#[schema(as = KeptTodo)]
pub struct KeptTodoBody<'o> {
    #[serde(flatten)]
    todo: TodoBody<'o>,
    /// Only of a deleted one: when that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    deleted_at: Option<Rfc3339>,
}

impl<'o> KeptTodoBody<'o> {
    pub fn new(kept: KeptTodo, origin: &'o Origin) -> Self {
        Self { todo: TodoBody::new(kept.todo, origin), deleted_at: kept.deleted_at.map(Rfc3339) }
    }
}
