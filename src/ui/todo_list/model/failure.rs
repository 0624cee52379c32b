//! A change that failed, for its error message and Retry.

use super::change::Change;
use crate::contract::AppError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub error: AppError,
    /// `None` for a form without scripting, or for an invalid title of a deleted todo.
    pub change: Option<Change>,
    /// The later edits of a todo that was not added.
    pub then: Option<Change>,
    /// Title of the todo before the change.
    pub title: Option<String>,
    /// Whether the list was read after the failure, which proves that nothing was changed.
    pub is_known: bool,
    pub can_retry: bool,
    /// The text that was entered, if no input holds it.
    pub typed: Option<String>,
}

impl Failure {
    /// A form without scripting failed.
    pub fn of_form(error: AppError) -> Self {
        Self { error, change: None, then: None, title: None, is_known: false, can_retry: false, typed: None }
    }

    /// The entered notes of the change and of the one that follows it.
    pub fn notes<'a>(&'a self, change: &'a Change) -> Option<&'a str> {
        self.then.as_ref().and_then(Change::notes).or_else(|| change.notes())
    }
}
