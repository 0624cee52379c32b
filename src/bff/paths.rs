//! URL paths of the pages and their related resources.

/// Prefix of the server functions. The `#[server]` attributes repeat it, because they accept only literals.
pub const ROOT: &str = "/bff";

pub const START: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_UP: &str = "/sign-up";
/// First redirect after a sign-in by form: only the next request shows whether the browser has stored the cookie.
pub const SIGNED_IN: &str = "/signed-in";
pub const TODOS: &str = "/todos";
/// The list as JSON, for the island.
pub const TODOS_DATA: &str = "/bff/todos";
/// The form to add several todos.
pub const SEVERAL: &str = "/todos/several";
pub const PRINT: &str = "/todos/print";
pub const TRASH: &str = "/trash";
pub const EMPTY_TRASH: &str = "/trash/empty";
pub const ACCOUNT: &str = "/account";
pub const DELETE_ACCOUNT: &str = "/account/delete";
pub const EXPORT: &str = "/account/export";
/// Parent of the page of each problem type.
pub const PROBLEMS: &str = "/problems";
