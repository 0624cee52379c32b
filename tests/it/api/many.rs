//! Bulk operations and restore.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, body_json, first_header};

/// A user with the active todos a and c and the completed todos b and d.
async fn user_with_four_todos<'a>(app: &'a App, email: &str) -> ApiUser<'a> {
    let user = ApiUser::signed_up(app, email).await;
    for (title, completed) in [("a", false), ("b", true), ("c", false), ("d", true)] {
        user.call_with("POST", "/todos", &json!({ "title": title, "completed": completed })).await;
    }
    user
}

async fn list(user: &ApiUser<'_>) -> Value {
    body_json(user.call("GET", "/todos").await).await
}

fn titles(todos: &Value) -> Vec<&str> {
    todos.as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap()).collect()
}

fn ids(todos: &Value) -> Vec<&str> {
    todos.as_array().unwrap().iter().map(|todo| todo["id"].as_str().unwrap()).collect()
}

/// Sends a bulk change, and returns the number of changed todos and the list version.
async fn change(user: &ApiUser<'_>, method: &str, path: &str, body: &Value) -> (u64, i64) {
    let response = user.call_with(method, path, body).await;
    assert_eq!(response.status(), 200, "{method} {path}");
    let changed = body_json(response).await;
    (changed["changed"].as_u64().unwrap(), changed["version"].as_i64().unwrap())
}

async fn undo(user: &ApiUser<'_>, version: i64) -> u64 {
    change(user, "POST", "/todos/undo", &json!({ "version": version })).await.0
}

#[tokio::test]
async fn bulk_completion_changes_all_or_the_filtered_todos() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, user_with_four_todos(&app, BOB).await);
    let bobs = list(&bob).await;
    app.wait(60);
    let complete = async |query: &str, completed: bool| {
        change(&ann, "PATCH", &format!("/todos{query}"), &json!({ "completed": completed })).await.0
    };
    assert_eq!(complete("", true).await, 2);
    let after = list(&ann).await;
    let state = |nth: usize| (after[nth]["version"].as_i64().unwrap(), after[nth]["completed_at"].as_str().unwrap());
    assert_eq!(state(0), (2, "2026-11-21T12:01:00Z"));
    assert_eq!(state(1), (1, "2026-11-21T12:00:00Z"), "already completed");

    assert_eq!(complete("", true).await, 0);
    assert_eq!(complete("?completed=false", false).await, 0, "no todo is active");
    assert_eq!(complete("?completed=true", false).await, 4);
    assert!(list(&ann).await.as_array().unwrap().iter().all(|todo| todo["completed_at"].is_null()));
    assert_eq!(list(&bob).await, bobs, "todos of other users are unchanged");
}

#[tokio::test]
async fn bulk_deletion_deletes_all_or_the_filtered_todos() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, user_with_four_todos(&app, BOB).await);
    let bobs = list(&bob).await;
    let delete = async |query: &str| change(&ann, "DELETE", &format!("/todos{query}"), &Value::Null).await.0;
    assert_eq!(delete("?completed=true").await, 2);
    assert_eq!(ann.titles().await, ["a", "c"]);
    assert_eq!(delete("").await, 2);
    assert!(ann.titles().await.is_empty());
    assert_eq!(delete("").await, 0, "deleting an empty list succeeds");
    assert_eq!(list(&bob).await, bobs, "todos of other users are unchanged");
}

