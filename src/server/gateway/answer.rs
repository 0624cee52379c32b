//! Content negotiation, status codes and redirects of responses to browsers.

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;

use super::local_path::LocalPath;
use crate::contract::AppError;

/// Whether the client accepts HTML: a browser that navigates or submits a form does, scripts and API clients do not.
pub fn accepts_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().windows(9).any(|word| word == b"text/html"))
}

/// Redirects to `next` if it is a page of this site, otherwise to the todos. For server functions.
pub fn redirect(next: Option<&str>) {
    leptos_axum::redirect(LocalPath::page_or_todos(next).as_str());
}

/// Sets the status and `Retry-After` of the error.
pub fn with_status(error: AppError, mut response: Response) -> Response {
    *response.status_mut() = status(error);
    if let Some(seconds) = retry_after(error) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Sets the status and `Retry-After` of the page being rendered. For server functions that pages call.
pub fn set_page_status(error: AppError) {
    let Some(page) = use_context::<ResponseOptions>() else { return };
    page.set_status(status(error));
    if let Some(seconds) = retry_after(error) {
        page.insert_header(header::RETRY_AFTER, seconds.into());
    }
}

/// In seconds.
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
