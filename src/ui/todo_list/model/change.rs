//! A change to the list by the user.

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
        /// Precondition of a new title: the title before.
        seen: Option<String>,
    },
    Delete(TodoId),
    CompleteAll,
    ReopenAll,
    /// A sequence number, set by the model.
    ClearCompleted(u32),
    Restore(Removed),
}

impl Change {
    pub fn rename(id: TodoId, seen: String, title: TodoTitle) -> Self {
        Self::Edit { id, patch: TodoPatch { title: Some(title), ..TodoPatch::default() }, seen: Some(seen) }
    }

    pub fn complete(id: TodoId, completed: bool) -> Self {
        Self::Edit { id, patch: TodoPatch { completed: Some(completed), ..TodoPatch::default() }, seen: None }
    }

    /// The todo, if the change affects exactly one.
    pub fn id(&self) -> Option<TodoId> {
        match self {
            Self::Add { id, .. } | Self::Edit { id, .. } | Self::Delete(id) => Some(*id),
            Self::Restore(removed) => removed.first().filter(|_| removed.todos.len() == 1),
            Self::CompleteAll | Self::ReopenAll | Self::ClearCompleted(_) => None,
        }
    }

    pub fn title(&self) -> Option<&TodoTitle> {
        match self {
            Self::Add { title, .. } => Some(title),
            Self::Edit { patch, .. } => patch.title.as_ref(),
            _ => None,
        }
    }

    pub fn deletes(&self, todo: &TodoView) -> bool {
        match self {
            Self::Delete(id) => todo.id == *id,
            Self::ClearCompleted(_) => todo.completed,
            _ => false,
        }
    }

    /// The todos to delete; `None` if the change is no deletion.
    pub fn removed(&self, todos: &[TodoView]) -> Option<Removed> {
        let cleared = match self {
            Self::Delete(_) => None,
            Self::ClearCompleted(nth) => Some(*nth),
            _ => return None,
        };
        Some(Removed::of(todos, cleared, |todo| self.deletes(todo)))
    }

    /// Applies the change as the server does. Idempotent, because a list from the server may already include it.
    pub fn apply(&self, todos: &mut Vec<TodoView>) {
        match self {
            Self::Add { id, title } => {
                if todos.iter().all(|todo| todo.id != *id) {
                    todos.push(TodoView::new(*id, title.as_str()));
                }
            }
            Self::Edit { id, patch, .. } => {
                if let Some(todo) = todos.iter_mut().find(|todo| todo.id == *id) {
                    todo.apply(patch);
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

    /// Whether `todos` already includes this change.
    pub fn is_in(&self, todos: &[TodoView]) -> bool {
        let find = |id: TodoId| todos.iter().find(|todo| todo.id == id);
        match self {
            Self::Add { id, .. } => find(*id).is_some(),
            Self::Edit { id, patch, .. } => find(*id).is_some_and(|todo| todo.includes(patch)),
            Self::Delete(id) => find(*id).is_none(),
            Self::CompleteAll => todos.iter().all(|todo| todo.completed),
            Self::ReopenAll | Self::ClearCompleted(_) => todos.iter().all(|todo| !todo.completed),
            Self::Restore(removed) => removed.todos.iter().all(|deleted| find(deleted.todo.id).is_some()),
        }
    }
}
