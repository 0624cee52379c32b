//! A todo as the page needs it.

use serde::{Deserialize, Serialize};

use crate::domain::TodoId;

/// The members of the API's representation that the page shows; it ignores the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodoView {
    pub id: TodoId,
    pub title: String,
    pub completed: bool,
}
