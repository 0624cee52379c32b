//! Request and response bodies. None has a member for the owner.

use std::{
    borrow::Cow,
    fmt::{self, Display, Formatter},
};

use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IgnoredAny},
};
use serde_json::{Number, value::RawValue};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};
use uuid::Uuid;

use super::{
    error::{ApiError, Code, FieldError, Problem},
    json,
};
use crate::{
    domain::{DueDate, NotesError, TitleError, Todo, TodoId, TodoNotes, TodoOrder, TodoPatch, TodoTitle, UnixMillis},
    server::{
        config::Origin,
        store::{Account, BulkChange, KeptTodo, NewTodo, Summary, TagCount},
        tags,
        time_zone::{TimeZone, TimeZoneError},
    },
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
        write!(f, "{}{}/todos/{id}", origin.as_str(), super::ROOT)
    }
}

impl Serialize for TodoUrl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

struct Rfc3339(UnixMillis);

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Timestamp::from_millisecond(self.0.0) {
            Ok(time) => serializer.collect_str(&time),
            Err(_) => serializer.serialize_str(""),
        }
    }
}

/// What a client may say of a todo, in POST, PUT and PATCH alike. What is left out keeps its value, or gets its default in
/// a new todo.
///
/// Our own representation can be sent back as it came: what only the server sets is accepted and ignored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TodoChange, example = json!({ "completed": true }))]
pub struct TodoInput {
    /// It is trimmed of white space, and a line break or tab inside becomes a blank. The pattern says: at least one character
    /// that can be seen (none of white space, zero-width and other invisible ones), and no other control characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, required = false, min_length = 1, max_length = 500,
        // Characters above U+FFFF are literal: regular expression dialects share no escape for them.
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f]*[^\\x00-\\x20\\x7f-\\xa0\\xad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\u{13430}-\u{13442}\u{16fe4}\u{1bca0}-\u{1bca3}\u{1d159}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}][^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f]*$"
    )]
    title: Option<String>,
    /// White space at the end is removed, and a line break becomes LF. The pattern says: no control characters but line breaks and
    /// tabs.
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = String, required = false, max_length = 10_000,
        pattern = "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f]*$"
    )]
    notes: Option<String>,
    /// `YYYY-MM-DD`, from 1970 to 9999; null for no date.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = Date, required = false)]
    due_on: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    important: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    completed: Option<bool>,
    #[serde(default, deserialize_with = "optional_whole_number")]
    #[schema(value_type = i64, required = false, minimum = -9_007_199_254_740_991_i64, maximum = 9_007_199_254_740_991_i64)]
    order: Option<i64>,
    #[serde(default, rename = "id")]
    #[schema(value_type = Value, required = false, read_only)]
    _id: IgnoredAny,
    #[serde(default, rename = "url")]
    #[schema(value_type = Value, required = false, read_only)]
    _url: IgnoredAny,
    #[serde(default, rename = "tags")]
    #[schema(value_type = Value, required = false, read_only)]
    _tags: IgnoredAny,
    #[serde(default, rename = "version")]
    #[schema(value_type = Value, required = false, read_only)]
    _version: IgnoredAny,
    #[serde(default, rename = "created_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "updated_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _updated_at: IgnoredAny,
    #[serde(default, rename = "completed_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _completed_at: IgnoredAny,
}

/// For the OpenAPI document: [`TodoInput`] with a required title.
pub struct WholeTodoInput;

impl ToSchema for WholeTodoInput {
    fn name() -> Cow<'static, str> {
        "NewTodo".into()
    }
}

impl PartialSchema for WholeTodoInput {
    fn schema() -> RefOr<Schema> {
        let mut schema = TodoInput::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required.push("title".to_owned());
            let description =
                "A whole todo. What is left out gets its default; without an order, a todo that is replaced keeps its place.";
            object.description = Some(description.to_owned());
            object.example = Some(serde_json::json!({ "title": "buy milk" }));
        }
        schema
    }
}

/// Rejects null, which serde would treat as an absent member.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Accepts `1024.0` as well: JSON has one number type, and some languages write integers so.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, reason = "it is within the range of an i64")]
    let whole = |float: f64| (float.fract() == 0.0 && float.abs() < 2_f64.powi(63)).then_some(float as i64);
    let number = number.as_i64().or_else(|| number.as_f64().and_then(whole));
    number.ok_or_else(|| D::Error::custom("not a whole number"))
}

fn optional_whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    whole_number(deserializer).map(Some)
}

impl TodoInput {
    /// Requires a title; the rest has defaults.
    pub fn into_new(self, id: TodoId) -> Result<NewTodo, ApiError> {
        let patch = self.into_patch()?;
        let order = patch.order;
        let fields = patch.into_fields();
        let fields = fields.ok_or_else(|| FieldError::of_member("/title", Code::Required, "title is required"))?;
        Ok(NewTodo { id, fields, order })
    }

