//! Cross-site request forgery: nothing but our own pages may change anything. No token in the form is needed, so that
//! forms work without scripting.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::server::{config::Origin, observability::audit::Event};

/// Where a request comes from, by the word of the browser itself (Fetch Metadata).
pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses unsafe requests that don't come from a page of ours, before any work.
///
/// Our own and not tower-http's `CsrfLayer`: that one lets an `Origin` of another scheme pass if its host equals the
/// request's `Host`, and lets requests pass that name no origin at all.
pub async fn check(State(origin): State<Origin>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || comes_from(&origin, request.headers()) {
        next.run(request).await
    } else {
        Event::CrossSite.record();
        (StatusCode::FORBIDDEN, "This form was not sent by a page of this site. Go to the site itself and try again.")
            .into_response()
    }
}

/// The word of the browser itself counts (Fetch Metadata); else its `Origin`; text browsers send neither, but a
/// `Referer`. A `Sec-Fetch-Site: none` is a typed address, which makes no unsafe request. What is said twice is said by no
/// browser, and believed in no way.
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
