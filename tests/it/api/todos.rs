//! Create, read, update and delete of one todo, and its ownership.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use crate::support::{ANN, ApiUser, App, BOB, Browser, ID, body_json, body_text, first_header, path};

#[tokio::test]
async fn todo_is_created_completed_and_deleted() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    assert_eq!(body_json(ann.call("GET", "/todos").await).await, json!([]));

    let response = ann.call_with("POST", "/todos", &json!({ "title": "  buy milk " })).await;
    assert_eq!(response.status(), 201);
    assert_eq!(first_header(&response, "etag"), r#""v1""#);
    let location = first_header(&response, "location").to_owned();
    let created = body_json(response).await;
    assert_eq!(created["url"], location);
    assert_eq!(
        created,
        json!({
            "id": created["id"], "url": format!("http://127.0.0.1:3000/api/v1{}", path(&created)), "title": "buy milk",
            "notes": "", "due_on": null, "important": false, "tags": [], "completed": false, "order": 1024, "version": 1,
            "created_at": "2026-11-21T12:00:00Z", "updated_at": "2026-11-21T12:00:00Z",
        })
    );

    app.wait(60);
    let response = ann.call_with("PATCH", &path(&created), &json!({ "completed": true })).await;
    assert_eq!((response.status(), first_header(&response, "etag")), (StatusCode::OK, r#""v2""#));
    let changed = body_json(response).await;
    assert_eq!((&changed["completed"], &changed["completed_at"]), (&json!(true), &json!("2026-11-21T12:01:00Z")));
    assert_eq!((&changed["title"], &changed["created_at"]), (&created["title"], &created["created_at"]));

    assert_eq!(body_json(ann.call("GET", &path(&created)).await).await, changed);
    assert_eq!(body_json(ann.call("GET", "/todos").await).await, json!([changed]));

    let response = ann.call("DELETE", &path(&created)).await;
    assert_eq!(response.status(), 204);
    assert_eq!(ann.call("GET", &path(&created)).await.status(), 404);
    assert_eq!(ann.call("DELETE", &path(&created)).await.status(), 404);
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn reopening_clears_completed_at() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = body_json(ann.call_with("POST", "/todos", &json!({ "title": "x", "completed": true })).await).await;
    assert_eq!(todo["completed_at"], "2026-11-21T12:00:00Z");
    app.wait(60);
    let again = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "completed": true })).await).await;
    assert_eq!(again["completed_at"], "2026-11-21T12:00:00Z", "a repeated completion keeps the first timestamp");
    let reopened = body_json(ann.call_with("PATCH", &path(&todo), &json!({ "completed": false })).await).await;
    assert_eq!((reopened["completed"].as_bool(), reopened.get("completed_at")), (Some(false), None));
}

#[tokio::test]
async fn todos_are_sorted_by_order_and_new_todos_come_last() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (title, order) in [("b", Some(5)), ("c", Some(9_007_199_254_740_991_i64)), ("a", Some(-3))] {
        ann.call_with("POST", "/todos", &json!({ "title": title, "order": order })).await;
    }
    let last = ann.add("d").await;
    assert_eq!(last["order"], 9_007_199_254_740_991_i64, "the largest order is shared: ties sort by id");
    assert_eq!(ann.titles().await, ["a", "b", "c", "d"]);
    ann.call_with("PATCH", &path(&last), &json!({ "order": 0 })).await;
    assert_eq!(ann.titles().await, ["a", "d", "b", "c"]);
}

#[tokio::test]
async fn order_accepts_every_json_notation_of_an_integer() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (written, order) in [("1024.0", 1024), ("1e3", 1000), ("-0.0", 0), ("9007199254740991.0", 9_007_199_254_740_991_i64)] {
        let request = ann.request("POST", "/todos").header("content-type", "application/json");
        let body = format!(r#"{{"title":"x","order":{written}}}"#);
        let response = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((response.status().as_u16(), &body_json(response).await["order"]), (201, &json!(order)), "{written}");
    }
}

