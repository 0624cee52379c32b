//! The target of a request, which is its path and query: no longer than so much.

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Longest target, in bytes; RFC 9110, section 4.1, wants 8000 at least.
const LONGEST: usize = 8 * 1024;

/// Refuses a longer one before a handler sees it. Stands inside of what gives errors their form, for pages and for the API.
pub async fn bound(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > LONGEST { StatusCode::URI_TOO_LONG.into_response() } else { next.run(request).await }
}
