//! The routes of the API, and what stands around them.

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{HeaderValue, Uri, header::CACHE_CONTROL, uri::PathAndQuery},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use tower::{Service, ServiceExt, service_fn};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    batch, bearer, docs,
    error::{ApiError, Rendering},
    me,
    state::{Api, ROOT},
    tags, todos, token, trash,
};
use crate::server::http::{containment::contain, request_target::is_too_long};

/// Longer than the timeout of the body.
const LONGEST_REQUEST: Duration = Duration::from_secs(15);

/// Whether the path belongs to the API, of whatever version.
#[must_use]
pub fn contains(path: &str) -> bool {
    path.strip_prefix("/api").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All routes of the API, with everything around them inside, because the BFF calls this service directly. And the patterns of their paths.
///
/// # Panics
/// Never: a document is JSON.
pub fn service(
    api: Api,
) -> (impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static, Vec<String>) {
    let with_token = OpenApiRouter::new()
        .routes(routes!(todos::list, todos::create, todos::change_many, todos::delete_many))
        .routes(routes!(batch::create))
        .routes(routes!(todos::restore_many))
        .routes(routes!(tags::summary))
        .routes(routes!(todos::undo))
        .routes(routes!(tags::rename_tag))
        .routes(routes!(todos::read, todos::put, todos::change, todos::delete))
        .routes(routes!(todos::restore))
        .routes(routes!(todos::move_after))
        .routes(routes!(trash::list, trash::empty))
        .routes(routes!(me::read, me::change, me::delete))
        .routes(routes!(me::change_email))
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
    let paths = document.paths.paths.keys().map(String::as_str).chain([docs::FILE]);
    let paths = paths.map(|path| format!("{ROOT}{path}")).collect();
    // As text, which takes less memory than the document itself.
    let document = Bytes::from(document.to_json().expect("a document is JSON"));
    let routes = handlers.with_state(document).fallback(async || ApiError::NotFound);
    (service_fn(move |request| Box::pin(answer(routes.clone(), request))), paths)
}

async fn answer(routes: Router, request: Request) -> Result<Response, Infallible> {
    let rendering = Rendering::of(&request);
    let response = if is_too_long(request.uri()) {
        ApiError::UriTooLong.into_response()
    } else if let Some(request) = below_root(request) {
        let response = async {
            let Ok(response) = routes.oneshot(request).await;
            response
        };
        contain(LONGEST_REQUEST, response).await
    } else {
        ApiError::NotFound.into_response()
    };
    let mut response = rendering.finish(response);
    // Keeps the header of a handler.
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Takes [`ROOT`] from the path. Nested routers do the same with several allocations each.
fn below_root(mut request: Request) -> Option<Request> {
    let below = request.uri().path_and_query()?.as_str().strip_prefix(ROOT).filter(|below| below.starts_with('/'))?;
    *request.uri_mut() = Uri::from(PathAndQuery::try_from(below).ok()?);
    Some(request)
}
