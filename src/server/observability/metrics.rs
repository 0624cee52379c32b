//! What the program counts of itself, for Prometheus. `docs/metrics.md` explains each.
//!
//! No label holds anything that a client chose, so that nobody can make more series of them, and nothing of anybody is in them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::Response,
    routing::get,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

/// The text of `OpenMetrics`, as this library writes it.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Of requests, in seconds: a page takes one millisecond, a password some fifty, and nothing more than half a minute.
const DURATIONS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What stands for the route of a request that has none.
const UNMATCHED: &str = "unmatched";

/// All that is counted. Clones count together, and so do those of its parts.
#[derive(Clone)]
pub struct Metrics {
    http: Http,
    pub hashes: HashMetrics,
    pub refusals: Refusals,
    pub store: StoreMetrics,
    connections: Gauge,
    registry: Arc<Registry>,
}

/// Requests, whoever answers them.
#[derive(Clone)]
struct Http {
    requests: Family<Answer, Counter>,
    durations: Family<Question, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Question {
    method: &'static str,
    route: Arc<str>,
}

/// Passwords at the gate of `identity`.
#[derive(Clone, Default)]
pub struct HashMetrics {
    pub running: Gauge,
    pub waiting: Gauge,
    pub refused: Refused,
}

/// So many requests.
#[derive(Clone, Default)]
pub struct Refused(Counter);

impl Refused {
    pub fn count(&self) {
        self.0.inc();
    }

    /// How many so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

/// What was refused because it was done too often, by what it was.
#[derive(Clone)]
pub struct Refusals {
    pub sign_in: Refused,
    pub sign_up: Refused,
    /// Of somebody who is signed in, by the password.
    pub confirmation: Refused,
    pub api_call: Refused,
}

/// What a store tells of itself.
#[derive(Clone)]
pub struct StoreMetrics {
    writes_per_commit: Histogram,
    pool_connections: Family<PoolState, Gauge>,
    before_scrape: Hooks,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolState {
    pool: &'static str,
    state: &'static str,
}

/// How many connections a pool has.
#[derive(Clone, Copy)]
pub struct PoolConnections {
    pub idle: u32,
    pub in_use: u32,
}

type Hook = Box<dyn Fn() + Send + Sync>;

/// What is read when somebody asks, and not counted all the time.
#[derive(Clone, Default)]
struct Hooks(Arc<Mutex<Vec<Hook>>>);

impl Hooks {
    fn add(&self, hook: impl Fn() + Send + Sync + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(hook));
    }

    fn run(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|hook| hook());
    }
}

impl Default for StoreMetrics {
    fn default() -> Self {
        let writes_per_commit = Histogram::new(exponential_buckets(1.0, 2.0, 9));
        Self { writes_per_commit, pool_connections: Family::default(), before_scrape: Hooks::default() }
    }
}

impl StoreMetrics {
    /// Counts a commit of so many writes.
    pub fn committed(&self, writes: u32) {
        self.writes_per_commit.observe(writes.into());
    }

    /// Asks `read` at each scrape. It is kept for as long as the metrics are, and so is what it holds.
    pub fn watch_pool(&self, pool: &'static str, read: impl Fn() -> PoolConnections + Send + Sync + 'static) {
        let connections = self.pool_connections.clone();
        self.before_scrape.add(move || {
            let PoolConnections { idle, in_use } = read();
            for (state, count) in [("idle", idle), ("in_use", in_use)] {
                connections.get_or_create(&PoolState { pool, state }).set(count.into());
            }
        });
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(DURATIONS);
        let http = Http { requests: Family::default(), durations: Family::new_with_constructor(durations) };
        let (hashes, store, connections) = (HashMetrics::default(), StoreMetrics::default(), Gauge::default());
        let refused: Family<[(&str, &str); 1], Counter> = Family::default();
        let limit = |name| Refused(refused.get_or_create_owned(&[("limit", name)]));
        let refusals = Refusals {
            sign_in: limit("sign_in"),
            sign_up: limit("sign_up"),
            confirmation: limit("confirmation"),
            api_call: limit("api_call"),
        };

        let mut all = Registry::with_prefix("holdfast");
        all.register("http_requests", "Requests that were answered", http.requests.clone());
        all.register_with_unit(
            "http_request_duration",
            "From the head of a request to the head of its answer",
            Unit::Seconds,
            http.durations.clone(),
        );
        all.register("connections", "Connections of clients", connections.clone());
        all.register("password_hashes_running", "Passwords that are being hashed", hashes.running.clone());
        all.register("password_hashes_waiting", "Passwords that wait to be hashed", hashes.waiting.clone());
        all.register(
            "password_hashes_refused",
            "Requests that did not get their password hashed in time",
            hashes.refused.0.clone(),
        );
        all.register("rate_limit_refusals", "Requests that were refused because there were too many", refused);
        all.register("store_pool_connections", "Connections to the database", store.pool_connections.clone());
        all.register("store_writes_per_commit", "Writes that were committed together", store.writes_per_commit.clone());
        Self { http, hashes, refusals, store, connections, registry: Arc::new(all) }
    }
}

impl Metrics {
    /// For [`count`]; these are the paths of which no router tells.
    #[must_use]
    pub fn of_requests(&self, paths: Paths) -> Arc<Requests> {
        Arc::new(Requests { http: self.http.clone(), paths })
    }

    /// Asks `read` at each scrape how many connections there are.
    pub fn watch_connections(&self, read: impl Fn() -> usize + Send + Sync + 'static) {
        let connections = self.connections.clone();
        self.store.before_scrape.add(move || {
            connections.set(read().try_into().unwrap_or(i64::MAX));
        });
    }

