//! The whole program as one router: static files, health, the REST API, and pages with their server functions. May import all of
//! `server` but `cli`.

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
        metrics::{self, Metrics, Paths},
    },
    shutdown::Draining,
    store::Store,
};
use crate::{bff::paths, ui};

/// Files of `public/` that are served at the root.
const PUBLIC_FILES: [&str; 3] = ["favicon.svg", "preview.png", "show-password.js"];

/// Longest that a page or a server function may take; what it asks of the API has less.
const LONGEST_REQUEST: Duration = Duration::from_secs(30);

/// Puts the program together.
pub fn router(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: &Metrics, draining: Draining) -> Router {
    let identity = Arc::new(Identity::new(config, Arc::clone(&store), Arc::clone(&clock), metrics));
    let api = api::router(Api::new(config, Arc::clone(&identity), Arc::clone(&store), Arc::clone(&clock), metrics));
    let gateway = Gateway::new(config, identity, ApiClient::new(api.clone(), Arc::clone(&clock)));
    let options = leptos_options(config);

    let (pages, paths) = pages(options.clone());
    let site = gateway.protect(pages);
    let site = site.layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST_REQUEST));
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
        .layer(CompressionLayer::new().compress_when(DefaultPredicate::new().and(has_no_strong_tag)))
        .layer(from_fn_with_state(metrics.of_requests(paths), metrics::count))
        .layer(from_fn(logging::trace))
        .layer(from_fn_with_state(config.trusted_proxies.clone(), client_address::find))
}

/// Pages and server functions, before the gateway stands in front of them; and all paths of which no router tells.
fn pages(options: LeptosOptions) -> (Router, Paths) {
    // Leptos sets a process-wide flag while it lists the routes, and a page rendered meanwhile would hang: so once, and
    // before the first router exists (leptos-rs/leptos#4773).
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
        (paths::PROBLEMS, get(problems)),
        ("/problems/{name}", get(problem)),
    ];
    let functions = server_fn_paths().map(|(path, _)| path);
    let paths = own.iter().map(|(path, _)| *path).chain(routes.iter().map(AxumRouteListing::path)).chain(functions);
    // Files are found without a router.
    let paths = Paths::new(paths.chain(["/pkg/{*file}"]));

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
    // A hashed name never means another content.
    let caching = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let package = Router::new().fallback_service(compressed).layer(from_fn(only_plain_names)).layer(
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, move |response: &Response<_>| {
            response.status().is_success().then(|| HeaderValue::from_static(caching))
        }),
    );
    let files = PUBLIC_FILES.iter().fold(Router::new().nest("/pkg", package), |router, file| {
        let file_service = ServeFile::new(root.join(file)).precompressed_br().precompressed_gzip();
        router.route_service(&format!("/{file}"), file_service)
    });
    files.layer(from_fn(whole))
}

/// Files are small, and served whole: `ServeDir` knows no `If-Range`, by whose condition a part would be of another file than the
/// one before, and refuses units and sets of ranges that are to be ignored (RFC 9110, sections 13.1.5 and 14.2).
async fn whole(mut request: Request, next: Next) -> Response {
    request.headers_mut().remove(header::RANGE);
    let mut response = next.run(request).await;
    response.headers_mut().remove(header::ACCEPT_RANGES);
    response
}

/// No path of ours has an escape, or is longer than a name may be. The system would call some of those a fault, and not a file
/// that is missing.
async fn only_plain_names(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.len() > 255 || path.contains('%') { not_found().await } else { next.run(request).await }
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
