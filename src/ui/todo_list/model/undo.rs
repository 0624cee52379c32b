//! What undoes a deletion or a bulk change.

use super::{
    bulk::{Bulk, Kind},
    count::Count,
};
use crate::{contract::TodoView, domain::TodoId};

/// A deletion or a bulk change, with the todos before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undo {
    /// `None` for the deletion of one todo.
    pub bulk: Option<Bulk>,
    /// The changed todos that were loaded.
    pub todos: Vec<Before>,
    /// Those that were not, as far as this page knows.
    pub unloaded: Count,
    /// The list version that a bulk change made, once the server has answered. It identifies the change on the server.
    pub version: Option<String>,
}

/// A todo before the change, with its neighbours, because an index becomes stale when other todos come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    pub todo: TodoView,
    previous: Option<TodoId>,
    next: Option<TodoId>,
}

impl Undo {
    pub fn of(bulk: Option<Bulk>, todos: &[TodoView], unloaded: Count, is_changed: impl Fn(&TodoView) -> bool) -> Self {
        let id = |at: Option<usize>| at.and_then(|at| todos.get(at)).map(|todo| todo.id);
        let changed = |(at, todo): (usize, &TodoView)| {
            is_changed(todo).then(|| Before { todo: todo.clone(), previous: id(at.checked_sub(1)), next: id(Some(at + 1)) })
        };
        let todos = todos.iter().enumerate().filter_map(changed).collect();
        let unloaded = bulk.as_ref().map(|bulk| bulk.affected(unloaded)).unwrap_or_default();
        Self { bulk, todos, unloaded, version: None }
    }

    /// All changed todos.
    pub fn count(&self) -> usize {
        self.todos.len() + self.unloaded.total()
    }

    pub fn first(&self) -> Option<TodoId> {
        self.todos.first().map(|before| before.todo.id)
    }

    pub fn is_deletion(&self) -> bool {
        self.bulk.as_ref().is_none_or(|bulk| bulk.kind == Kind::ClearCompleted)
    }

    /// Idempotent in the todos.
    pub fn apply(&self, todos: &mut Vec<TodoView>, unloaded: &mut Count) {
        for Before { todo, previous, next } in &self.todos {
            let index_of = |id: &Option<TodoId>| todos.iter().position(|other| Some(other.id) == *id);
            match index_of(&Some(todo.id)) {
                Some(at) if !self.is_deletion() => {
                    (todos[at].completed, todos[at].is_earlier) = (todo.completed, todo.is_earlier);
                }
                None if self.is_deletion() => {
                    let at = index_of(previous).map(|at| at + 1).or_else(|| index_of(next)).unwrap_or(todos.len());
                    todos.insert(at, todo.clone());
                }
                _ => {}
            }
        }
        if let Some(bulk) = &self.bulk {
            *unloaded = bulk.revert(*unloaded, self.unloaded);
        }
    }

    /// Whether any todo is as before. All of them are reverted together, unless they were changed since.
    pub fn is_in(&self, todos: &[TodoView]) -> bool {
        let is_back = |before: &Before| {
            let now = todos.iter().find(|todo| todo.id == before.todo.id);
            now.is_some_and(|now| self.is_deletion() || now.completed == before.todo.completed)
        };
        self.todos.iter().any(is_back)
    }
}
