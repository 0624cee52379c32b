//! The routes of the API, and the layers around them.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    middleware::{from_fn, from_fn_with_state},
};
use tower::Layer;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{bearer, docs, error, me, state::Api, todos, token, trash};
use crate::server::{http::request_target, observability::metrics};

/// Longer than the timeout of the body.
const LONGEST_REQUEST: Duration = Duration::from_secs(15);

/// All routes below `/api`, with all layers inside, because the BFF calls this router directly.
pub fn router(api: Api) -> Router {
    let with_token = OpenApiRouter::new()
        .routes(routes!(todos::list, todos::create, todos::change_many, todos::delete_many))
        .routes(routes!(todos::restore_many))
        .routes(routes!(todos::summary))
        .routes(routes!(todos::undo))
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
        .layer(from_fn(metrics::report_route));
    // Around the router, because `Allow` is only in its response.
    let api = from_fn(error::render).layer(api);
    // Keeps the `Cache-Control` of a handler.
    let api = SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")).layer(api);
    Router::new().nest_service("/api", api)
}
