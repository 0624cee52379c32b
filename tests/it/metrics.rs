//! The metrics, as Prometheus scrapes them.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    thread::scope,
    time::{Duration, Instant},
};

use crate::support::{Program, RawResponse, connect, read_to_end, token_request};

const METRICS: (&str, &str) = ("METRICS_ADDR", "127.0.0.1:0");

fn send_to_metrics(program: &Program, method: &str, path: &str) -> RawResponse {
    let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    RawResponse::parse(&read_to_end(&mut connect(&program.metrics_address(), request)))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// The value of each series. Fails on invalid `OpenMetrics` text.
fn scrape(program: &Program) -> BTreeMap<String, f64> {
    let response = send_to_metrics(program, "GET", "/metrics");
    let kind = response.header("content-type");
    assert_eq!((response.status, kind), (200, "application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let lines = response.body.strip_suffix("# EOF\n").expect("the text ends with # EOF");
    let mut series = BTreeMap::new();
    for line in lines.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.split(' ');
            assert!(["HELP", "TYPE", "UNIT"].contains(&words.next().unwrap()) && is_name(words.next().unwrap()), "{line}");
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        let (metric, labels) = name.split_once('{').unwrap_or((name, "}"));
        assert!(metric.starts_with("holdfast_") && is_name(metric), "{line}");
        for label in labels.strip_suffix('}').unwrap().split("\",").filter(|label| !label.is_empty()) {
            let (key, value) = label.split_once("=\"").unwrap();
            assert!(is_name(key) && !value.trim_end_matches('"').contains(['"', '\\']), "{line}");
        }
        assert!(series.insert(name.to_owned(), value.parse().unwrap()).is_none(), "duplicate series: {line}");
    }
    series
}

/// The series of one metric by their labels.
fn with_labels<'a>(series: &'a BTreeMap<String, f64>, metric: &str) -> BTreeMap<&'a str, f64> {
    let labels = |name: &'a str| name.strip_prefix(metric)?.strip_prefix('{')?.strip_suffix('}');
    series.iter().filter_map(|(name, value)| Some((labels(name)?, *value))).collect()
}

#[test]
fn each_request_is_counted_once_under_its_route() {
    let program = Program::start(&[METRICS]);
    fs::write(program.folder.path().join("target/site/pkg/x.js"), "x").unwrap();
    let todo = "/api/v1/todos/018f3a52-7b1c-7def-8abc-0123456789ab";
    let sent = [
        (3, "GET", "/sign-in", "/sign-in", 200),
        // The session check redirects before routing; the route label comes from the path.
        (2, "GET", "/todos?edit=ann", "/todos", 303),
        (1, "GET", "/", "/", 303),
        (1, "POST", "/bff/add_todo", "/bff/add_todo", 403),
        (1, "POST", "/bff/nope", "unmatched", 403),
        (1, "GET", "/problems/validation", "/problems/{name}", 200),
        (2, "GET", "/problems/nope", "/problems/{name}", 404),
        (4, "GET", "/nope/ann", "unmatched", 404),
        (1, "GET", "/api/nope", "unmatched", 404),
        (2, "GET", "/api/v1/todos", "/api/v1/todos", 401),
        (1, "GET", todo, "/api/v1/todos/{id}", 401),
        (1, "DELETE", todo, "/api/v1/todos/{id}", 401),
        (1, "BREW", todo, "/api/v1/todos/{id}", 401),
        (1, "GET", "/api/v1/openapi.json", "/api/v1/openapi.json", 200),
        (2, "GET", "/pkg/x.js", "/pkg/{*file}", 200),
        (1, "GET", "/pkg/nope.js", "/pkg/{*file}", 404),
        (1, "GET", "/favicon.svg", "/favicon.svg", 404),
        (1, "GET", "/robots.txt", "/robots.txt", 200),
        (5, "GET", "/livez", "/livez", 200),
        (1, "BREW", "/livez", "/livez", 405),
        (1, "HEAD", "/readyz", "/readyz", 200),
        (1, "GET", "/metrics", "unmatched", 404),
    ];
    for (times, method, path, _, status) in sent {
        for _ in 0..times {
            assert_eq!(program.send(method, path, &[], "").status, status, "{method} {path}");
        }
    }
    // A form counts under its own route, although the response redirects to another page.
    let form = "email=ann%40example.org&password=correct+horse+battery+staple";
    assert_eq!(program.submit("sign_up", "", form).status, 303);
    let guesses = (0..13).map(|_| RawResponse::parse(&program.exchange(token_request("ann@example.org", "short", ""))).status);
    assert_eq!(guesses.filter(|status| *status == 429).count(), 3);

    let mut expected: BTreeMap<String, f64> = BTreeMap::new();
    let mut requests_by_route: BTreeMap<String, f64> = BTreeMap::new();
    let token = [(10, "POST", "", "/api/v1/token", 401), (3, "POST", "", "/api/v1/token", 429)];
    for (times, method, _, route, status) in sent.into_iter().chain([(1, "POST", "", "/bff/sign_up", 303)]).chain(token) {
        let method = if method == "BREW" { "other" } else { method };
        let route_labels = format!("method=\"{method}\",route=\"{route}\"");
        *expected.entry(format!("{route_labels},status=\"{status}\"")).or_default() += f64::from(times);
        *requests_by_route.entry(route_labels).or_default() += f64::from(times);
    }
    let series = scrape(&program);
    let owned = |metric| with_labels(&series, metric).into_iter().map(|(labels, value)| (labels.to_owned(), value)).collect();
    let counted: BTreeMap<String, f64> = owned("holdfast_http_requests_total");
    assert_eq!(counted, expected);
    let counted: BTreeMap<String, f64> = owned("holdfast_http_request_duration_seconds_count");
    assert_eq!(counted, requests_by_route);
    let buckets = with_labels(&series, "holdfast_http_request_duration_seconds_bucket");
    for (route_labels, count) in &requests_by_route {
        let below = |limit: &str| {
            let found =
                buckets.iter().find(|(labels, _)| labels.contains(route_labels) && labels.contains(&format!("le=\"{limit}\"")));
            *found.unwrap().1
        };
        assert!(below("0.001") <= below("10.0") && below("+Inf").to_bits() == count.to_bits(), "{route_labels}");
    }
    let hashing = with_labels(&series, "holdfast_http_request_duration_seconds_sum")["method=\"POST\",route=\"/bff/sign_up\""];
    assert!((0.001..40.0).contains(&hashing), "{hashing} s");
    let refusals = with_labels(&series, "holdfast_rate_limit_refusals_total");
    let limits = ["api_call", "confirmation", "sign_in", "sign_up"].map(|limit| refusals[format!("limit=\"{limit}\"").as_str()]);
    assert_eq!((refusals.len(), limits), (4, [0.0, 0.0, 3.0, 0.0]));
    for idle in ["running", "waiting", "refused_total"] {
        assert_eq!(series[&format!("holdfast_password_hashes_{idle}")].to_bits(), 0, "{idle}");
    }
    assert!(!series.keys().any(|name| name.contains("ann") || name.contains("018f3a52")), "no personal data");
}