    /// Absent members stay unchanged.
    pub fn into_patch(self) -> Result<TodoPatch, ApiError> {
        let mut errors = Vec::new();
        let mut report = |pointer, code, detail| errors.push(FieldError::of_member(pointer, code, detail));
        let title = self.title.as_deref().map(TodoTitle::parse).transpose().map_err(|error| match error {
            TitleError::Blank => report("/title", Code::Blank, "title must have a character that can be seen"),
            TitleError::TooLong => report("/title", Code::TooLong, "title may have 500 characters"),
            TitleError::ControlCharacter => report("/title", Code::ControlCharacter, "title must not hold control characters"),
        });
        let notes = self.notes.as_deref().map(TodoNotes::parse).transpose().map_err(|error| match error {
            NotesError::TooLong => report("/notes", Code::TooLong, "notes may have 10,000 characters"),
            NotesError::ControlCharacter => report("/notes", Code::ControlCharacter, "notes must not hold control characters"),
        });
        let due_on = self.due_on.map(|date| date.as_deref().map(DueDate::parse).transpose()).transpose();
        let due_on = due_on.map_err(|_| report("/due_on", Code::OutOfRange, NOT_A_DATE));
        let order = self.order.map(TodoOrder::parse).transpose();
        let order = order.map_err(|_| report("/order", Code::OutOfRange, "order must be within 2^53 - 1 of zero"));
        match (title, notes, due_on, order) {
            (Ok(title), Ok(notes), Ok(due_on), Ok(order)) => {
                Ok(TodoPatch { title, notes, due_on, important: self.important, completed: self.completed, order })
            }
            _ => Err(ApiError::Validation(errors)),
        }
    }
}

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
        if !(1..=super::state::MAX_ADDED).contains(&self.todos.len()) {
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
    pub fn new(summary: Summary, today: Option<DueDate>) -> Self {
        let tags = summary.tags.into_iter().map(|TagCount { name, todos }| TagBody { name, todos });
        Self {
            active: summary.active,
            completed: summary.completed,
            overdue: today.map(|_| summary.overdue),
            due_today: today.map(|_| summary.due_today),
            scheduled: summary.scheduled,
            important: summary.important,
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
        if (1..=super::MAX_RESTORED).contains(&self.ids.len()) {
            return Ok(self.ids);
        }
        Err(FieldError::of_member("/ids", Code::OutOfRange, "ids must have 1 to 1000 members").into())
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    pub email: String,
    #[schema(format = Password)]
    pub password: String,
}

/// A successful answer of the token endpoint (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenBody<'a> {
    /// For the header `Authorization: Bearer`.
    pub access_token: &'a str,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    #[schema(example = 1800)]
    pub expires_in: u32,
}

/// The caller's account.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountBody {
    #[schema(value_type = String, example = "ann@example.org")]
    email: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Rfc3339,
    #[schema(value_type = String, format = DateTime)]
    password_changed_at: Rfc3339,
    /// An IANA name; UTC until it is known.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    todos: Counts,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            todos: (&account).into(),
            email: account.email.as_str().to_owned(),
            created_at: Rfc3339(account.created_at),
            password_changed_at: Rfc3339(account.password_changed_at),
            time_zone: account.time_zone.as_str().to_owned(),
        }
    }
}

/// What a client may change of its account.
///
/// Our own representation can be sent back as it came: what this operation does not change is accepted and ignored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AccountChange, example = json!({ "time_zone": "Europe/Berlin" }))]
pub struct AccountInput {
    /// Null: no longer chosen, and UTC until it is known.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<TimeZoneName>, required = false)]
    time_zone: Option<Option<String>>,
    #[serde(default, rename = "email")]
    #[schema(value_type = Value, required = false, read_only)]
    _email: IgnoredAny,
    #[serde(default, rename = "created_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "password_changed_at")]
    #[schema(value_type = Value, required = false, read_only)]
    _password_changed_at: IgnoredAny,
    #[serde(default, rename = "todos")]
    #[schema(value_type = Value, required = false, read_only)]
    _todos: IgnoredAny,
}

/// For the OpenAPI document: the names of [`TimeZone`].
pub struct TimeZoneName;

impl ToSchema for TimeZoneName {
    fn name() -> Cow<'static, str> {
        "TimeZone".into()
    }
}

impl PartialSchema for TimeZoneName {
    fn schema() -> RefOr<Schema> {
        let description = "A name of the IANA time zone database. Case does not matter.";
        let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(TimeZone::names()));
        names.description(Some(description)).examples(["Europe/Berlin"]).into()
    }
}

impl AccountInput {
    /// `None` if it stays, `Some(None)` if it is no longer chosen.
    pub fn time_zone(self) -> Result<Option<Option<TimeZone>>, ApiError> {
        let parsed = self.time_zone.map(|name| name.as_deref().map(TimeZone::parse).transpose()).transpose();
        parsed.map_err(|TimeZoneError| {
            let detail = "time_zone must be a name of the IANA time zone database, or null";
            FieldError::of_member("/time_zone", Code::UnknownTimeZone, detail).into()
        })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChange {
    /// At most 254 bytes.
    #[schema(format = IdnEmail)]
    pub email: String,
    #[schema(format = Password)]
    pub password: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(format = Password)]
    pub current: String,
    /// Hard to guess: not a common one, nor made from the e-mail address.
    #[schema(format = Password, min_length = 8, max_length = 128)]
    pub new: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountDeletion {
    #[schema(format = Password)]
    pub password: String,
}

/// Everything that is kept of the caller, but for the hash of the password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only for the OpenAPI document; the body is streamed")]
pub struct Export {
    account: AccountBody,
    /// By id. Deleted ones as well, as long as they are kept.
    todos: Vec<KeptTodoBody<'static>>,
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
