//! The message under a title input: the length near the limit, or the validation error.

use web_sys::Element;

use super::html::set;
use crate::{
    contract::AppError,
    domain::TodoTitle,
    ui::{todo_list::dom::find, words},
};

/// From this length on, the message shows it.
const NEARLY_FULL: usize = TodoTitle::MAX_CHARS - 50;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum FieldMessage {
    /// In characters.
    Length(usize),
    Error(AppError),
}

impl FieldMessage {
    pub fn of(typed: &str) -> Option<Self> {
        let length = typed.trim().chars().count();
        (length >= NEARLY_FULL).then_some(Self::Length(length))
    }

    /// Value of `aria-invalid`.
    pub fn invalid(message: Option<Self>) -> Option<&'static str> {
        message.is_some_and(Self::is_error).then_some("true")
    }

    fn is_error(self) -> bool {
        match self {
            Self::Length(length) => length > TodoTitle::MAX_CHARS,
            Self::Error(_) => true,
        }
    }

    pub fn text(self) -> String {
        match self {
            Self::Length(length) => [&*length.to_string(), " of ", &TodoTitle::MAX_CHARS.to_string(), " characters"].concat(),
            Self::Error(error) => words::sentence(error).into_owned(),
        }
    }

    pub fn class(message: Option<Self>) -> &'static str {
        if message.is_some_and(Self::is_error) { "field-message field-error" } else { "field-message field-hint" }
    }

    /// Updates the message of an input, if it is there.
    pub fn show(message: Option<Self>, place: &str, input: &str) {
        if let (Some(place), Some(input)) = (find::<Element>(place), find::<Element>(input)) {
            set(&place, "class", Some(Self::class(message)));
            place.set_text_content(message.map(Self::text).as_deref());
            set(&input, "aria-invalid", Self::invalid(message));
        }
    }
}
