//! The target of a request: its path and query, which are no longer than so much, and its host.

use axum::{
    extract::Request,
    http::{StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Longest target, in bytes; RFC 9110, section 4.1, wants 8000 at least.
const MAX_BYTES: usize = 8 * 1024;

/// Refuses a longer one before a handler sees it. Stands inside of what gives errors their form, for pages and for the API.
pub async fn bound(request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_BYTES { StatusCode::URI_TOO_LONG.into_response() } else { next.run(request).await }
}

/// Refuses a request that does not say for which host it is, or says so twice, or what none can be called (RFC 9112, section 3.2).
/// Which one it is changes nothing.
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
        (StatusCode::BAD_REQUEST, "There must be one Host header, and it must name a host.\n").into_response()
    }
}
