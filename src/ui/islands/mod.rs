//! The parts of pages that a browser wakes up. Whatever is called from here is in the WASM: mind its size.

mod change;
mod new_id;
mod row;
mod todo_list;

pub use todo_list::TodoList;
