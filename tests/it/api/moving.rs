//! Moving a todo to another place of the list.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, ID, body_json, body_text, first_header, path};

/// Adds todos with these titles.
async fn add(user: &ApiUser<'_>, titles: &[&str]) -> Vec<Value> {
    let mut todos = Vec::new();
    for title in titles {
        todos.push(user.add(title).await);
    }
    todos
}

async fn list(user: &ApiUser<'_>) -> Value {
    body_json(user.call("GET", "/todos").await).await
}

fn to_move(todo: &Value) -> String {
    format!("{}/move", path(todo))
}

#[tokio::test]
async fn todo_is_moved_after_another_one_or_to_the_first_place() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todos = add(&ann, &["a", "b", "c"]).await;
    app.wait(60);
    let response = ann.call_with("POST", &to_move(&todos[0]), &json!({ "after": todos[1]["id"] })).await;
    let headers = ["etag", "cache-control", "vary"].map(|name| first_header(&response, name).to_owned());
    assert_eq!(
        (response.status().as_u16(), headers.each_ref().map(String::as_str)),
        (200, [r#""v2""#, "private, no-cache", "Authorization"])
    );
    let moved = body_json(response).await;
    let mut expected = todos[0].clone();
    (expected["order"], expected["version"], expected["updated_at"]) = (json!(2560), json!(2), json!("2026-11-21T12:01:00Z"));
    assert_eq!(moved, expected);
    assert_eq!(list(&ann).await, json!([todos[1], moved, todos[2]]), "no other todo changes");

    let response = ann.call_with("POST", &to_move(&todos[2]), &json!({ "after": null })).await;
    assert_eq!((response.status().as_u16(), ann.titles().await), (200, ["c", "b", "a"].map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn move_to_the_same_place_changes_nothing() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todos = add(&ann, &["a", "b"]).await;
    let before = ann.call("GET", "/todos").await;
    let (tag, before) = (first_header(&before, "etag").to_owned(), body_json(before).await);
    app.wait(60);
    for (todo, after) in [(&todos[0], &Value::Null), (&todos[1], &todos[0]["id"])] {
        let response = ann.call_with("POST", &to_move(todo), &json!({ "after": after })).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "etag")), (200, r#""v1""#));
        assert_eq!(body_json(response).await, *todo);
    }
    let after = ann.call("GET", "/todos").await;
    assert_eq!((first_header(&after, "etag"), &body_json(ann.call("GET", "/todos").await).await), (tag.as_str(), &before));
}

#[tokio::test]
async fn move_without_room_gives_the_todos_around_new_versions() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let max = 9_007_199_254_740_991_i64;
    for (title, order) in [("a", max), ("b", max), ("c", -max), ("d", -max)] {
        ann.call_with("POST", "/todos", &json!({ "title": title, "order": order })).await;
    }
    let before = list(&ann).await;
    // Behind the last one, between two equal ones and before the first one.
    for (from, after) in [(0, Some(3)), (1, Some(2)), (3, None)] {
        let after = after.map_or(Value::Null, |nth: usize| before[nth]["id"].clone());
        assert_eq!(ann.call_with("POST", &to_move(&before[from]), &json!({ "after": after })).await.status(), 200);
    }
    assert_eq!(ann.titles().await, ["b", "a", "d", "c"]);
    let after = list(&ann).await;
    let orders: Vec<_> = after.as_array().unwrap().iter().map(|todo| todo["order"].as_i64().unwrap()).collect();
    assert!(orders.is_sorted_by(|a, b| a < b) && orders.iter().all(|order| (-max..=max).contains(order)), "{orders:?}");
    let versions: Vec<_> = after.as_array().unwrap().iter().map(|todo| todo["version"].as_i64().unwrap()).collect();
    assert!(versions.iter().all(|version| *version > 1), "{versions:?}");
}

#[tokio::test]
async fn conditional_move_needs_the_version() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todos = add(&ann, &["a", "b"]).await;
    let first = json!({ "after": null });
    for condition in [("if-match", r#""v2""#), ("if-match", r#"W/"v1""#), ("if-match", ""), ("if-none-match", "*")] {
        let response = ann.call_if("POST", &to_move(&todos[1]), condition, &first).await;
        assert_eq!(response.status(), 412, "{condition:?}");
    }
    assert_eq!(ann.titles().await, ["a", "b"]);
    let response = ann.call_if("POST", &to_move(&todos[1]), ("if-match", r#""v1""#), &first).await;
    assert_eq!((response.status().as_u16(), first_header(&response, "etag")), (200, r#""v2""#));
    assert_eq!(ann.titles().await, ["b", "a"]);
}

/// A-53
#[tokio::test]
async fn move_does_not_tell_a_foreign_todo_from_a_missing_one() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let todos = add(&ann, &["a", "b", "deleted"]).await;
    ann.call("DELETE", &path(&todos[2])).await;
    let bobs = bob.add("Bob's").await;
    let before = list(&ann).await;
    let refused = async |path: &str, after: &Value| -> (u16, HeaderMap, String) {
        let response = ann.call_with("POST", path, &json!({ "after": after })).await;
        let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
        let id = headers.remove("x-request-id").unwrap().to_str().unwrap().to_owned();
        (status, headers, body_text(response).await.replace(&id, ""))
    };

    let (unknown, path) = (json!(ID), to_move(&todos[0]));
    let expected = refused(&path, &unknown).await;
    assert_eq!(expected.0, 422);
    let problem: Value = serde_json::from_str(&expected.2).unwrap();
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/after"), &json!("out-of-range")));
    for after in [&bobs["id"], &todos[2]["id"], &todos[0]["id"]] {
        assert_eq!(refused(&path, after).await, expected, "{after}");
    }

    let expected = refused(&format!("/todos/{ID}/move"), &Value::Null).await;
    assert_eq!(expected.0, 404);
    for path in [to_move(&bobs), to_move(&todos[2]), "/todos/x/move".to_owned()] {
        for after in [&Value::Null, &todos[0]["id"], &unknown] {
            assert_eq!(refused(&path, after).await, expected, "{path} {after}");
        }
    }
    assert_eq!((list(&ann).await, bob.titles().await.len()), (before, 1));
}

#[tokio::test]
async fn body_of_a_move_names_one_todo_or_null() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todos = add(&ann, &["a", "b"]).await;
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "after": null, "before": null }), ""),
        (json!({ "after": "x" }), "/after"),
        (json!({ "after": ID.to_uppercase() }), "/after"),
        (json!({ "after": 7 }), "/after"),
        (json!({ "after": [ID] }), "/after"),
    ] {
        let response = ann.call_with("POST", &to_move(&todos[1]), &body).await;
        assert_eq!(response.status(), 422, "{body}");
        assert_eq!(body_json(response).await["errors"][0]["pointer"], pointer, "{body}");
    }
    assert_eq!(ann.titles().await, ["a", "b"]);
}
