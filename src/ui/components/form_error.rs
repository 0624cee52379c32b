//! The error that a form post without scripting left behind.

use leptos::{
    prelude::use_context,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
};

use crate::contract::AppError;

/// What went wrong when the form of server function `F` was sent last, by the page's URL. Anyone can make such a URL,
/// but it can only choose among our own sentences.
pub fn form_error<F: ServerFn<Error = AppError>>() -> Option<AppError> {
    let error = use_context::<ServerActionError>()?;
    (error.path() == F::PATH).then(|| ServerFnUrlError::<AppError>::decode_err(error.err()))
}
