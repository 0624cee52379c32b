//! The views of the island and their event handlers. May import `bff`, and of the island `model`, `state`, `sync`,
//! `dom`, `timer` and `words`.

mod drag;
mod editor;
#[cfg(test)]
mod escaping;
mod events;
mod field_message;
mod footer;
mod groups;
mod heading;
mod html;
mod links;
mod list;
mod messages;
mod row;
mod session_notice;
mod shortcuts;
mod texts;
mod todo_list;
mod urls;

pub use heading::document_title;
pub use todo_list::{TodoList, Views, start};
