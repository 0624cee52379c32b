//! The table of server functions and pages.

use axum::{extract::Request, http::Method};
use leptos::server_fn::ServerFn;

use self::SessionUse::{Ends, Needs, Starts, Uses};
use super::local_path::LocalPath;
use crate::{
    bff::{
        self,
        paths::{ACCOUNT, DELETE_ACCOUNT, EMPTY_TRASH, PRINT, SEVERAL, SIGN_IN, SIGN_UP, TODOS, TRASH},
    },
    contract::{CurrentUser, Scope},
    server::{api::MAX_ADDED_BYTES, http::body},
};

/// The effect of a server function on the caller's session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SessionUse {
    /// Needs no session.
    Starts,
    Ends,
    /// Requires a session and does not renew it: calls that a script makes by itself, and functions that need the password or drop the
    /// cookie.
    Needs,
    /// Requires a session and renews it.
    Uses,
}

#[derive(Clone, Copy)]
pub struct Function {
    path: &'static str,
    /// The page of its form, if the `Referer` is missing.
    page: &'static str,
    pub session: SessionUse,
    /// After an error: the query parameter that reopens the input or the undo offer on the page, and the form field with its value.
    pub reopens: Option<(&'static str, Option<&'static str>)>,
    /// After a change that can be undone (a result that is not null): the query parameter that makes the page offer undo, and the form
    /// field with its value. Without a field, the result is the value.
    pub undo: Option<(&'static str, Option<&'static str>)>,
    /// The form field with the id of the todo at whose row the next page opens.
    pub row: Option<&'static str>,
    /// Largest body, in bytes.
    pub max_bytes: usize,
}

const FUNCTIONS: &[Function] = &[
    function::<bff::SignUp>(SIGN_UP, Starts),
    function::<bff::SignIn>(SIGN_IN, Starts),
    function::<bff::SignOut>(TODOS, Ends),
    function::<bff::SignOutEverywhere>(ACCOUNT, Needs),
    function::<bff::ChangeEmail>(ACCOUNT, Needs),
    function::<bff::ChangePassword>(ACCOUNT, Needs),
    function::<bff::DeleteAccount>(DELETE_ACCOUNT, Needs),
    function::<bff::ReadAccount>(ACCOUNT, Needs),
    function::<bff::ChooseTimeZone>(ACCOUNT, Uses),
    function::<bff::ReadCurrentUser>(TODOS, Needs),
    function::<bff::StaySignedIn>(TODOS, Uses),
    function::<bff::ListTodos>(TODOS, Needs),
    function::<bff::PrintTodos>(TODOS, Needs),
    function::<bff::ReadTodo>(TODOS, Needs),
    function::<bff::ReadNotes>(TODOS, Needs),
    Function { reopens: Some(("edit", None)), ..function::<bff::AddTodo>(TODOS, Uses) },
    Function { max_bytes: MAX_ADDED_BYTES, ..function::<bff::AddTodos>(SEVERAL, Uses) },
    Function {
        reopens: Some(("edit", Some("id"))),
        undo: Some(("deleted", Some("id"))),
        row: Some("id"),
        max_bytes: body::MAX_TODO_BYTES,
        ..function::<bff::EditTodo>(TODOS, Uses)
    },
    Function { undo: Some(("completed", None)), ..function::<bff::CompleteTodos>(TODOS, Uses) },
    Function { undo: Some(("reopened", None)), ..function::<bff::ReopenTodos>(TODOS, Uses) },
    Function { undo: Some(("deleted", Some("id"))), ..function::<bff::DeleteTodo>(TODOS, Uses) },
    Function { undo: Some(("cleared", None)), ..function::<bff::ClearCompleted>(TODOS, Uses) },
    Function { reopens: Some(("deleted", Some("ids[0]"))), row: Some("ids[0]"), ..function::<bff::RestoreTodos>(TODOS, Uses) },
    Function { row: Some("id"), ..function::<bff::MoveTodo>(TODOS, Uses) },
    Function { reopens: Some(("edit", None)), undo: Some(("renamed", None)), ..function::<bff::RenameTag>(TODOS, Uses) },
    function::<bff::UndoChange>(TODOS, Uses),
    function::<bff::ListTrash>(TODOS, Needs),
    function::<bff::EmptyTrash>(TRASH, Uses),
];

/// Pages that need a session.
const DATA_PAGES: &[&str] = &[TODOS, SEVERAL, PRINT, TRASH, EMPTY_TRASH, ACCOUNT, DELETE_ACCOUNT];

const fn function<F: ServerFn>(page: &'static str, session: SessionUse) -> Function {
    Function { path: F::PATH, page, session, reopens: None, undo: None, row: None, max_bytes: body::MAX_BYTES }
}

impl Function {
    pub fn at(path: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.path == path)
    }

    pub fn is<F: ServerFn>(&self) -> bool {
        self.path == F::PATH
    }

    pub fn needs_session(&self) -> bool {
        matches!(self.session, Needs | Uses)
    }
}

/// The offers of [`Function::undo`] in the URL of a page.
pub const OFFERS: [&str; 5] = ["deleted", "cleared", "completed", "reopened", "renamed"];

/// The page of a function's form, with the scope and the offer from the URL that the form was sent to.
pub fn home(function: Option<&Function>, sent_to: Option<&LocalPath>) -> LocalPath {
    let page = LocalPath::from_static(function.map_or(TODOS, |function| function.page));
    let kept = |name: &'static str| Some((name, sent_to?.parameter(name)?));
    Scope::PARAMETERS.into_iter().chain(OFFERS).filter_map(kept).fold(page, |page, (name, value)| page.with(name, value))
}

pub fn shows_data(path: &str) -> bool {
    DATA_PAGES.contains(&path)
}

/// Whether the request renews its session: a page that reads data, or an action of the user, but not a retry by a script.
pub fn is_use(request: &Request) -> bool {
    let path = request.uri().path();
    match *request.method() {
        Method::GET => shows_data(path),
        Method::POST => {
            Function::at(path).is_some_and(|function| function.session == Uses)
                && !request.headers().contains_key(CurrentUser::RETRY)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use leptos::server_fn::axum::server_fn_paths;

    use super::{FUNCTIONS, Function};

    #[test]
    fn every_server_function_is_in_the_table() {
        let paths: Vec<_> = server_fn_paths().map(|(path, _)| path).collect();
        assert!(paths.iter().all(|path| Function::at(path).is_some()), "{paths:?}");
        assert_eq!(paths.len(), FUNCTIONS.len());
    }
}
