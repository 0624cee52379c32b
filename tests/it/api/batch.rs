//! Many new todos in one request.

use axum::body::Body;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, ID, body_json, first_header};

async fn send(user: &ApiUser<'_>, todos: Value) -> Value {
    let response = user.call_with("POST", "/todos/batch", &json!({ "todos": todos })).await;
    assert_eq!(response.status(), 200);
    body_json(response).await
}

const STRICT: (&str, &str) = ("prefer", "handling=strict");

/// The pointers and codes of a problem.
fn errors(problem: &Value) -> Vec<(&str, &str)> {
    let errors = problem["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn batch_adds_todos_in_the_order_given() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("there").await;
    let todos = json!([
        { "title": " a " },
        { "title": "b", "completed": true, "id": ID },
        { "title": "first", "order": -5 },
        { "title": "c", "version": 9, "created_at": "1999-01-01T00:00:00Z", "url": "https://evil.example" },
    ]);
    let batch = send(&ann, todos).await;
    let results = batch["results"].as_array().unwrap();
    let added: Vec<_> = results.iter().map(|result| result["todo"].clone()).collect();
    assert_eq!(added.iter().map(|todo| todo["order"].as_i64().unwrap()).collect::<Vec<_>>(), [2048, 3072, -5, 4096]);
    assert_eq!(
        added[1],
        json!({
            "id": ID, "url": format!("http://127.0.0.1:3000/api/v1/todos/{ID}"), "title": "b", "notes": "", "due_on": null,
            "important": false, "tags": [], "completed": true, "order": 3072, "version": 1, "created_at": "2026-11-21T12:00:00Z", "updated_at": "2026-11-21T12:00:00Z",
            "completed_at": "2026-11-21T12:00:00Z",
        })
    );
    assert_eq!((&added[3]["version"], &added[3]["created_at"]), (&json!(1), &added[1]["created_at"]));
    assert_eq!(ann.titles().await, ["first", "there", "a", "b", "c"]);
    for todo in &added {
        assert_eq!(body_json(ann.call("GET", &crate::support::path(todo)).await).await, *todo);
    }
    let list = ann.call("GET", "/todos").await;
    assert!(first_header(&list, "etag").starts_with(&format!("W/\"{}.", batch["version"])));
}

#[tokio::test]
async fn each_invalid_todo_of_a_batch_has_its_own_problem() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let (there, deleted) = (ann.add("there").await, ann.add("deleted").await);
    ann.call("DELETE", &crate::support::path(&deleted)).await;
    let invalid = [
        (json!({ "title": " ", "order": 9_007_199_254_740_992_i64 }), 422, vec![("/title", "blank"), ("/order", "out-of-range")]),
        (json!({ "title": "z".repeat(501) }), 422, vec![("/title", "too-long")]),
        (json!({}), 422, vec![("/title", "required")]),
        (json!({ "title": 7 }), 422, vec![("/title", "type")]),
        (json!({ "title": null }), 422, vec![("/title", "type")]),
        (json!({ "title": "x", "completed": "yes" }), 422, vec![("/completed", "type")]),
        (json!({ "title": "x", "id": "x" }), 422, vec![("/id", "type")]),
        (json!({ "title": "x", "id": null }), 422, vec![("/id", "type")]),
        (json!({ "title": "x", "id": ID.to_uppercase() }), 422, vec![("/id", "type")]),
        (json!({ "title": "x", "owner": ID }), 422, vec![("", "shape")]),
        (json!("x"), 422, vec![("", "shape")]),
        (json!(["x"]), 422, vec![("", "shape")]),
        (json!(null), 422, vec![("", "shape")]),
        (json!({ "title": "x", "id": deleted["id"] }), 409, vec![]),
        (json!({ "title": "x", "id": there["id"] }), 412, vec![]),
    ];
    let mut todos: Vec<_> = invalid.iter().map(|(todo, ..)| todo.clone()).collect();
    todos.extend([json!({ "title": "a", "id": ID }), json!({ "title": "again", "id": ID }), json!({ "title": "b" })]);
    let batch = send(&ann, json!(todos)).await;
    let results = batch["results"].as_array().unwrap();
    assert_eq!(results.len(), invalid.len() + 3);
    for (nth, (result, (todo, status, expected))) in results.iter().zip(&invalid).enumerate() {
        let problem = &result["problem"];
        assert_eq!(problem["status"], *status, "{todo}");
        let kind = match status {
            409 => "/problems/in-trash",
            412 => "/problems/precondition-failed",
            _ => "/problems/validation",
        };
        assert_eq!(problem["type"], kind, "{todo}");
        let found = if *status == 422 { errors(problem) } else { Vec::new() };
        let expected: Vec<_> = expected.iter().map(|(below, code)| (format!("/todos/{nth}{below}"), *code)).collect();
        assert_eq!(found, expected.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect::<Vec<_>>(), "{todo}");
        assert!(!result.to_string().contains("zzzz") && !result.to_string().contains("owner"), "echoes {todo}");
    }
    let [.., a, again, b] = results.as_slice() else { panic!() };
    assert_eq!((&a["todo"]["title"], &again["problem"]["status"], &b["todo"]["title"]), (&json!("a"), &json!(412), &json!("b")));
    assert_eq!(ann.titles().await, ["there", "a", "b"]);
}

