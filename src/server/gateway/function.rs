//! Server functions, as a script calls them and as a form does.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::{
    context::use_context,
    server_fn::{
        axum::server_fn_paths,
        error::{FromServerFnError, SERVER_FN_ERROR_HEADER},
    },
};
use leptos_axum::ResponseOptions;

use super::{Gateway, LocalPath, ROOT, sent_form::SentForm, session::Session};
use crate::{
    contract::{AppError, CurrentUser},
    server::http::body::{self, BodyError},
};

/// Largest result of a server function that failed, in bytes.
const MAX_ERROR: usize = 4096;

/// Gives a script a status that says what happened, and a form a page.
pub async fn run(gateway: &Gateway, session: &Session, request: Request, next: Next) -> Response {
    if is_for_another_account(session, &request) {
        return tell_script(AppError::SignedOut);
    }
    let is_form = accepts_page(request.headers());
    let path = request.uri().path();
    if is_form && matches!(*request.method(), Method::GET | Method::HEAD) && is_function(path) {
        // The answer to a form stands at the function's address, and may be loaded again.
        let here = request.uri().path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
        return Redirect::to(home(path, here.as_ref()).as_str()).into_response();
    }
    let is_refused = *request.method() == Method::POST && !session.is_signed_in() && needs_session(path);
    if is_refused && !is_form {
        // Before the body is read.
        return tell_script(AppError::SignedOut);
    }
    let (mut parts, body) = request.into_parts();
    let body = match body::read(body).await {
        Ok(body) => body,
        Err(BodyError::TooSlow) => {
            return (StatusCode::REQUEST_TIMEOUT, "This form did not arrive in time. Send it again.").into_response();
        }
        Err(BodyError::TooLarge) => {
            return (StatusCode::PAYLOAD_TOO_LARGE, "This form is too large. Send less at once.").into_response();
        }
        Err(BodyError::Incomplete) => {
            return (StatusCode::BAD_REQUEST, "This form did not arrive as a whole. Send it again.").into_response();
        }
    };
    // Forms of other media types need no leave of a browser's to be sent anywhere.
    if (!body.is_empty() || parts.headers.contains_key(header::CONTENT_TYPE)) && !is_encoded_form(&parts.headers) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "This is not sent as a form of this site is.").into_response();
    }
    let form = if is_form { Some(SentForm::read(gateway, &parts, body.clone()).await) } else { None };
    if is_refused && let Some(form) = form {
        return form.show_again(AppError::SignedOut, session, next).await;
    }
    // Else Leptos would answer 302 to the `Referer`, with the error in its query.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let answer = next.clone().run(Request::from_parts(parts, Body::from(body))).await;
    match (outcome(answer).await, form) {
        (Ok(answer), None) => answer,
        (Ok(answer), Some(form)) => form.finish(answer, session, next).await,
        (Err(error), None) => tell_script(error),
        (Err(error), Some(form)) => form.show_again(error, session, next).await,
    }
}

fn is_function(path: &str) -> bool {
    server_fn_paths().any(|(known, _)| known == path)
}

/// Of the functions that there are, all but those that make a session or end one.
fn needs_session(path: &str) -> bool {
    is_function(path) && !matches!(path.strip_prefix(ROOT), Some("/sign_in" | "/sign_up" | "/sign_out"))
}

/// The page of a function's form. The address that a form was sent to says which todos it showed.
pub fn home(function: &str, sent_to: Option<&LocalPath>) -> LocalPath {
    let page = LocalPath::of_ours(match function.strip_prefix(ROOT) {
        Some("/sign_in") => "/sign-in",
        Some("/sign_up") => "/sign-up",
        Some("/change_password" | "/sign_out_everywhere") => "/account",
        Some("/delete_account") => "/account/delete",
        Some("/empty_trash") => "/trash",
        _ => "/todos",
    });
    match sent_to.and_then(|address| address.parameter("show")) {
        Some(show) => page.with("show", show),
        None => page,
    }
}

/// Whether somebody at a browser waits for the answer, and not a script or another program.
pub fn accepts_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().windows(9).any(|word| word == b"text/html"))
}

fn is_encoded_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
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

/// What a server function of Leptos says by a header.
async fn outcome(answer: Response) -> Result<Response, AppError> {
    if answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        Err(AppError::de(to_bytes(answer.into_body(), MAX_ERROR).await.unwrap_or_default()))
    } else {
        Ok(answer)
    }
}

/// Leptos answers every error with 500.
fn tell_script(error: AppError) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    with_status(error, (kind, error.ser()).into_response())
}

/// Says by the status what happened, and when to try again.
pub fn with_status(error: AppError, mut answer: Response) -> Response {
    *answer.status_mut() = status(error);
    if let Some(seconds) = retry_after(error) {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// Says by the status of the page that is being made that its data can't be had. For server functions that pages call.
pub fn tell_by_status(error: AppError) {
    let Some(page) = use_context::<ResponseOptions>() else { return };
    page.set_status(status(error));
    if let Some(seconds) = retry_after(error) {
        page.insert_header(header::RETRY_AFTER, seconds.into());
    }
}

/// Seconds to wait before trying again.
fn retry_after(error: AppError) -> Option<u32> {
    match error {
        AppError::RateLimited(seconds) => Some(seconds),
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
        | AppError::PasswordGuessable(_)
        | AppError::TitleBlank
        | AppError::TitleTooLong
        | AppError::TitleControlCharacter => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::WrongPassword | AppError::RegistrationClosed | AppError::TodoLimit => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::ChangedElsewhere => StatusCode::CONFLICT,
        AppError::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        AppError::Malformed => StatusCode::BAD_REQUEST,
        AppError::Unavailable | AppError::Unreachable | AppError::Intercepted => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
