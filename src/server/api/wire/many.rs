//! Operations on many todos, moves, and counts.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

use super::{
    super::{
        MAX_RESTORED,
        error::{ApiError, Code, FieldError, Problem},
        json,
        state::MAX_ADDED,
    },
    input::{TodoInput, WholeTodoInput, present, whole_number},
    todo::{CanonicalUuid, KeptTodoBody, TodoBody},
};
use crate::{
    domain::{DueDate, TodoId, UnixMillis},
    server::store::{Account, BulkChange, NewTodo, Summary, TagCount},
};

/// For the OpenAPI document: [`WholeTodoInput`] with an id.
pub struct BatchTodo;

impl ToSchema for BatchTodo {
    fn name() -> Cow<'static, str> {
        "NewTodoOfBatch".into()
    }
}

impl PartialSchema for BatchTodo {
    fn schema() -> RefOr<Schema> {
        let mut schema = WholeTodoInput::schema();
        if let (RefOr::T(Schema::Object(object)), RefOr::T(Schema::Object(id))) = (&mut schema, IdInput::schema()) {
            object.properties.extend(id.properties);
            object.description = Some("A whole todo, with an id of the client or without.".to_owned());
        }
        schema
    }
}

/// The id in a [`BatchTodo`].
#[derive(Deserialize, ToSchema)]
struct IdInput {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = CanonicalUuid, required = false)]
    id: Option<TodoId>,
}

/// Many new todos.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBatch)]
pub struct BatchRequest {
    /// Each is checked by itself.
    #[schema(value_type = Vec<BatchTodo>, min_items = 1, max_items = 500)]
    todos: Vec<Box<RawValue>>,
}

impl BatchRequest {
    pub fn parse(self) -> Result<Vec<Result<NewTodo, ApiError>>, ApiError> {
        if !(1..=MAX_ADDED).contains(&self.todos.len()) {
            return Err(FieldError::of_member("/todos", Code::OutOfRange, "todos must have 1 to 500 members").into());
        }
        let parse = |(nth, todo): (usize, Box<RawValue>)| {
            let pointer = format!("/todos/{nth}");
            parse_new(todo.get()).map_err(|error| error.within(&pointer))
        };
        Ok(self.todos.into_iter().enumerate().map(parse).collect())
    }
}

fn parse_new(todo: &str) -> Result<NewTodo, ApiError> {
    let input: TodoInput = json::parse(todo)?;
    let IdInput { id } = json::parse(todo)?;
    input.into_new(id.unwrap_or_else(|| Uuid::now_v7().into()))
}

/// What became of many new todos.
#[derive(Serialize, ToSchema)]
#[schema(as = Batch)]
pub struct BatchBody<'o> {
    /// The version of the list since then.
    #[schema(minimum = 0)]
    pub version: i64,
    /// One for each todo, in the same order.
    pub results: Vec<BatchResult<'o>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BatchResult<'o> {
    /// As it was added.
    Todo(TodoBody<'o>),
    /// Why it was not added.
    Problem(Problem),
}

/// Where to move a todo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Move)]
pub struct MoveRequest {
    /// The todo after which it comes; null for the first place.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(value_type = Option<CanonicalUuid>, required = true)]
    pub after: Option<TodoId>,
}

/// A change of many todos at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkChange)]
pub struct CompleteMany {
    pub completed: bool,
}

/// What a change of many todos did.
#[derive(Serialize, ToSchema)]
#[schema(as = Changed)]
pub struct ChangedBody {
    /// How many todos were changed.
    #[schema(minimum = 0)]
    changed: u64,
    /// The version of the list since then. If anything was changed, `POST /todos/undo` takes it.
    #[schema(minimum = 0)]
    version: i64,
}

impl From<BulkChange> for ChangedBody {
    fn from(BulkChange { changed, list_version }: BulkChange) -> Self {
        Self { changed, version: list_version }
    }
}

/// The answer to a bulk change.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum BulkBody<'o> {
    Changed(ChangedBody),
    /// With `Prefer: return=representation`: by id, at most 500, and 1 MiB of text.
    Todos(Vec<KeptTodoBody<'o>>),
}

/// Which change to undo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Undo)]
pub struct UndoRequest {
    /// The version of the list that the change made.
    #[serde(deserialize_with = "whole_number")]
    pub version: i64,
}

/// How many todos there are outside the trash.
#[derive(Serialize, ToSchema)]
pub struct Counts {
    #[schema(minimum = 0)]
    active: i64,
    #[schema(minimum = 0)]
    completed: i64,
    /// The version of the list, which grows with each change; the `ETag` of a page begins with it.
    #[schema(minimum = 0)]
    version: i64,
}

impl From<&Account> for Counts {
    fn from(account: &Account) -> Self {
        let completed = account.completed_todos;
        Self { active: account.todos - completed, completed, version: account.list_version }
    }
}

/// How many todos there are outside the trash; but for `completed`, active ones.
#[derive(Serialize, ToSchema)]
#[schema(as = Summary)]
pub struct SummaryBody {
    #[schema(minimum = 0)]
    active: i64,
    #[schema(minimum = 0)]
    completed: i64,
    /// Due before `today`. Only if that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, minimum = 0, required = false)]
    overdue: Option<i64>,
    /// Only if `today` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, minimum = 0, required = false)]
    due_today: Option<i64>,
    /// With a due date.
    #[schema(minimum = 0)]
    scheduled: i64,
    #[schema(minimum = 0)]
    important: i64,
    /// How many of the completed ones were completed since then. Only if `since` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, minimum = 0, required = false)]
    completed_since: Option<i64>,
    /// By name, without regard to case.
    tags: Vec<TagBody>,
    /// The version of the list, which grows with each change; the `ETag` of a page begins with it.
    #[schema(minimum = 0)]
    version: i64,
}

/// A tag of active todos.
#[derive(Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagBody {
    /// As it is spelled in a title.
    name: String,
    #[schema(minimum = 1)]
    todos: i64,
}

impl SummaryBody {
    pub fn new(summary: Summary, today: Option<DueDate>, since: Option<UnixMillis>) -> Self {
        let tags = summary.tags.into_iter().map(|TagCount { name, todos }| TagBody { name, todos });
        Self {
            active: summary.active,
            completed: summary.completed,
            overdue: today.map(|_| summary.overdue),
            due_today: today.map(|_| summary.due_today),
            scheduled: summary.scheduled,
            important: summary.important,
            completed_since: since.map(|_| summary.completed_since),
            tags: tags.collect(),
            version: summary.list_version,
        }
    }
}

/// The new name of a tag.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagChange {
    /// Letters, digits, `_` and `-`, with at least one letter, without `#`.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
}

/// Which todos to bring back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    #[schema(value_type = Vec<CanonicalUuid>, min_items = 1, max_items = 1000)]
    ids: Vec<TodoId>,
}

impl RestoreRequest {
    pub fn parse(self) -> Result<Vec<TodoId>, ApiError> {
        if (1..=MAX_RESTORED).contains(&self.ids.len()) {
            return Ok(self.ids);
        }
        Err(FieldError::of_member("/ids", Code::OutOfRange, "ids must have 1 to 1000 members").into())
    }
}
