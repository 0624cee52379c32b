//! What somebody did to the list, as it is sent to the server.

use crate::{bff, contract::AppError, domain::TodoId};

#[derive(Clone)]
pub enum Change {
    Add { id: TodoId, title: String },
    Rename { id: TodoId, title: String },
    Complete(TodoId),
    Reopen(TodoId),
    Delete(TodoId),
}

impl Change {
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
