//! A change to the list by the user.

use super::{
    bulk::{Bulk, Kind},
    count::Count,
    undo::Undo,
};
use crate::{
    contract::{Scope, TodoView},
    domain::{DueDate, TodoId, TodoNotes, TodoPatch, TodoTitle},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Add {
        id: TodoId,
        title: TodoTitle,
        due_on: Option<DueDate>,
        important: bool,
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
    /// With the loaded todos that it changes, set by the model.
    All(Bulk, Vec<TodoId>),
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

    pub fn add(id: TodoId, title: TodoTitle) -> Self {
        Self::Add { id, title, due_on: None, important: false }
    }

    pub fn all(kind: Kind, scope: Scope) -> Self {
        Self::All(Bulk { kind, scope, nth: 0 }, Vec::new())
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
    pub fn bulk(&self) -> Option<&Bulk> {
        match self {
            Self::All(bulk, _) => Some(bulk),
            Self::Undo(undo) => undo.bulk.as_ref(),
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
    pub fn undo(&self, todos: &[TodoView], unloaded: Count) -> Option<Self> {
        match self {
            Self::Delete(id) => Some(Self::Undo(Undo::of(None, todos, unloaded, |todo| todo.id == *id))),
            Self::All(bulk, ids) => {
                Some(Self::Undo(Undo::of(Some(bulk.clone()), todos, unloaded, |todo| ids.contains(&todo.id))))
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

    /// A new todo.
    pub fn added(&self) -> Option<TodoView> {
        let Self::Add { id, title, due_on, important } = self else { return None };
        Some(TodoView { due_on: *due_on, important: *important, ..TodoView::new(*id, title.as_str()) })
    }

    /// [`Self::apply`] to the loaded part of a scope.
    pub fn apply_within(&self, scope: &Scope, todos: &mut Vec<TodoView>, unloaded: &mut Count) {
        let mut elsewhere = Count::default();
        let is_of_scope = self.bulk().is_none_or(|bulk| bulk.scope.has_todos_of(scope));
        self.apply(todos, if is_of_scope { unloaded } else { &mut elsewhere });
    }

    /// Applies the change as the server does. Idempotent in the todos, because a list from the server may already include it. The
    /// count is of the todos that are not loaded.
    fn apply(&self, todos: &mut Vec<TodoView>, unloaded: &mut Count) {
        match self {
            Self::Add { id, .. } => {
                if todos.iter().all(|todo| todo.id != *id) {
                    todos.extend(self.added());
                }
            }
            Self::Edit { id, patch, .. } => {
                if let Some(todo) = todos.iter_mut().find(|todo| todo.id == *id) {
                    todo.apply(patch);
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
            Self::Delete(id) => todos.retain(|todo| todo.id != *id),
            Self::All(bulk, ids) => {
                let is_changed = |todo: &TodoView| bulk.affects(todo) && ids.contains(&todo.id);
                if bulk.kind == Kind::ClearCompleted {
                    todos.retain(|todo| !is_changed(todo));
                } else {
                    for todo in todos.iter_mut().filter(|todo| is_changed(todo)) {
                        todo.set_completed(bulk.kind == Kind::Complete);
                    }
                }
                *unloaded = bulk.apply(*unloaded);
            }
            Self::Undo(undo) => undo.apply(todos, unloaded),
        }
    }

    /// Whether the server's list already includes this change.
    pub fn is_in(&self, todos: &[TodoView], unloaded: Count) -> bool {
        let find = |id: TodoId| todos.iter().find(|todo| todo.id == id);
        match self {
            Self::Add { id, .. } => find(*id).is_some(),
            Self::Edit { id, patch, .. } => find(*id).is_some_and(|todo| todo.includes(patch)),
            Self::Move { id, after, .. } => {
                let at = todos.iter().position(|todo| todo.id == *id);
                at.is_some_and(|at| at.checked_sub(1).map(|before| todos[before].id) == *after)
            }
            Self::Delete(id) => find(*id).is_none(),
            Self::All(bulk, ids) => {
                let is_left = |todo: &TodoView| bulk.affects(todo) && ids.contains(&todo.id);
                bulk.affected(unloaded).is_empty() && !todos.iter().any(is_left)
            }
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
