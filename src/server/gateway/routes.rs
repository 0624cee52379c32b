//! The one table of the server functions and pages: what the gateway has to know of each.

use axum::{extract::Request, http::Method};
use leptos::server_fn::ServerFn;

use self::SessionUse::{Ends, Needs, Starts, Uses};
use super::local_path::LocalPath;
use crate::{
    bff::{
        self,
        paths::{ACCOUNT, DELETE_ACCOUNT, EMPTY_TRASH, SIGN_IN, SIGN_UP, TODOS, TRASH},
    },
    contract::CurrentUser,
};

/// What a function has to do with the session of who calls it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SessionUse {
    /// Starts one, for whoever comes.
    Starts,
    Ends,
    /// Is refused without one.
    Needs,
    /// As well, and is a use of it, which renews it. Not what a script asks by itself: nobody may be there. Nor what sets or drops
    /// the cookie itself.
    Uses,
}

#[derive(Clone, Copy)]
pub struct Function {
    path: &'static str,
    /// The page of its form, where a request does not tell.
    page: &'static str,
    pub session: SessionUse,
    /// The parameter by which the page of a form that failed has the box open that was typed into, or the offer to undo that was
    /// taken; and the field of the form that has its value.
    pub reopens: Option<(&'static str, Option<&'static str>)>,
    /// The parameter by which the page offers to undo what was deleted, if the result is not null; and the field of the form that
    /// has its value, or else the result is it.
    pub undo: Option<(&'static str, Option<&'static str>)>,
}

const FUNCTIONS: &[Function] = &[
    function::<bff::SignUp>(SIGN_UP, Starts),
    function::<bff::SignIn>(SIGN_IN, Starts),
    function::<bff::SignOut>(TODOS, Ends),
    function::<bff::SignOutEverywhere>(ACCOUNT, Needs),
    function::<bff::ChangePassword>(ACCOUNT, Needs),
    function::<bff::DeleteAccount>(DELETE_ACCOUNT, Needs),
    function::<bff::ReadCurrentUser>(TODOS, Needs),
    function::<bff::StaySignedIn>(TODOS, Uses),
    function::<bff::ListTodos>(TODOS, Needs),
    function::<bff::ReadTodo>(TODOS, Needs),
    Function { reopens: Some(("edit", None)), ..function::<bff::AddTodo>(TODOS, Uses) },
    Function {
        reopens: Some(("edit", Some("id"))),
        undo: Some(("deleted", Some("id"))),
        ..function::<bff::EditTodo>(TODOS, Uses)
    },
    function::<bff::CompleteTodos>(TODOS, Uses),
    function::<bff::ReopenTodos>(TODOS, Uses),
    Function { undo: Some(("deleted", Some("id"))), ..function::<bff::DeleteTodo>(TODOS, Uses) },
    Function { undo: Some(("cleared", None)), ..function::<bff::ClearCompleted>(TODOS, Uses) },
    Function { reopens: Some(("deleted", Some("ids[0]"))), ..function::<bff::RestoreTodos>(TODOS, Uses) },
    Function { reopens: Some(("cleared", Some("at"))), ..function::<bff::RestoreCleared>(TODOS, Uses) },
    function::<bff::ListTrash>(TODOS, Needs),
    function::<bff::EmptyTrash>(TRASH, Uses),
];

/// The pages that are made of somebody's data.
const DATA_PAGES: &[&str] = &[TODOS, TRASH, EMPTY_TRASH, ACCOUNT, DELETE_ACCOUNT];

const fn function<F: ServerFn>(page: &'static str, session: SessionUse) -> Function {
    Function { path: F::PATH, page, session, reopens: None, undo: None }
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

/// The page of a function's form. The address that a form was sent to says which todos it showed.
pub fn home(function: Option<&Function>, sent_to: Option<&LocalPath>) -> LocalPath {
    let page = LocalPath::of_ours(function.map_or(TODOS, |function| function.page));
    match sent_to.and_then(|address| address.parameter("show")) {
        Some(show) => page.with("show", show),
        None => page,
    }
}

/// Whether the page needs a session.
pub fn shows_data(path: &str) -> bool {
    DATA_PAGES.contains(&path)
}

/// Whether the request keeps its session from ending: a page that reads data, or what somebody did, unless a script sends it once
/// more after a while.
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
    fn every_server_function_stands_in_the_table() {
        let paths: Vec<_> = server_fn_paths().map(|(path, _)| path).collect();
        assert!(paths.iter().all(|path| Function::at(path).is_some()), "{paths:?}");
        assert_eq!(paths.len(), FUNCTIONS.len());
    }
}
