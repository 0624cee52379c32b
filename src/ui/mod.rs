//! The user interface: server-rendered pages, and the island that the browser hydrates. May import `bff`, `contract` and
//! `domain`.

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
