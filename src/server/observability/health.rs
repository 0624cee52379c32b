//! Health endpoints: liveness and readiness.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;

use crate::server::{
    shutdown::Draining,
    store::{Schema, Store},
};

/// Shorter than the timeout of most health checks.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

const LIVE: &str = "/livez";
const READY: &str = "/readyz";
pub const PATHS: [&str; 2] = [LIVE, READY];

const NO_STORE: [(HeaderName, HeaderValue); 1] = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];

#[derive(Clone)]
struct Health {
    store: Arc<dyn Store>,
    draining: Draining,
}

pub fn router(store: Arc<dyn Store>, draining: Draining) -> Router {
    Router::new().route(LIVE, get(async || (NO_STORE, "alive\n"))).route(READY, get(ready).with_state(Health { store, draining }))
}

async fn ready(State(health): State<Health>) -> Response {
    match health.unready_reason().await {
        None => (NO_STORE, "ready\n").into_response(),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, NO_STORE, reason).into_response(),
    }
}

impl Health {
    async fn unready_reason(&self) -> Option<&'static str> {
        if self.draining.has_begun() {
            return Some("draining: the program is stopping\n");
        }
        match timeout(PING_TIMEOUT, self.store.ping()).await {
            Ok(Ok(Schema::Current)) => None,
            Ok(Ok(Schema::Outdated)) => Some("migrations: some are pending\n"),
            Ok(Err(_)) | Err(_) => Some("database: it does not answer\n"),
        }
    }
}
