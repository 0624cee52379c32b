//! The server-rendered pages. Every action works without scripting.

mod account;
mod delete_account;
mod empty_trash;
mod failure;
mod not_shown;
mod print;
mod problem;
mod several;
mod sign_in;
mod sign_up;
mod todos;
mod trash;

pub use account::Account;
pub use delete_account::DeleteAccount;
pub use empty_trash::EmptyTrash;
pub use failure::Failure;
pub use print::Print;
pub use problem::{Problem, ProblemText, Problems};
pub use several::Several;
pub use sign_in::SignIn;
pub use sign_up::SignUp;
pub use todos::Todos;
pub use trash::Trash;
