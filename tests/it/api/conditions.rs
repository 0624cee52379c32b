//! Entity tags: nobody loses an update, and nobody gets again what they have.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, body_json, body_text, first_header};

const ID: &str = "018f3a52-7b1c-7def-8abc-0123456789ab";

fn path(todo: &Value) -> String {
    format!("/todos/{}", todo["id"].as_str().unwrap())
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("buy milk").await;
    for path in [path(&todo), "/todos".to_owned()] {
        let tag = first_header(&ann.call("GET", &path).await, "etag").to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let response = ann.call_if("GET", &path, ("if-none-match", &known), &Value::Null).await;
            assert_eq!(response.status(), 304, "{path} {known}");
            let kept = ["etag", "cache-control", "vary"].map(|name| first_header(&response, name).to_owned());
            assert_eq!(kept, [&tag, "private, no-cache", "Authorization"]);
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
async fn list_with_a_new_page_behind_it_is_another_one() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("a").await;
    let before = first_header(&ann.call("GET", "/todos?limit=1").await, "etag").to_owned();
    ann.add("b").await;
    let response = ann.call_if("GET", "/todos?limit=1", ("if-none-match", &before), &Value::Null).await;
    assert_eq!(response.status(), 200, "the client would not learn of the link to the next page");
}

#[tokio::test]
async fn write_needs_the_version_that_it_names() {
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
        // There is one, whatever it is.
        let response = ann.call_if(method, &path, ("if-none-match", "*"), &body).await;
        assert_eq!(response.status(), 412, "{method} if-none-match");
    }
    assert_eq!(body_json(ann.call("GET", &path).await).await, current, "untouched");

    for (expected, version) in [(r#""v2""#, 3), ("*", 4), (r#""v9", "v4""#, 5)] {
        let changed = body_json(ann.call_if("PATCH", &path, ("if-match", expected), &body).await).await;
        assert_eq!(changed["version"], version, "{expected}");
    }
    let response = ann.call_if("PUT", &path, ("if-match", r#""v5""#), &body).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "etag")), (200, r#""v6""#));
    assert_eq!(ann.call_if("DELETE", &path, ("if-match", r#""v6""#), &Value::Null).await.status(), 204);
}

#[tokio::test]
async fn where_there_is_none_a_version_can_not_match() {
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
async fn one_of_many_clients_with_the_same_version_wins() {
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
async fn todo_put_by_many_at_once_is_created_once() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = format!("/todos/{ID}");
    let body = json!({ "title": "buy milk" });
    let writes = join_all((0..10).map(|_| ann.call_with("PUT", &path, &body))).await;
    let count = |status| writes.iter().filter(|response| response.status().as_u16() == status).count();
    assert_eq!((count(201), count(200)), (1, 9));
    let todo = body_json(ann.call("GET", &path).await).await;
    assert_eq!((&todo["version"], &todo["order"]), (&json!(10), &json!(1024)), "replacing leaves it at its place");
}
