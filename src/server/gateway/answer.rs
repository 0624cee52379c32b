//! What a browser gets for an answer: a page, or what a server function did.

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

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
    let local = next.and_then(LocalPath::parse).filter(LocalPath::is_page);
    leptos_axum::redirect(local.as_ref().map_or("/todos", LocalPath::as_str));
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
