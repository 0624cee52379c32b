//! What a browser gets for an answer: a page, or what a server function did.

use axum::{
    Extension,
    extract::{Query, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{Gateway, LocalPath, ROOT, accepts_page, bounce, function, routes::shows_data, session::Session};
use crate::domain::Registration;

/// Tells the two apart.
pub async fn give(
    State(gateway): State<Gateway>,
    Extension(session): Extension<Session>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(ROOT) {
        let is_script = !accepts_page(request.headers());
        let mut answer = function::run(&gateway, &session, request, next).await;
        if is_script {
            session.tell_time(answer.headers_mut());
        }
        answer
    } else if !session.is_signed_in() && bounce::is_due(&gateway.origin, request.headers()) {
        bounce::page()
    } else {
        show_page(&session, request, next).await
    }
}

/// Whatever shows a person's data, or sets a cookie, must not be kept by any cache (ASVS 14.3.2).
pub async fn never_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Leads the browser to `next` if that is a page of ours, or else to the todos. For server functions.
pub fn redirect(next: Option<&str>) {
    leptos_axum::redirect(page_or_todos(next).as_str());
}

fn page_or_todos(next: Option<&str>) -> LocalPath {
    next.and_then(LocalPath::parse).filter(LocalPath::is_page).unwrap_or_else(|| LocalPath::of_ours("/todos"))
}

/// Where a sign-in by a form leads first (`sent_form`): only the next request shows whether the browser has kept the cookie.
pub const SIGNED_IN: &str = "/signed-in";

#[derive(Deserialize)]
pub struct SignedIn {
    next: Option<String>,
}

/// `GET /signed-in`. To the page that the person wanted, or back to the sign-in page, which then says what was wrong.
pub async fn signed_in(Extension(session): Extension<Session>, Query(SignedIn { next }): Query<SignedIn>) -> Redirect {
    let next = page_or_todos(next.as_deref());
    if session.is_signed_in() {
        Redirect::to(next.as_str())
    } else {
        Redirect::to(&format!("{}&done=no-cookie", next.behind_sign_in()))
    }
}

/// `GET /`. To the todos, or to the way there.
pub async fn start(Extension(session): Extension<Session>) -> Redirect {
    Redirect::to(if session.is_signed_in() { "/todos" } else { "/sign-in" })
}

/// The page, or the way to the one that this person can see.
pub async fn show_page(session: &Session, request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let here = request.uri().path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
    let sign_in = || {
        let back = here.as_ref().map(LocalPath::behind_sign_in);
        Redirect::to(back.as_deref().unwrap_or("/sign-in")).into_response()
    };
    match (request.uri().path(), session.is_signed_in()) {
        ("/sign-in" | "/sign-up", true) => Redirect::to("/todos").into_response(),
        ("/sign-up", false) if request.extensions().get() == Some(&Registration::Closed) => {
            let mut page = next.run(request).await;
            *page.status_mut() = StatusCode::FORBIDDEN;
            page
        }
        (path, is_signed_in) if shows_data(path) => {
            let page = if is_signed_in { Some(next.run(request).await) } else { None };
            // The API may have refused the token while the page was made.
            page.filter(|_| session.is_signed_in()).unwrap_or_else(sign_in)
        }
        _ => next.run(request).await,
    }
}
