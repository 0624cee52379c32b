//! What a client may say of a todo.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny},
};
use serde_json::Number;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    super::error::{ApiError, Code, FieldError},
    todo::NOT_A_DATE,
};
use crate::{
    domain::{DueDate, NotesError, TitleError, TodoId, TodoNotes, TodoOrder, TodoPatch, TodoTitle},
    server::store::NewTodo,
};

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
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Accepts `1024.0` as well: JSON has one number type, and some languages write integers so.
pub fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
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
