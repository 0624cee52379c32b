//! What the answers to a browser look like: pages that need a session, and results of forms and server functions.

use axum::{
    Extension,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};

use super::{Gateway, LocalPath, ROOT, session::Session};
use crate::contract::{AppError, CurrentUser};

/// Largest result of a server function that failed, in bytes.
const MAX_ERROR: usize = 4096;

/// Sends people to the page that they can see, and gives results of server functions their right form.
pub async fn finish(
    State(gateway): State<Gateway>,
    Extension(session): Extension<Session>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(ROOT) {
        run_function(&gateway, &session, request, next).await
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
    let local = next.and_then(LocalPath::parse);
    leptos_axum::redirect(local.as_ref().map_or("/todos", LocalPath::as_str));
}

async fn show_page(session: &Session, request: Request, next: Next) -> Response {
    let here = without_error(request.uri().path_and_query().map_or("/todos", |here| here.as_str()));
    let sign_in = || {
        let back = LocalPath::parse(&here).map(|here| here.behind_sign_in());
        Redirect::to(back.as_deref().unwrap_or("/sign-in")).into_response()
    };
    match (request.uri().path(), session.is_signed_in()) {
        ("/", false) => Redirect::to("/sign-in").into_response(),
        ("/" | "/sign-in" | "/sign-up", true) => Redirect::to("/todos").into_response(),
        ("/todos", false) => sign_in(),
        ("/todos", true) => {
            let page = next.run(request).await;
            // The API may have refused the token while the page was made.
            if session.is_signed_in() { page } else { sign_in() }
        }
        _ => next.run(request).await,
    }
}

/// Leptos answers a form with 302 to the `Referer`, and any error with 500. Here a form gets 303 to a page of ours, and
/// the island a status that says what happened.
async fn run_function(gateway: &Gateway, session: &Session, mut request: Request, next: Next) -> Response {
    let is_form =
        request.headers().get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().windows(9).any(|w| w == b"text/html"));
    let back = came_from(gateway, request.uri().path(), request.headers());
    let referer = format!("{}{}", gateway.origin.as_str(), back.as_str());
    request.headers_mut().insert(header::REFERER, HeaderValue::try_from(referer).expect("an origin and a path are legal"));

    let mut response =
        if is_for_another_account(session, &request) { refuse(AppError::SignedOut) } else { next.run(request).await };
    let mut error = None;
    if response.headers_mut().remove(SERVER_FN_ERROR_HEADER).is_some() {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_ERROR).await.unwrap_or_default();
        error = Some(AppError::de(body.clone()));
        response = Response::from_parts(parts, Body::from(body));
    }
    match error {
        Some(AppError::SignedOut) if is_form => Redirect::to(&back.behind_sign_in()).into_response(),
        Some(error) if !is_form => {
            *response.status_mut() = status(error);
            if let Some(seconds) = retry_after(error) {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
        error if response.status() == StatusCode::FOUND => see_other(gateway, response, error.is_none()),
        _ => response,
    }
}

/// Whether the page was made for another account than the one that is signed in by now, in another tab. What was typed for
/// one must not land in the other's list; signing in and up is for whoever comes.
///
/// This only guards: no request can choose an owner by it, since a function works for the session's user or not at all.
fn is_for_another_account(session: &Session, request: &Request) -> bool {
    let function = request.uri().path().strip_prefix(ROOT);
    let meant = request.headers().get(CurrentUser::HEADER);
    let user = session.user_id().map(|user| user.to_string());
    !matches!(function, Some("/sign_in" | "/sign_up"))
        && meant.is_some_and(|meant| Some(meant.as_bytes()) != user.as_ref().map(String::as_bytes))
}

/// As a server function of Leptos answers when it fails.
fn refuse(error: AppError) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json"), (HeaderName::from_static(SERVER_FN_ERROR_HEADER), "")];
    (StatusCode::INTERNAL_SERVER_ERROR, kind, error.ser()).into_response()
}

/// The page that the form was on, without the error of an earlier attempt.
fn came_from(gateway: &Gateway, function: &str, headers: &HeaderMap) -> LocalPath {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let page = referer.and_then(|referer| gateway.origin.local_part(referer));
    let page = page.map(without_error);
    let home = match function.strip_prefix(ROOT) {
        Some("/sign_in") => "/sign-in",
        Some("/sign_up") => "/sign-up",
        _ => "/todos",
    };
    page.and_then(|page| LocalPath::parse(&page)).unwrap_or_else(|| LocalPath::parse(home).expect("our own path"))
}

/// The path with its query, less the error of an earlier attempt.
fn without_error(page: &str) -> String {
    without_parameters(page, |name| name.starts_with("__"))
}

/// The path with its query, less the parameters whose name `drops` says.
fn without_parameters(page: &str, drops: impl Fn(&str) -> bool) -> String {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let is_kept = |pair: &&str| !pair.is_empty() && !drops(pair.split_once('=').map_or(pair, |(name, _)| name));
    let kept: Vec<_> = query.split('&').filter(is_kept).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// 303 says that the answer is to be fetched by GET; and by a path alone one stays on the name that one typed. What was
/// `done` is not to be edited any more.
fn see_other(gateway: &Gateway, mut response: Response, done: bool) -> Response {
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let local = location.and_then(|location| gateway.origin.local_part(location));
    let local = local.map(|local| without_parameters(local, |name| done && name == "edit"));
    if let Some(Ok(local)) = local.map(HeaderValue::try_from) {
        response.headers_mut().insert(header::LOCATION, local);
    }
    // The browser follows; the body would only repeat the result.
    *response.body_mut() = Body::empty();
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, HeaderName::from_static("serverfnredirect")] {
        response.headers_mut().remove(name);
    }
    response
}

/// Seconds that a script should wait before it tries again.
fn retry_after(error: AppError) -> Option<u64> {
    match error {
        AppError::RateLimited => Some(60),
        AppError::Unavailable => Some(5),
        _ => None,
    }
}

fn status(error: AppError) -> StatusCode {
    match error {
        AppError::SignedOut | AppError::WrongCredentials => StatusCode::UNAUTHORIZED,
        AppError::EmailMalformed
        | AppError::EmailTooLong
        | AppError::EmailTaken
        | AppError::PasswordTooShort
        | AppError::PasswordTooLong
        | AppError::PasswordGuessable
        | AppError::TitleBlank
        | AppError::TitleTooLong
        | AppError::TitleControlCharacter => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::ChangedElsewhere => StatusCode::CONFLICT,
        AppError::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        AppError::Malformed => StatusCode::BAD_REQUEST,
        AppError::Unavailable | AppError::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
