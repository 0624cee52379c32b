//! The view model of a todo.

use serde::{Deserialize, Serialize};

use crate::domain::TodoId;

/// The subset of the API's representation that the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoView {
    pub id: TodoId,
    pub title: String,
    pub completed: bool,
}
