//! What is true without HTTP or SQL. Parses what people type, never panics; may import nothing of ours.

mod email;
mod id;
mod password;
mod todo;

pub use email::{Email, EmailError};
pub use id::{IdError, TodoId, UserId};
pub use password::{Password, PasswordError};
pub use todo::{OrderError, TitleError, Todo, TodoOrder, TodoTitle, UnixMillis};