#[test]
fn each_rate_limit_counts_its_own_rejections() {
    let program = Program::start(&[METRICS]);
    let (password, kind) = ("correct horse battery staple", "content-type: application/json");
    let form = format!("email=ann%40example.org&password={}", password.replace(' ', "+"));
    let sign_ups = (0..23).filter(|_| program.submit("sign_up", "", &form).status == 429).count();
    let token = RawResponse::parse(&program.exchange(token_request("ann@example.org", password, "")));
    let token: serde_json::Value = serde_json::from_str(&token.body).unwrap();
    let bearer = format!("authorization: Bearer {}", token["access_token"].as_str().unwrap());
    let change = r#"{"current":"short","new":"a long walk by the sea"}"#;
    let confirm = || program.send("POST", "/api/v1/me/password", &[&bearer, kind], change).status;
    let confirmations = (0..12).filter(|_| confirm() == 429).count();
    // Pipelined over one connection, which is faster than the limit refills.
    let get = |connection| format!("GET /api/v1/me HTTP/1.1\r\nhost: x\r\n{bearer}\r\nconnection: {connection}\r\n\r\n");
    let calls = get("keep-alive").repeat(2999) + &get("close");
    let mut client = program.connect("");
    let responses = scope(|scope| {
        let mut sender = client.try_clone().unwrap();
        scope.spawn(move || sender.write_all(calls.as_bytes()).unwrap());
        read_to_end(&mut client)
    });
    let calls = responses.matches("HTTP/1.1 429 ").count();
    assert!(sign_ups == 3 && confirmations == 2 && calls > 0, "{sign_ups} {confirmations} {calls}");

    let series = scrape(&program);
    for (limit, refused) in [("sign_up", sign_ups), ("confirmation", confirmations), ("api_call", calls), ("sign_in", 0)] {
        let counted = series[&format!("holdfast_rate_limit_refusals_total{{limit=\"{limit}\"}}")];
        assert_eq!(counted.to_string(), refused.to_string(), "{limit}");
    }
}

#[test]
fn connection_gauge_follows_open_connections() {
    let program = Program::start(&[METRICS]);
    let open: Vec<_> = (0..5).map(|_| program.connect("")).collect();
    let start = Instant::now();
    // The connection that `Program::start` probed with may still be open.
    while scrape(&program)["holdfast_connections"].to_bits() != 5_f64.to_bits() {
        assert!(start.elapsed() < Duration::from_secs(9));
    }
    drop(open);
    while scrape(&program)["holdfast_connections"].to_bits() != 0 {
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}

/// A-79
#[test]
fn metrics_address_serves_only_metrics() {
    let program = Program::start(&[METRICS]);
    assert_eq!(program.send("GET", "/metrics", &[], "").status, 404);
    assert_eq!(send_to_metrics(&program, "GET", "/metrics").status, 200);
    for path in ["/", "/todos", "/livez", "/metrics/", "/api/v1/openapi.json"] {
        assert_eq!(send_to_metrics(&program, "GET", path).status, 404, "{path}");
    }
    assert_eq!(send_to_metrics(&program, "POST", "/metrics").status, 405);

    let silent = Program::start(&[]);
    assert_eq!(silent.send("GET", "/metrics", &[], "").status, 404);
    assert!(!silent.output().contains("metrics are at"), "{}", silent.output());
}

#[test]
fn metrics_address_limits_connections_and_idle_time() {
    let program = Program::start(&[METRICS]);
    let address = program.metrics_address();
    let start = Instant::now();
    let silent: Vec<_> = (0..17).map(|_| connect(&address, "")).collect();
    let mut ends: Vec<f32> = scope(|scope| {
        let until_it_ends = |mut client| {
            assert_eq!(read_to_end(&mut client), "");
            start.elapsed().as_secs_f32()
        };
        let clients: Vec<_> = silent.into_iter().map(|client| scope.spawn(move || until_it_ends(client))).collect();
        assert!(program.check_livez() < Duration::from_secs(5), "the site has a limit of its own");
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    ends.sort_by(f32::total_cmp);
    assert!(
        ends[0] < 5.0 && ends[1] > 9.0 && ends[16] < 20.0,
        "one connection is over the limit, the others time out after 10 s: {ends:?}"
    );
    assert_eq!(send_to_metrics(&program, "GET", "/metrics").status, 200);
}
