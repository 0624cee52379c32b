//! Preferences of a request (RFC 7240).

use axum::http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// Section 2: the first preference wins, a value may be quoted, and parameters follow a semicolon.
pub fn prefers(headers: &HeaderMap, name: &str, value: &str) -> bool {
    let preferences = headers.get_all(PREFER).into_iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    let mut pairs = preferences.filter_map(|preference| preference.split(';').next()?.split_once('='));
    let first = pairs.find(|(other, _)| other.trim().eq_ignore_ascii_case(name));
    first.is_some_and(|(_, preferred)| preferred.trim().trim_matches('"') == value)
}
