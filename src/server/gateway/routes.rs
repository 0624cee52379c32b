//! What the address of a request alone tells of it.

use axum::{extract::Request, http::Method};

use super::ROOT;
use crate::contract::CurrentUser;

/// Whether the page at this path is made of somebody's data, and so needs a session.
pub fn shows_data(path: &str) -> bool {
    matches!(path, "/todos" | "/trash" | "/trash/empty" | "/account" | "/account/delete")
}

/// Whether the request is a use of the session, which keeps it from ending: a page that reads data, or what somebody did. Not what
/// a script asks by itself, or sends once more after a while: nobody may be there. Nor is what sets or drops the cookie itself.
pub fn is_use(request: &Request) -> bool {
    let path = request.uri().path();
    match *request.method() {
        Method::GET => shows_data(path),
        Method::POST => {
            let is_done_by_somebody = matches!(
                path.strip_prefix(ROOT),
                Some(
                    "/stay_signed_in"
                        | "/add_todo"
                        | "/edit_todo"
                        | "/delete_todo"
                        | "/complete_todos"
                        | "/reopen_todos"
                        | "/clear_completed"
                        | "/restore_todos"
                        | "/restore_cleared"
                        | "/empty_trash"
                )
            );
            is_done_by_somebody && !request.headers().contains_key(CurrentUser::RETRY)
        }
        _ => false,
    }
}
