//! Validates the request target: the length of path and query, and the `Host` header.

use axum::{
    extract::Request,
    http::{StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// RFC 9110, section 4.1, recommends at least 8000.
const MAX_BYTES: usize = 8 * 1024;

/// Rejects a longer target. The layer belongs inside those that format errors, for pages and for the API.
pub async fn bound(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_BYTES { StatusCode::URI_TOO_LONG.into_response() } else { next.run(request).await }
}

/// Rejects a missing, repeated or invalid `Host` header (RFC 9112, section 3.2). Any valid host is accepted.
pub async fn check_host(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let is_valid = match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => host.to_str().is_ok_and(|host| !host.contains('@') && host.parse::<Authority>().is_ok()),
        (Some(_), Some(_)) => false,
    };
    if is_valid {
        next.run(request).await
    } else {
        (StatusCode::BAD_REQUEST, "The request must have exactly one valid Host header.\n").into_response()
    }
}
