//! Prometheus metrics, documented in `docs/metrics.md`.
//!
//! Labels hold no client input: that bounds the number of series, and keeps personal data out.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::Request,
    http::{Method, StatusCode, header},
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

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// In seconds. A page takes a millisecond, a password hash about fifty, and the longest request half a minute.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The route label of requests without a route.
const UNMATCHED: &str = "unmatched";

/// Clones share their counters, and so do clones of the parts.
#[derive(Clone)]
pub struct Metrics {
    http: HttpMetrics,
    pub hashes: HashMetrics,
    pub refusals: Refusals,
    pub store: StoreMetrics,
    connections: Gauge,
    registry: Arc<Registry>,
}

#[derive(Clone)]
struct HttpMetrics {
    requests: Family<ResponseLabels, Counter>,
    durations: Family<RequestLabels, Histogram, fn() -> Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResponseLabels {
    method: &'static str,
    route: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Arc<str>,
}

/// The queue of password hashes in `identity`.
#[derive(Clone, Default)]
pub struct HashMetrics {
    pub running: Gauge,
    pub waiting: Gauge,
    pub refused: Refused,
}

/// Counts refused requests.
#[derive(Clone, Default)]
pub struct Refused(Counter);

impl Refused {
    pub fn count(&self) {
        self.0.inc();
    }

    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

/// Requests refused by rate limits.
#[derive(Clone)]
pub struct Refusals {
    pub sign_in: Refused,
    pub sign_up: Refused,
    /// A signed-in user's confirmation by password.
    pub confirmation: Refused,
    pub api_call: Refused,
}

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

#[derive(Clone, Copy)]
pub struct PoolConnections {
    pub idle: u32,
    pub in_use: u32,
}

type Hook = Box<dyn Fn() + Send + Sync>;

/// Reads gauges at each scrape instead of tracking them.
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
    /// Records the size of a group commit.
    pub fn committed(&self, writes: u32) {
        self.writes_per_commit.observe(writes.into());
    }

    /// Calls `read` at each scrape; the metrics keep it, and what it captures, alive.
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
        let durations: fn() -> Histogram = || Histogram::new(DURATION_BUCKETS);
        let http = HttpMetrics { requests: Family::default(), durations: Family::new_with_constructor(durations) };
        let (hashes, store, connections) = (HashMetrics::default(), StoreMetrics::default(), Gauge::default());
        let refused: Family<[(&str, &str); 1], Counter> = Family::default();
        let limit = |name| Refused(refused.get_or_create_owned(&[("limit", name)]));
        let refusals = Refusals {
            sign_in: limit("sign_in"),
            sign_up: limit("sign_up"),
            confirmation: limit("confirmation"),
            api_call: limit("api_call"),
        };

        let mut registry = Registry::with_prefix("holdfast");
        registry.register("http_requests", "Answered requests", http.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "From request head to response head",
            Unit::Seconds,
            http.durations.clone(),
        );
        registry.register("connections", "Client connections", connections.clone());
        registry.register("password_hashes_running", "Passwords being hashed", hashes.running.clone());
        registry.register("password_hashes_waiting", "Passwords waiting to be hashed", hashes.waiting.clone());
        registry.register("password_hashes_refused", "Requests whose password was not hashed in time", hashes.refused.0.clone());
        registry.register("rate_limit_refusals", "Requests refused by a rate limit", refused);
        registry.register("store_pool_connections", "Database connections", store.pool_connections.clone());
        registry.register("store_writes_per_commit", "Writes per commit", store.writes_per_commit.clone());
        Self { http, hashes, refusals, store, connections, registry: Arc::new(registry) }
    }
}

impl Metrics {
    #[must_use]
    pub fn request_metrics(&self, routes: RoutePatterns) -> RequestMetrics {
        RequestMetrics { http: self.http.clone(), routes, unmatched: UNMATCHED.into() }
    }

