//! What an answer says beside the result of a server function: where to go on, and by its status what went wrong; and whom it is for.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;

use super::local_path::LocalPath;
use crate::contract::AppError;

/// Whether somebody at a browser waits for the answer, and not a script or another program.
pub fn accepts_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().windows(9).any(|word| word == b"text/html"))
}

/// Leads the browser to `next` if that is a page of ours, or else to the todos. For server functions.
pub fn redirect(next: Option<&str>) {
    leptos_axum::redirect(LocalPath::page_or_todos(next).as_str());
}

/// Says by the status what happened, and when to try again.
pub fn with_status(error: AppError, mut answer: Response) -> Response {
    *answer.status_mut() = status(error);
    if let Some(seconds) = retry_after(error) {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// The same of the page that is being made: its data can't be had. For server functions that pages call.
pub fn set_page_status(error: AppError) {
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
        AppError::Invalid(..) => StatusCode::UNPROCESSABLE_ENTITY,
        AppError::WrongPassword | AppError::RegistrationClosed | AppError::TodoLimit => StatusCode::FORBIDDEN,
        AppError::NotFound => StatusCode::NOT_FOUND,
        AppError::ChangedElsewhere => StatusCode::CONFLICT,
        AppError::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        AppError::Malformed => StatusCode::BAD_REQUEST,
        AppError::Unavailable | AppError::Unreachable | AppError::Intercepted => StatusCode::SERVICE_UNAVAILABLE,
        AppError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
