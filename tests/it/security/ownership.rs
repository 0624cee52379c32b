//! Users reach their own todos only.

use std::{
    convert::Infallible,
    io::ErrorKind,
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response},
    routing::any,
};
use futures::{future::join_all, join};
use holdfast::{
    domain::UnixMillis,
    server::{
        api::{self, Api},
        clock::{Clock, SystemClock},
        config::Config,
        gateway::{ApiClient, Gateway},
        http::client_address::ClientAddress,
        identity::Identity,
        observability::metrics::Metrics,
    },
};
use serde_json::{Value, json};
use tower::{ServiceExt, service_fn};

use crate::support::{
    ANN, ApiUser, App, BOB, Browser, ID, Kind, PASSWORD, Program, SECRET, TestDatabase, body_json, body_text, path,
};

/// A-53
#[tokio::test]
async fn foreign_todo_takes_as_long_as_a_missing_one() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let foreign = path(&ann.add("buy milk").await);
    let missing = format!("/todos/{ID}");
    for method in ["GET", "DELETE"] {
        let (mut foreign_times, mut missing_times) = (Vec::new(), Vec::new());
        for _ in 0..150 {
            for (path, times) in [(&foreign, &mut foreign_times), (&missing, &mut missing_times)] {
                let start = Instant::now();
                assert_eq!(bob.call(method, path).await.status(), 404);
                times.push(start.elapsed().as_micros());
            }
        }
        foreign_times.sort_unstable();
        missing_times.sort_unstable();
        let (foreign, missing) = (foreign_times[75], missing_times[75]);
        // On a busy machine medians differ by a factor of two.
        assert!(foreign < 4 * missing && missing < 4 * foreign, "{method}: {foreign} and {missing} µs");
    }
}

/// A-54
#[tokio::test]
async fn link_with_a_foreign_id_shows_the_users_own_list() {
    let app = App::start().await;
    let todo = ApiUser::signed_up(&app, ANN).await.add("the secret of Ann").await;
    let mut bob = Browser::signed_up(&app, BOB).await;
    let (id, mut pages) = (todo["id"].as_str().unwrap(), Vec::new());
    for id in [id, ID] {
        for parameter in ["edit", "deleted", "show", "cleared"] {
            let page = bob.open(&format!("/todos?{parameter}={id}")).await;
            assert!(page.status == 200 && !page.html.contains("the secret"), "{parameter}");
            pages.push(page.html.replace(id, "").len());
        }
    }
    let (foreign, missing) = pages.split_at(4);
    assert_eq!(foreign, missing, "the page does not reveal whether the todo exists");
}

/// A-55
#[tokio::test]
async fn unknown_nested_and_duplicate_members_are_rejected() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let one = path(&ann.add("buy milk").await);
    for body in [
        r#"{"title":"x","user_id":"018f3a52-7b1c-7def-8abc-0123456789ab"}"#,
        r#"{"title":"x","title":"y"}"#,
        r#"{"title":{"title":"x","user_id":1}}"#,
        r#"{"todo":{"title":"x"},"title":"x"}"#,
        r#"{"title":"x","deleted_at":null,"user_id":null}"#,
        r#"{"title":"x","__proto__":{"owner":"x"}}"#,
    ] {
        for (method, path) in [("POST", "/todos"), ("PUT", &one), ("PATCH", &one)] {
            let request = ann.request(method, path).header("content-type", "application/json");
            let response = app.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(response.status(), 422, "{method} {body}");
        }
    }
    assert_eq!((ann.titles().await, bob.titles().await.len()), (vec!["buy milk".to_owned()], 0));
}

/// A-56
#[tokio::test]
async fn bulk_operations_affect_own_todos_only() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    for title in ["a", "b"] {
        bob.call_with("POST", "/todos", &json!({ "title": title, "completed": title == "b" })).await;
        ann.call_with("POST", "/todos", &json!({ "title": title, "completed": title == "b" })).await;
    }
    let bobs = body_text(bob.call("GET", "/todos").await).await;
    let export = body_text(bob.call("GET", "/export").await).await;
    app.wait(60);
    let ids: Vec<_> =
        body_json(bob.call("GET", "/todos").await).await.as_array().unwrap().iter().map(|t| t["id"].clone()).collect();
    for (method, path, body) in [
        ("PATCH", "/todos", json!({ "completed": true })),
        ("PATCH", "/todos", json!({ "completed": false })),
        ("DELETE", "/todos?completed=true", Value::Null),
        ("DELETE", "/todos", Value::Null),
        ("POST", "/todos/restore", json!({ "ids": ids })),
        ("POST", "/todos/batch", json!({ "todos": [{ "title": "c" }] })),
        ("POST", &format!("/todos/{}/move", ids[0].as_str().unwrap()), json!({ "after": null })),
        ("POST", "/todos/restore", json!({ "deleted_at": "2026-11-21T12:01:00Z" })),
    ] {
        ann.call_with(method, path, &body).await;
        assert_eq!(body_text(bob.call("GET", "/todos").await).await, bobs, "{method} {path} {body}");
    }
    assert_eq!(body_text(bob.call("GET", "/export").await).await, export);
    assert!(!body_text(ann.call("GET", "/export").await).await.contains(ids[0].as_str().unwrap()));
    let mut island = Browser::with_scripting(&app);
    island.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    for function in ["complete_todos", "reopen_todos", "clear_completed"] {
        assert_eq!(island.submit(function, &[]).await.status, 200);
        assert_eq!(body_text(bob.call("GET", "/todos").await).await, bobs, "{function}");
    }
}

