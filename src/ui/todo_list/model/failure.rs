//! What the server refused.

use super::change::Change;
use crate::contract::AppError;

/// A change that the server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub error: AppError,
    /// `None` if it was a form without scripting, or `typed` alone is left of it.
    pub change: Option<Change>,
    /// What was typed after it for a todo that was not added.
    pub then: Option<Change>,
    /// Of the todo, before the change.
    pub title: Option<String>,
    /// Whether the server was asked: then it is known that nothing was changed.
    pub is_known: bool,
    pub can_retry: bool,
    /// What was typed, if it is nowhere else.
    pub typed: Option<String>,
}

impl Failure {
    /// The form of a browser without scripting failed.
    pub fn of_form(error: AppError) -> Self {
        Self { error, change: None, then: None, title: None, is_known: false, can_retry: false, typed: None }
    }
}
