//! The server functions: parse, delegate, return. They are POST endpoints, so that plain forms can call them. May import
//! `domain` and `contract`; inside a body, which only the server compiles, `server::gateway`.

mod accounts;
pub mod paths;
mod todos;

pub use accounts::*;
pub use todos::*;
