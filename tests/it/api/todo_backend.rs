//! The cases of the Todo-Backend suite with a bearer token, which the suite itself can't send.

use serde_json::{Value, json};

use crate::support::{ANN, ApiUser, App, body_json, first_header};

/// The path of the absolute `url` of a todo.
fn path(todo: &Value) -> String {
    todo["url"].as_str().unwrap().strip_prefix("http://127.0.0.1:3000/api/v1").unwrap().to_owned()
}

async fn get(user: &ApiUser<'_>, path: &str) -> Value {
    let response = user.call("GET", path).await;
    assert_eq!(response.status(), 200);
    body_json(response).await
}

async fn post(user: &ApiUser<'_>, todo: Value) -> Value {
    let response = user.call_with("POST", "/todos", &todo).await;
    assert!(response.status().is_success());
    body_json(response).await
}

async fn patch(user: &ApiUser<'_>, todo: &Value, change: Value) -> Value {
    let response = user.call_with("PATCH", &path(todo), &change).await;
    assert!(response.status().is_success());
    body_json(response).await
}

#[tokio::test]
async fn api_root_responds_to_a_get() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    get(&ann, "/todos").await;
}

#[tokio::test]
async fn api_root_responds_to_a_post_with_the_todo_which_was_posted_to_it() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    assert_eq!(post(&ann, json!({ "title": "a todo" })).await["title"], "a todo");
}

#[tokio::test]
async fn api_root_responds_successfully_to_a_delete() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    assert!(ann.call("DELETE", "/todos").await.status().is_success());
}

#[tokio::test]
async fn after_a_delete_the_api_root_responds_to_a_get_with_an_empty_array() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    post(&ann, json!({ "title": "a todo" })).await;
    ann.call("DELETE", "/todos").await;
    assert_eq!(get(&ann, "/todos").await, json!([]));
}

#[tokio::test]
async fn new_todo_is_in_the_list_at_the_root_url() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    post(&ann, json!({ "title": "walk the dog" })).await;
    let list = get(&ann, "/todos").await;
    assert_eq!((list.as_array().unwrap().len(), &list[0]["title"]), (1, &json!("walk the dog")));
}

#[tokio::test]
async fn new_todo_is_not_completed() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    post(&ann, json!({ "title": "blah" })).await;
    assert_eq!(get(&ann, "/todos").await[0]["completed"], false);
}

#[tokio::test]
async fn each_new_todo_has_a_url_which_returns_it() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = post(&ann, json!({ "title": "my todo" })).await;
    assert_eq!(get(&ann, &path(&todo)).await, todo);
    let listed = get(&ann, "/todos").await[0].clone();
    assert_eq!(get(&ann, &path(&listed)).await["title"], "my todo");
    let response = ann.call_with("POST", "/todos", &json!({ "title": "other" })).await;
    assert_eq!(first_header(&response, "location").to_owned(), body_json(response).await["url"]);
}

#[tokio::test]
async fn title_and_completed_can_be_changed_by_a_patch_to_the_url() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = post(&ann, json!({ "title": "initial title" })).await;
    assert_eq!(patch(&ann, &todo, json!({ "title": "bathe the cat" })).await["title"], "bathe the cat");
    assert_eq!(patch(&ann, &todo, json!({ "completed": true })).await["completed"], true);
}

#[tokio::test]
async fn changes_to_a_todo_are_persisted_and_show_up_when_refetched() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = post(&ann, json!({ "title": "initial title" })).await;
    patch(&ann, &todo, json!({ "title": "changed title", "completed": true })).await;
    for shown in [get(&ann, &path(&todo)).await, get(&ann, "/todos").await[0].clone()] {
        assert_eq!((&shown["title"], &shown["completed"]), (&json!("changed title"), &json!(true)));
    }
}

#[tokio::test]
async fn todo_can_be_deleted_by_a_delete_to_its_url() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = post(&ann, json!({ "title": "a todo" })).await;
    assert!(ann.call("DELETE", &path(&todo)).await.status().is_success());
    assert_eq!(get(&ann, "/todos").await, json!([]));
}

#[tokio::test]
async fn order_can_be_set_on_creation_and_changed_later() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let todo = post(&ann, json!({ "title": "blah", "order": 523 })).await;
    assert_eq!(todo["order"], 523);
    assert_eq!(patch(&ann, &todo, json!({ "order": 95 })).await["order"], 95);
    assert_eq!(get(&ann, &path(&todo)).await["order"], 95);
}
