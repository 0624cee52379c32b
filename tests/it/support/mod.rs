//! The application, in process and as a program, and the actors that use it.

mod api_user;
mod app;
mod browser;
mod database;
mod document;
mod faulty_store;
pub mod log;
mod program;
mod token;

pub use api_user::{ANN, ApiUser, BOB, ID, PASSWORD, path, request_token, request_token_from};
pub use app::{App, SECRET, SECURITY_HEADERS, body_json, body_text, first_header};
pub use browser::{Browser, Page, peer};
pub use database::{COUNT_FAULTS, Kind, TestDatabase, command, run_sql};
pub use document::{Document, Operation};
pub use faulty_store::{Fault, old_hash};
pub use log::statements_of;
pub use program::{LIVEZ_REQUEST, Program, RawResponse, connect, read_to_end, token_request};
pub use token::{claims, of_version_before, sign};
