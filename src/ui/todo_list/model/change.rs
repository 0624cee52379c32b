//! What somebody did to the list.

use super::removed::Removed;
use crate::{
    contract::TodoView,
    domain::{TodoId, TodoPatch, TodoTitle},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Add {
        id: TodoId,
        title: TodoTitle,
    },
    Edit {
        id: TodoId,
        patch: TodoPatch,
        /// The title that the person saw, if the patch has another.
        seen: Option<String>,
    },
    Delete(TodoId),
    CompleteAll,
    ReopenAll,
    /// The number tells it from others; the model gives it.
    ClearCompleted(u32),
    /// Brings back what was deleted.
    Restore(Removed),
}

impl Change {
    pub fn rename(id: TodoId, seen: String, title: TodoTitle) -> Self {
        Self::Edit { id, patch: TodoPatch { title: Some(title), ..TodoPatch::default() }, seen: Some(seen) }
    }

    pub fn complete(id: TodoId, completed: bool) -> Self {
        Self::Edit { id, patch: TodoPatch { completed: Some(completed), ..TodoPatch::default() }, seen: None }
    }

    /// The todo that it is about, if it is about one.
    pub fn id(&self) -> Option<TodoId> {
        match self {
            Self::Add { id, .. } | Self::Edit { id, .. } | Self::Delete(id) => Some(*id),
            Self::Restore(removed) => removed.first().filter(|_| removed.todos.len() == 1),
            Self::CompleteAll | Self::ReopenAll | Self::ClearCompleted(_) => None,
        }
    }

    /// The title that somebody typed for it.
    pub fn title(&self) -> Option<&TodoTitle> {
        match self {
            Self::Add { title, .. } => Some(title),
            Self::Edit { patch, .. } => patch.title.as_ref(),
            _ => None,
        }
    }

    /// Whether it deletes this todo.
    pub fn deletes(&self, todo: &TodoView) -> bool {
        match self {
            Self::Delete(id) => todo.id == *id,
            Self::ClearCompleted(_) => todo.completed,
            _ => false,
        }
    }

    /// What it deletes of `todos`, if that is what it is for.
    pub fn removed(&self, todos: &[TodoView]) -> Option<Removed> {
        let cleared = match self {
            Self::Delete(_) => None,
            Self::ClearCompleted(nth) => Some(*nth),
            _ => return None,
        };
        Some(Removed::of(todos, cleared, |todo| self.deletes(todo)))
    }

    /// Does to `todos` what the server does. Twice is as good as once: a list from the server may have it already.
    pub fn apply(&self, todos: &mut Vec<TodoView>) {
        match self {
            Self::Add { id, title } => {
                if todos.iter().all(|todo| todo.id != *id) {
                    todos.push(TodoView { id: *id, title: title.as_str().to_owned(), completed: false });
                }
            }
            Self::Edit { id, patch, .. } => {
                if let Some(todo) = todos.iter_mut().find(|todo| todo.id == *id) {
                    if let Some(title) = &patch.title {
                        title.as_str().clone_into(&mut todo.title);
                    }
                    todo.completed = patch.completed.unwrap_or(todo.completed);
                }
            }
            Self::CompleteAll | Self::ReopenAll => {
                for todo in todos.iter_mut() {
                    todo.completed = matches!(self, Self::CompleteAll);
                }
            }
            Self::Delete(_) | Self::ClearCompleted(_) => todos.retain(|todo| !self.deletes(todo)),
            Self::Restore(removed) => removed.put_back(todos),
        }
    }

    /// Whether `todos` is as it would be after this change.
    pub fn is_in(&self, todos: &[TodoView]) -> bool {
        let find = |id: TodoId| todos.iter().find(|todo| todo.id == id);
        match self {
            Self::Add { id, .. } => find(*id).is_some(),
            Self::Edit { id, patch, .. } => find(*id).is_some_and(|todo| {
                patch.title.as_ref().is_none_or(|title| title.as_str() == todo.title)
                    && patch.completed.is_none_or(|completed| completed == todo.completed)
            }),
            Self::Delete(id) => find(*id).is_none(),
            Self::CompleteAll => todos.iter().all(|todo| todo.completed),
            Self::ReopenAll | Self::ClearCompleted(_) => todos.iter().all(|todo| !todo.completed),
            Self::Restore(removed) => removed.todos.iter().all(|deleted| find(deleted.todo.id).is_some()),
        }
    }
}
