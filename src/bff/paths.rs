//! The addresses that a browser asks for: of pages, and of what stands beside them.

/// Where the server functions live. The `#[server]` attributes repeat it, because they take literals only.
pub const ROOT: &str = "/bff";

pub const START: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_UP: &str = "/sign-up";
/// Where a sign-in by a form leads first: only the next request shows whether the browser has kept the cookie.
pub const SIGNED_IN: &str = "/signed-in";
pub const TODOS: &str = "/todos";
pub const TRASH: &str = "/trash";
pub const EMPTY_TRASH: &str = "/trash/empty";
pub const ACCOUNT: &str = "/account";
pub const DELETE_ACCOUNT: &str = "/account/delete";
pub const EXPORT: &str = "/account/export";
/// Each kind of problem of the API has a page below.
pub const PROBLEMS: &str = "/problems";
