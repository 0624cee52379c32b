//! Entity tags: `If-Match` prevents lost updates, `If-None-Match` saves transfers.

use axum::{body::Body, http::StatusCode};
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, ID, body_json, body_text, first_header, path};

#[tokio::test]
async fn matching_if_none_match_returns_304() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("buy milk").await;
    for path in [path(&todo), "/todos".to_owned()] {
        let tag = first_header(&ann.call("GET", &path).await, "etag").to_owned();
        let weak = format!("W/{}", tag.trim_start_matches("W/"));
        for known in [tag.clone(), weak, format!("\"other\", {tag}"), "*".to_owned()] {
            let response = ann.call_if("GET", &path, ("if-none-match", &known), &Value::Null).await;
            assert_eq!(response.status(), 304, "{path} {known}");
            let headers = ["etag", "cache-control", "vary"].map(|name| first_header(&response, name).to_owned());
            assert_eq!(headers, [&tag, "private, no-cache", "Authorization"]);
            assert_eq!(body_text(response).await, "");
        }
        for other in ["\"other\"", "v1", ""] {
            assert_eq!(ann.call_if("GET", &path, ("if-none-match", other), &Value::Null).await.status(), 200, "{path} {other}");
        }
    }
    let before = first_header(&ann.call("GET", "/todos").await, "etag").to_owned();
    ann.call_with("PATCH", &path(&todo), &json!({ "completed": true })).await;
    assert_eq!(ann.call_if("GET", "/todos", ("if-none-match", &before), &Value::Null).await.status(), 200);
}

#[tokio::test]
async fn list_etag_changes_when_a_next_page_appears() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("a").await;
    let before = first_header(&ann.call("GET", "/todos?limit=1").await, "etag").to_owned();
    ann.add("b").await;
    let response = ann.call_if("GET", "/todos?limit=1", ("if-none-match", &before), &Value::Null).await;
    assert_eq!(response.status(), 200, "the response gains a link to the next page");
}

