//! Cursor pagination of the list.

use axum::body::Body;
use axum::http::{Request, Response};
use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, BOB, body_json, first_header, path};

/// The path of the `rel="next"` link, relative to the API.
fn next(response: &Response<Body>) -> Option<String> {
    let link = response.headers().get("link")?.to_str().unwrap();
    let url = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    Some(url.strip_prefix("http://127.0.0.1:3000/api/v1").unwrap().to_owned())
}

fn titles(todos: &Value) -> Vec<String> {
    todos.as_array().unwrap().iter().map(|todo| todo["title"].as_str().unwrap().to_owned()).collect()
}

async fn walk(user: &ApiUser<'_>, start: &str) -> Vec<Vec<String>> {
    let (mut pages, mut at) = (Vec::new(), Some(start.to_owned()));
    while let Some(path) = at {
        let response = user.call("GET", &path).await;
        at = next(&response);
        pages.push(titles(&body_json(response).await));
    }
    pages
}

#[tokio::test]
async fn next_links_lead_through_all_pages() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let other = ApiUser::signed_up(&app, BOB).await;
    other.add("not Ann's").await;
    for (title, order) in [("a", 1), ("b", 2), ("c", 2), ("d", 2), ("e", 3)] {
        ann.call_with("POST", "/todos", &json!({ "title": title, "order": order })).await;
    }
    assert_eq!(walk(&ann, "/todos?limit=2").await, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
    assert_eq!(walk(&ann, "/todos?limit=5").await, [vec!["a", "b", "c", "d", "e"]], "no empty page at the end");
    assert_eq!(walk(&ann, "/todos?limit=200").await.len(), 1);

    ann.call_with("PATCH", "/todos", &json!({ "completed": true })).await;
    let first = body_json(ann.call("GET", "/todos?limit=1").await).await;
    ann.call_with("PATCH", &path(&first[0]), &json!({ "completed": false })).await;
    assert_eq!(walk(&ann, "/todos?limit=2&completed=true").await, [["b", "c"], ["d", "e"]], "the link keeps the filter");
    assert_eq!(walk(&ann, "/todos?completed=false").await, [["a"]]);
}

#[tokio::test]
async fn page_size_defaults_to_100() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for n in 0..101 {
        ann.add(&format!("todo {n}")).await;
    }
    let sizes: Vec<_> = walk(&ann, "/todos").await.iter().map(Vec::len).collect();
    assert_eq!(sizes, [100, 1]);
}

#[tokio::test]
async fn cursor_is_stable_under_insertions_and_deletions() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    for n in 1..=9 {
        ann.call_with("POST", "/todos", &json!({ "title": n.to_string(), "order": n * 10 })).await;
    }
    let first = ann.call("GET", "/todos?limit=3").await;
    let second_page = next(&first).unwrap();
    let first = body_json(first).await;
    // Deletes the todo under the cursor and adds todos before and after it.
    for deleted in [0, 2] {
        ann.call("DELETE", &format!("/todos/{}", first[deleted]["id"].as_str().unwrap())).await;
    }
    for (title, order) in [("before", 5), ("behind", 35)] {
        ann.call_with("POST", "/todos", &json!({ "title": title, "order": order })).await;
    }
    assert_eq!(
        walk(&ann, &second_page).await,
        [["behind", "4", "5"], ["6", "7", "8"]].map(Vec::from).into_iter().chain([vec!["9"]]).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn foreign_cursor_lists_only_own_todos() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    for title in ["a", "b"] {
        ann.add(title).await;
        bob.add(&format!("Bob's {title}")).await;
    }
    let page = next(&ann.call("GET", "/todos?limit=1").await).unwrap();
    assert_eq!(walk(&bob, &page).await.concat(), ["Bob's a", "Bob's b"], "both sort after the cursor by id");
}

#[tokio::test]
async fn invalid_parameters_are_rejected() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("a").await;
    ann.add("b").await;
    let good = next(&ann.call("GET", "/todos?limit=1").await).unwrap();
    let good = good.split("cursor=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let changed = format!("{}-", &good[..31]);
    for cursor in ["", "x", "%ff", &good[..31], &format!("{good}A"), &format!("{good}="), &"A".repeat(32)] {
        let response = ann.call("GET", &format!("/todos?cursor={cursor}")).await;
        assert_eq!(response.status(), 400, "{cursor}");
        assert_eq!(body_json(response).await["type"], "/problems/malformed-cursor");
    }
    assert_eq!(
        ann.call("GET", &format!("/todos?cursor={changed}")).await.status(),
        200,
        "a cursor is unsigned: it is only a position"
    );

    for (query, parameter) in [
        ("limit=0", json!("limit")),
        ("limit=201", json!("limit")),
        ("limit=-1", json!("limit")),
        ("limit=%2B5", json!("limit")),
        ("limit=ten", json!("limit")),
        ("limit=", json!("limit")),
        ("limit=99999999999999999999", json!("limit")),
        ("limit=1&limit=2", json!("limit")),
        ("completed=TRUE", json!("completed")),
        ("completed", json!("completed")),
        ("page=2", json!(null)),
        ("user_id=1", json!(null)),
    ] {
        let response = ann.call("GET", &format!("/todos?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        assert_eq!(body_json(response).await["errors"][0]["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn next_link_uses_the_public_origin_and_ignores_the_host() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("a").await;
    ann.add("b").await;
    let request: Request<Body> = ann
        .request("GET", "/todos?limit=1")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .body(Body::empty())
        .unwrap();
    let response = app.send(request).await;
    assert!(first_header(&response, "link").starts_with("<http://127.0.0.1:3000/api/v1/todos?"));
    assert!(!body_json(response).await.to_string().contains("evil"));
}
