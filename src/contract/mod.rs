//! What may cross to a browser: views and errors; and what a page is told of the request that it answers. May import `domain`
//! only; no type in here can hold a token.

mod current_user;
mod error;
mod http_warning;
mod problem;
mod site_origin;
mod support_id;
mod todo;
mod trash;
mod unfinished_form;

pub use current_user::CurrentUser;
pub use error::AppError;
pub use http_warning::HttpWarning;
pub use problem::{ProblemText, ProblemType};
pub use site_origin::SiteOrigin;
pub use support_id::SupportId;
pub use todo::TodoView;
pub use trash::{DeletedTodoView, TrashView};
pub use unfinished_form::UnfinishedForm;
