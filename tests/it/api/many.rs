//! Bulk operations and restore.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, body_json, first_header};

const MOMENT: &str = "2026-11-21T12:00:00Z";

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

#[tokio::test]
async fn bulk_completion_returns_the_changed_todos() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, user_with_four_todos(&app, BOB).await);
    let bobs = list(&bob).await;
    app.wait(60);
    let complete = |query: &'static str, completed: bool| {
        let ann = &ann;
        async move {
            let response = ann.call_with("PATCH", &format!("/todos{query}"), &json!({ "completed": completed })).await;
            assert_eq!(response.status(), 200);
            body_json(response).await
        }
    };
    let changed = complete("", true).await;
    assert_eq!(titles(&changed), ["a", "c"]);
    for todo in changed.as_array().unwrap() {
        assert_eq!(
            (&todo["completed"], &todo["completed_at"], &todo["version"]),
            (&json!(true), &json!("2026-11-21T12:01:00Z"), &json!(2))
        );
    }
    let after = list(&ann).await;
    assert_eq!(after[0], changed[0]);
    assert_eq!(
        (&after[1]["version"], &after[1]["completed_at"]),
        (&json!(1), &json!("2026-11-21T12:00:00Z")),
        "already completed"
    );

    assert_eq!(titles(&complete("", true).await), [] as [&str; 0]);
    assert_eq!(titles(&complete("?completed=false", false).await), [] as [&str; 0], "no todo is active");
    assert_eq!(titles(&complete("?completed=true", false).await), ["a", "b", "c", "d"]);
    assert!(list(&ann).await.as_array().unwrap().iter().all(|todo| todo["completed_at"].is_null()));
    assert_eq!(list(&bob).await, bobs, "todos of other users are unchanged");
}

#[tokio::test]
async fn bulk_deletion_deletes_all_or_the_filtered_todos() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, user_with_four_todos(&app, BOB).await);
    let bobs = list(&bob).await;
    let response = ann.call("DELETE", "/todos?completed=true").await;
    assert_eq!((response.status().as_u16(), first_header(&response, "preference-applied")), (204, ""));
    assert_eq!(ann.titles().await, ["a", "c"]);
    assert_eq!(ann.call("DELETE", "/todos").await.status(), 204);
    assert!(ann.titles().await.is_empty());
    assert_eq!(ann.call("DELETE", "/todos").await.status(), 204, "deleting an empty list succeeds");
    assert_eq!(list(&bob).await, bobs, "todos of other users are unchanged");
}

#[tokio::test]
async fn bulk_deletion_returns_the_todos_on_prefer_representation() {
    let app = App::start().await;
    let ann = user_with_four_todos(&app, ANN).await;
    let clear = |query: &'static str, preference: &'static str| {
        let ann = &ann;
        async move { ann.call_if("DELETE", &format!("/todos{query}"), ("prefer", preference), &Value::Null).await }
    };
    for other in [
        "",
        "return=minimal",
        "respond-async",
        "returns=representation",
        "respond-async; return=representation",
        "return=minimal, return=representation",
    ] {
        let response = clear("?completed=true", other).await;
        assert_eq!((response.status().as_u16(), first_header(&response, "preference-applied")), (204, ""), "{other}");
    }
    assert_eq!(titles(&body_json(clear("?completed=false", "return=\"representation\"").await).await), ["a", "c"]);

    let ann = user_with_four_todos(&app, BOB).await;
    let preference = ("prefer", "wait=5, Return=representation; x=y");
    let response = ann.call_if("DELETE", "/todos?completed=true", preference, &Value::Null).await;
    assert_eq!(first_header(&response, "preference-applied"), "return=representation");
    let deleted = body_json(response).await;
    assert_eq!(titles(&deleted), ["b", "d"]);
    assert!(deleted.as_array().unwrap().iter().all(|todo| todo["deleted_at"] == "2026-11-21T12:00:00Z"));

    let response = ann.call_with("POST", "/todos/restore", &json!({ "ids": ids(&deleted) })).await;
    assert_eq!(titles(&body_json(response).await), ["b", "d"]);
    assert_eq!(ann.titles().await, ["a", "b", "c", "d"]);
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
async fn restore_by_deleted_at_undoes_one_deletion() {
    let app = App::start().await;
    let (ann, bob) = (user_with_four_todos(&app, ANN).await, user_with_four_todos(&app, BOB).await);
    let before = list(&ann).await;
    ann.call("DELETE", &format!("/todos/{}", ids(&before)[0])).await;
    app.wait_millis(123);
    let cleared = ann.call_if("DELETE", "/todos?completed=true", ("prefer", "return=representation"), &Value::Null).await;
    let moment = body_json(cleared).await[0]["deleted_at"].clone();
    assert_eq!(moment, "2026-11-21T12:00:00.123Z");
    bob.call("DELETE", "/todos").await;

    let restore = async |user: &ApiUser<'_>, deleted_at: &str| {
        let response = user.call_with("POST", "/todos/restore", &json!({ "deleted_at": deleted_at })).await;
        assert_eq!(response.status(), 200, "{deleted_at}");
        titles(&body_json(response).await).join(" ")
    };
    let others = ["2026-11-21T12:00:00.122Z", "2026-11-21T12:00:01Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:60-23:59"];
    for other in others {
        assert_eq!(restore(&ann, other).await, "", "{other}");
    }
    // RFC 3339 has several notations for one instant.
    assert_eq!(restore(&ann, "2026-11-21t14:00:00.123000+02:00").await, "b d");
    assert_eq!(restore(&ann, moment.as_str().unwrap()).await, "", "already restored");
    assert_eq!(ann.titles().await, ["b", "c", "d"], "an earlier deletion stays");
    assert!(bob.titles().await.is_empty(), "todos of other users stay deleted");
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
        ("POST", "/todos/restore", json!({ "ids": [before[0]["id"]], "deleted_at": MOMENT }), json!({ "pointer": "" })),
        ("POST", "/todos/restore", json!({ "deleted_at": MOMENT, "x": 1 }), json!({ "pointer": "" })),
        ("POST", "/todos/restore", json!({ "deleted_at": null }), json!({ "pointer": "/deleted_at" })),
        ("POST", "/todos/restore", json!({ "deleted_at": 1_795_262_400_000_u64 }), json!({ "pointer": "/deleted_at" })),
        ("POST", "/todos/restore", json!({ "deleted_at": "" }), json!({ "pointer": "/deleted_at" })),
        ("POST", "/todos/restore", json!({ "deleted_at": "2026-11-21" }), json!({ "pointer": "/deleted_at" })),
        ("POST", "/todos/restore", json!({ "deleted_at": "2026-11-21T12:00:00" }), json!({ "pointer": "/deleted_at" })),
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
