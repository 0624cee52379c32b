//! What is on the list and what is still to be sent: events come in, the next state and the next step come out. Plain Rust, so that
//! tests need no browser; may import `domain` and `contract`.

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