#[tokio::test]
async fn write_with_a_stale_if_match_fails_with_412() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("buy milk").await;
    let path = path(&todo);
    ann.call_with("PATCH", &path, &json!({ "title": "buy oat milk" })).await;
    let current = body_json(ann.call("GET", &path).await).await;

    let body = json!({ "title": "lost" });
    for method in ["PUT", "PATCH", "DELETE"] {
        for stale in [r#""v1""#, r#""v3""#, r#"W/"v2""#, "v2", "2", "", r#""""#, r#""v12""#, r#""v1", "v3""#] {
            let response = ann.call_if(method, &path, ("if-match", stale), &body).await;
            assert_eq!(response.status(), 412, "{method} {stale}");
            assert_eq!(body_json(response).await["type"], "/problems/precondition-failed");
        }
        let response = ann.call_if(method, &path, ("if-none-match", "*"), &body).await;
        assert_eq!(response.status(), 412, "{method} if-none-match");
    }
    assert_eq!(body_json(ann.call("GET", &path).await).await, current, "unchanged");

    for (expected, version) in [(r#""v2""#, 3), ("*", 4), (r#""v9", "v4""#, 5)] {
        let changed = body_json(ann.call_if("PATCH", &path, ("if-match", expected), &body).await).await;
        assert_eq!(changed["version"], version, "{expected}");
    }
    let response = ann.call_if("PUT", &path, ("if-match", r#""v5""#), &body).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "etag")), (200, r#""v6""#));
    assert_eq!(ann.call_if("DELETE", &path, ("if-match", r#""v6""#), &Value::Null).await.status(), 204);
}

#[tokio::test]
async fn if_match_on_a_missing_todo_never_matches() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = format!("/todos/{ID}");
    for expected in [r#""v1""#, "*"] {
        for (method, status) in [("PUT", 412), ("PATCH", 404), ("DELETE", 404)] {
            let response = ann.call_if(method, &path, ("if-match", expected), &json!({ "title": "x" })).await;
            assert_eq!(response.status(), status, "{method} {expected}");
        }
    }
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn deleted_todo_answers_the_same_under_any_precondition() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = path(&ann.add("x").await);
    ann.call("DELETE", &path).await;
    for condition in [("if-match", r#""v1""#), ("if-match", r#""v2""#), ("if-match", "*"), ("if-none-match", "*")] {
        for (method, status) in [("PUT", 409), ("PATCH", 404), ("DELETE", 404)] {
            let response = ann.call_if(method, &path, condition, &json!({ "title": "x" })).await;
            assert_eq!(response.status(), status, "{method} {condition:?}");
        }
    }
}

#[tokio::test]
async fn unsupported_precondition_is_rejected() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    let (one, ids) = (path(&todo), json!({ "ids": [todo["id"]] }));
    let restore = format!("{one}/restore");
    let writes = [
        ("POST", "/todos", json!({ "title": "y" })),
        ("PATCH", "/todos", json!({ "completed": true })),
        ("DELETE", "/todos", Value::Null),
        ("POST", &restore, Value::Null),
        ("POST", "/todos/restore", ids),
        ("POST", "/todos/batch", json!({ "todos": [{ "title": "y" }] })),
    ];
    let before = body_json(ann.call("GET", "/todos").await).await;
    for (method, path, body) in &writes {
        for condition in [("if-match", r#""v1""#), ("if-match", r#"W/"x""#), ("if-match", ""), ("if-none-match", "*")] {
            let response = ann.call_if(method, path, condition, body).await;
            assert_eq!(response.status(), 412, "{method} {path} {condition:?}");
        }
    }
    for (method, path, body) in
        writes.iter().chain([&("PUT", one.as_str(), json!({ "title": "y" })), &("DELETE", &one, Value::Null)])
    {
        // `If-None-Match` with an entity tag makes no sense for a write.
        let response = ann.call_if(method, path, ("if-none-match", r#""v9""#), body).await;
        assert_eq!(response.status(), 422, "{method} {path}");
        assert_eq!(body_json(response).await["errors"][0]["parameter"], "If-None-Match");
    }
    assert_eq!(body_json(ann.call("GET", "/todos").await).await, before);
    for (method, path, body) in &writes {
        assert!(ann.call_if(method, path, ("if-match", "*"), body).await.status().is_success(), "{method} {path}");
    }
}

#[tokio::test]
async fn response_with_a_strong_etag_is_not_compressed() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    // Longer than what is worth compressing.
    let path = path(&ann.add(&"\u{20ac}".repeat(450)).await);
    for (path, tag, encoding) in [(path.as_str(), r#""v1""#, ""), ("/todos", r#"W/""#, "br")] {
        let request = ann.request("GET", path).header("accept-encoding", "br").body(Body::empty()).unwrap();
        let response = app.begin(request).await;
        assert!(first_header(&response, "etag").starts_with(tag), "{path}");
        assert_eq!(first_header(&response, "content-encoding"), encoding, "{path}");
    }
}

#[tokio::test]
async fn one_of_the_concurrent_conditional_writes_succeeds() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = path(&ann.add("start").await);
    let bodies: Vec<_> = (0..20).map(|n| json!({ "title": format!("client {n}") })).collect();
    let writes = join_all(bodies.iter().map(|body| ann.call_if("PATCH", &path, ("if-match", r#""v1""#), body))).await;
    let won: Vec<_> = writes.iter().filter(|response| response.status() == StatusCode::OK).collect();
    assert_eq!(won.len(), 1);
    assert!(writes.iter().all(|response| [200, 412].contains(&response.status().as_u16())));
    assert_eq!(body_json(ann.call("GET", &path).await).await["version"], 2);
}

#[tokio::test]
async fn concurrent_puts_create_the_todo_once() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = format!("/todos/{ID}");
    let body = json!({ "title": "buy milk" });
    let writes = join_all((0..10).map(|_| ann.call_with("PUT", &path, &body))).await;
    let count = |status| writes.iter().filter(|response| response.status().as_u16() == status).count();
    assert_eq!((count(201), count(200)), (1, 9));
    let todo = body_json(ann.call("GET", &path).await).await;
    assert_eq!((&todo["version"], &todo["order"]), (&json!(10), &json!(1024)), "a replacement keeps the order");
}