/// A-57
#[tokio::test]
async fn concurrent_change_and_deletion_are_consistent() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for round in 0..100 {
        let one = path(&ann.add("buy milk").await);
        let rename = json!({ "title": format!("round {round}") });
        let (changed, deleted, read) =
            join!(ann.call_with("PATCH", &one, &rename), ann.call("DELETE", &one), ann.call("GET", &one));
        assert!([200, 404].contains(&changed.status().as_u16()), "{}", changed.status());
        assert_eq!(deleted.status(), 204);
        assert!([200, 404].contains(&read.status().as_u16()), "{}", read.status());
        assert_eq!(ann.call_with("PATCH", &one, &rename).await.status(), 404);
    }
    assert!(ann.titles().await.is_empty());
}

/// A-58
#[tokio::test]
async fn responses_leak_no_internal_or_foreign_data() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("add_todo", &[("title", "buy milk")]).await;
    let api = ApiUser::signed_in(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let bobs = bob.add("read").await;
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    let pages = [ann.open("/todos").await, island.list("", None).await, island.submit("current_user", &[]).await];
    let responses = join_all(["/todos", "/me", "/export"].map(|path| api.call("GET", path))).await;
    let bodies = join_all(responses.into_iter().map(body_text)).await;
    for text in pages.iter().map(|page| page.html.as_str()).chain(bodies.iter().map(String::as_str)) {
        for internal in ["argon2", "password_hash", "token_epoch", "\"ver\"", "user_id", BOB, bobs["id"].as_str().unwrap()] {
            assert!(!text.contains(internal), "{internal} is in {text}");
        }
    }
    assert!(!bodies[0].contains(ANN) && !pages[1].html.contains(ANN), "todos do not name their owner");
}

/// A-59
#[test]
fn no_request_makes_the_gateway_connect_elsewhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let evil = elsewhere.local_addr().unwrap().to_string();
    let program = Program::start(&[]);
    let form = format!("email={ANN}&password={}", PASSWORD.replace(' ', "+"));
    let cookie = program.submit("sign_up", "", &form).cookie().to_owned();
    let headers = format!("cookie: {cookie}\r\nconnection: close\r\n");
    for (request, statuses) in [
        (format!("GET /todos HTTP/1.1\r\nhost: {evil}\r\n{headers}\r\n"), 200..=499),
        (
            format!("GET /todos HTTP/1.1\r\nhost: x\r\nx-forwarded-host: {evil}\r\nforwarded: host={evil}\r\n{headers}\r\n"),
            200..=499,
        ),
        (format!("GET http://{evil}/todos HTTP/1.1\r\nhost: {evil}\r\n{headers}\r\n"), 200..=499),
        (format!("GET http://{evil}/api/v1/todos HTTP/1.1\r\nhost: {evil}\r\n{headers}\r\n"), 401..=401),
        (format!("CONNECT {evil} HTTP/1.1\r\nhost: {evil}\r\n{headers}\r\n"), 400..=499),
        (format!("CONNECT {evil} HTTP/1.1\r\nhost: {evil}\r\naccept: text/html\r\n{headers}\r\n"), 400..=499),
        (format!("OPTIONS * HTTP/1.1\r\nhost: {evil}\r\naccept: text/html\r\n{headers}\r\n"), 200..=499),
        (format!("GET //{evil}/todos HTTP/1.1\r\nhost: x\r\n{headers}\r\n"), 400..=499),
        (format!("GET /todos/..%2f..%2f@{evil} HTTP/1.1\r\nhost: x\r\n{headers}\r\n"), 400..=499),
    ] {
        let response = program.send_raw(request.as_bytes());
        assert!(statuses.contains(&response.status), "{request}{}", response.head);
        assert!(!response.header("location").contains(&evil), "{}", response.head);
    }
    for id in ["../../x", "%2e%2e%2f%2e%2e%2ftoken", "http://evil.example/", "..%5c..", "%0d%0ahost:%20evil", "x%00"] {
        for function in ["delete_todo", "edit_todo"] {
            let response = program.submit(function, &cookie, &format!("id={id}&seen_title=x&title=x"));
            assert!((400..500).contains(&response.status), "{function} {id}: {}", response.head);
        }
    }
    assert_eq!(elsewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "the gateway has not connected");
}

