//! Server functions, as a script calls them and as a form does.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::server_fn::error::{FromServerFnError, SERVER_FN_ERROR_HEADER};

use super::{
    answer::{accepts_page, with_status},
    local_path::LocalPath,
    routes::{Function, SessionUse, home},
    sent_form::SentForm,
    session::Session,
};
use crate::{
    contract::{AppError, CurrentUser},
    server::{
        config::Origin,
        http::body::{self, BodyError},
    },
};

/// Largest result of a server function that failed, in bytes.
const MAX_ERROR: usize = 4096;

/// Gives a script a status that says what happened, and a form a page.
pub async fn run(origin: &Origin, session: &Session, request: Request, next: Next) -> Response {
    let is_refused = is_for_another_account(session, &request) || is_without_session(session, &request);
    if accepts_page(request.headers()) {
        return answer_form(origin, session, is_refused, request, next).await;
    }
    // Refused before the body is read.
    let result = if is_refused { Err(AppError::SignedOut) } else { answer_script(request, next).await };
    match result {
        // The cookie stays: by now another tab may have signed in again, and this would drop the new one.
        Err(AppError::SignedOut) => script_error(AppError::SignedOut),
        result => {
            let mut answer = result.unwrap_or_else(script_error);
            session.add_session_times(answer.headers_mut());
            answer
        }
    }
}

async fn answer_script(request: Request, next: Next) -> Result<Response, AppError> {
    match read(request).await {
        Ok((parts, body)) => call(parts, body, next).await,
        Err(refusal) => Ok(refusal),
    }
}

async fn answer_form(origin: &Origin, session: &Session, is_refused: bool, request: Request, next: Next) -> Response {
    let function = Function::at(request.uri().path());
    if function.is_some() && matches!(*request.method(), Method::GET | Method::HEAD) {
        // The answer to a form stands at the function's address, and may be loaded again.
        let here = request.uri().path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
        return Redirect::to(home(function, here.as_ref()).as_str()).into_response();
    }
    let (parts, body) = match read(request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let form = SentForm::read(origin, function, &parts, body.clone()).await;
    if is_refused {
        return form.show_again(AppError::SignedOut, session, next).await;
    }
    match call(parts, body, next.clone()).await {
        Ok(answer) => form.finish(answer, session, next).await,
        Err(error) => {
            if error == AppError::SignedOut {
                session.drop_cookie();
            }
            form.show_again(error, session, next).await
        }
    }
}

fn is_without_session(session: &Session, request: &Request) -> bool {
    let needs_session = Function::at(request.uri().path()).is_some_and(Function::needs_session);
    *request.method() == Method::POST && needs_session && !session.is_signed_in()
}

/// Whether the page was made for another account than the one that is signed in by now, in another tab. What was typed for
/// one must not land in the other's list; signing in and up is for whoever comes.
///
/// This only guards: no request can choose an owner by it, since a function works for the session's user or not at all.
fn is_for_another_account(session: &Session, request: &Request) -> bool {
    let is_for_anybody = Function::at(request.uri().path()).is_some_and(|function| function.session == SessionUse::Starts);
    let meant = request.headers().get(CurrentUser::HEADER);
    let user = session.user_id().map(|user| user.to_string());
    !is_for_anybody && meant.is_some_and(|meant| Some(meant.as_bytes()) != user.as_ref().map(String::as_bytes))
}

async fn read(request: Request) -> Result<(Parts, Bytes), Response> {
    let (parts, body) = request.into_parts();
    let body = body::read(body).await.map_err(|error| {
        let (status, text) = match error {
            BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "This form did not arrive in time. Send it again."),
            BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "This form is too large. Send less at once."),
            BodyError::Incomplete => (StatusCode::BAD_REQUEST, "This form did not arrive as a whole. Send it again."),
        };
        (status, text).into_response()
    })?;
    // Forms of other media types need no leave of a browser's to be sent anywhere.
    if (!body.is_empty() || parts.headers.contains_key(header::CONTENT_TYPE)) && !is_encoded_form(&parts.headers) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "This is not sent as a form of this site is.").into_response());
    }
    Ok((parts, body))
}

fn is_encoded_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Runs the function. What it refuses, Leptos says by a header.
async fn call(mut parts: Parts, body: Bytes, next: Next) -> Result<Response, AppError> {
    // Else Leptos would answer 302 to the `Referer`, with the error in its query.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let answer = next.run(Request::from_parts(parts, Body::from(body))).await;
    if answer.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        Err(AppError::de(to_bytes(answer.into_body(), MAX_ERROR).await.unwrap_or_default()))
    } else {
        Ok(answer)
    }
}

/// Leptos answers every error with 500.
fn script_error(error: AppError) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    with_status(error, (kind, error.ser()).into_response())
}
