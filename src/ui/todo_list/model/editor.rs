//! Where a title is typed.

use crate::domain::TodoId;

/// The editor of the one title that is edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor {
    pub id: TodoId,
    /// The title that the person saw.
    pub seen: String,
    /// What is in the box at first.
    pub typed: String,
    /// `seen` was written elsewhere meanwhile, and the person has to choose.
    pub is_conflict: bool,
}

/// What is in the boxes of the page.
#[derive(Clone, Debug, Default)]
pub struct Boxes {
    pub new_todo: String,
    pub editor: Option<String>,
}
