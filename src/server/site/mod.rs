//! The router of the whole program: static files, health, REST API, pages and server functions. May import all of `server` except
//! `cli`.

mod assets;
mod front;
mod page;
mod plain_http;
mod well_known;

use std::sync::{Arc, OnceLock};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::{prelude::LeptosOptions, server_fn::axum::server_fn_paths};
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

use self::{front::Front, page::PageSettings, plain_http::PlainHttp};
use super::{
    api::{self, Api, ProblemType},
    clock::Clock,
    config::Config,
    gateway::{self, ApiClient, Gateway},
    http::{request_target::is_too_long, security_headers::Policy},
    identity::Identity,
    observability::{
        health,
        metrics::{Metrics, RoutePatterns},
    },
    shutdown::Draining,
    store::Store,
};
use crate::{bff::paths, ui};

/// Files of `public/`, served at the root.
const PUBLIC_FILES: [&str; 3] = ["/favicon.svg", "/preview.png", "/show-password.js"];

pub fn router(config: &Config, store: Arc<dyn Store>, clock: Arc<dyn Clock>, metrics: &Metrics, draining: Draining) -> Router {
    let identity = Arc::new(Identity::new(config, Arc::clone(&store), Arc::clone(&clock), metrics));
    let (api, api_paths) = api::service(Api::new(config, Arc::clone(&identity), Arc::clone(&store), Arc::clone(&clock), metrics));
    let gateway = Gateway::new(config, identity, ApiClient::new(api.clone(), Arc::clone(&clock)));
    let options = leptos_options(config);

    let (pages, page_paths) = pages(options.clone());
    let settings = PageSettings {
        options: options.clone(),
        assets: assets::read(&options),
        origin: config.origin.clone(),
        registration: config.registration,
        plain_http: PlainHttp::new(config),
    };
    let pages = from_fn_with_state(Arc::new(settings), page::frame).layer(gateway.protect(pages));
    let files = static_files(&options).merge(health::router(store, draining)).merge(well_known::router(config, clock));
    let files = files.fallback_service(pages.clone());
    let routes = service_fn(move |request: Request| {
        let (api, files, pages) = (api.clone(), files.clone(), pages.clone());
        async move {
            if api::contains(request.uri().path()) {
                api.oneshot(request).await
            } else if is_too_long(request.uri()) {
                // Answered by a page, if the client accepts one.
                pages.oneshot(request).await
            } else {
                files.oneshot(request).await
            }
        }
    });

    let paths = page_paths.iter().chain(&api_paths).map(String::as_str);
    // Static files are served without a router.
    let paths = paths.chain(health::PATHS).chain(well_known::PATHS).chain(PUBLIC_FILES).chain(["/pkg/{*file}"]);
    let front = Front {
        proxies: config.trusted_proxies.clone(),
        metrics: metrics.request_metrics(RoutePatterns::new(paths)),
        headers: Policy::new(config),
    };
    front.around(routes)
}

/// Pages and server functions without the gateway's middleware, and the patterns of their paths.
fn pages(options: LeptosOptions) -> (Router, Vec<String>) {
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
    let paths = paths.map(str::to_owned).collect();

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
        let file_service = ServeFile::new(root.join(&file[1..])).precompressed_br().precompressed_gzip();
        router.route_service(file, file_service)
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
    let options = LeptosOptions::builder()
        .output_name("holdfast")
        .site_root(config.site_root.to_string_lossy().into_owned())
        .site_addr(config.address)
        .hash_files(assets::hash_file().is_some());
    options.build()
}
