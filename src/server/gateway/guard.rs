//! Access to pages, and redirects for signed-in and signed-out users.

use axum::{
    Extension,
    extract::{Query, Request},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{local_path::LocalPath, routes::shows_data, session::Session};
use crate::{
    bff::paths::{SIGN_IN, SIGN_UP, TODOS},
    domain::Registration,
};

#[derive(Deserialize)]
pub struct SignedIn {
    next: Option<String>,
}

/// `GET /signed-in`. Redirects to `next`, or back to the sign-in page with an error if the browser did not store the cookie.
pub async fn signed_in(Extension(session): Extension<Session>, Query(SignedIn { next }): Query<SignedIn>) -> Redirect {
    let next = LocalPath::page_or_todos(next.as_deref());
    if session.is_signed_in() {
        Redirect::to(next.as_str())
    } else {
        Redirect::to(&format!("{}&done=no-cookie", next.as_next_of(SIGN_IN)))
    }
}

/// `GET /`. Redirects to the todos or to the sign-in page.
pub async fn start(Extension(session): Extension<Session>) -> Redirect {
    Redirect::to(if session.is_signed_in() { TODOS } else { SIGN_IN })
}

/// The page, or a redirect if it does not match the session.
pub async fn show_page(session: &Session, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let path = request.uri().path();
    if session.is_signed_in() && [SIGN_IN, SIGN_UP].contains(&path) {
        return Redirect::to(TODOS).into_response();
    }
    if path == SIGN_UP && request.extensions().get() == Some(&Registration::Closed) {
        let mut page = next.run(request).await;
        *page.status_mut() = StatusCode::FORBIDDEN;
        return page;
    }
    if !shows_data(path) {
        return next.run(request).await;
    }
    let here = request.uri().path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
    if session.is_signed_in() {
        let page = next.run(request).await;
        // 401: the API rejected the token during rendering.
        if page.status() != StatusCode::UNAUTHORIZED {
            return page;
        }
        session.drop_cookie();
    }
    Redirect::to(here.map(|here| here.as_next_of(SIGN_IN)).as_deref().unwrap_or(SIGN_IN)).into_response()
}
