//! Changes of all todos at once.

use super::filter::Count;

/// A change of all todos, loaded or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bulk {
    Complete,
    Reopen,
    ClearCompleted,
}

impl Bulk {
    pub fn affects(self, completed: bool) -> bool {
        completed == (self != Self::Complete)
    }

    /// The number of todos that it changes.
    pub fn affected(self, count: Count) -> usize {
        if self.affects(true) { count.completed } else { count.active }
    }
}
