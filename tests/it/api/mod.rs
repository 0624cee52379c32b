//! The REST API from a client's side.

mod account;
mod conditions;
mod document;
mod examples;
mod many;
mod paging;
mod planning;
mod problems;
mod properties;
mod todo_backend;
mod todos;
mod tokens;
mod trash;
