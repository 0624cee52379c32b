//! Validates the request target: the length of path and query, and the `Host` header.

use axum::{
    extract::Request,
    http::{Uri, Version, header, uri::Authority},
};

/// RFC 9110, section 4.1, recommends at least 8000.
const MAX_BYTES: usize = 8 * 1024;

#[must_use]
pub fn is_too_long(uri: &Uri) -> bool {
    uri.path_and_query().is_some_and(|target| target.as_str().len() > MAX_BYTES)
}

/// False for a missing, repeated or invalid `Host` header (RFC 9112, section 3.2). Any valid host is accepted.
#[must_use]
pub fn has_valid_host(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => host.to_str().is_ok_and(|host| !host.contains('@') && host.parse::<Authority>().is_ok()),
        (Some(_), Some(_)) => false,
    }
}
