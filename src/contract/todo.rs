//! The view models of a todo and of the list.

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

/// The first todos of a filter, or those after a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoPage {
    pub todos: Vec<TodoView>,
    /// The todos that were asked for by id and are not in the page.
    pub others: Vec<TodoView>,
    pub info: PageInfo,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageInfo {
    /// The counts of all todos, on any page.
    pub active: usize,
    pub completed: usize,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Entity tag, for a conditional request.
    pub tag: String,
}

impl TodoPage {
    /// Todos of a page. A longer list has more of them; a shorter one is always read as a whole, so that the island needs no request to
    /// filter it.
    pub const SIZE: usize = 200;
    /// Todos that can be asked for by id.
    pub const MAX_OTHERS: usize = 50;

    /// Appends the next page. A todo that moved between the two requests stays in the first one only, because rows have unique keys.
    pub fn append(&mut self, next: Self) {
        let known = self.todos.len();
        let is_new = |todo: &TodoView| self.todos[..known].iter().all(|other| other.id != todo.id);
        let mut new: Vec<_> = next.todos.into_iter().filter(is_new).collect();
        self.todos.append(&mut new);
        // The tag stays that of the first page, so that any change since then is read next time.
        let tag = std::mem::take(&mut self.info.tag);
        self.info = PageInfo { tag, ..next.info };
    }
}

/// A patch as the fields of a form.
#[must_use]
pub fn patch_fields(patch: &TodoPatch) -> Vec<(&'static str, String)> {
    let title = patch.title.as_ref().map(|title| ("title", title.as_str().to_owned()));
    let completed = patch.completed.map(|completed| ("completed", if completed { "true" } else { "false" }.to_owned()));
    title.into_iter().chain(completed).collect()
}