#[tokio::test]
async fn put_creates_a_todo_under_the_client_id_at_most_once() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let path = format!("/todos/{ID}");
    let create = async || {
        let request = ann.request("PUT", &path).header("if-none-match", "*").header("content-type", "application/json");
        app.send(request.body(Body::from(r#"{"title":"buy milk"}"#)).unwrap()).await
    };
    let response = create().await;
    assert_eq!(
        (response.status().as_u16(), first_header(&response, "location")),
        (201, format!("http://127.0.0.1:3000/api/v1{path}").as_str())
    );
    assert_eq!(create().await.status(), 412);

    let response = ann.call_with("PUT", &path, &json!({ "title": "buy tea", "completed": true })).await;
    assert_eq!(response.status(), 200);
    let todo = body_json(response).await;
    assert_eq!((&todo["title"], &todo["completed"], &todo["version"]), (&json!("buy tea"), &json!(true), &json!(2)));

    ann.call("DELETE", &path).await;
    assert_eq!(create().await.status(), 409);
    let response = ann.call_with("PUT", &path, &json!({ "title": "back again" })).await;
    assert_eq!(response.status(), 409);
    assert_eq!(body_json(response).await["type"], "/problems/in-trash");
    assert!(ann.titles().await.is_empty());
}

#[tokio::test]
async fn put_accepts_the_representation_from_the_api() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut todo = ann.add("buy milk").await;
    todo["title"] = json!("buy oat milk");
    let response = ann.call_with("PUT", &path(&todo), &todo).await;
    assert_eq!(response.status(), 200);
    let stored = body_json(response).await;
    assert_eq!((&stored["title"], &stored["version"]), (&json!("buy oat milk"), &json!(2)));
}

/// A-10
#[tokio::test]
async fn api_ignores_cookies() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let cookies: Vec<_> = ann.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get("/api/v1/todos").header("cookie", cookies.join("; ")).header("sec-fetch-site", "same-origin");
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 401);
}

#[tokio::test]
async fn two_authorization_headers_are_rejected() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let request = ann.request("GET", "/todos").header("authorization", format!("Bearer {}", ann.token));
    assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 401);
}

#[tokio::test]
async fn foreign_todo_is_indistinguishable_from_a_missing_one() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let todo = ann.add("buy milk").await;
    let body = json!({ "title": "stolen" });
    for method in ["GET", "PATCH", "DELETE"] {
        let mut answers = Vec::new();
        for path in [path(&todo), format!("/todos/{ID}"), "/todos/x".to_owned()] {
            let response = bob.call_with(method, &path, &body).await;
            assert_eq!(response.status(), 404);
            let mut headers = response.headers().clone();
            let id = headers.remove("x-request-id").unwrap().to_str().unwrap().to_owned();
            answers.push((headers, body_text(response).await.replace(&id, "")));
        }
        assert_eq!(answers[0], answers[1], "{method}");
        assert_eq!(answers[0], answers[2], "{method}");
    }
    assert_eq!(body_json(ann.call("GET", &path(&todo)).await).await, todo, "unchanged");

    // Ids are unique per user, so a PUT doesn't reveal whether another user has the id.
    assert_eq!(bob.call_with("PUT", &path(&todo), &json!({ "title": "mine" })).await.status(), 201);
    assert_eq!((ann.titles().await, bob.titles().await), (vec!["buy milk".to_owned()], vec!["mine".to_owned()]));
}

#[tokio::test]
async fn owner_cannot_be_set() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let bob = ApiUser::signed_up(&app, BOB).await;
    let todo = ann.add("buy milk").await;
    for member in ["owner", "user_id", "userId", "sub", "user"] {
        for (method, path) in [("POST", "/todos".to_owned()), ("PATCH", path(&todo)), ("PUT", path(&todo))] {
            let body = json!({ "title": "x", member: "018f3a52-7b1c-7def-8abc-0123456789ab" });
            assert_eq!(ann.call_with(method, &path, &body).await.status(), 422, "{method} {member}");
        }
    }
    assert_eq!(ann.titles().await, ["buy milk"]);
    assert!(bob.titles().await.is_empty());
    let members: Vec<_> = todo.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        members,
        [
            "completed",
            "created_at",
            "due_on",
            "id",
            "important",
            "notes",
            "order",
            "tags",
            "title",
            "updated_at",
            "url",
            "version"
        ]
    );
}

#[tokio::test]
async fn server_sets_the_id_and_timestamps() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let body =
        json!({ "title": "x", "id": ID, "version": 9, "created_at": "1999-01-01T00:00:00Z", "url": "https://evil.example" });
    let created = body_json(ann.call_with("POST", "/todos", &body).await).await;
    assert_ne!(created["id"], ID);
    let changed = body_json(ann.call_with("PATCH", &path(&created), &body).await).await;
    assert_eq!(
        (&changed["id"], &changed["created_at"], &changed["url"]),
        (&created["id"], &created["created_at"], &created["url"])
    );
    assert_eq!(changed["version"], 2);
}

#[tokio::test]
async fn every_api_response_has_cache_control() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    for path in ["/todos".to_owned(), path(&todo)] {
        let response = ann.call("GET", &path).await;
        assert_eq!(first_header(&response, "cache-control"), "private, no-cache");
        assert!(response.headers().get_all("vary").iter().any(|vary| vary == "Authorization"));
        assert_eq!(first_header(&response, "content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
        assert_eq!(first_header(&response, "x-content-type-options"), "nosniff");
    }
    assert_eq!(first_header(&ann.call("GET", "/nope").await, "cache-control"), "no-store");
    assert_eq!(first_header(&ann.call("DELETE", &path(&todo)).await, "cache-control"), "no-store");
}
