//! What is on the list and what is still to be sent: events come in, the next state and the next step come out. Plain Rust, so that
//! tests need no browser; may import `domain` and `contract`.

mod change;
mod filter;
mod list;
mod removed;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use change::Change;
pub use filter::{Count, Filter};
pub use list::{Boxes, Editor, Failure, Model, Sending, Step};
pub use removed::Removed;
