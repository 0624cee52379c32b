//! The state machine of the list: maps events to the next state and the next step. Plain Rust, so that tests need no browser. May
//! import `domain` and `contract`.

mod bulk;
mod change;
mod editor;
mod failure;
mod filter;
mod list;
mod sending;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod undo;
mod window;

pub use bulk::Bulk;
pub use change::Change;
pub use editor::{Boxes, Conflict, Editor, Fields, Notes};
pub use failure::Failure;
pub use filter::{Count, Filter, with_parameter};
pub use list::{Announced, Model, More, Part};
pub use sending::{Sending, Step, Want};
pub use undo::Undo;
pub use window::Read;
