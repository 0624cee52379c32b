//! The view model of the trash.

use serde::{Deserialize, Serialize};

use super::TodoView;

/// A page of deleted todos, latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrashView {
    pub todos: Vec<DeletedTodoView>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedTodoView {
    pub todo: TodoView,
    /// RFC 3339, UTC.
    pub deleted_at: String,
    /// Computed from the server's clock.
    pub seconds_ago: u64,
}
