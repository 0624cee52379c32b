//! The whole program in process, and the actors who use it.

mod api_user;
mod app;
mod browser;

pub use api_user::{ANN, ApiUser, BOB, PASSWORD};
pub use app::{App, SECRET, body_json, body_text, first_header};
pub use browser::Browser;
