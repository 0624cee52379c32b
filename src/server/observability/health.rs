//! Whether the program lives, and whether it should be sent requests.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};
use tokio::time::timeout;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::server::{
    shutdown::Draining,
    store::{Schema, Store},
};

/// How long the database may take to say that it is there: most who ask don't wait longer themselves.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Clone)]
struct Health {
    store: Arc<dyn Store>,
    draining: Draining,
}

/// `/livez` and `/readyz`.
pub fn router(store: Arc<dyn Store>, draining: Draining) -> Router {
    Router::new()
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready).with_state(Health { store, draining }))
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

async fn ready(State(health): State<Health>) -> Response {
    match health.unready_reason().await {
        None => "ready\n".into_response(),
        Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason).into_response(),
    }
}

impl Health {
    /// Why no requests should be sent, in a line; this is the place for further reasons.
    async fn unready_reason(&self) -> Option<&'static str> {
        if self.draining.has_begun() {
            return Some("draining: the program is stopping\n");
        }
        match timeout(PING_TIMEOUT, self.store.ping()).await {
            Ok(Ok(Schema::Current)) => None,
            Ok(Ok(Schema::Outdated)) => Some("migrations: the database lacks some\n"),
            Ok(Err(_)) | Err(_) => Some("database: it does not answer\n"),
        }
    }
}
