//! What somebody did to the list, as it is sent to the server.

use leptos::server_fn::ServerFn;

use super::{
    post::{Sender, post},
    undo::{Deleted, Removed},
};
use crate::{
    bff,
    contract::{AppError, TodoView},
    domain::TodoId,
};

/// In one form, which may have 64 KiB.
const MOST_IDS: usize = 1000;

#[derive(Clone)]
pub enum Change {
    Add {
        id: TodoId,
        title: String,
    },
    /// `was` is the title that somebody saw when they changed it.
    Rename {
        id: TodoId,
        was: String,
        title: String,
    },
    Complete(TodoId),
    Reopen(TodoId),
    Delete(TodoId),
    CompleteAll,
    ReopenAll,
    /// The number tells it from others, for [`Undo::date`](super::undo::Undo::date).
    ClearCompleted(u32),
    /// Brings back what was deleted.
    Restore(Removed),
}

impl Change {
    /// The todo that it is about, if it is about one.
    pub fn id(&self) -> Option<TodoId> {
        match self {
            Self::Add { id, .. } | Self::Rename { id, .. } | Self::Complete(id) | Self::Reopen(id) | Self::Delete(id) => {
                Some(*id)
            }
            Self::Restore(removed) => removed.first().filter(|_| removed.todos.len() == 1),
            Self::CompleteAll | Self::ReopenAll | Self::ClearCompleted(_) => None,
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

    /// Does to `todos` what the server will do.
    pub fn apply(&self, todos: &mut Vec<TodoView>) {
        let mut with =
            |id: &TodoId, change: &dyn Fn(&mut TodoView)| todos.iter_mut().filter(|todo| todo.id == *id).for_each(change);
        match self {
            Self::Add { id, title } => todos.push(TodoView { id: *id, title: title.clone(), completed: false }),
            Self::Rename { id, title, .. } => with(id, &|todo| todo.title.clone_from(title)),
            Self::Complete(id) => with(id, &|todo| todo.completed = true),
            Self::Reopen(id) => with(id, &|todo| todo.completed = false),
            Self::CompleteAll => todos.iter_mut().for_each(|todo| todo.completed = true),
            Self::ReopenAll => todos.iter_mut().for_each(|todo| todo.completed = false),
            Self::Delete(_) | Self::ClearCompleted(_) => todos.retain(|todo| !self.deletes(todo)),
            Self::Restore(removed) => removed.put_back(todos),
        }
    }

    /// Whether `todos` is as it would be after this change.
    pub fn is_in(&self, todos: &[TodoView]) -> bool {
        let todo = todos.iter().find(|todo| Some(todo.id) == self.id());
        match self {
            Self::Add { .. } => todo.is_some(),
            Self::Rename { title, .. } => todo.is_some_and(|todo| todo.title == *title),
            Self::Complete(_) => todo.is_some_and(|todo| todo.completed),
            Self::Reopen(_) => todo.is_some_and(|todo| !todo.completed),
            Self::Delete(_) => todo.is_none(),
            Self::CompleteAll => todos.iter().all(|todo| todo.completed),
            Self::ReopenAll | Self::ClearCompleted(_) => todos.iter().all(|todo| !todo.completed),
            Self::Restore(removed) => removed.todos.iter().all(|it| todos.iter().any(|todo| todo.id == it.todo.id)),
        }
    }

    /// Sends it for an answer in JSON. Sending one twice does no harm.
    pub async fn send(&self, sender: Sender) -> Result<String, AppError> {
        let mut answer = String::new();
        for (path, fields) in self.forms() {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            answer = post(path, sender, &fields).await?;
            // Whoever answers otherwise is not the server.
            if answer != "null" && answer.parse::<i64>().is_err() {
                return Err(AppError::Unreachable);
            }
        }
        Ok(answer)
    }

    /// The form that does the same without scripting, or several, if one can't hold all ids. They are sent at one place: a request for
    /// each kind of change would be code for each in the WASM.
    fn forms(&self) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
        let id = ("id", self.id().map(|id| id.to_string()).unwrap_or_default());
        let form = match self {
            Self::Add { title, .. } => (bff::AddTodo::PATH, vec![id, ("title", title.clone())]),
            Self::Rename { was, title, .. } => (bff::RenameTodo::PATH, vec![id, ("was", was.clone()), ("title", title.clone())]),
            Self::Complete(_) => (bff::CompleteTodo::PATH, vec![id]),
            Self::Reopen(_) => (bff::ReopenTodo::PATH, vec![id]),
            Self::Delete(_) => (bff::DeleteTodo::PATH, vec![id]),
            Self::CompleteAll => (bff::CompleteTodos::PATH, vec![]),
            Self::ReopenAll => (bff::ReopenTodos::PATH, vec![]),
            Self::ClearCompleted(_) => (bff::ClearCompleted::PATH, vec![]),
            Self::Restore(Removed { at: Some(at), .. }) => (bff::RestoreCleared::PATH, vec![("at", at.clone())]),
            Self::Restore(Removed { todos, .. }) => {
                let ids = |todos: &[Deleted]| todos.iter().map(|deleted| ("ids[]", deleted.todo.id.to_string())).collect();
                return todos.chunks(MOST_IDS).map(|todos| (bff::RestoreTodos::PATH, ids(todos))).collect();
            }
        };
        vec![form]
    }
}
