//! What may cross to a browser: views and errors. May import `domain` only; no type in here can hold a token.

mod current_user;
mod error;
mod todo;
mod trash;

pub use current_user::CurrentUser;
pub use error::{AppError, Field, Rule};
pub use todo::TodoView;
pub use trash::{DeletedTodoView, TrashView};
