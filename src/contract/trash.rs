//! The trash as its page needs it.

use serde::{Deserialize, Serialize};

use super::TodoView;

/// A page of it: what was deleted last comes first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrashView {
    pub todos: Vec<DeletedTodoView>,
    /// What asks for the next page, if there is one.
    pub next: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedTodoView {
    pub todo: TodoView,
    /// RFC 3339, UTC.
    pub deleted_at: String,
    /// How long ago that was, by the server's clock.
    pub seconds_ago: u64,
}
