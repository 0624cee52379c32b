//! The types that may reach a browser: views and errors, none with a token. May import `domain` only.

mod account;
mod current_user;
mod error;
mod scope;
mod todo;
mod trash;

pub use account::AccountView;
pub use current_user::CurrentUser;
pub use error::{AppError, Field, Rule};
pub use scope::{Filter, Scope, View, with_parameter};
pub use todo::{PageInfo, TodoPage, TodoView, ViewCounts, due_field, patch_fields, seen_fields};
pub use trash::{DeletedTodoView, TrashView};