#[tokio::test]
async fn duplicate_member_in_a_todo_of_a_batch_is_a_problem() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let request = ann.request("POST", "/todos/batch").header("content-type", "application/json");
    let body =
        r#"{"todos":[{"title":"x","title":"y"},{"title":"x","id":1,"id":2},{"title":"\ud800"},{"title":1e999},{"title":"a"}]}"#;
    let batch = body_json(app.send(request.body(Body::from(body)).unwrap()).await).await;
    let statuses: Vec<_> = batch["results"].as_array().unwrap().iter().map(|result| &result["problem"]["status"]).collect();
    assert_eq!(statuses, [&json!(422), &json!(422), &json!(422), &json!(422), &Value::Null]);
    assert_eq!(ann.titles().await, ["a"]);
}

#[tokio::test]
async fn strict_batch_is_all_or_nothing() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let (there, deleted) = (ann.add("there").await, ann.add("deleted").await);
    ann.call("DELETE", &crate::support::path(&deleted)).await;
    let before = first_header(&ann.call("GET", "/todos").await, "etag").to_owned();
    let mut todos = vec![
        json!({ "title": "a" }),
        json!({ "title": " ", "order": 0.5 }),
        json!({ "title": "x", "id": there["id"] }),
        json!({ "title": " ", "order": 9_007_199_254_740_992_i64 }),
        json!({ "title": "x", "id": deleted["id"] }),
        json!(7),
        json!({ "title": "b" }),
    ];
    for preference in ["handling=strict", "return=minimal, Handling=\"strict\"; x=y"] {
        let response = ann.call_if("POST", "/todos/batch", ("prefer", preference), &json!({ "todos": todos })).await;
        assert_eq!(response.status(), 422);
        let problem = body_json(response).await;
        assert_eq!(problem["type"], "/problems/validation");
        let expected = [
            ("/todos/1/order", "type"),
            ("/todos/2/id", "taken"),
            ("/todos/3/title", "blank"),
            ("/todos/3/order", "out-of-range"),
            ("/todos/4/id", "taken"),
            ("/todos/5", "shape"),
        ];
        assert_eq!(errors(&problem), expected);
    }
    assert_eq!(first_header(&ann.call("GET", "/todos").await, "etag"), before, "nothing is changed");

    todos.retain(|todo| todo["title"] == "a" || todo["title"] == "b");
    let response = ann.call_if("POST", "/todos/batch", STRICT, &json!({ "todos": todos })).await;
    assert_eq!(response.status(), 200);
    assert_eq!(ann.titles().await, ["there", "a", "b"]);
    // Another value, or another preference first.
    todos[0]["title"] = json!(" ");
    for other in ["handling=lenient", "handling=lenient, handling=strict", "strict", "handling"] {
        let response = ann.call_if("POST", "/todos/batch", ("prefer", other), &json!({ "todos": todos })).await;
        assert_eq!(response.status(), 200, "{other}");
    }
}