#[tokio::test]
async fn bulk_changes_return_the_todos_on_prefer_representation() {
    let app = App::start().await;
    let ann = user_with_four_todos(&app, ANN).await;
    let (complete, reopen) = (json!({ "completed": true }), json!({ "completed": false }));
    let send = async |method, preference: &str, body: &Value| {
        body_json(ann.call_if(method, "/todos?completed=true", ("prefer", preference), body).await).await
    };
    for other in [
        "",
        "return=minimal",
        "respond-async",
        "returns=representation",
        "respond-async; return=representation",
        "return=minimal, return=representation",
    ] {
        assert_eq!(send("PATCH", other, &complete).await["changed"], 0, "{other}");
    }
    let preference = "wait=5, Return=representation; x=y";
    assert_eq!(send("PATCH", preference, &complete).await, json!([]));
    let deleted = send("DELETE", preference, &Value::Null).await;
    assert_eq!(titles(&deleted), ["b", "d"]);
    assert!(deleted.as_array().unwrap().iter().all(|todo| todo["deleted_at"] == "2026-11-21T12:00:00Z"));
    let response = ann.call_with("POST", "/todos/restore", &json!({ "ids": ids(&deleted) })).await;
    assert_eq!(titles(&body_json(response).await), ["b", "d"]);
    assert_eq!(titles(&send("PATCH", "return=\"representation\"", &reopen).await), ["b", "d"]);
    assert_eq!(ann.titles().await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn undo_reverts_a_bulk_change_of_the_caller() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, user_with_four_todos(&app, BOB).await);
    let before = list(&ann).await;
    ann.call("DELETE", &format!("/todos/{}", ids(&before)[0])).await;
    let (cleared, version) = change(&ann, "DELETE", "/todos?completed=true", &Value::Null).await;
    let (_, bobs) = change(&bob, "DELETE", "/todos", &Value::Null).await;
    assert_eq!(cleared, 2);
    for other in [version - 1, version + 1, 0, -1, i64::MAX] {
        assert_eq!(undo(&ann, other).await, 0, "{other}");
    }
    assert_eq!(undo(&ann, version).await, 2);
    assert_eq!(undo(&ann, version).await, 0, "already undone");
    assert_eq!(ann.titles().await, ["b", "c", "d"], "an earlier deletion stays");
    assert!(bob.titles().await.is_empty(), "todos of other users stay deleted");
    // JSON has one number type.
    let (restored, _) =
        change(&bob, "POST", "/todos/undo", &serde_json::from_str(&format!("{{\"version\":{bobs}.0}}")).unwrap()).await;
    assert_eq!(restored, 4);

    // The latest first.
    let (completed, first) = change(&ann, "PATCH", "/todos", &json!({ "completed": true })).await;
    let (_, second) = change(&ann, "PATCH", "/todos", &json!({ "completed": false })).await;
    assert_eq!((undo(&ann, first).await, undo(&ann, second).await), (0, 3), "all were changed since the first");
    let todos = list(&ann).await;
    assert_eq!(todos[0]["completed_at"], before[1]["completed_at"], "the time comes back");
    assert_eq!(undo(&ann, first).await, completed);
    assert_eq!(list(&ann).await.as_array().unwrap().iter().filter(|todo| todo["completed"] == true).count(), 2);
}

#[tokio::test]
async fn summary_counts_the_todos_outside_the_trash() {
    let app = App::start().await;
    let ann = user_with_four_todos(&app, ANN).await;
    ann.add("e").await;
    ann.call("DELETE", &format!("/todos/{}", ids(&list(&ann).await)[1])).await;
    let page = ann.call("GET", "/todos").await;
    let tag = first_header(&page, "etag").to_owned();
    let summary = body_json(ann.call("GET", "/todos/summary").await).await;
    assert_eq!((&summary["active"], &summary["completed"]), (&json!(3), &json!(1)));
    assert!(tag.starts_with(&format!("W/\"{}.", summary["version"])), "{tag} {summary}");
    let counts = body_json(ann.call("GET", "/me").await).await["todos"].clone();
    assert_eq!(counts, json!({ "active": 3, "completed": 1, "version": summary["version"] }));
}

#[tokio::test]
async fn restored_todo_keeps_its_members_and_position() {
    let app = App::start().await;
    let ann = user_with_four_todos(&app, ANN).await;
    let before = list(&ann).await;
    let path = format!("/todos/{}", before[1]["id"].as_str().unwrap());
    ann.call("DELETE", &path).await;
    for attempt in 1..=2 {
        let response = ann.call("POST", &format!("{path}/restore")).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "etag")), (200, r#""v3""#), "attempt {attempt}");
        let mut restored = body_json(response).await;
        assert_eq!(restored["version"], 3, "deletion and restore increment the version, a repeated restore does not");
        restored["version"] = before[1]["version"].clone();
        assert_eq!(restored, before[1]);
    }
    assert_eq!(ann.titles().await, ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn restore_covers_only_own_todos_and_is_atomic() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let todos = list(&ann).await;
    ann.call("DELETE", "/todos").await;
    let path = format!("/todos/{}/restore", ids(&todos)[0]);
    assert_eq!(bob.call("POST", &path).await.status(), 404);
    assert_eq!(bob.call_with("POST", "/todos/restore", &json!({ "ids": ids(&todos) })).await.status(), 404);
    assert_eq!(bob.call("POST", "/todos/x/restore").await.status(), 404);

    let mut with_unknown = ids(&todos);
    with_unknown.push("018f3a52-7b1c-7def-8abc-0123456789ab");
    assert_eq!(ann.call_with("POST", "/todos/restore", &json!({ "ids": with_unknown })).await.status(), 404);
    assert!(ann.titles().await.is_empty() && bob.titles().await.is_empty(), "one unknown id rejects the whole request");

    let twice = [ids(&todos), ids(&todos)].concat();
    let restored = body_json(ann.call_with("POST", "/todos/restore", &json!({ "ids": twice })).await).await;
    assert_eq!(titles(&restored), ["a", "b", "c", "d"]);
}

