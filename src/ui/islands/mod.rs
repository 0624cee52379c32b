//! The parts of pages that a browser wakes up. Whatever is called from here is in the WASM: mind its size.

mod change;
mod new_id;
mod row;
mod show;
mod todo_list;

pub use show::Show;
pub use todo_list::TodoList;
