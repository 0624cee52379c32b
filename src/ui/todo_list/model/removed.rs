//! Deletions that can be undone.

use crate::{contract::TodoView, domain::TodoId};

/// The todos deleted by one change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    pub todos: Vec<Deleted>,
    /// Sequence number of the `ClearCompleted`.
    pub cleared: Option<u32>,
    /// Time of the deletion on the server, if known. A restore by time includes todos that this page has not loaded.
    pub at: Option<String>,
}

/// A deleted todo with its neighbours, because an index becomes stale when other todos come and go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    pub todo: TodoView,
    before: Option<TodoId>,
    after: Option<TodoId>,
}

impl Removed {
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

    pub fn put_back(&self, todos: &mut Vec<TodoView>) {
        for Deleted { todo, before, after } in &self.todos {
            let index_of = |id: &Option<TodoId>| todos.iter().position(|other| Some(other.id) == *id);
            if index_of(&Some(todo.id)).is_none() {
                let at = index_of(before).map(|at| at + 1).or_else(|| index_of(after)).unwrap_or(todos.len());
                todos.insert(at, todo.clone());
            }
        }
    }
}
