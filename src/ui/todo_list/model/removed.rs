//! What was deleted and can be brought back.

use crate::{contract::TodoView, domain::TodoId};

/// What one change deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    pub todos: Vec<Deleted>,
    /// If it cleared the completed: which of those changes it was.
    pub cleared: Option<u32>,
    /// When the server did it, by its clock, if that is known: then it brings back all that it deleted, also what this page
    /// has not seen.
    pub at: Option<String>,
}

/// A deleted todo. Its place is told by its neighbours: an index would be another once they come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub todo: TodoView,
    before: Option<TodoId>,
    after: Option<TodoId>,
}

impl Removed {
    /// The todos that `is_deleted` names.
    pub fn of(todos: &[TodoView], cleared: Option<u32>, is_deleted: impl Fn(&TodoView) -> bool) -> Self {
        let id = |at: Option<usize>| at.and_then(|at| todos.get(at)).map(|todo| todo.id);
        let deleted = |(at, todo): (usize, &TodoView)| {
            is_deleted(todo).then(|| Deleted { todo: todo.clone(), before: id(at.checked_sub(1)), after: id(Some(at + 1)) })
        };
        Self { todos: todos.iter().enumerate().filter_map(deleted).collect(), cleared, at: None }
    }

    pub fn first(&self) -> Option<TodoId> {
        self.todos.first().map(|deleted| deleted.todo.id)
    }

    /// Puts them back.
    pub fn put_back(&self, todos: &mut Vec<TodoView>) {
        for Deleted { todo, before, after } in &self.todos {
            let place = |id: &Option<TodoId>| todos.iter().position(|other| Some(other.id) == *id);
            if place(&Some(todo.id)).is_none() {
                let at = place(before).map(|at| at + 1).or_else(|| place(after)).unwrap_or(todos.len());
                todos.insert(at, todo.clone());
            }
        }
    }
}
