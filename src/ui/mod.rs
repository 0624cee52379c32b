//! What people see: pages, which are plain HTML from the server, and islands, which a browser wakes up. May import
//! `bff`, `contract` and `domain`.

mod app;
mod components;
pub mod islands;
mod pages;
mod words;

pub use app::{App, failure, problem, shell};
