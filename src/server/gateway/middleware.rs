//! The middleware of pages and server functions.

use std::sync::Arc;

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
};
use tower::Layer;
use tower_cookies::{CookieManagerLayer, Cookies};

use super::{
    answer::accepts_page,
    api_client::{ApiClient, Caller},
    bounce,
    cookie::{self, CookieFormat, SessionCookie},
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
#[derive(Clone)]
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
        // Around the router, because a form post may render a page of another route.
        let site = from_fn_with_state(self.origin.clone(), dispatch).layer(site);
        Router::new()
            .fallback_service(site)
            .layer(from_fn_with_state(self.clone(), open_session))
            .layer(CookieManagerLayer::new())
            .layer(from_fn_with_state(self.cookie, cookie::drop_lookalikes))
            .layer(from_fn_with_state(self.origin, same_origin::check))
            .layer(from_fn(never_store))
    }
}

async fn open_session(State(gateway): State<Gateway>, cookies: Cookies, mut request: Request, next: Next) -> Response {
    let is_for_page = !request.uri().path().starts_with(ROOT) || accepts_page(request.headers());
    let cookie = SessionCookie::read(gateway.cookie, cookies, Arc::clone(&gateway.identity), is_use(&request), is_for_page);
    let session = Session::new(gateway.identity, gateway.api, cookie, Caller::of(&request));
    request.extensions_mut().insert(session);
    next.run(request).await
}

async fn dispatch(
    State(origin): State<Origin>,
    Extension(session): Extension<Session>,
    request: Request,
    next: Next,
) -> Response {
    if request.uri().path().starts_with(ROOT) {
        forms::run(&origin, &session, request, next).await
    } else if !session.is_signed_in() && bounce::is_due(&origin, request.headers()) {
        bounce::page()
    } else {
        guard::show_page(&session, request, next).await
    }
}

/// No cache may store personal data or cookies (ASVS 14.3.2).
async fn never_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
