//! The views of the island and their event handlers. May import `bff`, and of the island `model`, `state`, `sync`,
//! `dom`, `timer` and `words`.

mod editor;
#[cfg(test)]
mod escaping;
mod events;
mod field_message;
mod footer;
mod html;
mod links;
mod list;
mod messages;
mod row;
mod session_notice;
mod shortcuts;
mod texts;
mod todo_list;

pub use todo_list::TodoList;
