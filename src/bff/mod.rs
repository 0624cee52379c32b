//! The server functions: parse, delegate, return. A browser knows their names and types and nothing behind them. May
//! import `domain` and `contract`; inside a body, which only the server compiles, `server::gateway`. `paths` has the addresses.
//!
//! They are plain POST endpoints, so that a form can call them without scripting.

mod accounts;
pub mod paths;
mod todos;

pub use accounts::*;
pub use todos::*;
