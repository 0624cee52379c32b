//! Well-known files: `security.txt`, `robots.txt` and the change-password URL.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use jiff::Timestamp;

use crate::{
    bff::paths,
    server::{clock::Clock, config::Config},
};

/// RFC 9116 recommends less than a year. The file is generated per request, so half a year is enough.
const SECURITY_TXT_LIFETIME: Duration = Duration::from_hours(24 * 180);

/// Search engines may index public pages only: sign-in, sign-up and the API documentation.
const ROBOTS: &str = "User-agent: *\nDisallow: /account\nDisallow: /api/\nDisallow: /bff/\nDisallow: /todos\nDisallow: /trash\nAllow: /api/v1/docs\n";

const CHANGE_PASSWORD: &str = "/.well-known/change-password";
const SECURITY_TXT: &str = "/.well-known/security.txt";
const ROBOTS_TXT: &str = "/robots.txt";
pub const PATHS: [&str; 3] = [CHANGE_PASSWORD, SECURITY_TXT, ROBOTS_TXT];

#[derive(Clone)]
struct SecurityTxt {
    contact: Option<String>,
    origin: String,
    clock: Arc<dyn Clock>,
}

pub fn router(config: &Config, clock: Arc<dyn Clock>) -> Router {
    let security_txt = SecurityTxt { contact: config.security_contact.clone(), origin: config.origin.as_str().to_owned(), clock };
    Router::new()
        // For password managers (W3C, A Well-Known URL for Changing Passwords).
        .route(CHANGE_PASSWORD, get(async || Redirect::to(paths::ACCOUNT)))
        .route(SECURITY_TXT, get(serve_security_txt).with_state(security_txt))
        .route(ROBOTS_TXT, get(async || ROBOTS))
}

async fn serve_security_txt(State(SecurityTxt { contact, origin, clock }): State<SecurityTxt>) -> Response {
    let expires = i64::try_from(SECURITY_TXT_LIFETIME.as_millis())
        .ok()
        .and_then(|lifetime| clock.now().0.checked_add(lifetime))
        .and_then(|expires| Timestamp::from_millisecond(expires).ok());
    match (contact, expires) {
        (Some(contact), Some(expires)) => {
            format!("Contact: {contact}\nExpires: {expires:.0}\nCanonical: {origin}/.well-known/security.txt\n").into_response()
        }
        _ => (StatusCode::NOT_FOUND, "No security contact is configured.\n").into_response(),
    }
}
