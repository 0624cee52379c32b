//! The text inputs of the list.

use crate::domain::TodoId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    pub id: TodoId,
    /// The title before the edit, which is the precondition for saving.
    pub seen: String,
    /// Initial value of the input.
    pub typed: String,
    /// `seen` was changed elsewhere, and the user has to choose a version.
    pub is_conflict: bool,
}

/// The current values of the inputs.
#[derive(Clone, Debug, Default)]
pub struct Boxes {
    pub new_todo: String,
    pub editor: Option<String>,
}
