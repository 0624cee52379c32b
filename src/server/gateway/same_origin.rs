//! Protection against cross-site request forgery by request headers. Forms need no CSRF token.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    bff::paths::TODOS_DATA,
    server::{config::Origin, observability::audit::Event},
};

/// The relation of the initiator to this site, set by the browser itself (Fetch Metadata).
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Rejects unsafe requests that no page of this site made, before any work, and reads of the list by other sites.
///
/// Not tower-http's `CsrfLayer`: it accepts an `Origin` of another scheme if its host equals `Host`, and requests without
/// any origin.
pub async fn check(State(origin): State<Origin>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) && request.uri().path() != TODOS_DATA;
    if safe || comes_from(&origin, request.headers()) {
        next.run(request).await
    } else {
        Event::CrossSite.record();
        (StatusCode::FORBIDDEN, "This form was not sent by a page of this site. Go to the site itself and try again.")
            .into_response()
    }
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
