//! What may cross to a browser: views and errors. May import `domain` only; no type in here can hold a token.

mod error;
mod todo;

pub use error::AppError;
pub use todo::TodoView;
