//! Error responses: problem details with the request id.

use std::sync::{Arc, Mutex};

use axum::{
    body::Body,
    http::{Request, Response},
};
use holdfast::server::api::ProblemType;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, ID, Operation, body_json, body_text, first_header, log, path};

/// The body of an error response, after a check of its problem details and headers.
async fn problem(response: Response<Body>) -> Value {
    let status = response.status().as_u16();
    let header = |name| first_header(&response, name).to_owned();
    let (kind, id, caching, allow, retry, challenge) = (
        header("content-type"),
        header("x-request-id"),
        header("cache-control"),
        header("allow"),
        header("retry-after"),
        header("www-authenticate"),
    );
    let problem = body_json(response).await;
    let name = problem["type"].as_str().unwrap().strip_prefix("/problems/").unwrap();
    let text = ProblemType::of_name(name).unwrap().text();
    assert_eq!((kind.as_str(), caching.as_str()), ("application/problem+json", "no-store"));
    assert_eq!((status, &problem["status"], &problem["title"]), (text.status, &json!(status), &json!(text.title)));
    assert_eq!(problem["instance"], format!("urn:uuid:{id}"));
    assert_eq!(!allow.is_empty(), status == 405);
    assert_eq!(!retry.is_empty(), [429, 503].contains(&status));
    assert_eq!(!challenge.is_empty(), status == 401);
    problem
}

fn path_of(operation: &Operation) -> String {
    operation.path.replace("{id}", ID).replace("{name}", "home")
}

/// Calls each operation that requires a token with a valid body, and passes its problem to the check.
async fn for_each_operation(app: &App, ann: &ApiUser<'_>, mut check: impl FnMut(&Operation, u16, Value)) {
    for operation in app.document().operations() {
        if app.document().get(&operation)["security"] == json!([{}]) {
            continue;
        }
        let method = operation.method.to_uppercase();
        let content = app.document().get(&operation)["requestBody"]["content"].as_object();
        let mut examples = content.into_iter().flat_map(|content| content.values()).map(|media| &media["example"]);
        let body = examples.find(|example| !example.is_null()).cloned().unwrap_or_default();
        let request = ann.request(&method, &path_of(&operation)).header("content-type", "application/json");
        let response = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let status = response.status().as_u16();
        check(&operation, status, problem(response).await);
    }
}

