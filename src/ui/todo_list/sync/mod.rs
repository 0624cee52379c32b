//! Synchronisation with the server: sends the queue, loads the list and monitors the session. May import `bff`,
//! and of the island `model`, `state`, `dom`, `json`, `timer` and `words`.

mod dialog;
mod new_id;
mod post;
mod queue;
mod send;
mod session;

pub use new_id::new_id;
pub use queue::Queue;
pub use session::Session;
