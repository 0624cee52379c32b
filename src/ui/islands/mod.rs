//! The parts of pages that a browser wakes up. Whatever is called from here is in the WASM: mind its size.

#![allow(
    clippy::large_types_passed_by_value,
    reason = "a bundle of signals, which are handles; only debug builds double their size"
)]

mod change;
mod dom;
mod list;
mod new_id;
mod post;
mod remark;
mod row;
mod sending;
mod shortcuts;
mod show;
mod sign_in_again;
mod timer;
mod todo_list;
mod undo;

pub use dom::prepare;
pub use show::Show;
pub use todo_list::TodoList;