#[tokio::test]
async fn invalid_token_is_401_before_the_body_is_read() {
    let app = App::start().await;
    let (absent, bad) = (r#"Bearer realm="holdfast""#, r#"Bearer realm="holdfast", error="invalid_token""#);
    for (authorization, challenge) in
        [(None, absent), (Some("Bearer x"), bad), (Some("Bearer"), absent), (Some("Basic YTpi"), absent), (Some("Bearer  "), bad)]
    {
        let operations = app.document().operations();
        let with_token = operations.iter().filter(|operation| app.document().get(operation)["security"] != json!([{}]));
        let routes = with_token.map(|operation| (operation.method.to_uppercase(), path_of(operation)));
        for (method, path) in routes.chain([("TRACE".to_owned(), "/todos".to_owned()), ("OPTIONS".to_owned(), "/me".to_owned())])
        {
            let mut request = Request::builder().method(method.as_str()).uri(format!("/api/v1{path}"));
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let response = app.send(request.body(Body::from("{broken")).unwrap()).await;
            assert_eq!(
                (response.status().as_u16(), first_header(&response, "www-authenticate")),
                (401, challenge),
                "{method} {path}"
            );
            assert_eq!(first_header(&response, "content-type"), "application/problem+json");
            let problem = body_json(response).await;
            assert_eq!((&problem["type"], &problem["status"]), (&json!("/problems/unauthenticated"), &json!(401)));
            assert!(problem["instance"].as_str().unwrap().starts_with("urn:uuid:"));
        }
    }
}

#[tokio::test]
async fn invalid_input_is_rejected_and_changes_nothing() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let long = format!(r#"{{"title":"{}"}}"#, "z".repeat(501));
    let huge = format!(r#"{{"title":"{}"}}"#, "z".repeat(257 * 1024));
    for (kind, body, status, problem) in [
        ("application/json", "{", 400, "malformed-json"),
        ("application/json", "", 400, "malformed-json"),
        ("text/plain", r#"{"title":"x"}"#, 415, "unsupported-media-type"),
        ("application/x-www-form-urlencoded", "title=x", 415, "unsupported-media-type"),
        ("application/json", "{}", 422, "validation"),
        ("application/json", "[]", 422, "validation"),
        ("application/json", r#"{"title":null}"#, 422, "validation"),
        ("application/json", r#"{"title":7}"#, 422, "validation"),
        ("application/json", r#"{"title":" \n "}"#, 422, "validation"),
        ("application/json", r#"{"title":"a\u0000b"}"#, 422, "validation"),
        ("application/json", &long, 422, "validation"),
        ("application/json", r#"{"title":"x","title":"y"}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","colour":"red"}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","completed":"yes"}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":1.5}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":1e300}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":9007199254740992.0}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":9007199254740992}"#, 422, "validation"),
        ("application/json", r#"{"title":"x","order":9223372036854775808}"#, 422, "validation"),
        ("application/json", &huge, 413, "payload-too-large"),
    ] {
        let request = ann.request("POST", "/todos").header("content-type", kind);
        let response = app.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        let shown = &body[..body.len().min(60)];
        assert_eq!(response.status(), status, "{shown}");
        assert_eq!(first_header(&response, "content-type"), "application/problem+json", "{shown}");
        let returned = body_json(response).await;
        assert_eq!(returned["type"], format!("/problems/{problem}"), "{shown}");
        assert!(!returned.to_string().contains("zzzz") && !returned.to_string().contains("colour"), "echoes {shown}");
    }
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn validation_error_points_to_the_member() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (body, pointer, code) in [
        (json!({}), "/title", "required"),
        (json!({ "title": " " }), "/title", "blank"),
        (json!({ "title": "x", "order": 9_007_199_254_740_992_i64 }), "/order", "out-of-range"),
    ] {
        let problem = body_json(ann.call_with("POST", "/todos", &body).await).await;
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!(pointer), &json!(code)));
    }
}

#[tokio::test]
async fn framework_errors_are_problem_details() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let response = ann.call("POST", &format!("/todos/{ID}")).await;
    assert_eq!(response.status(), 405);
    let mut allowed: Vec<_> = first_header(&response, "allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"]);
    assert_eq!(body_json(response).await["type"], "/problems/method-not-allowed");

    for path in ["/nope", "/todos/", "/todos/x/y"] {
        let response = ann.call("GET", path).await;
        assert_eq!(
            (response.status().as_u16(), first_header(&response, "content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
    }
    let response = ann.call("GET", &format!("/todos?cursor={}", "a".repeat(8 * 1024))).await;
    assert_eq!(response.status(), 414);
    assert_eq!(problem(response).await["type"], "/problems/uri-too-long");
    let response = app.send(Request::get("/api").body(Body::empty()).unwrap()).await;
    assert_eq!(first_header(&response, "content-type"), "application/problem+json");
}

#[tokio::test]
async fn unsupported_json_values_are_422_and_invalid_json_is_400() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let deep = format!(r#"{{"title":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for (body, status) in [
        (deep.as_bytes(), 422),
        (br#"{"title":"\ud800"}"#, 422),
        (br#"{"title":1e999}"#, 422),
        (br#"{"title":"x","order":123456789012345678901234567890}"#, 422),
        (b"{\"title\":\"\xff\"}", 400),
        (br#"{"title":7,"#, 400),
        (br#"{"title":"x"} {}"#, 400),
        (br#"{"title":"x",}"#, 400),
        (b"\xef\xbb\xbf", 400),
        (b"\xef\xbb\xbf\xef\xbb\xbf{\"title\":\"x\"}", 400),
    ] {
        let request = ann.request("POST", "/todos").header("content-type", "application/json");
        let response = app.send(request.body(Body::from(body.to_vec())).unwrap()).await;
        assert_eq!(response.status(), status, "{}", String::from_utf8_lossy(&body[..body.len().min(40)]));
        problem(response).await;
    }
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn leading_byte_order_mark_is_ignored() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let request = ann.request("POST", "/todos").header("content-type", "application/json");
    assert_eq!(app.send(request.body(Body::from("\u{feff}{\"title\":\"x\"}")).unwrap()).await.status(), 201);
    let request = ann.request("PATCH", "/todos").header("content-type", "application/json");
    assert_eq!(app.send(request.body(Body::from("\u{feff}{\"completed\":true}")).unwrap()).await.status(), 200);
    assert_eq!(ann.titles().await, ["x"]);
}

#[tokio::test]
async fn body_must_be_an_object() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    let one = path(&todo);
    for body in [json!([]), json!(["y", true, 5]), json!([true]), json!([["x"]]), json!("y"), json!(7), json!(true), json!(null)]
    {
        for (method, path) in [
            ("POST", "/todos"),
            ("PUT", one.as_str()),
            ("PATCH", &one),
            ("PATCH", "/todos"),
            ("POST", "/todos/restore"),
            ("PATCH", "/me"),
            ("POST", "/todos/batch"),
            ("POST", &format!("{one}/move")),
            ("DELETE", "/me"),
        ] {
            let response = ann.call_with(method, path, &body).await;
            assert_eq!(response.status(), 422, "{method} {path} {body}");
            assert_eq!(problem(response).await["errors"][0]["code"], "shape");
        }
    }
    assert_eq!(body_json(ann.call("GET", &one).await).await, todo);
}

#[tokio::test]
async fn all_validation_errors_are_reported_together() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let body = json!({ "title": " ", "order": 9_007_199_254_740_992_i64 });
    let problem = problem(ann.call_with("POST", "/todos", &body).await).await;
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].clone()).collect();
    assert_eq!(pointers, ["/title", "/order"]);
}

#[tokio::test]
async fn unsupported_media_types_are_415() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    let one = path(&todo);
    let send = async |method: &str, path: &str, kind: &str| {
        let request = ann.request(method, path).header("content-type", kind);
        app.send(request.body(Body::from(r#"{"title":"y","completed":true}"#)).unwrap()).await
    };
    for kind in ["text/plain", "application/json-patch+json", "application/problem+json", "multipart/form-data; boundary=x", ""] {
        for (method, path) in [("POST", "/todos"), ("PUT", one.as_str()), ("PATCH", &one), ("PATCH", "/todos")] {
            let response = send(method, path, kind).await;
            assert_eq!(response.status(), 415, "{method} {path} {kind}");
            let accepted = first_header(&response, "accept-patch");
            assert_eq!(accepted, if method == "PATCH" { "application/merge-patch+json" } else { "" }, "{method} {kind}");
            problem(response).await;
        }
    }
    let response = ann.call_if("POST", "/todos", ("content-encoding", "gzip"), &json!({ "title": "y" })).await;
    assert_eq!(response.status(), 415, "compressed bodies are not supported");
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
        assert_eq!(send("PATCH", &one, kind).await.status(), 200, "{kind}");
    }
    assert_eq!(send("PUT", &one, "application/merge-patch+json").await.status(), 415, "PUT does not accept a patch");
}

#[tokio::test]
async fn body_of_unknown_length_is_read_up_to_the_limit() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let read = Arc::new(Mutex::new(0));
    let counter = read.clone();
    // 100 MB if read completely.
    let chunks = (0..100_000).map(move |_| {
        *counter.lock().unwrap() += 1;
        Ok::<_, std::io::Error>("a".repeat(1000))
    });
    let body = Body::from_stream(futures::stream::iter(chunks));
    let request = ann.request("POST", "/todos").header("content-type", "application/json").body(body).unwrap();
    let problem = problem(app.send(request).await).await;
    assert_eq!(problem["type"], "/problems/payload-too-large");
    assert!(*read.lock().unwrap() < 300, "the body is read up to the limit only");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problem_details() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for path in [
        "/nope",
        "/todos/",
        "/todos//",
        "/todos/x/y",
        "/todos/x.css",
        "/todos/%ff",
        "/todos/%2e%2e",
        "/docs/../../x",
        "/docs/index.html",
        "",
    ] {
        let problem = problem(ann.call("GET", path).await).await;
        assert_eq!(problem["type"], "/problems/not-found", "{path}");
    }
    for path in ["/api", "/api/", "/api/v2/todos"] {
        problem(app.send(Request::get(path).body(Body::empty()).unwrap()).await).await;
    }
    for method in ["TRACE", "CONNECT", "QUERY", "LINK", "get"] {
        let problem = problem(ann.call(method, "/todos").await).await;
        assert_eq!(problem["type"], "/problems/method-not-allowed", "{method}");
    }
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        let response = ann.call_if("POST", "/todos", (name, "DELETE"), &json!({ "title": "x" })).await;
        assert_eq!(response.status(), 201, "{name} is ignored");
    }
}

#[tokio::test]
async fn options_lists_methods_and_grants_no_origin() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let operations = app.document().operations();
    for path in operations.iter().map(path_of).collect::<std::collections::BTreeSet<_>>() {
        let request = ann.request("OPTIONS", &path).header("origin", "https://evil.example");
        let request = request.header("access-control-request-method", "POST").body(Body::empty()).unwrap();
        let response = app.send(request).await;
        assert_eq!(response.status(), 204, "{path}");
        assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control")), "{path}");
        let mut allowed: Vec<_> = first_header(&response, "allow").to_lowercase().split(',').map(str::to_owned).collect();
        allowed.sort();
        let documented =
            operations.iter().filter(|operation| path_of(operation) == path).map(|operation| operation.method.clone());
        let mut documented: Vec<_> = documented.chain(["options".to_owned()]).collect();
        if documented.contains(&"get".to_owned()) {
            documented.push("head".to_owned());
        }
        documented.sort();
        assert_eq!(allowed, documented, "{path}");
        assert_eq!(first_header(&response, "accept-patch").is_empty(), !allowed.contains(&"patch".to_owned()), "{path}");
    }
    let anonymous = app.send(Request::options("/api/v1/todos").body(Body::empty()).unwrap()).await;
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    for path in ["/todos".to_owned(), path(&todo), "/me".to_owned(), "/export".to_owned()] {
        let (get, head) = (ann.call("GET", &path).await, ann.call("HEAD", &path).await);
        assert_eq!(get.status(), head.status());
        for name in ["etag", "content-type", "cache-control"] {
            assert_eq!(first_header(&get, name), first_header(&head, name), "{path} {name}");
        }
        assert_eq!(body_text(head).await, "", "{path}");
    }
}

#[tokio::test]
async fn unavailable_store_is_503_for_every_operation() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::Unavailable, "off").await;
    let user = ApiUser { app: &faulty, ..ann };
    for_each_operation(&faulty, &user, |operation, status, _| assert_eq!(status, 503, "{operation:?}")).await;
}

/// A-76
#[tokio::test]
async fn server_error_is_500_and_reveals_only_its_id() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for fault in [Fault::Broken, Fault::Panics] {
        let faulty = app.with_fault(fault, "off").await;
        let user = ApiUser { app: &faulty, token: ann.token.clone() };
        for_each_operation(&faulty, &user, |operation, status, problem| {
            assert_eq!(status, 500, "{operation:?}");
            let members: Vec<_> = problem.as_object().unwrap().keys().cloned().collect();
            assert_eq!(members, ["instance", "status", "title", "type"], "{operation:?}");
        })
        .await;
        assert_eq!(faulty.send(Request::get("/livez").body(Body::empty()).unwrap()).await.status(), 200, "it keeps serving");
    }
}

#[tokio::test]
async fn hanging_store_is_503_after_the_timeout() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::Hangs, "off").await;
    let user = ApiUser { app: &faulty, ..ann };
    // A paused clock skips all waiting.
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let problem = problem(user.call("GET", "/todos").await).await;
    assert_eq!((&problem["type"], start.elapsed().as_secs()), (&json!("/problems/unavailable"), 15));
}

/// A-60
#[tokio::test]
async fn rate_limit_of_one_user_does_not_affect_others() {
    let app = App::with_limits().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    for _ in 0..1000 {
        assert_eq!(ann.call("GET", "/todos/x").await.status(), 404);
    }
    let response = ann.call("GET", "/todos").await;
    assert_eq!(response.status(), 429);
    assert_eq!(ann.call("GET", "/nope/nope").await.status(), 404, "unknown paths are not counted");
    assert_eq!(first_header(&response, "retry-after"), "1");
    problem(response).await;
    assert_eq!(bob.call("GET", "/todos").await.status(), 200);
}

#[tokio::test]
async fn every_problem_type_has_a_page() {
    let app = App::start().await;
    let mut visitor = Browser::without_scripting(&app);
    for problem in ProblemType::ALL {
        let text = problem.text();
        let page = visitor.open(&problem.path()).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (200, vec![text.title.to_owned()]));
        let body = page.texts("main p").join("\n");
        assert!(body.contains(text.meaning) && body.contains(text.remedy) && body.contains(&text.status.to_string()), "{body}");
    }
    let index = visitor.open("/problems").await;
    assert_eq!(index.attributes("main th a", "href"), ProblemType::ALL.map(ProblemType::path));
    assert_eq!(visitor.open("/problems/nope").await.status, 404);
}

#[tokio::test]
async fn response_and_log_line_have_the_same_id() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::Panics, "off").await;
    let mut expected = Vec::new();
    for (app, path, status) in [(&app, "/nope", 404), (&faulty, "/todos", 500)] {
        let user = ApiUser { app, token: ann.token.clone() };
        let problem = problem(user.call("GET", path).await).await;
        expected.push((problem["instance"].as_str().unwrap().replace("urn:uuid:", "id="), format!("status={status}")));
    }
    let log = log::lines();
    for (id, status) in expected {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(&id)).collect();
        assert!(lines.iter().any(|line| line.contains(&status)), "{id} {status} is not in:\n{log}");
    }
}
