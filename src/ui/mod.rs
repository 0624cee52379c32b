//! What people see: pages, which are plain HTML from the server, and the island, which a browser wakes up. May import
//! `bff`, `contract` and `domain`.

mod app;
mod components;
pub mod page_context;
mod pages;
pub mod todo_list;
mod words;

pub use self::{
    app::{App, failure, problem, problems, shell},
    pages::ProblemText,
};
