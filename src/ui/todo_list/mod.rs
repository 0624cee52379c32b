//! The todo list: the island, which a browser wakes up. May import `bff`, `contract`, `domain`, and of `ui` words and icons. Whatever is
//! called from here is in the WASM: mind its size.

mod dom;
mod model;
mod sync;
mod timer;
mod view;
mod words;

pub use dom::prepare;
pub use model::Filter;
pub use view::TodoList;
