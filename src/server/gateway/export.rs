//! The export of an account, for a browser: the API's own answer, got with the session's token.

use axum::{
    Extension,
    body::Body,
    http::header,
    response::{IntoResponse, Redirect, Response},
};

use super::{answer::with_status, local_path::LocalPath, session::Session};
use crate::{
    bff::paths::{ACCOUNT, SIGN_IN},
    contract::AppError,
};

/// `GET /account/export`. Read only, so that a plain link will do: without `download`, by which a browser would save the
/// sign-in page under the name of the export.
///
/// Whoever has to sign in first is led to the page of that link: from a form, a file would leave them where they are.
pub async fn export(Extension(session): Extension<Session>) -> Response {
    let answer = async { session.api()?.export().await };
    match answer.await {
        Ok(answer) => answer,
        Err(AppError::SignedOut) => {
            session.drop_cookie();
            Redirect::to(&LocalPath::of_ours(ACCOUNT).behind(SIGN_IN)).into_response()
        }
        Err(error) => {
            let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            with_status(error, (text, Body::from("The export can't be had now.\n")).into_response())
        }
    }
}
