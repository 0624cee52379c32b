//! Calls of the island that no form can make.

use serde_json::{Value, from_str, json};

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, ID, PASSWORD, body_json, path};

/// The island on a page that the server rendered for this user.
async fn island<'a>(app: &'a App, email: &str) -> Browser<'a> {
    let mut island = Browser::with_scripting(app).in_session_of(&Browser::signed_up(app, email).await);
    let user: Value = from_str(&island.submit("current_user", &[]).await.html).unwrap();
    island.account = Some(user["id"].as_str().unwrap().to_owned());
    island
}

async fn rename(island: &mut Browser<'_>, id: &str, seen_title: &str, title: &str) -> (u16, String) {
    let page = island.submit("edit_todo", &[("id", id), ("seen_title", seen_title), ("title", title)]).await;
    (page.status.as_u16(), page.html)
}

fn done() -> (u16, String) {
    (200, "null".to_owned())
}

fn changed_elsewhere() -> (u16, String) {
    (409, r#""ChangedElsewhere""#.to_owned())
}

#[tokio::test]
async fn current_user_has_the_remaining_seconds_of_the_session() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    app.wait(100);
    let user: Value = from_str(&ann.submit("current_user", &[]).await.html).unwrap();
    assert_eq!((user["email"].as_str(), user["seconds_left"].as_u64()), (Some(ANN), Some(1700)));
    assert_eq!(user["seconds_to_max"], 12 * 60 * 60 - 100, "the maximum if the session is used");
    assert_eq!(user.as_object().unwrap().len(), 4);
    app.wait(1699);
    let user: Value = from_str(&ann.submit("current_user", &[]).await.html).unwrap();
    assert_eq!(user["seconds_left"], 1);
    app.wait(1);
    let page = ann.submit("current_user", &[]).await;
    assert_eq!((page.status.as_u16(), page.html.as_str()), (401, r#""SignedOut""#));
}

#[tokio::test]
async fn current_user_fails_without_a_session_or_a_store() {
    let app = App::start().await;
    assert_eq!(Browser::with_scripting(&app).submit("current_user", &[]).await.status, 401);
    let ann = island(&app, ANN).await;
    for (fault, status) in [(Fault::Unavailable, 503), (Fault::Broken, 500)] {
        let faulty = app.with_fault(fault, "off").await;
        let mut ann = Browser::with_scripting(&faulty).in_session_of(&ann);
        assert_eq!(ann.submit("current_user", &[]).await.status, status);
        assert!(!ann.cookies.is_empty(), "the session continues");
    }
}

#[tokio::test]
async fn restore_is_idempotent_and_keeps_the_order() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    for title in ["a", "b", "c"] {
        client.add(title).await;
    }
    let page = ann.open("/todos").await;
    let (a, c) = (page.id_of("a"), page.id_of("c"));
    for id in [&a, &c] {
        ann.submit("delete_todo", &[("id", id)]).await;
    }
    assert_eq!(client.titles().await, ["b"]);
    // A retry after a lost response.
    for _ in 0..2 {
        assert_eq!(ann.submit("restore_todos", &[("ids[0]", &c), ("ids[1]", &a)]).await.status, 200);
        assert_eq!(client.titles().await, ["a", "b", "c"]);
    }
    let page = ann.submit("restore_todos", &[("ids[0]", ID)]).await;
    assert_eq!((page.status.as_u16(), page.html.as_str()), (404, r#""NotFound""#));
    assert_eq!(ann.submit("restore_todos", &[("ids[0]", "x")]).await.status, 400);
    assert_eq!(ann.submit("restore_todos", &[]).await.status, 400);
}

#[tokio::test]
async fn restore_exceeds_the_batch_limit_of_the_api() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let mut ids = Vec::new();
    for n in 0..1001 {
        ids.push(client.add(&n.to_string()).await["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(client.call("DELETE", "/todos").await.status(), 200);
    let names: Vec<_> = (0..ids.len()).map(|n| format!("ids[{n}]")).collect();
    let fields: Vec<_> = names.iter().map(String::as_str).zip(ids.iter().map(String::as_str)).collect();
    assert_eq!(ann.submit("restore_todos", &fields).await.status, 200);
    assert_eq!(ann.open("/todos").await.texts(".todo-count"), ["1001 items left"]);
}

#[tokio::test]
async fn rename_does_not_overwrite_a_concurrent_rename() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("buy milk").await;
    let id = todo["id"].as_str().unwrap();
    assert_eq!(rename(&mut ann, id, "buy milk", "buy oat milk").await, done());
    // A retry after a lost response.
    assert_eq!(rename(&mut ann, id, "buy milk", " buy oat milk ").await, done());
    assert_eq!(rename(&mut ann, id, "buy milk", "buy soy milk").await, changed_elsewhere());
    assert_eq!(client.titles().await, ["buy oat milk"]);
    // A blank title deletes the todo, and a restore undoes that.
    for blank in [" ", ""] {
        assert_eq!(rename(&mut ann, id, "buy oat milk", blank).await, (200, "1".to_owned()));
        assert_eq!(client.titles().await.len(), 0);
        ann.submit("restore_todos", &[("ids[0]", id)]).await;
    }
    ann.submit("delete_todo", &[("id", id)]).await;
    assert_eq!(rename(&mut ann, id, "buy oat milk", "x").await, (404, r#""NotFound""#.to_owned()));
    for incomplete in [&[("title", "x")][..], &[("seen_title", "x")], &[]] {
        let fields = [&[("id", id)], incomplete].concat();
        assert_eq!(ann.submit("edit_todo", &fields).await.status, 400, "{incomplete:?}");
    }
}

#[tokio::test]
async fn title_conflict_still_saves_other_fields() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("theirs").await;
    let id = todo["id"].as_str().unwrap();
    let fields = [("id", id), ("seen_title", "first"), ("title", "mine"), ("completed", "true")];
    // A retry after a lost response.
    for _ in 0..2 {
        let page = ann.submit("edit_todo", &fields).await;
        assert_eq!((page.status.as_u16(), page.html), changed_elsewhere());
        let now = body_json(client.call("GET", &path(&todo)).await).await;
        assert_eq!((&now["title"], &now["completed"]), (&json!("theirs"), &json!(true)));
    }
    let fields = [("id", id), ("seen_title", "theirs"), ("title", "mine"), ("completed", "false")];
    for _ in 0..2 {
        assert_eq!(ann.submit("edit_todo", &fields).await.status, 200);
        let now = body_json(client.call("GET", &path(&todo)).await).await;
        assert_eq!((&now["title"], &now["completed"]), (&json!("mine"), &json!(false)));
    }
    // A field that already has the requested value is no conflict.
    assert_eq!(ann.submit("edit_todo", &[("id", id), ("completed", "false")]).await.status, 200);
}

#[tokio::test]
async fn concurrent_renames_have_one_winner_and_conflicts() {
    let app = App::start().await;
    let ann = island(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("buy milk").await;
    let titles: Vec<_> = (0..8).map(|n| format!("buy milk {n}")).collect();
    let renames = titles.iter().map(async |title| {
        let mut ann = Browser::with_scripting(&app).in_session_of(&ann);
        rename(&mut ann, todo["id"].as_str().unwrap(), "buy milk", title).await
    });
    let results = futures::future::join_all(renames).await;
    let winners: Vec<_> = titles.iter().zip(&results).filter(|(_, result)| **result == done()).map(|(title, _)| title).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    assert_eq!(client.titles().await, [winners[0].as_str()]);
    assert_eq!(results.iter().filter(|result| **result == changed_elsewhere()).count(), 7);
}

#[tokio::test]
async fn rename_survives_a_concurrent_change_of_another_field() {
    let app = App::start().await;
    let ann = island(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("0").await;
    let id = todo["id"].as_str().unwrap();
    for n in 0..20 {
        let (seen_title, title) = (n.to_string(), (n + 1).to_string());
        let mut renaming = Browser::with_scripting(&app).in_session_of(&ann);
        let mut toggling = Browser::with_scripting(&app).in_session_of(&ann);
        let fields = [("id", id), ("completed", if n % 2 == 0 { "true" } else { "false" })];
        let toggle = toggling.submit("edit_todo", &fields);
        let (renamed, toggled) = futures::join!(rename(&mut renaming, id, &seen_title, &title), toggle);
        assert_eq!((renamed, toggled.status.as_u16()), (done(), 200));
    }
    assert_eq!(client.titles().await, ["20"]);
}

#[tokio::test]
async fn request_of_another_accounts_page_is_rejected() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    assert_eq!(ann.submit("add_todo", &[("title", "Ann's")]).await.status, 200);
    // Another tab of the browser signs in as Bob. The page is still Ann's, the cookie is Bob's.
    ann.cookies = Browser::signed_up(&app, BOB).await.cookies;
    let cookies = ann.cookies.clone();
    for function in ["add_todo", "list_todos", "current_user", "complete_todos", "clear_completed", "sign_out", "nope"] {
        let page = ann.submit(function, &[("title", "Ann's secret")]).await;
        assert_eq!((page.status.as_u16(), page.html.as_str()), (401, r#""SignedOut""#), "{function}");
        assert_eq!((&ann.cookies, page.headers.get("set-cookie")), (&cookies, None), "Bob's session stays");
    }
    let page = ann.list("", None).await;
    assert_eq!((page.status.as_u16(), page.html.as_str()), (401, r#""SignedOut""#));
    for account in ["", "x", &ann.account.clone().unwrap().to_uppercase()] {
        ann.account = Some(account.to_owned());
        assert_eq!(ann.list("", None).await.status, 401, "{account}");
    }
    ann.account = None;
    assert_eq!(from_str::<Value>(&ann.list("", None).await.html).unwrap()["todos"], json!([]));
}

#[tokio::test]
async fn account_header_does_not_select_the_owner() {
    let app = App::start().await;
    let ann = island(&app, ANN).await;
    ApiUser::signed_in(&app, ANN).await.add("Ann's").await;
    let mut anonymous = Browser::with_scripting(&app);
    anonymous.account.clone_from(&ann.account);
    assert_eq!(anonymous.list("", None).await.status, 401);
    // Sign-in and sign-up ignore the account header.
    anonymous.account = Some(ID.to_owned());
    assert_eq!(anonymous.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await.status, 200);
    assert_eq!(anonymous.submit("sign_up", &[("email", "new@example.org"), ("password", PASSWORD)]).await.status, 200);
}
