//! The router of the whole program: static files, health, REST API, pages and server functions. May import all of `server` except
//! `cli`.

mod page;
mod plain_http;
mod well_known;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Extension, Router,
    extract::{Path, Request, State},
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::{prelude::LeptosOptions, server_fn::axum::server_fn_paths};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{DefaultPredicate, Predicate},
    },
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
};

use self::plain_http::PlainHttp;
use super::{
    api::{self, Api, ProblemType},
    clock::Clock,
    config::Config,
    gateway::{self, ApiClient, Gateway},
    http::{client_address, request_target, security_headers},
    identity::Identity,
    observability::{
        health, logging,
        metrics::{self, Metrics, RoutePatterns},
    },
    shutdown::Draining,
    store::Store,
};
use crate::{bff::paths, ui};

/// Files of `public/`, served at the root.
const PUBLIC_FILES: [&str; 3] = ["favicon.svg", "preview.png", "show-password.js"];

/// For pages and server functions; calls of the API have a shorter timeout.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

pub fn router(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: &Metrics, draining: Draining) -> Router {
    let identity = Arc::new(Identity::new(config, Arc::clone(&store), Arc::clone(&clock), metrics));
    let api = api::router(Api::new(config, Arc::clone(&identity), Arc::clone(&store), Arc::clone(&clock), metrics));
    let gateway = Gateway::new(config, identity, ApiClient::new(api.clone(), Arc::clone(&clock)));
    let options = leptos_options(config);

    let (pages, paths) = pages(options.clone());
    let site = gateway.protect(pages);
    let site = site.layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT));
    let site = site.layer(CatchPanicLayer::new()).layer(from_fn(request_target::bound));
    let site = site
        .layer(from_fn_with_state(options.clone(), page::explain_errors))
        .layer(Extension(config.origin.clone()))
        .layer(Extension(config.registration))
        .layer(Extension(PlainHttp::new(config)));

    static_files(&options)
        .merge(health::router(store, draining))
        .merge(well_known::router(config, clock))
        .layer(from_fn(request_target::bound))
        .merge(api)
        .fallback_service(site)
        .layer(from_fn(request_target::check_host))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(security_headers::Policy::new(config), security_headers::add))
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(has_no_strong_etag)))
        .layer(from_fn_with_state(metrics.request_metrics(paths), metrics::count))
        .layer(from_fn(logging::trace))
        .layer(from_fn_with_state(config.trusted_proxies.clone(), client_address::resolve))
}

/// Pages and server functions without the gateway's middleware, and all routes without a `MatchedPath`.
fn pages(options: LeptosOptions) -> (Router, RoutePatterns) {
    // Leptos sets a process-wide flag while it lists routes, which hangs concurrent rendering (leptos-rs/leptos#4773). So it runs
    // once, before the first router exists.
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    let routes = ROUTES.get_or_init(|| generate_route_list(ui::App)).clone();

    let shell = {
        let options = options.clone();
        move || ui::shell(options.clone())
    };
    let own = [
        (paths::START, get(gateway::start)),
        (paths::SIGNED_IN, get(gateway::signed_in)),
        (paths::EXPORT, get(gateway::export)),
        (paths::TODOS_DATA, get(gateway::todos)),
        (paths::PROBLEMS, get(problems)),
        ("/problems/{name}", get(problem)),
    ];
    let functions = server_fn_paths().map(|(path, _)| path);
    let paths = own.iter().map(|(path, _)| *path).chain(routes.iter().map(AxumRouteListing::path)).chain(functions);
    // Static files are served without a router.
    let paths = RoutePatterns::new(paths.chain(["/pkg/{*file}"]));

    let pages = own.into_iter().fold(Router::new(), |pages, (path, page)| pages.route(path, page));
    let pages = pages.leptos_routes_with_context(&options, routes, page::use_request, shell);
    (pages.fallback(not_found).with_state(options), paths)
}

async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "There is no page at this address.\n").into_response()
}

async fn problems(State(options): State<LeptosOptions>, request: Request) -> Response {
    let texts = || ProblemType::ALL.into_iter().map(problem_text).collect();
    page::render(move || ui::problems(options.clone(), texts()), request).await
}

async fn problem(State(options): State<LeptosOptions>, Path(name): Path<String>, request: Request) -> Response {
    match ProblemType::of_name(&name) {
        Some(problem) => page::render(move || ui::problem(options.clone(), problem_text(problem)), request).await,
        None => not_found().await,
    }
}

fn problem_text(problem: ProblemType) -> ui::ProblemText {
    let api::ProblemText { status, title, meaning, remedy, .. } = problem.text();
    ui::ProblemText { status, path: problem.path(), title, meaning, remedy }
}

fn static_files(options: &LeptosOptions) -> Router {
    let root = std::path::Path::new(options.site_root.as_ref());
    let compressed = ServeDir::new(root.join(options.site_pkg_dir.as_ref()))
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    // The content of a hashed name never changes.
    let caching = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let package = Router::new().fallback_service(compressed).layer(from_fn(reject_unusual_names)).layer(
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, move |response: &Response<_>| {
            response.status().is_success().then(|| HeaderValue::from_static(caching))
        }),
    );
    let files = PUBLIC_FILES.iter().fold(Router::new().nest("/pkg", package), |router, file| {
        let file_service = ServeFile::new(root.join(file)).precompressed_br().precompressed_gzip();
        router.route_service(&format!("/{file}"), file_service)
    });
    files.layer(from_fn(ignore_ranges))
}

/// `ServeDir` does not implement `If-Range`, so a client could combine parts of two versions, and it rejects ranges that a server
/// must ignore (RFC 9110, sections 13.1.5 and 14.2). Files are small, so none is served in parts.
async fn ignore_ranges(mut request: Request, next: Next) -> Response {
    request.headers_mut().remove(header::RANGE);
    let mut response = next.run(request).await;
    response.headers_mut().remove(header::ACCEPT_RANGES);
    response
}

/// For some escaped or overlong names, the file system returns an error other than "not found". No file has such a name.
async fn reject_unusual_names(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.len() > 255 || path.contains('%') { not_found().await } else { next.run(request).await }
}

/// Repeats the names in `Cargo.toml`, so that the binary does not depend on the environment of cargo-leptos.
fn leptos_options(config: &Config) -> LeptosOptions {
    // cargo-leptos writes `hash.txt` beside the binary if file names are hashed.
    let hashes = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("hash.txt")));
    let options = LeptosOptions::builder()
        .output_name("holdfast")
        .site_root(config.site_root.to_string_lossy().into_owned())
        .site_addr(config.address)
        .hash_files(hashes.is_some_and(|file| file.exists()));
    options.build()
}

/// Responses with a strong entity tag are not compressed: the tag identifies the exact bytes (RFC 9110, section 8.8.1).
fn has_no_strong_etag(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    headers.get(header::ETAG).is_none_or(|tag| tag.as_bytes().starts_with(b"W/"))
}
