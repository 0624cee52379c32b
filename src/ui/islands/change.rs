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
}

impl Change {
    /// The todo that it is about.
    pub fn id(&self) -> TodoId {
        let (Self::Add { id, .. } | Self::Rename { id, .. } | Self::Complete(id) | Self::Reopen(id) | Self::Delete(id)) = self;
        *id
    }

    /// Does to `todos` what the server will do.
    pub fn apply(&self, todos: &mut Vec<TodoView>) {
        let id = self.id();
        if let Self::Add { title, .. } = self {
            todos.push(TodoView { id, title: title.clone(), completed: false });
        } else if let Some(at) = todos.iter().position(|todo| todo.id == id) {
            match self {
                Self::Rename { title, .. } => todos[at].title.clone_from(title),
                Self::Complete(_) => todos[at].completed = true,
                Self::Reopen(_) => todos[at].completed = false,
                Self::Add { .. } | Self::Delete(_) => drop(todos.remove(at)),
            }
        }
    }

    /// Whether `todos` is as it would be after this change.
    pub fn is_in(&self, todos: &[TodoView]) -> bool {
        let todo = todos.iter().find(|todo| todo.id == self.id());
        match self {
            Self::Add { .. } => todo.is_some(),
            Self::Rename { title, .. } => todo.is_some_and(|todo| todo.title == *title),
            Self::Complete(_) => todo.is_some_and(|todo| todo.completed),
            Self::Reopen(_) => todo.is_some_and(|todo| !todo.completed),
            Self::Delete(_) => todo.is_none(),
        }
    }

    /// Calls the server function. Sending one twice does no harm.
    pub async fn send(self) -> Result<(), AppError> {
        match self {
            Self::Add { id, title } => bff::add_todo(Some(id), title).await,
            Self::Rename { id, title } => bff::rename_todo(id, title).await,
            Self::Complete(id) => bff::complete_todo(id).await,
            Self::Reopen(id) => bff::reopen_todo(id).await,
            Self::Delete(id) => bff::delete_todo(id).await,
        }
    }
}