    /// How it stands at this moment.
    ///
    /// # Panics
    /// Never: a `String` takes all that is written into it.
    #[must_use]
    pub fn text(&self) -> String {
        self.store.before_scrape.run();
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a string takes all of it");
        text
    }

    /// `GET /metrics`, for an address of its own: it is for the operator alone.
    pub fn router(self) -> Router {
        Router::new().route("/metrics", get(async move || ([(header::CONTENT_TYPE, OPEN_METRICS)], self.text())))
    }
}

/// What [`count`] works with.
pub struct Requests {
    http: Http,
    paths: Paths,
}

/// Counts each request when its answer begins. One that its client gave up before has no answer, and is not counted.
pub async fn count(State(counted): State<Arc<Requests>>, request: Request, next: Next) -> Response {
    let (start, method) = (Instant::now(), name_of(request.method()));
    let route = Route::of(&request).or_else(|| counted.paths.find(request.uri().path()));
    let response = next.run(request).await;
    let route = route.or_else(|| response.extensions().get().cloned());
    let route = route.map_or_else(|| UNMATCHED.into(), |Route(pattern)| pattern);
    counted.http.count(method, route, response.status(), start.elapsed());
    response
}

impl Http {
    fn count(&self, method: &'static str, route: Arc<str>, status: StatusCode, duration: Duration) {
        let question = Question { method, route };
        self.durations.get_or_create(&question).observe(duration.as_secs_f64());
        let Question { method, route } = question;
        self.requests.get_or_create(&Answer { method, route, status: status.as_u16() }).inc();
    }
}

/// Anybody can make up methods.
fn name_of(method: &Method) -> &'static str {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.iter().position(|known| known == method).map_or("other", |at| names[at])
}

/// The pattern of a path, as in `/todos/{id}`.
#[derive(Clone)]
struct Route(Arc<str>);

impl Route {
    /// What the routers so far have matched.
    fn of(request: &Request) -> Option<Self> {
        request.extensions().get().map(|path: &MatchedPath| Self(path.as_str().into()))
    }
}

/// For a router inside of another, which can't know what has matched in there: tells it by the extensions of the answer.
pub async fn note_route(request: Request, next: Next) -> Response {
    let route = Route::of(&request);
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Patterns of paths behind something that answers itself or sends on to elsewhere, so that no router tells what has matched.
pub struct Paths(matchit::Router<Route>);

impl Paths {
    /// # Panics
    /// If two of the patterns are in conflict, which axum would not have taken either.
    #[must_use]
    pub fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let mut paths = matchit::Router::new();
        for pattern in patterns {
            paths.insert(pattern, Route(pattern.into())).expect("axum has taken it as well");
        }
        Self(paths)
    }

    fn find(&self, path: &str) -> Option<Route> {
        self.0.at(path).ok().map(|found| found.value.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use axum::http::{Method, StatusCode};

    use super::{Metrics, PoolConnections, name_of};

    /// One of each.
    fn filled() -> Metrics {
        let metrics = Metrics::default();
        metrics.http.count("GET", "/todos".into(), StatusCode::OK, Duration::from_millis(3));
        metrics.watch_connections(|| 7);
        metrics.store.committed(3);
        metrics.store.watch_pool("readers", || PoolConnections { idle: 2, in_use: 6 });
        metrics
    }

    #[test]
    fn store_tells_of_its_pools_when_asked_and_of_each_commit() {
        let metrics = filled();
        metrics.store.committed(1);
        metrics.store.committed(1000);
        let text = metrics.text();
        for line in [
            "holdfast_store_pool_connections{pool=\"readers\",state=\"idle\"} 2",
            "holdfast_store_pool_connections{pool=\"readers\",state=\"in_use\"} 6",
            "holdfast_store_writes_per_commit_count 3",
            "holdfast_store_writes_per_commit_sum 1004.0",
            "holdfast_store_writes_per_commit_bucket{le=\"1.0\"} 1",
            "holdfast_store_writes_per_commit_bucket{le=\"4.0\"} 2",
            "holdfast_store_writes_per_commit_bucket{le=\"256.0\"} 2",
            "holdfast_connections 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
    }

    #[test]
    fn what_clients_make_up_is_no_label() {
        assert_eq!(name_of(&Method::PATCH), "PATCH");
        for made_up in ["BREW", "get", "PROPFIND"] {
            assert_eq!(name_of(&Method::from_bytes(made_up.as_bytes()).unwrap()), "other");
        }
    }

    /// Name, kind and labels of each metric, as a table of the documentation has them.
    fn documented() -> BTreeSet<String> {
        let cells = |row: &str| row.split('|').map(|cell| cell.trim().replace('`', "")).skip(1).take(3).collect::<Vec<_>>();
        let table = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `holdfast_"));
        rows.map(|row| cells(row).join(" | ")).collect()
    }

    #[test]
    fn every_metric_is_documented_as_it_is() {
        let text = filled().text();
        let counted: BTreeSet<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE "))
            .map(|line| {
                let (name, kind) = line.split_once(' ').unwrap();
                let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
                let sample = if kind == "histogram" { format!("{name}_count") } else { name.clone() };
                let sample = text.lines().find(|line| line.starts_with(&sample)).unwrap();
                let labels = sample.split_once('{').map_or("", |(_, rest)| rest.split('}').next().unwrap());
                let labels: Vec<_> = labels.split(',').map(|label| label.split('=').next().unwrap()).collect();
                format!("{name} | {kind} | {}", labels.join(", "))
            })
            .collect();
        assert_eq!(counted, documented());
    }
}
