//! The whole program as one router: static files, health, the REST API, and pages with their server functions.

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header, request::Parts},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::{
    context::provide_context,
    nonce::Nonce,
    prelude::{LeptosOptions, use_context},
};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate},
    },
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use super::{
    api::{self, Api},
    clock::Clock,
    config::Config,
    gateway::{ApiClient, Gateway},
    headers,
    identity::Identity,
    store::Store,
    telemetry,
};
use crate::{
    contract::{ProblemType, UnfinishedForm},
    ui,
};

/// Files of `public/` that are served at the root.
const PUBLIC_FILES: [&str; 1] = ["favicon.svg"];

/// Puts the program together.
pub fn router(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Router {
    let identity = Arc::new(Identity::new(config, Arc::clone(&store), Arc::clone(&clock)));
    let api = api::router(Api::new(config, Arc::clone(&identity), Arc::clone(&store), clock));
    let gateway = Gateway::new(config, identity, ApiClient::new(api.clone()));
    let options = leptos_options(config);

    static_files(&options)
        .route("/livez", get(async || "alive\n"))
        .route("/readyz", get(ready).with_state(store))
        .merge(api)
        .fallback_service(gateway.protect(pages(options)))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(headers::Policy::new(config), headers::add))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(has_no_strong_tag)))
        .layer(from_fn(telemetry::trace))
}

/// Pages and server functions, before the gateway stands in front of them.
fn pages(options: LeptosOptions) -> Router {
    // Leptos sets a process-wide flag while it lists the routes, and a page rendered meanwhile would hang: so once, and
    // before the first router exists (leptos-rs/leptos#4773).
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    let routes = ROUTES.get_or_init(|| generate_route_list(ui::App)).clone();

    let shell = {
        let options = options.clone();
        move || ui::shell(options.clone())
    };
    Router::new()
        .route("/problems", get(problems))
        .route("/problems/{name}", get(problem))
        .leptos_routes_with_context(&options, routes, use_request, shell)
        .fallback(not_found)
        .with_state(options)
}

async fn not_found(State(options): State<LeptosOptions>, request: Request) -> Response {
    let render = render_app_async_with_context(use_request, move || ui::not_found(options.clone()));
    let mut page = render(request).await;
    *page.status_mut() = StatusCode::NOT_FOUND;
    page
}

async fn problems(State(options): State<LeptosOptions>, request: Request) -> Response {
    render_app_async_with_context(use_request, move || ui::problem(options.clone(), None))(request).await
}

async fn problem(State(options): State<LeptosOptions>, Path(name): Path<String>, request: Request) -> Response {
    match ProblemType::of_name(&name) {
        Some(problem) => {
            let page = move || ui::problem(options.clone(), Some(problem));
            render_app_async_with_context(use_request, page)(request).await
        }
        None => not_found(State(options), request).await,
    }
}

/// What pages know of their request. Leptos makes a nonce of its own, but the Content-Security-Policy already names this
/// one.
fn use_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(nonce) = parts.extensions.get::<Nonce>() {
        provide_context(nonce.clone());
    }
    if let Some(form) = parts.extensions.get::<UnfinishedForm>() {
        provide_context(form.clone());
    }
}

fn static_files(options: &LeptosOptions) -> Router {
    let root = std::path::Path::new(options.site_root.as_ref());
    let compressed = ServeDir::new(root.join(options.site_pkg_dir.as_ref())).precompressed_br().precompressed_gzip();
    // A hashed name never means another content.
    let caching = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let package = Router::new()
        .fallback_service(compressed)
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, move |response: &Response<_>| {
            response.status().is_success().then(|| HeaderValue::from_static(caching))
        }));
    PUBLIC_FILES.iter().fold(Router::new().nest("/pkg", package), |router, file| {
        let file_service = ServeFile::new(root.join(file)).precompressed_br().precompressed_gzip();
        router.route_service(&format!("/{file}"), file_service)
    })
}

/// What Leptos needs to know of the build. The names are facts of `Cargo.toml`, so that the program runs by itself.
fn leptos_options(config: &Config) -> LeptosOptions {
    // cargo-leptos writes the hashes of the file names beside the program; without that file the names have none.
    let hashes = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("hash.txt")));
    let options = LeptosOptions::builder()
        .output_name("holdfast")
        .site_root(config.site_root.to_string_lossy().into_owned())
        .site_addr(config.address)
        .hash_files(hashes.is_some_and(|file| file.exists()));
    options.build()
}

/// A strong entity tag is for these very bytes (RFC 9110, section 8.8.1), so they are sent as they are.
fn has_no_strong_tag(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers.get(header::ETAG).is_none_or(|tag| tag.as_bytes().starts_with(b"W/"))
}

async fn ready(State(store): State<Arc<dyn Store>>) -> Response {
    match store.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response(),
    }
}
