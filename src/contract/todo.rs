//! The view model of a todo.

use serde::{Deserialize, Serialize};

use crate::domain::{TodoId, TodoPatch, TodoTitle};

/// The subset of the API's representation that the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoView {
    pub id: TodoId,
    pub title: String,
    pub completed: bool,
}

impl TodoView {
    /// A new todo.
    #[must_use]
    pub fn new(id: TodoId, title: &str) -> Self {
        Self { id, title: title.to_owned(), completed: false }
    }

    pub fn apply(&mut self, patch: &TodoPatch) {
        if let Some(title) = &patch.title {
            title.as_str().clone_into(&mut self.title);
        }
        self.completed = patch.completed.unwrap_or(self.completed);
    }

    /// Whether the patch would change nothing.
    #[must_use]
    pub fn includes(&self, patch: &TodoPatch) -> bool {
        patch.title.as_ref().map(TodoTitle::as_str).is_none_or(|title| title == self.title)
            && patch.completed.is_none_or(|completed| completed == self.completed)
    }
}

/// A patch as the fields of a form.
#[must_use]
pub fn patch_fields(patch: &TodoPatch) -> Vec<(&'static str, String)> {
    let title = patch.title.as_ref().map(|title| ("title", title.as_str().to_owned()));
    let completed = patch.completed.map(|completed| ("completed", if completed { "true" } else { "false" }.to_owned()));
    title.into_iter().chain(completed).collect()
}
