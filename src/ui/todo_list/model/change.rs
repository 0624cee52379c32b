//! A change to the list by the user.

use super::{bulk::Bulk, filter::Count, undo::Undo};
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
    /// With a sequence number, set by the model.
    All(Bulk, u32),
    Undo(Undo),
}

impl Change {
    pub fn rename(id: TodoId, seen: String, title: TodoTitle) -> Self {
        Self::Edit { id, patch: TodoPatch { title: Some(title), ..TodoPatch::default() }, seen: Some(seen) }
    }

    pub fn complete(id: TodoId, completed: bool) -> Self {
        Self::Edit { id, patch: TodoPatch { completed: Some(completed), ..TodoPatch::default() }, seen: None }
    }

    pub fn all(bulk: Bulk) -> Self {
        Self::All(bulk, 0)
    }

    /// The todo, if the change affects exactly one.
    pub fn id(&self) -> Option<TodoId> {
        match self {
            Self::Add { id, .. } | Self::Edit { id, .. } | Self::Delete(id) => Some(*id),
            Self::Undo(undo) => undo.first().filter(|_| undo.bulk.is_none()),
            Self::All(..) => None,
        }
    }

    /// The bulk change that this one makes or undoes.
    pub fn bulk(&self) -> Option<(Bulk, u32)> {
        match self {
            Self::All(bulk, nth) => Some((*bulk, *nth)),
            Self::Undo(undo) => undo.bulk,
            _ => None,
        }
    }

    pub fn title(&self) -> Option<&TodoTitle> {
        match self {
            Self::Add { title, .. } => Some(title),
            Self::Edit { patch, .. } => patch.title.as_ref(),
            _ => None,
        }
    }

    /// How to undo the change; `None` if it can't be.
    pub fn undo(&self, todos: &[TodoView], count: Count) -> Option<Undo> {
        match self {
            Self::Delete(id) => Some(Undo::of(None, todos, count, |todo| todo.id == *id)),
            Self::All(bulk, nth) => Some(Undo::of(Some((*bulk, *nth)), todos, count, |todo| bulk.affects(todo.completed))),
            _ => None,
        }
    }

    /// Applies the change as the server does. Idempotent in the todos, because a list from the server may already include it. The
    /// count is of all todos, loaded or not.
    pub fn apply(&self, todos: &mut Vec<TodoView>, count: &mut Count) {
        match self {
            Self::Add { id, title } => {
                if todos.iter().all(|todo| todo.id != *id) {
                    todos.push(TodoView::new(*id, title.as_str()));
                    count.active += 1;
                }
            }
            Self::Edit { id, patch, .. } => {
                if let Some(todo) = todos.iter_mut().find(|todo| todo.id == *id) {
                    let before = todo.completed;
                    todo.apply(patch);
                    if before != todo.completed {
                        count.turn(1, todo.completed);
                    }
                }
            }
            Self::Delete(id) => {
                if let Some(at) = todos.iter().position(|todo| todo.id == *id) {
                    let side = count.side(todos.remove(at).completed);
                    *side = side.saturating_sub(1);
                }
            }
            Self::All(Bulk::ClearCompleted, _) => {
                todos.retain(|todo| !todo.completed);
                count.completed = 0;
            }
            Self::All(bulk, _) => {
                let completed = *bulk == Bulk::Complete;
                for todo in todos.iter_mut() {
                    todo.completed = completed;
                }
                count.turn(usize::MAX, completed);
            }
            Self::Undo(undo) => undo.apply(todos, count),
        }
    }

    /// Whether the server's list already includes this change.
    pub fn is_in(&self, todos: &[TodoView], count: Count) -> bool {
        let find = |id: TodoId| todos.iter().find(|todo| todo.id == id);
        match self {
            Self::Add { id, .. } => find(*id).is_some(),
            Self::Edit { id, patch, .. } => find(*id).is_some_and(|todo| todo.includes(patch)),
            Self::Delete(id) => find(*id).is_none(),
            Self::All(bulk, _) => bulk.affected(count) == 0,
            Self::Undo(undo) => undo.is_in(todos),
        }
    }
}
