//! What the island asks of the server beyond what a form can, and what it must not be able to do.

use serde_json::{Value, from_str, json};

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, ID, PASSWORD, body_json, path};

/// Somebody's island, at a page that was made for them.
async fn island<'a>(app: &'a App, email: &str) -> Browser<'a> {
    let mut island = Browser::with_scripting(app).in_session_of(&Browser::signed_up(app, email).await);
    let user: Value = from_str(&island.submit("current_user", &[]).await.html).unwrap();
    island.account = Some(user["id"].as_str().unwrap().to_owned());
    island
}

async fn rename(island: &mut Browser<'_>, id: &str, was: &str, title: &str) -> (u16, String) {
    let page = island.submit("edit_todo", &[("id", id), ("seen_title", was), ("title", title)]).await;
    (page.status.as_u16(), page.html)
}

fn done() -> (u16, String) {
    (200, "null".to_owned())
}

fn changed_elsewhere() -> (u16, String) {
    (409, r#""ChangedElsewhere""#.to_owned())
}

#[tokio::test]
async fn page_learns_who_is_signed_in_and_for_how_long() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    app.wait(100);
    let user: Value = from_str(&ann.submit("current_user", &[]).await.html).unwrap();
    assert_eq!((user["email"].as_str(), user["seconds_left"].as_u64()), (Some(ANN), Some(1700)));
    assert_eq!(user["seconds_to_max"], 12 * 60 * 60 - 100, "if it is used");
    assert_eq!(user.as_object().unwrap().len(), 4);
    app.wait(1699);
    let user: Value = from_str(&ann.submit("current_user", &[]).await.html).unwrap();
    assert_eq!(user["seconds_left"], 1);
    app.wait(1);
    let page = ann.submit("current_user", &[]).await;
    assert_eq!((page.status.as_u16(), page.html.as_str()), (401, r#""SignedOut""#));
}

#[tokio::test]
async fn nobody_and_a_broken_store_have_no_current_user() {
    let app = App::start().await;
    assert_eq!(Browser::with_scripting(&app).submit("current_user", &[]).await.status, 401);
    let ann = island(&app, ANN).await;
    for (fault, status) in [(Fault::Unavailable, 503), (Fault::Broken, 500)] {
        let faulty = app.with_fault(fault, "off").await;
        let mut ann = Browser::with_scripting(&faulty).in_session_of(&ann);
        assert_eq!(ann.submit("current_user", &[]).await.status, status);
        assert!(!ann.cookies.is_empty(), "the session goes on");
    }
}

#[tokio::test]
async fn deleted_todos_come_back_as_they_were() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    for title in ["a", "b", "c"] {
        program.add(title).await;
    }
    let page = ann.open("/todos").await;
    let (a, c) = (page.id_of("a"), page.id_of("c"));
    for id in [&a, &c] {
        ann.submit("delete_todo", &[("id", id)]).await;
    }
    assert_eq!(program.titles().await, ["b"]);
    // Twice, as after an answer that was lost.
    for _ in 0..2 {
        assert_eq!(ann.submit("restore_todos", &[("ids[0]", &c), ("ids[1]", &a)]).await.status, 200);
        assert_eq!(program.titles().await, ["a", "b", "c"]);
    }
    let page = ann.submit("restore_todos", &[("ids[0]", ID)]).await;
    assert_eq!((page.status.as_u16(), page.html.as_str()), (404, r#""NotFound""#));
    assert_eq!(ann.submit("restore_todos", &[("ids[0]", "x")]).await.status, 400);
    assert_eq!(ann.submit("restore_todos", &[]).await.status, 400);
}

#[tokio::test]
async fn more_todos_come_back_than_the_api_restores_at_once() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let mut ids = Vec::new();
    for n in 0..1001 {
        ids.push(program.add(&n.to_string()).await["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(program.call("DELETE", "/todos").await.status(), 204);
    let names: Vec<_> = (0..ids.len()).map(|n| format!("ids[{n}]")).collect();
    let fields: Vec<_> = names.iter().map(String::as_str).zip(ids.iter().map(String::as_str)).collect();
    assert_eq!(ann.submit("restore_todos", &fields).await.status, 200);
    assert_eq!(ann.open("/todos").await.titles().len(), 1001);
}

#[tokio::test]
async fn what_was_changed_elsewhere_is_not_overwritten() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let todo = program.add("buy milk").await;
    let id = todo["id"].as_str().unwrap();
    assert_eq!(rename(&mut ann, id, "buy milk", "buy oat milk").await, done());
    // The same once more, as after an answer that was lost.
    assert_eq!(rename(&mut ann, id, "buy milk", " buy oat milk ").await, done());
    assert_eq!(rename(&mut ann, id, "buy milk", "buy soy milk").await, changed_elsewhere());
    assert_eq!(program.titles().await, ["buy oat milk"]);
    // A blank title deletes, and that can be undone.
    for blank in [" ", ""] {
        assert_eq!(rename(&mut ann, id, "buy oat milk", blank).await, (200, "1".to_owned()));
        assert_eq!(program.titles().await.len(), 0);
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
async fn other_fields_of_a_conflict_are_saved() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let todo = program.add("theirs").await;
    let id = todo["id"].as_str().unwrap();
    let fields = [("id", id), ("seen_title", "first"), ("title", "mine"), ("completed", "true")];
    // Twice, as after an answer that was lost.
    for _ in 0..2 {
        let page = ann.submit("edit_todo", &fields).await;
        assert_eq!((page.status.as_u16(), page.html), changed_elsewhere());
        let now = body_json(program.call("GET", &path(&todo)).await).await;
        assert_eq!((&now["title"], &now["completed"]), (&json!("theirs"), &json!(true)));
    }
    let fields = [("id", id), ("seen_title", "theirs"), ("title", "mine"), ("completed", "false")];
    for _ in 0..2 {
        assert_eq!(ann.submit("edit_todo", &fields).await.status, 200);
        let now = body_json(program.call("GET", &path(&todo)).await).await;
        assert_eq!((&now["title"], &now["completed"]), (&json!("mine"), &json!(false)));
    }
    // What a field is to be is no conflict, whoever has set it.
    assert_eq!(ann.submit("edit_todo", &[("id", id), ("completed", "false")]).await.status, 200);
}

#[tokio::test]
async fn of_renames_at_once_one_wins_and_the_others_hear_of_it() {
    let app = App::start().await;
    let ann = island(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let todo = program.add("buy milk").await;
    let titles: Vec<_> = (0..8).map(|n| format!("buy milk {n}")).collect();
    let renames = titles.iter().map(async |title| {
        let mut ann = Browser::with_scripting(&app).in_session_of(&ann);
        rename(&mut ann, todo["id"].as_str().unwrap(), "buy milk", title).await
    });
    let answers = futures::future::join_all(renames).await;
    let winners: Vec<_> = titles.iter().zip(&answers).filter(|(_, answer)| **answer == done()).map(|(title, _)| title).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    assert_eq!(program.titles().await, [winners[0].as_str()]);
    assert_eq!(answers.iter().filter(|answer| **answer == changed_elsewhere()).count(), 7);
}

#[tokio::test]
async fn rename_goes_on_when_something_else_of_the_todo_changes_meanwhile() {
    let app = App::start().await;
    let ann = island(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let todo = program.add("0").await;
    let id = todo["id"].as_str().unwrap();
    for n in 0..20 {
        let (was, title) = (n.to_string(), (n + 1).to_string());
        let mut one = Browser::with_scripting(&app).in_session_of(&ann);
        let mut other = Browser::with_scripting(&app).in_session_of(&ann);
        let fields = [("id", id), ("completed", if n % 2 == 0 { "true" } else { "false" })];
        let toggle = other.submit("edit_todo", &fields);
        let (renamed, toggled) = futures::join!(rename(&mut one, id, &was, &title), toggle);
        assert_eq!((renamed, toggled.status.as_u16()), (done(), 200));
    }
    assert_eq!(program.titles().await, ["20"]);
}

#[tokio::test]
async fn what_was_typed_for_one_account_never_lands_in_anothers_list() {
    let app = App::start().await;
    let mut ann = island(&app, ANN).await;
    assert_eq!(ann.submit("add_todo", &[("title", "Ann's")]).await.status, 200);
    // Another tab of the same browser signs in as somebody else: the page is still Ann's, the cookie is Bob's.
    ann.cookies = Browser::signed_up(&app, BOB).await.cookies;
    let cookies = ann.cookies.clone();
    for function in ["add_todo", "list_todos", "current_user", "complete_todos", "clear_completed", "sign_out", "nope"] {
        let page = ann.submit(function, &[("title", "Ann's secret")]).await;
        assert_eq!((page.status.as_u16(), page.html.as_str()), (401, r#""SignedOut""#), "{function}");
        assert_eq!((&ann.cookies, page.headers.get("set-cookie")), (&cookies, None), "Bob's session is left alone");
    }
    for account in ["", "x", &ann.account.clone().unwrap().to_uppercase()] {
        ann.account = Some(account.to_owned());
        assert_eq!(ann.submit("list_todos", &[]).await.status, 401, "{account}");
    }
    ann.account = None;
    assert_eq!(ann.submit("list_todos", &[]).await.html, "[]");
}

#[tokio::test]
async fn account_that_a_page_was_made_for_chooses_no_owner() {
    let app = App::start().await;
    let ann = island(&app, ANN).await;
    ApiUser::signed_in(&app, ANN).await.add("Ann's").await;
    let mut nobody = Browser::with_scripting(&app);
    nobody.account.clone_from(&ann.account);
    assert_eq!(nobody.submit("list_todos", &[]).await.status, 401);
    // Signing in and up are for whoever comes.
    nobody.account = Some(ID.to_owned());
    assert_eq!(nobody.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await.status, 200);
    assert_eq!(nobody.submit("sign_up", &[("email", "new@example.org"), ("password", PASSWORD)]).await.status, 200);
}
