//! The pages: HTML made on the server, without any script of their own.

mod empty_trash;
mod failure;
mod problem;
mod sign_in;
mod sign_up;
mod todos;
mod trash;

pub use empty_trash::EmptyTrash;
pub use failure::Failure;
pub use problem::{Problem, Problems};
pub use sign_in::SignIn;
pub use sign_up::SignUp;
pub use todos::Todos;
pub use trash::Trash;