#[tokio::test]
async fn invalid_bulk_requests_change_nothing() {
    let app = App::start().await;
    let ann = user_with_four_todos(&app, ANN).await;
    let before = list(&ann).await;
    let too_many: Vec<_> = (0..1001).map(|n| uuid::Uuid::from_u128(n + 1).to_string()).collect();
    for (method, path, body, place) in [
        ("DELETE", "/todos?completed=yes", json!({}), json!({ "parameter": "completed" })),
        ("DELETE", "/todos?compelted=true", json!({}), json!({})),
        ("DELETE", "/todos?completed=", json!({}), json!({ "parameter": "completed" })),
        ("DELETE", "/todos?completed=true&completed=true", json!({}), json!({ "parameter": "completed" })),
        ("PATCH", "/todos?completed=1", json!({ "completed": true }), json!({ "parameter": "completed" })),
        ("PATCH", "/todos", json!({}), json!({ "pointer": "" })),
        ("PATCH", "/todos", json!({ "completed": null }), json!({ "pointer": "/completed" })),
        ("PATCH", "/todos", json!({ "completed": "true" }), json!({ "pointer": "/completed" })),
        ("PATCH", "/todos", json!({ "completed": true, "title": "x" }), json!({ "pointer": "" })),
        ("POST", "/todos/restore", json!({ "ids": [] }), json!({ "pointer": "/ids" })),
        ("POST", "/todos/restore", json!({ "ids": too_many }), json!({ "pointer": "/ids" })),
        ("POST", "/todos/restore", json!({ "ids": "x" }), json!({ "pointer": "/ids" })),
        ("POST", "/todos/restore", json!({ "ids": [before[0]["id"], "x"] }), json!({ "pointer": "/ids/1" })),
        ("POST", "/todos/restore", json!({}), json!({ "pointer": "" })),
        ("POST", "/todos/restore", json!({ "ids": null }), json!({ "pointer": "/ids" })),
        ("POST", "/todos/undo", json!({}), json!({ "pointer": "" })),
        ("POST", "/todos/undo", json!({ "version": null }), json!({ "pointer": "/version" })),
        ("POST", "/todos/undo", json!({ "version": 1.5 }), json!({ "pointer": "/version" })),
        ("POST", "/todos/undo", json!({ "version": 9_223_372_036_854_775_808_u64 }), json!({ "pointer": "/version" })),
        ("POST", "/todos/undo", json!({ "version": 1, "x": 1 }), json!({ "pointer": "" })),
    ] {
        let response = ann.call_with(method, path, &body).await;
        assert_eq!(response.status(), 422, "{method} {path} {body}");
        let error = body_json(response).await["errors"][0].clone();
        for name in ["pointer", "parameter"] {
            assert_eq!(error[name], place[name], "{method} {path} {body}");
        }
    }
    assert_eq!(list(&ann).await, before);
}

#[tokio::test]
async fn concurrent_bulk_updates_are_atomic() {
    let app = App::start().await;
    let ann = user_with_four_todos(&app, ANN).await;
    let bodies: Vec<_> = (0..10).map(|n| json!({ "completed": n % 2 == 0 })).collect();
    for response in join_all(bodies.iter().map(|body| ann.call_with("PATCH", "/todos", body))).await {
        assert_eq!(response.status(), 200);
    }
    let states: std::collections::BTreeSet<_> =
        list(&ann).await.as_array().unwrap().iter().map(|todo| todo["completed"].as_bool().unwrap()).collect();
    assert_eq!(states.len(), 1, "each request is one transaction");
}
