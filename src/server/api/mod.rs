//! The REST API under `/api/v1`: bearer tokens and JSON. Knows no cookie and no page; may import `domain`, `contract`,
//! `identity` and `store`, and what stands beside this folder as far as `tests/it/architecture.rs` lists it.

mod bearer;
mod docs;
mod error;
mod json;
mod me;
mod paging;
mod preconditions;
mod problem_type;
mod todos;
mod token;
mod trash;
mod wire;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    middleware::{from_fn, from_fn_with_state},
};
use tower::Layer;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    clock::Clock,
    config::{Config, Origin},
    http::request_target,
    identity::Identity,
    observability::metrics::{self, Metrics, Refusals},
    rate_limit::RateLimit,
    store::Store,
};

pub use self::problem_type::{ProblemText, ProblemType};
/// Where the API lives.
pub const ROOT: &str = "/api/v1";

/// Most todos that one request restores by their ids. Some more would fit into a body; a round number is easier to keep to.
pub const MAX_RESTORED: usize = 1000;
/// Longest a request may take; its body has less.
const LONGEST_REQUEST: Duration = Duration::from_secs(15);

/// Requests that one user may send at once; far more than any page does.
const CALLS_AT_ONCE: u32 = 1000;
/// After which time there may be one more.
const CALL_PERIOD: Duration = Duration::from_millis(10);

/// What the handlers work with.
#[derive(Clone)]
pub struct Api {
    identity: Arc<Identity>,
    /// How often each user may call.
    calls: Arc<RateLimit>,
    refusals: Refusals,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// For the absolute URLs in answers; a request's `Host` is not believed.
    origin: Origin,
}

impl Api {
    #[must_use]
    pub fn new(
        config: &Config,
        identity: Arc<Identity>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Self {
        // Each server counts by itself: this protects the server, and counting in the store would cost what it is to save.
        let calls = if config.rate_limits {
            RateLimit::new(CALLS_AT_ONCE, CALL_PERIOD, Arc::clone(&clock))
        } else {
            RateLimit::none(Arc::clone(&clock))
        };
        let refusals = metrics.refusals.clone();
        Self { identity, calls: Arc::new(calls), refusals, store, clock, origin: config.origin.clone() }
    }
}

/// Everything below `/api`. All layers are in here and not around it, because the BFF calls it directly.
pub fn router(api: Api) -> Router {
    let with_token = OpenApiRouter::new()
        .routes(routes!(todos::list, todos::create, todos::change_many, todos::delete_many))
        .routes(routes!(todos::restore_many))
        .routes(routes!(todos::read, todos::put, todos::change, todos::delete))
        .routes(routes!(todos::restore))
        .routes(routes!(trash::list, trash::empty))
        .routes(routes!(me::read, me::delete))
        .routes(routes!(me::change_password))
        .routes(routes!(me::export))
        .routes(routes!(token::end))
        .route_layer(from_fn_with_state(api.clone(), bearer::authenticate));
    let (handlers, document) = OpenApiRouter::with_openapi(docs::base())
        .merge(with_token)
        .routes(routes!(token::issue))
        .with_state(api)
        .merge(docs::router())
        .split_for_parts();

    let api = Router::new()
        .nest("/v1", handlers.with_state(Arc::new(document)))
        .fallback(async || error::ApiError::NotFound)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(request_target::bound))
        .layer(from_fn(metrics::tell_route));
    // Around the router and not inside of it: only there it has said which methods an address takes.
    let api = from_fn(error::render).layer(api);
    // What a handler says of its own answer stands.
    let api = SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")).layer(api);
    Router::new().nest_service("/api", api)
}
