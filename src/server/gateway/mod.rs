//! The backend for the frontend: the only place that knows the cookie and turns it into a bearer header. May import
//! `api` (as a service to call), `identity`, `contract` and `domain`, of `store` its error alone, and what stands beside this
//! folder as far as `tests/it/architecture.rs` lists it.

mod answer;
mod api_client;
mod bounce;
mod export;
mod function;
mod local_path;
mod routes;
mod same_origin;
mod sent_form;
mod session;

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use tower::Layer;
use tower_cookies::{CookieManagerLayer, Key};

use self::local_path::LocalPath;
pub use self::{
    answer::{SIGNED_IN, redirect, signed_in, start},
    api_client::ApiClient,
    export::export,
    function::{accepts_page, tell_by_status},
    same_origin::SEC_FETCH_SITE,
    session::Session,
};
use super::{
    clock::Clock,
    config::{Config, Origin},
    identity::Identity,
};

/// Where the server functions live. The `#[server]` attributes repeat it, because they take literals only.
pub const ROOT: &str = "/bff";

/// What all requests of browsers share.
#[derive(Clone)]
pub struct Gateway {
    identity: Arc<Identity>,
    api: ApiClient,
    /// The current one first.
    cookie_keys: Arc<[Key]>,
    origin: Origin,
    /// For how long ago something was.
    clock: Arc<dyn Clock>,
    /// Whether the cookie may go over plain http.
    insecure_http: bool,
    cookie_name: Arc<str>,
}

impl Gateway {
    #[must_use]
    pub fn new(config: &Config, identity: Arc<Identity>, api: ApiClient, clock: Arc<dyn Clock>) -> Self {
        // By HKDF, so that the key that encrypts cookies is not the one that signs tokens.
        let cookie_keys = config.secrets().map(|secret| Key::derive_from(secret.expose())).collect();
        let (origin, insecure_http) = (config.origin.clone(), config.insecure_http);
        let cookie_name = session::cookie_name(&origin, insecure_http).into();
        Self { identity, api, cookie_keys, origin, clock, insecure_http, cookie_name }
    }

    /// Puts pages and server functions behind the door for browsers: first the same-origin check, then the session.
    pub fn protect(self, site: Router) -> Router {
        // Around the router and not inside of it: a form may be answered with another page than it was sent to.
        let site = from_fn_with_state(self.clone(), answer::give).layer(site);
        Router::new()
            .fallback_service(site)
            .layer(from_fn_with_state(self.clone(), session::open))
            .layer(CookieManagerLayer::new())
            .layer(from_fn_with_state(self.clone(), session::drop_lookalikes))
            .layer(from_fn_with_state(self.origin, same_origin::check))
            .layer(from_fn(answer::never_store))
    }
}
