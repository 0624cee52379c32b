//! Types and rules that are independent of HTTP and SQL. Parses input and never panics; imports no other module of the crate.

mod due_date;
mod email;
mod id;
mod notes;
mod password;
mod registration;
mod tags;
mod text;
mod todo;
mod todo_lines;

pub use due_date::{DueDate, DueDateError};
pub use email::{Email, EmailError};
pub use id::{IdError, SessionId, TodoId, UserId};
pub use notes::{NotesError, TodoNotes};
pub use password::{Password, PasswordError, Weakness};
pub use registration::Registration;
pub use tags::{MAX_TAGS, has_tag, tag_names, tags_of, with_tag};
pub use text::is_visible;
pub use todo::{DAYS_IN_TRASH, OrderError, TitleError, Todo, TodoFields, TodoOrder, TodoPatch, TodoTitle, UnixMillis};
pub use todo_lines::LinesError;