/// A-59
#[tokio::test]
async fn gateway_forwards_the_token_and_no_browser_header() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let config = Config::parse(|name| (name == "JWT_SECRET").then(|| SECRET.to_owned())).ok().unwrap();
    let identity = Arc::new(Identity::new(&config, database.open().await, Arc::new(SystemClock), &Metrics::default()));
    // A fake API that records its requests.
    let recorded: Arc<Mutex<Vec<(String, HeaderMap)>>> = Arc::default();
    let log = recorded.clone();
    let api = service_fn(move |request: Request<Body>| {
        log.lock().unwrap().push((request.uri().to_string(), request.headers().clone()));
        async { Ok::<_, Infallible>(Response::new(Body::from(r#"{"changed":0,"version":1}"#))) }
    });
    let functions = Router::new().route("/bff/{*function}", any(leptos_axum::handle_server_fns));
    let gateway = Gateway::new(&config, identity, ApiClient::new(api, Arc::new(SystemClock))).protect(functions);
    let post = async |function: &str, cookie: &str, body: String| {
        let request =
            Request::post(format!("/bff/{function}?x=1")).header("sec-fetch-site", "same-origin").header("cookie", cookie);
        let request = request.header("authorization", "Bearer of-the-client").header("x-forwarded-host", "evil.example");
        let request = request.header("host", "evil.example").header("user-agent", "mine").header("if-match", "*");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        gateway.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap()
    };
    let signed_up = post("sign_up", "a=b", format!("email={ANN}&password={}", PASSWORD.replace(' ', "+"))).await;
    let cookie = signed_up.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    for (function, body) in
        [("complete_todos", String::new()), ("add_todo", "title=x".to_owned()), ("delete_todo", format!("id={ID}"))]
    {
        assert_eq!(post(function, &cookie, body).await.status(), 200, "{function}");
    }
    let recorded = recorded.lock().unwrap();
    assert_eq!(recorded.len(), 3);
    for (uri, headers) in recorded.iter() {
        assert!(uri.starts_with("/api/v1/todos"), "{uri}");
        let names: Vec<_> = headers.keys().map(ToString::to_string).filter(|name| name != "content-type").collect();
        assert_eq!(names, ["authorization"]);
        assert!(headers["authorization"].to_str().unwrap().starts_with("Bearer eyJ"), "not the browser's header");
    }
}

/// A moment that the test sets, in seconds.
struct Now(AtomicI64);

impl Clock for Now {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::SeqCst) * 1000)
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
}

/// A-10
/// The gateway hands on tokens that it has verified. They count only with their own header, and no longer than they are valid.
#[tokio::test]
async fn token_handed_on_by_the_gateway_counts_only_with_its_header_and_until_it_expires() {
    let database = TestDatabase::new(Kind::Sqlite).await.unwrap();
    let config = Config::parse(|name| (name == "JWT_SECRET").then(|| SECRET.to_owned())).ok().unwrap();
    let (store, clock, metrics) = (database.open().await, Arc::new(Now(AtomicI64::new(1_800_000_000))), Metrics::default());
    let identity = Arc::new(Identity::new(&config, Arc::clone(&store), clock.clone(), &metrics));
    let (api, _) = api::service(Api::new(&config, Arc::clone(&identity), store, clock.clone(), &metrics));
    let [ann, bob] = [ANN, BOB].map(|email| identity.sign_up(email, PASSWORD, None, ClientAddress::default()));
    let (ann, bob) = (ann.await.unwrap(), bob.await.unwrap());
    let user = async |header: Option<&str>| {
        let mut request = Request::get("/api/v1/me").extension(ann.clone());
        if let Some(token) = header {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = api.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        (response.status().as_u16(), body_json(response).await["email"].as_str().map(str::to_owned))
    };
    let forged = format!("{}x", ann.token().expose());
    assert_eq!(user(Some(ann.token().expose())).await, (200, Some(ANN.to_owned())));
    assert_eq!(user(Some(bob.token().expose())).await, (200, Some(BOB.to_owned())));
    assert_eq!((user(None).await.0, user(Some(&forged)).await.0), (401, 401));
    clock.0.fetch_add(30 * 60, Ordering::SeqCst);
    assert_eq!(user(Some(ann.token().expose())).await.0, 401);
}