#[tokio::test]
async fn batch_adds_up_to_the_limit_of_the_account() {
    let app = App::with(&[("MAX_TODOS", "3"), ("RATE_LIMITS", "off")]).await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("there").await;
    let todos = json!(["a", "b", "c", "d"].map(|title| json!({ "title": title })));
    let response = ann.call_if("POST", "/todos/batch", STRICT, &json!({ "todos": todos })).await;
    assert_eq!(response.status(), 422);
    assert_eq!(errors(&body_json(response).await), [("/todos/2", "out-of-range"), ("/todos/3", "out-of-range")]);
    assert_eq!(ann.titles().await, ["there"]);

    let batch = send(&ann, todos).await;
    let problems: Vec<_> = batch["results"].as_array().unwrap().iter().map(|result| result["problem"]["type"].as_str()).collect();
    assert_eq!(problems, [None, None, Some("/problems/todo-limit-reached"), Some("/problems/todo-limit-reached")]);
    assert_eq!(ann.titles().await, ["there", "a", "b"]);
}

#[tokio::test]
async fn batch_has_one_to_five_hundred_todos() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todos = |count: usize| json!((0..count).map(|nth| json!({ "title": nth.to_string() })).collect::<Vec<_>>());
    for (body, pointer, code) in [
        (json!({ "todos": [] }), "/todos", "out-of-range"),
        (json!({ "todos": todos(501) }), "/todos", "out-of-range"),
        (json!({ "todos": {} }), "/todos", "type"),
        (json!({ "todos": null }), "/todos", "type"),
        (json!({}), "", "shape"),
        (json!({ "todos": todos(1), "owner": 1 }), "", "shape"),
        (todos(1), "", "shape"),
    ] {
        let response = ann.call_with("POST", "/todos/batch", &body).await;
        assert_eq!(response.status(), 422);
        assert_eq!(errors(&body_json(response).await), [(pointer, code)]);
    }
    assert!(ann.titles().await.is_empty());
    let batch = send(&ann, todos(500)).await;
    assert_eq!(batch["results"].as_array().unwrap().iter().filter(|result| result["todo"].is_object()).count(), 500);
    let summary = body_json(ann.call("GET", "/todos/summary").await).await;
    assert_eq!((&summary["active"], &summary["version"]), (&json!(500), &batch["version"]));
    let orders = body_json(ann.call("GET", "/todos?limit=200").await).await;
    let titles: Vec<_> = orders.as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, (0..200).map(|nth| nth.to_string()).collect::<Vec<_>>());
}

/// A-72
#[tokio::test]
async fn body_of_a_batch_may_have_two_mebibytes() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let most = 2 * 1024 * 1024;
    let body = |length: usize| {
        let body = r#"{"todos":[{"title":"a"}]}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    for (length, status) in [(most, 200), (most + 1, 413)] {
        let request = ann.request("POST", "/todos/batch").header("content-type", "application/json");
        assert_eq!(app.send(request.body(Body::from(body(length))).unwrap()).await.status(), status);
    }
    let request = ann.request("POST", "/todos").header("content-type", "application/json");
    assert_eq!(app.send(request.body(Body::from(body(256 * 1024 + 1))).unwrap()).await.status(), 413);
    assert_eq!(ann.titles().await, ["a"]);
}

/// A-56
#[tokio::test]
async fn batch_adds_own_todos_only() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let bobs = bob.add("Bob's").await;
    let batch = send(&ann, json!([{ "title": "mine", "id": bobs["id"] }])).await;
    assert_eq!(batch["results"][0]["todo"]["id"], bobs["id"], "ids are unique per user only");
    assert_eq!(body_json(bob.call("GET", "/todos").await).await, json!([bobs]));
}

#[tokio::test]
async fn concurrent_batches_add_each_id_once() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let body = json!({ "todos": [{ "title": "a", "id": ID }, { "title": "b" }] });
    for response in join_all((0..10).map(|_| ann.call_with("POST", "/todos/batch", &body))).await {
        assert_eq!(response.status(), 200);
    }
    let todos = body_json(ann.call("GET", "/todos").await).await;
    let orders: Vec<_> = todos.as_array().unwrap().iter().map(|todo| todo["order"].as_i64().unwrap()).collect();
    assert_eq!(orders, (1..=11).map(|nth| nth * 1024).collect::<Vec<_>>());
}
