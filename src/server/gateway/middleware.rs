//! The middleware of pages and server functions.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tower::Layer;
use tower_cookies::{CookieManagerLayer, Cookies};

use super::{
    answer::accepts_page,
    api_client::{ApiClient, Caller},
    bounce,
    cookie::{CookieFormat, SessionCookie},
    forms, guard,
    routes::is_use,
    same_origin,
    session::Session,
};
use crate::{
    bff::paths::ROOT,
    server::{
        config::{Config, Origin},
        identity::Identity,
    },
};

/// State shared by all requests of browsers.
pub struct Gateway {
    identity: Arc<Identity>,
    api: ApiClient,
    cookie: CookieFormat,
    origin: Origin,
}

impl Gateway {
    #[must_use]
    pub fn new(config: &Config, identity: Arc<Identity>, api: ApiClient) -> Self {
        Self { identity, api, cookie: CookieFormat::new(config), origin: config.origin.clone() }
    }

    /// Wraps pages and server functions: first the same-origin check, then the session.
    pub fn protect(self, site: Router) -> Router {
        let gateway = Arc::new(self);
        // Around the router, because a form post may render a page of another route.
        let site = from_fn_with_state(Arc::clone(&gateway), dispatch).layer(site);
        let site = CookieManagerLayer::new().layer(site);
        Router::new().fallback_service(from_fn_with_state(gateway, admit).layer(site))
    }
}

async fn admit(State(gateway): State<Arc<Gateway>>, mut request: Request, next: Next) -> Response {
    let mut response = if let Some(refusal) = same_origin::refuse(&gateway.origin, &request) {
        refusal
    } else {
        gateway.cookie.drop_lookalikes(request.headers_mut());
        next.run(request).await
    };
    // No cache may store personal data or cookies (ASVS 14.3.2).
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn dispatch(State(gateway): State<Arc<Gateway>>, cookies: Cookies, mut request: Request, next: Next) -> Response {
    let is_function = request.uri().path().starts_with(ROOT);
    let is_for_page = !is_function || accepts_page(request.headers());
    let identity = Arc::clone(&gateway.identity);
    let cookie = SessionCookie::read(gateway.cookie.clone(), cookies, identity, is_use(&request), is_for_page);
    let session = Session::new(Arc::clone(&gateway.identity), gateway.api.clone(), cookie, Caller::of(&request));
    request.extensions_mut().insert(session.clone());
    let mut response = if is_function {
        forms::run(&gateway.origin, &session, request, next).await
    } else if !session.is_signed_in() && bounce::is_due(&gateway.origin, request.headers()) {
        bounce::page()
    } else {
        guard::show_page(&session, request, next).await
    };
    // For the error page, which is rendered outside.
    response.extensions_mut().insert(session);
    response
}
