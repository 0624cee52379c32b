//! What may cross to a browser: views and errors. May import `domain` only; no type in here can hold a token.

mod error;
mod problem;
mod todo;

pub use error::AppError;
pub use problem::{ProblemText, ProblemType};
pub use todo::TodoView;
