//! The export of an account for a browser: proxies the API's response.

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

/// `GET /account/export`: safe, so a plain link is enough. The link has no `download` attribute, or a browser would save the sign-in
/// page as the export.
///
/// After sign-in the user goes to the account page, because a download would leave the sign-in page on screen.
pub async fn export(Extension(session): Extension<Session>) -> Response {
    let export = async { session.api()?.export().await };
    match export.await {
        Ok(response) => response,
        Err(AppError::SignedOut) => {
            session.drop_cookie();
            Redirect::to(&LocalPath::from_static(ACCOUNT).as_next_of(SIGN_IN)).into_response()
        }
        Err(error) => {
            let text = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            with_status(error, (text, Body::from("The export can't be had now.\n")).into_response())
        }
    }
}
