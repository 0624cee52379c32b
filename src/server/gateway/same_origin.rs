//! Protection against cross-site request forgery by request headers. Forms need no CSRF token.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    bff::paths::TODOS_DATA,
    server::{config::Origin, observability::audit::Event},
};

/// The relation of the initiator to this site, set by the browser itself (Fetch Metadata).
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The response to an unsafe request that no page of this site made, before any work, and to a read of the list by another site.
///
/// Not tower-http's `CsrfLayer`: it accepts an `Origin` of another scheme if its host equals `Host`, and requests without
/// any origin.
pub fn refuse(origin: &Origin, request: &Request) -> Option<Response> {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && request.uri().path() != TODOS_DATA;
    if is_safe || comes_from(origin, request.headers()) {
        return None;
    }
    Event::CrossSite.record();
    let text = "This form was not sent by a page of this site. Go to the site itself and try again.";
    Some((StatusCode::FORBIDDEN, text).into_response())
}

/// Precedence: `Sec-Fetch-Site`, `Origin`, then `Referer` for text browsers, which send neither of the two. `Sec-Fetch-Site: none`
/// (a typed URL) makes no unsafe request, and no browser sends a header twice: both are rejected.
fn comes_from(origin: &Origin, headers: &HeaderMap) -> bool {
    let sent = |name| {
        let mut values = headers.get_all(name).iter();
        let value = values.next()?.to_str().unwrap_or_default();
        Some(if values.next().is_none() { value } else { "" })
    };
    if let Some(site) = sent(SEC_FETCH_SITE) {
        site == "same-origin"
    } else if let Some(sender) = sent(header::ORIGIN) {
        origin.is(sender)
    } else {
        sent(header::REFERER).is_some_and(|url| origin.local_part(url).is_some() || origin.is(url))
    }
}
