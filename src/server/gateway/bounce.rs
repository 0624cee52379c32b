//! Links on other sites. Following one, the browser leaves our `SameSite=Strict` cookie at home, and somebody who is signed in
//! would be asked to sign in. So the answer is a page that loads itself once more: that comes from us, with the cookie. It
//! works without scripting.

use axum::{
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};

use super::same_origin::SEC_FETCH_SITE;
use crate::server::config::Origin;

/// Whether a page is asked for by a link elsewhere (Fetch Metadata). Should a browser still say so of the second time, the
/// `Referer` tells that we have been here: nothing goes round in a circle.
pub fn is_due(origin: &Origin, headers: &HeaderMap) -> bool {
    let sent = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let was_here = sent(header::REFERER).is_some_and(|url| origin.local_part(url).is_some());
    sent(SEC_FETCH_SITE) == Some("cross-site") && !was_here
}

/// The page that loads itself once more.
pub fn page() -> Response {
    Html(include_str!("bounce.html")).into_response()
}
