//! The state machine of the list: maps events to the next state and the next step. Plain Rust, so that tests need no browser. May
//! import `domain` and `contract`.

mod change;
mod editor;
mod failure;
mod filter;
mod list;
mod removed;
mod sending;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use change::Change;
pub use editor::{Boxes, Editor};
pub use failure::Failure;
pub use filter::{Count, Filter};
pub use list::Model;
pub use removed::Removed;
pub use sending::{Sending, Step};
