//! The REST API from a client's side.

mod account;
mod batch;
mod conditions;
mod document;
mod examples;
mod many;
mod moving;
mod paging;
mod planning;
mod problems;
mod properties;
mod todo_backend;
mod todos;
mod tokens;
mod trash;
