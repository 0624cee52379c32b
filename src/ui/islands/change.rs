//! What somebody did to the list, as it is sent to the server.

use crate::{
    bff,
    contract::{AppError, TodoView},
    domain::TodoId,
};

#[derive(Clone)]
pub enum Change {
    Add { id: TodoId, title: String },
    Rename { id: TodoId, title: String },
    Complete(TodoId),
    Reopen(TodoId),
    Delete(TodoId),
    CompleteAll,
    ReopenAll,
    ClearCompleted,
}

impl Change {
    /// The todo that it is about, if it is about one.
    pub fn id(&self) -> Option<TodoId> {
        match self {
            Self::Add { id, .. } | Self::Rename { id, .. } | Self::Complete(id) | Self::Reopen(id) | Self::Delete(id) => {
                Some(*id)
            }
            Self::CompleteAll | Self::ReopenAll | Self::ClearCompleted => None,
        }
    }

    /// Does to `todos` what the server will do.
    pub fn apply(&self, todos: &mut Vec<TodoView>) {
        let mut with =
            |id: &TodoId, change: &dyn Fn(&mut TodoView)| todos.iter_mut().filter(|todo| todo.id == *id).for_each(change);
        match self {
            Self::Add { id, title } => todos.push(TodoView { id: *id, title: title.clone(), completed: false }),
            Self::Rename { id, title } => with(id, &|todo| todo.title.clone_from(title)),
            Self::Complete(id) => with(id, &|todo| todo.completed = true),
            Self::Reopen(id) => with(id, &|todo| todo.completed = false),
            Self::Delete(id) => todos.retain(|todo| todo.id != *id),
            Self::CompleteAll => todos.iter_mut().for_each(|todo| todo.completed = true),
            Self::ReopenAll => todos.iter_mut().for_each(|todo| todo.completed = false),
            Self::ClearCompleted => todos.retain(|todo| !todo.completed),
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
            Self::ReopenAll | Self::ClearCompleted => todos.iter().all(|todo| !todo.completed),
        }
    }

    /// Calls the server function; `was` is the title until now. Sending one twice does no harm.
    pub async fn send(self, was: String) -> Result<(), AppError> {
        match self {
            Self::Add { id, title } => bff::add_todo(Some(id), title).await,
            Self::Rename { id, title } => bff::rename_todo(id, was, title).await,
            Self::Complete(id) => bff::complete_todo(id).await,
            Self::Reopen(id) => bff::reopen_todo(id).await,
            Self::Delete(id) => bff::delete_todo(id).await,
            Self::CompleteAll => bff::complete_todos().await,
            Self::ReopenAll => bff::reopen_todos().await,
            Self::ClearCompleted => bff::clear_completed().await,
        }
    }
}
