//! Security headers of every response.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use leptos::nonce::Nonce;

use crate::server::config::Config;

/// OWASP HTTP Headers Cheat Sheet.
const FIXED_HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Not `no-referrer`: the response to a form redirects to its `Referer`.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
];
/// Room for all headers of a response, so that the map grows once.
const MOST_HEADERS: usize = 20;

/// Prevents other responses from acting as pages.
const NON_PAGE_CSP: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A year, without subdomains: others may run them, over plain http.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const HSTS_WITH_SUBDOMAINS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// The configured part of the headers.
pub struct Policy {
    hsts: Option<HeaderValue>,
    /// The reload socket of `cargo leptos watch`.
    reload_source: &'static str,
}

impl Policy {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            hsts: config.origin.is_https().then_some(if config.hsts_subdomains { HSTS_WITH_SUBDOMAINS } else { HSTS }),
            reload_source: if config.watched { " ws://127.0.0.1:3001 ws://localhost:3001" } else { "" },
        }
    }

    /// Adds the headers; `nonce` is that of the scripts of a page.
    pub fn add(&self, response: &mut Response, nonce: &Nonce) {
        let kind = response.headers().get(header::CONTENT_TYPE);
        let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let is_error = response.status().is_client_error() || response.status().is_server_error();
        let headers = response.headers_mut();
        headers.reserve(MOST_HEADERS);
        // A page with third-party code sets its own policy.
        let csp = || if is_page { self.page_csp(nonce) } else { NON_PAGE_CSP };
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(csp);
        if is_error {
            // Some errors are heuristically cacheable (RFC 9110, section 15.1).
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        }
        for (name, value) in FIXED_HEADERS {
            headers.insert(name, value);
        }
        if let Some(hsts) = &self.hsts {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
        }
    }

    /// `wasm-unsafe-eval` allows WASM only. Not `strict-dynamic`: it disables `'self'`, and the module preload link has no nonce.
    fn page_csp(&self, nonce: &Nonce) -> HeaderValue {
        let csp = format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
             connect-src 'self'{}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'",
            self.reload_source
        );
        HeaderValue::try_from(csp).expect("a nonce is legal in a header")
    }
}
