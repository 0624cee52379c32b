//! The todo list: the island that the browser hydrates. May import `bff`, `contract`, `domain`, and of `ui` words and icons. All
//! code called from here adds to the size of the WASM.

mod dom;
mod json;
mod model;
mod sent;
mod state;
mod sync;
mod timer;
mod view;
mod words;

pub use model::Editor;
pub use view::{TodoList, Views, document_title, start};
