//! Links from other sites: the browser omits the `SameSite=Strict` cookie, so a signed-in user would see the sign-in page. The
//! response is a page that reloads itself (without scripting), which makes the request same-site and brings the cookie.

use axum::{
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};

use super::same_origin::SEC_FETCH_SITE;
use crate::server::config::Origin;

/// Whether the request is a cross-site navigation (Fetch Metadata). A `Referer` of our own rules out a redirect loop, should a
/// browser call the reload cross-site as well.
pub fn is_due(origin: &Origin, headers: &HeaderMap) -> bool {
    let sent = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_reload = sent(header::REFERER).is_some_and(|url| origin.local_part(url).is_some());
    sent(SEC_FETCH_SITE) == Some("cross-site") && !is_reload
}

pub fn page() -> Response {
    Html(include_str!("bounce.html")).into_response()
}
