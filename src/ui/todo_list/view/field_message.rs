//! The message under an input: the length near the limit, or the validation error.

use web_sys::Element;

use super::html::set;
use crate::{
    contract::{AppError, Field},
    domain::TodoTitle,
    ui::{
        todo_list::dom::{EDITOR, find},
        words,
    },
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
    /// Selectors of the editor's inputs.
    pub const TITLE: &str = EDITOR;
    pub const NOTES: &str = ".notes";
    pub const DUE: &str = ".due";

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

    /// The input of the editor that is invalid.
    pub fn input(message: Option<Self>) -> Option<&'static str> {
        Some(match message.filter(|message| message.is_error())? {
            Self::Error(AppError::Invalid(Field::Notes, _)) => Self::NOTES,
            Self::Error(AppError::Invalid(Field::DueDate, _)) => Self::DUE,
            _ => Self::TITLE,
        })
    }

    /// Updates the message of the input for new todos.
    pub fn show_new(message: Option<Self>) {
        Self::show(message, "#new-message");
        if let Some(input) = find(".new-todo") {
            set(&input, "aria-invalid", Self::invalid(message));
        }
    }

    /// Updates the message of the editor, if it is open.
    pub fn show_edit(message: Option<Self>) {
        Self::show(message, "#edit-message");
        for selector in [Self::TITLE, Self::NOTES, Self::DUE] {
            if let Some(input) = find(selector) {
                set(&input, "aria-invalid", (Self::input(message) == Some(selector)).then_some("true"));
            }
        }
    }

    fn show(message: Option<Self>, place: &str) {
        if let Some(place) = find::<Element>(place) {
            set(&place, "class", Some(Self::class(message)));
            // Screen readers may say a text that is set again.
            let text = message.map(Self::text).unwrap_or_default();
            if place.text_content().as_deref() != Some(&text) {
                place.set_text_content(Some(&text));
            }
        }
    }
}
