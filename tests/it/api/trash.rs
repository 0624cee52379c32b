//! The trash in the API.

use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, ID, body_json, first_header, path};

async fn trash(user: &ApiUser<'_>, query: &str) -> Value {
    let response = user.call("GET", &format!("/trash{query}")).await;
    assert_eq!(response.status(), 200);
    body_json(response).await
}

fn titles(todos: &Value) -> Vec<&str> {
    todos.as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn trash_lists_deleted_todos_newest_first() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let mut deleted = Vec::new();
    for title in ["first", "second"] {
        let todo = ann.add(title).await;
        app.wait(60);
        ann.call("DELETE", &path(&todo)).await;
        deleted.push(todo);
    }
    ann.add("kept").await;
    let listed = trash(&ann, "").await;
    assert_eq!(titles(&listed), ["second", "first"]);
    assert_eq!(
        (&listed[0]["deleted_at"], &listed[1]["deleted_at"]),
        (&json!("2026-11-21T12:02:00Z"), &json!("2026-11-21T12:01:00Z"))
    );
    assert_eq!((&listed[1]["id"], &listed[1]["order"], &listed[1]["version"]), (&deleted[0]["id"], &json!(1024), &json!(2)));

    ann.call("POST", &format!("{}/restore", path(&deleted[1]))).await;
    assert_eq!(titles(&trash(&ann, "").await), ["first"]);
    assert_eq!(ann.titles().await, ["second", "kept"]);
}

#[tokio::test]
async fn trash_is_paginated_and_has_an_etag() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for n in 0..101 {
        ann.add(&n.to_string()).await;
    }
    // Equal timestamps sort by id, newest first.
    ann.call("DELETE", "/todos").await;
    assert_eq!(trash(&ann, "").await.as_array().unwrap().len(), 100);
    let (mut found, mut next) = (Vec::new(), Some("/trash?limit=30".to_owned()));
    while let Some(page) = next {
        let response = ann.call("GET", &page).await;
        let link = first_header(&response, "link").strip_prefix("<http://127.0.0.1:3000/api/v1");
        next = link.map(|link| link.strip_suffix(">; rel=\"next\"").unwrap().to_owned());
        assert!(next.as_ref().is_none_or(|next| next.starts_with("/trash?cursor=") && next.ends_with("&limit=30")), "{next:?}");
        found.extend(titles(&body_json(response).await).into_iter().map(str::to_owned));
    }
    assert_eq!(found, (0..101).rev().map(|n| n.to_string()).collect::<Vec<_>>());

    let tag = first_header(&ann.call("GET", "/trash").await, "etag").to_owned();
    let known = ann.call_if("GET", "/trash", ("if-none-match", &tag), &Value::Null).await;
    assert_eq!((known.status().as_u16(), first_header(&known, "cache-control")), (304, "private, no-cache"));
    for (query, status) in [("cursor=x", 400), ("cursor=", 400), ("limit=0", 422), ("limit=201", 422), ("completed=true", 422)] {
        assert_eq!(ann.call("GET", &format!("/trash?{query}")).await.status(), status, "{query}");
    }
}

///
#[tokio::test]
async fn trash_is_private_to_its_owner() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    for user in [&ann, &bob] {
        user.call_with("PUT", &format!("/todos/{ID}"), &json!({ "title": "of the same id" })).await;
        user.add("another").await;
        user.call("DELETE", "/todos").await;
    }
    ann.add("kept").await;
    let bobs = trash(&bob, "").await;
    assert_eq!(ann.call("DELETE", "/trash").await.status(), 204);
    assert_eq!(ann.call("DELETE", "/trash").await.status(), 204, "emptying an empty trash succeeds");
    assert_eq!((trash(&ann, "").await, ann.titles().await), (json!([]), vec!["kept".to_owned()]));
    assert_eq!(trash(&bob, "").await, bobs, "the trash of other users is unchanged");
    assert_eq!(bob.call("POST", &format!("/todos/{ID}/restore")).await.status(), 200);

    // Emptying is permanent.
    assert_eq!(ann.call("POST", &format!("/todos/{ID}/restore")).await.status(), 404);
    let export = body_json(ann.call("GET", "/export").await).await;
    assert_eq!(titles(&export["todos"]), ["kept"]);
    assert_eq!(ann.call_with("PUT", &format!("/todos/{ID}"), &json!({ "title": "new" })).await.status(), 201);
}

#[tokio::test]
async fn emptying_the_trash_rejects_filters_and_preconditions() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = ann.add("x").await;
    ann.call("DELETE", &path(&todo)).await;
    for query in ["completed=true", "limit=1", "id=x", "x"] {
        let response = ann.call("DELETE", &format!("/trash?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        assert_eq!(body_json(response).await["errors"][0]["code"], "unknown-parameter");
    }
    for condition in [("if-match", "\"v2\""), ("if-none-match", "*")] {
        assert_eq!(ann.call_if("DELETE", "/trash", condition, &Value::Null).await.status(), 412, "{condition:?}");
    }
    assert_eq!(titles(&trash(&ann, "").await), ["x"]);
}
