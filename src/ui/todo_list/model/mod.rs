//! The state machine of the list: maps events to the next state and the next step. Plain Rust, so that tests need no browser. May
//! import `domain` and `contract`.

mod bulk;
mod change;
mod count;
mod editor;
mod failure;
mod list;
mod sending;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod undo;
mod window;

#[cfg(test)]
pub use bulk::Bulk;
pub use bulk::Kind;
pub use change::Change;
pub use count::Count;
pub use editor::{Boxes, Conflict, Editor, Fields, Notes};
pub use failure::Failure;
pub use list::{Announced, Model, More, Part};
pub use sending::{Sending, Step, Want};
pub use undo::Undo;
pub use window::Read;
