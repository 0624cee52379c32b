//! A change to the list by the user.

use super::{bulk::Bulk, filter::Count, undo::Undo};
use crate::{
    contract::TodoView,
    domain::{TodoId, TodoNotes, TodoPatch, TodoTitle},
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
        /// The same fields before: the precondition, and the way back.
        before: TodoPatch,
    },
    /// Behind another todo, or to the start.
    Move {
        id: TodoId,
        after: Option<TodoId>,
        before: Option<TodoId>,
    },
    Delete(TodoId),
    /// With a sequence number, set by the model.
    All(Bulk, u32),
    Undo(Undo),
}

impl Change {
    /// The edit of the fields that differ, if any.
    pub fn replace(id: TodoId, mut before: TodoPatch, mut patch: TodoPatch) -> Option<Self> {
        drop_same(&mut before.title, &mut patch.title);
        drop_same(&mut before.notes, &mut patch.notes);
        drop_same(&mut before.due_on, &mut patch.due_on);
        drop_same(&mut before.important, &mut patch.important);
        drop_same(&mut before.completed, &mut patch.completed);
        (patch != TodoPatch::default()).then_some(Self::Edit { id, patch, before })
    }

    pub fn rename(id: TodoId, seen: String, title: TodoTitle) -> Self {
        let of = |title| TodoPatch { title: Some(title), ..TodoPatch::default() };
        Self::Edit { id, patch: of(title), before: of(TodoTitle::stored(seen)) }
    }

    pub fn complete(id: TodoId, completed: bool) -> Self {
        let of = |completed| TodoPatch { completed: Some(completed), ..TodoPatch::default() };
        Self::Edit { id, patch: of(completed), before: of(!completed) }
    }

    pub fn star(id: TodoId, important: bool) -> Self {
        let of = |important| TodoPatch { important: Some(important), ..TodoPatch::default() };
        Self::Edit { id, patch: of(important), before: of(!important) }
    }

    pub fn all(bulk: Bulk) -> Self {
        Self::All(bulk, 0)
    }

    /// The todo, if the change affects exactly one.
    pub fn id(&self) -> Option<TodoId> {
        match self {
            Self::Add { id, .. } | Self::Edit { id, .. } | Self::Move { id, .. } | Self::Delete(id) => Some(*id),
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

    /// What the user has typed.
    pub fn text(&self) -> Option<String> {
        joined(self.title().map(TodoTitle::as_str), self.notes())
    }

    pub fn title(&self) -> Option<&TodoTitle> {
        match self {
            Self::Add { title, .. } => Some(title),
            Self::Edit { patch, .. } => patch.title.as_ref(),
            _ => None,
        }
    }

    pub fn notes(&self) -> Option<&str> {
        if let Self::Edit { patch, .. } = self { patch.notes.as_ref().map(TodoNotes::as_str) } else { None }
    }

    /// The change that undoes this one; `None` if it can't be undone, or is itself the undoing of a deletion or a bulk change.
    pub fn undo(&self, todos: &[TodoView], count: Count) -> Option<Self> {
        match self {
            Self::Delete(id) => Some(Self::Undo(Undo::of(None, todos, count, |todo| todo.id == *id))),
            Self::All(bulk, nth) => {
                Some(Self::Undo(Undo::of(Some((*bulk, *nth)), todos, count, |todo| bulk.affects(todo.completed))))
            }
            Self::Add { .. } | Self::Edit { .. } | Self::Move { .. } | Self::Undo(_) => self.reversed(),
        }
    }

    pub fn reversed(&self) -> Option<Self> {
        match self.clone() {
            Self::Edit { id, patch, before } => Some(Self::Edit { id, patch: before, before: patch }),
            Self::Move { id, after, before } => Some(Self::Move { id, after: before, before: after }),
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
            Self::Move { id, after, .. } => {
                let index_of = |id: TodoId| todos.iter().position(|todo| todo.id == id);
                let to = after.map_or(Some(0), |after| Some(index_of(after)? + 1));
                // Beside a todo that is not loaded, the place is known when the list is read.
                if let (Some(from), Some(to)) = (index_of(*id), to) {
                    let todo = todos.remove(from);
                    todos.insert(if from < to { to - 1 } else { to }, todo);
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
            Self::Move { id, after, .. } => {
                let at = todos.iter().position(|todo| todo.id == *id);
                at.is_some_and(|at| at.checked_sub(1).map(|before| todos[before].id) == *after)
            }
            Self::Delete(id) => find(*id).is_none(),
            Self::All(bulk, _) => bulk.affected(count) == 0,
            Self::Undo(undo) => undo.is_in(todos),
        }
    }
}

/// The text of a title and of notes.
pub fn joined(title: Option<&str>, notes: Option<&str>) -> Option<String> {
    match (title, notes) {
        (Some(title), Some(notes)) => Some([title, "\n", notes].concat()),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// Also drops a field of which one value is not known.
fn drop_same<T: PartialEq>(before: &mut Option<T>, after: &mut Option<T>) {
    if before.is_none() || after.is_none() || before == after {
        (*before, *after) = (None, None);
    }
}

/// Moves into `patch` what a later one changes of the same fields: those whose rejection rejects the later one, too.
pub fn absorb(patch: &mut TodoPatch, later: &mut TodoPatch, before: &mut TodoPatch) {
    fn take<T>(field: &mut Option<T>, later: &mut Option<T>, before: &mut Option<T>) {
        if field.is_some() && later.is_some() {
            (*field, *before) = (later.take(), None);
        }
    }
    take(&mut patch.title, &mut later.title, &mut before.title);
    take(&mut patch.notes, &mut later.notes, &mut before.notes);
    take(&mut patch.due_on, &mut later.due_on, &mut before.due_on);
}