    /// Calls `read` at each scrape.
    pub fn watch_connections(&self, read: impl Fn() -> usize + Send + Sync + 'static) {
        let connections = self.connections.clone();
        self.store.before_scrape.add(move || {
            connections.set(read().try_into().unwrap_or(i64::MAX));
        });
    }

    /// # Panics
    /// Never: writing to a `String` can't fail.
    #[must_use]
    pub fn text(&self) -> String {
        self.store.before_scrape.run();
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing to a string can't fail");
        text
    }

    /// Serves `GET /metrics` on a separate address, for the operator only.
    pub fn router(self) -> Router {
        Router::new().route("/metrics", get(async move || ([(header::CONTENT_TYPE, OPEN_METRICS)], self.text())))
    }
}

/// Counts requests by route.
pub struct RequestMetrics {
    http: HttpMetrics,
    routes: RoutePatterns,
    unmatched: Arc<str>,
}

/// A request without its response. One that the client aborts is not counted.
pub struct Begun {
    start: Instant,
    method: &'static str,
    route: Arc<str>,
}

impl RequestMetrics {
    pub fn begin(&self, request: &Request) -> Begun {
        let route = self.routes.find(request.uri().path()).unwrap_or(&self.unmatched);
        Begun { start: Instant::now(), method: method_label(request.method()), route: Arc::clone(route) }
    }

    /// Counts the request as its response begins.
    pub fn end(&self, Begun { start, method, route }: Begun, status: StatusCode) {
        self.http.count(method, route, status, start.elapsed());
    }
}

impl HttpMetrics {
    fn count(&self, method: &'static str, route: Arc<str>, status: StatusCode, duration: Duration) {
        let labels = RequestLabels { method, route };
        self.durations.get_or_create(&labels).observe(duration.as_secs_f64());
        let RequestLabels { method, route } = labels;
        self.requests.get_or_create(&ResponseLabels { method, route, status: status.as_u16() }).inc();
    }
}

/// Clients can invent methods.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The patterns of all paths, as in `/todos/{id}`. Known before routing, since middleware may respond or rewrite the path first.
pub struct RoutePatterns(matchit::Router<Arc<str>>);

impl RoutePatterns {
    /// # Panics
    /// If two patterns conflict; axum would reject them too.
    #[must_use]
    pub fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let mut routes = matchit::Router::new();
        for pattern in patterns {
            routes.insert(pattern, pattern.into()).expect("axum accepts the same patterns");
        }
        Self(routes)
    }

    fn find(&self, path: &str) -> Option<&Arc<str>> {
        self.0.at(path).ok().map(|found| found.value)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use axum::http::{Method, StatusCode};

    use super::{Metrics, PoolConnections, method_label};

    /// Every metric has at least one sample.
    fn sample_metrics() -> Metrics {
        let metrics = Metrics::default();
        metrics.http.count("GET", "/todos".into(), StatusCode::OK, Duration::from_millis(3));
        metrics.watch_connections(|| 7);
        metrics.store.committed(3);
        metrics.store.watch_pool("readers", || PoolConnections { idle: 2, in_use: 6 });
        metrics
    }

    #[test]
    fn pools_are_read_at_each_scrape_and_commits_are_counted() {
        let metrics = sample_metrics();
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
    fn invented_methods_share_one_label() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        for invented in ["BREW", "get", "PROPFIND"] {
            assert_eq!(method_label(&Method::from_bytes(invented.as_bytes()).unwrap()), "other");
        }
    }

    /// Name, type and labels of each metric in the table of the documentation.
    fn documented() -> BTreeSet<String> {
        let cells = |row: &str| row.split('|').map(|cell| cell.trim().replace('`', "")).skip(1).take(3).collect::<Vec<_>>();
        let table = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md")).unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| `holdfast_"));
        rows.map(|row| cells(row).join(" | ")).collect()
    }

    #[test]
    fn documentation_lists_every_metric_with_type_and_labels() {
        let text = sample_metrics().text();
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
