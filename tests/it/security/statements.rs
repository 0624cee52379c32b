//! The number of SQL statements per request. The session check is part of the statement that does the work.

use serde_json::{Value, json};

use crate::support::{
    ANN, ApiUser, App, Browser, ID, Kind, PASSWORD, body_json, first_header, path, request_token, statements_of,
};

#[tokio::test]
async fn each_api_request_runs_one_statement() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let (a, b) = (ann.add("a").await, ann.add("b").await);
    let (one, other, new) = (path(&a), path(&b), format!("/todos/{ID}"));
    let nothing = Value::Null;
    for (method, path, body, status) in [
        ("GET", "/todos", &nothing, 200),
        ("GET", "/todos?limit=1&completed=false", &nothing, 200),
        ("GET", &one, &nothing, 200),
        ("HEAD", &one, &nothing, 200),
        ("POST", "/todos", &json!({ "title": "c" }), 201),
        ("PUT", &new, &json!({ "title": "d" }), 201),
        ("PUT", &new, &json!({ "title": "e" }), 200),
        ("PATCH", &one, &json!({ "title": "f", "completed": true }), 200),
        ("DELETE", &one, &nothing, 204),
        ("POST", &format!("{one}/restore"), &nothing, 200),
        ("DELETE", &other, &nothing, 204),
        ("POST", "/todos/restore", &json!({ "ids": [b["id"]] }), 200),
        ("GET", "/me", &nothing, 200),
        ("PATCH", "/me", &json!({ "time_zone": "Europe/Berlin" }), 200),
    ] {
        let call = async { if body.is_null() { ann.call(method, path).await } else { ann.call_with(method, path, body).await } };
        let (count, response) = statements_of(call).await;
        let expected = if ["GET", "HEAD"].contains(&method) { 1 } else { write_statements() };
        assert_eq!((response.status().as_u16(), count), (status, expected), "{method} {path}");
    }
    for path in ["/todos/summary?today=2026-11-30", "/todos/summary?q=x"] {
        let (count, response) = statements_of(ann.call("GET", path)).await;
        assert_eq!((response.status().as_u16(), count), (200, 1), "{path}");
    }
    for path in ["/todos?tag=home", "/todos?q=x"] {
        let (count, response) = statements_of(ann.call("GET", path)).await;
        assert_eq!((response.status().as_u16(), count), (200, 2), "{path}: looks for todos of the release before");
    }
    for (method, path, body) in [
        ("PATCH", "/todos", &json!({ "completed": true })),
        ("PATCH", "/todos?completed=true", &json!({ "completed": false })),
        ("DELETE", "/todos", &json!({})),
        ("POST", "/todos/undo", &json!({ "version": 1 })),
    ] {
        let (count, response) = statements_of(ann.call_with(method, path, body)).await;
        assert_eq!(
            (response.status().as_u16(), count),
            (200, 1 + write_statements()),
            "{method} {path}: the change and its version"
        );
    }
    let page = ann.call("GET", "/todos").await;
    let known = ("if-none-match", first_header(&page, "etag"));
    let (count, response) = statements_of(ann.call_if("GET", "/todos", known, &nothing)).await;
    assert_eq!((response.status().as_u16(), count), (304, 1));
    let (count, response) = statements_of(ann.call_with("PATCH", "/me", &json!({}))).await;
    assert_eq!((response.status().as_u16(), count), (200, 1), "nothing to write");
    let (count, _) = statements_of(request_token(&app, ANN, PASSWORD)).await;
    assert_eq!(count, 1, "one query for the password hash");

    let (count, _) = statements_of(ann.call("GET", "/export")).await;
    assert_eq!(count, 2, "the account and one page of todos");
    let (count, response) = statements_of(ann.call_with("DELETE", "/me", &json!({ "password": PASSWORD }))).await;
    assert_eq!((response.status().as_u16(), count), (204, 1 + write_statements()), "the password check comes first");
}

///
#[tokio::test]
async fn move_and_batch_read_and_write_in_one_transaction() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todos: Vec<_> = (0..500).map(|nth| json!({ "title": nth.to_string(), "order": nth * 20 })).collect();
    let (count, response) = statements_of(ann.call_with("POST", "/todos/batch", &json!({ "todos": todos }))).await;
    assert_eq!((response.status().as_u16(), count), (200, 1 + write_statements()), "whatever the number of todos");
    let added = body_json(response).await["results"].clone();
    let id = |nth: usize| added[nth]["todo"]["id"].clone();
    let shift = async |nth: usize, after: Value| {
        let (count, response) =
            statements_of(ann.call_with("POST", &format!("{}/move", path(&added[nth]["todo"])), &json!({ "after": after })))
                .await;
        assert_eq!(response.status(), 200);
        count
    };
    assert_eq!(shift(9, id(2)).await, 1 + write_statements(), "the neighbours and the todo");
    assert_eq!(shift(499, Value::Null).await, 1 + write_statements());
    assert_eq!(shift(499, Value::Null).await, write_statements(), "it is there");
    // Between 40 and 60 there is room for five.
    let mut counts = Vec::new();
    for nth in 100..106 {
        counts.push(shift(nth, id(2)).await);
    }
    let without_room = 3 + write_statements();
    assert_eq!(counts.iter().filter(|count| **count == without_room).count(), 1, "more neighbours, and their orders");
    assert_eq!(counts.iter().filter(|count| **count == 1 + write_statements()).count(), 5);
}

#[tokio::test]
async fn changes_confirmed_by_the_password_run_two_statements() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for (path, change) in [
        ("/me/email", json!({ "email": "new@example.org", "password": PASSWORD })),
        ("/me/password", json!({ "current": PASSWORD, "new": "a long walk by the sea" })),
    ] {
        let (count, response) = statements_of(ann.call_with("POST", path, &change)).await;
        assert_eq!((response.status().as_u16(), count), (204, 1 + write_statements()), "{path}: the password check comes first");
    }
}

#[tokio::test]
async fn requests_rejected_early_run_no_statement() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let forged = ApiUser { app: &app, token: format!("{}x", ann.token) };
    let (count, response) = statements_of(forged.call("GET", "/todos")).await;
    assert_eq!((response.status().as_u16(), count), (401, 0));
    let (count, response) = statements_of(ann.call_with("POST", "/todos", &json!({ "title": 7 }))).await;
    assert_eq!((response.status().as_u16(), count), (422, 0));
}

#[tokio::test]
async fn todo_page_runs_three_statements_and_a_change_runs_one() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let (count, page) = statements_of(ann.open("/todos")).await;
    assert_eq!((page.status.as_u16(), count), (200, 3), "the account, the list and the counts of the views");
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    let (count, _) = statements_of(island.submit("add_todo", &[("title", "buy milk")])).await;
    assert_eq!(count, write_statements());
}

#[tokio::test]
async fn unchanged_list_runs_one_statement() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("a").await;
    let response = ann.call("GET", "/todos").await;
    let tag = ("if-none-match", first_header(&response, "etag"));
    let (count, response) = statements_of(ann.call_if("GET", "/todos", tag, &Value::Null)).await;
    assert_eq!((response.status().as_u16(), count), (304, 1));
}

/// On Postgres a write first locks the user's row, in one round trip with `begin`.
fn write_statements() -> usize {
    if Kind::from_env() == Kind::Postgres { 2 } else { 1 }
}
