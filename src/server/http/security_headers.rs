//! Security headers of every response.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use leptos::nonce::Nonce;

use crate::server::config::Config;

/// OWASP HTTP Headers Cheat Sheet.
const FIXED_HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: the response to a form redirects to its `Referer`.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Prevents other responses from acting as pages.
const NON_PAGE_CSP: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A year, without subdomains: others may run them, over plain http.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const HSTS_WITH_SUBDOMAINS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// The configured part of the headers.
#[derive(Clone)]
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
}

/// Middleware that generates the nonce for scripts, and adds the headers.
pub async fn add(State(policy): State<Policy>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let csp = if is_page { page_csp(&nonce, policy.reload_source) } else { NON_PAGE_CSP };
    let headers = response.headers_mut();
    // A page with third-party code sets its own policy.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(csp);
    if is_error {
        // Some errors are heuristically cacheable (RFC 9110, section 15.1).
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    for (name, value) in FIXED_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(hsts) = policy.hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts);
    }
    response
}

/// `wasm-unsafe-eval` allows WASM only. Not `strict-dynamic`: it disables `'self'`, and the module preload link has no nonce.
fn page_csp(nonce: &Nonce, reload_source: &str) -> HeaderValue {
    let csp = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
         connect-src 'self'{reload_source}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    );
    HeaderValue::try_from(csp).expect("a nonce is legal in a header")
}
