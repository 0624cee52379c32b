//! Calls of server functions, by scripts and by forms.

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

/// Largest error body of a server function, in bytes.
const MAX_ERROR: usize = 4096;

/// Runs a server function. A script gets the status of the error, a form gets a page.
pub async fn run(origin: &Origin, session: &Session, request: Request, next: Next) -> Response {
    let is_refused = is_for_another_account(session, &request) || is_without_session(session, &request);
    if accepts_page(request.headers()) {
        return run_for_form(origin, session, is_refused, request, next).await;
    }
    // Rejected before the body is read.
    let result = if is_refused { Err(AppError::SignedOut) } else { run_for_script(request, next).await };
    match result {
        // Keeps the cookie: another tab may have signed in again.
        Err(AppError::SignedOut) => script_error(AppError::SignedOut),
        result => {
            let mut response = result.unwrap_or_else(script_error);
            session.add_session_times(response.headers_mut());
            response
        }
    }
}

async fn run_for_script(request: Request, next: Next) -> Result<Response, AppError> {
    match read(request).await {
        Ok((parts, body)) => call(parts, body, next).await,
        Err(refusal) => Ok(refusal),
    }
}

async fn run_for_form(origin: &Origin, session: &Session, is_refused: bool, request: Request, next: Next) -> Response {
    let function = Function::at(request.uri().path());
    if function.is_some() && matches!(*request.method(), Method::GET | Method::HEAD) {
        // The browser reloads a response that was shown at the function's URL.
        let here = request.uri().path_and_query().and_then(|here| LocalPath::parse(here.as_str()));
        return Redirect::to(home(function, here.as_ref()).as_str()).into_response();
    }
    let (parts, body) = match read(request).await {
        Ok(read) => read,
        Err(refusal) => return refusal,
    };
    let form = SentForm::read(origin, function, &parts, body.clone()).await;
    if is_refused {
        return form.show_error(AppError::SignedOut, session, next).await;
    }
    match call(parts, body, next.clone()).await {
        Ok(response) => form.finish(response, session, next).await,
        Err(error) => {
            if error == AppError::SignedOut {
                session.drop_cookie();
            }
            form.show_error(error, session, next).await
        }
    }
}

fn is_without_session(session: &Session, request: &Request) -> bool {
    let needs_session = Function::at(request.uri().path()).is_some_and(Function::needs_session);
    *request.method() == Method::POST && needs_session && !session.is_signed_in()
}

/// Whether the page belongs to another account than the session, because another tab has signed in since: input for one account
/// must not reach the other. The header never selects the owner, which is always the session's user.
fn is_for_another_account(session: &Session, request: &Request) -> bool {
    let starts_session = Function::at(request.uri().path()).is_some_and(|function| function.session == SessionUse::Starts);
    let expected = request.headers().get(CurrentUser::HEADER);
    let user = session.user_id().map(|user| user.to_string());
    !starts_session && expected.is_some_and(|expected| Some(expected.as_bytes()) != user.as_ref().map(String::as_bytes))
}

async fn read(request: Request) -> Result<(Parts, Bytes), Response> {
    let (parts, body) = request.into_parts();
    let max_bytes = Function::at(parts.uri.path()).map_or(body::MAX_BYTES, |function| function.max_bytes);
    let body = body::read(body, max_bytes).await.map_err(|error| {
        let (status, text) = match error {
            BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "This form did not arrive in time. Send it again."),
            BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "This form is too large. Send less at once."),
            BodyError::Incomplete => (StatusCode::BAD_REQUEST, "This form did not arrive as a whole. Send it again."),
        };
        (status, text).into_response()
    })?;
    // Browsers send forms of other media types to any site without a CORS preflight.
    if (!body.is_empty() || parts.headers.contains_key(header::CONTENT_TYPE)) && !is_encoded_form(&parts.headers) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "This is not sent as a form of this site is.").into_response());
    }
    Ok((parts, body))
}

fn is_encoded_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Leptos marks an error by a header.
async fn call(mut parts: Parts, body: Bytes, next: Next) -> Result<Response, AppError> {
    // Otherwise Leptos redirects to the `Referer` with the error in the query.
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        Err(AppError::de(to_bytes(response.into_body(), MAX_ERROR).await.unwrap_or_default()))
    } else {
        Ok(response)
    }
}

/// Replaces the 500 that Leptos sends for every error.
fn script_error(error: AppError) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    with_status(error, (kind, error.ser()).into_response())
}
