//! Failed forms without scripting: the response is the page with the user's input.

use axum::{body::Body, http::Method};
use serde_json::json;

use crate::support::{ANN, ApiUser, App, Browser, Fault, ID, PASSWORD, Page, path};

const HOSTILE: &str = "\"><img src=x onerror=alert(1)></textarea><script>alert(1)</script>";

/// The value of the field for new todos.
fn new_todo_values(page: &Page) -> Vec<String> {
    page.attributes(".new-todo", "value")
}

#[tokio::test]
async fn rejected_title_stays_in_its_field() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let typed = format!("{HOSTILE}{}", "a".repeat(500));
    ann.open("/todos?show=active&edit=x").await;
    let page = ann.submit("add_todo", &[("title", &typed)]).await;
    assert_eq!((page.status.as_u16(), page.first_status.as_u16(), ann.at.as_str()), (422, 422, "/bff/add_todo"));
    assert_eq!(page.headers["cache-control"], "no-store");
    assert_eq!(page.complaints().concat(), "Todos can be up to 500 characters.");
    assert_eq!((new_todo_values(&page), page.texts("img:not([alt])").len()), (vec![typed], 0));
    assert_eq!(page.texts(".filters .selected"), ["Active"], "the filter of the form's page");
    assert_eq!(page.attributes("[autofocus]", "class"), ["new-todo"]);

    // The error page has a working form.
    let page = ann.submit("add_todo", &[("title", "buy milk")]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos", vec!["buy milk".to_owned()]));
    assert!(new_todo_values(&page).is_empty());
}

/// The server function of a form, with the query of its URL.
fn function_of(page: &Page, form: &str) -> String {
    page.attributes(form, "action").remove(0).strip_prefix("/bff/").unwrap().to_owned()
}

#[tokio::test]
async fn failed_forms_keep_the_filter() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("add_todo", &[("title", "buy milk")]).await;
    let mut page = ann.open("/todos?show=active").await;
    for (form, fields) in
        [(".new-todo-form", &[("title", "a".repeat(501))][..]), (".view", &[("id", ID.to_owned())]), (".view", &[])]
    {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        page = ann.submit(&function_of(&page, form), &fields).await;
        assert!(page.status.is_client_error(), "{}", page.status);
        assert_eq!(page.texts(".filters .selected"), ["Active"]);
    }
    let error_page = ann.at.clone();
    assert!(error_page.starts_with("/bff/edit_todo?"), "{error_page}");
    page = ann.submit(&function_of(&page, ".new-todo-form"), &[("title", "call Bob")]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos?show=active", vec!["buy milk".to_owned(), "call Bob".to_owned()]));
    // A reload of the error page redirects to the page of the form.
    page = ann.open(&error_page).await;
    assert_eq!((ann.at.as_str(), page.status.as_u16()), ("/todos?show=active", 200));
}

#[tokio::test]
async fn rejected_rename_stays_in_the_editor() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("add_todo", &[("title", "buy milk")]).await;
    let id = page.id_of("buy milk");
    for typed in ["a".repeat(501), "b".repeat(501)] {
        let page = ann.submit("edit_todo", &[("id", &id), ("seen_title", "buy milk"), ("title", &typed)]).await;
        assert_eq!((page.status.as_u16(), page.values(".edit")), (422, vec![typed]));
        assert!(new_todo_values(&page).is_empty());
        assert_eq!(page.attributes("[autofocus]", "class"), ["edit"]);
    }
    let page = ann.submit("edit_todo", &[("id", &id), ("seen_title", "buy milk"), ("title", "buy oat milk")]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos", vec!["buy oat milk".to_owned()]));
}

/// The conflict message of the editor.
fn conflict(page: &Page) -> String {
    page.texts(".editing [role=alert]").concat()
}

/// B5
#[tokio::test]
async fn conflict_shows_both_titles_in_the_row() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("buy <b>oat</b> milk").await;
    let id = todo["id"].as_str().unwrap();
    for (typed, status) in [("a".repeat(501), 422), ("buy soy milk".to_owned(), 409)] {
        ann.open("/todos?show=active").await;
        let page = ann.submit("edit_todo", &[("id", id), ("seen_title", "buy milk"), ("title", &typed)]).await;
        assert_eq!((page.status.as_u16(), page.values(".edit")), (status, vec![typed]));
        assert_eq!(conflict(&page), "Changed somewhere else. It now reads “buy <b>oat</b> milk”.");
        assert_eq!(page.texts(".editing bdi"), ["buy <b>oat</b> milk"]);
        let described = page.attributes(".edit", "aria-describedby").concat();
        assert!(described.split(' ').all(|id| page.texts(&format!("#{id}")).len() == 1), "{described}");
        assert_eq!(page.texts(".failures p").len(), 0, "the message appears once");
    }
    assert_eq!(client.titles().await, ["buy <b>oat</b> milk"]);
    let page = ann.open("/todos?show=active").await;
    assert_eq!((page.values(".edit").len(), conflict(&page)), (0, String::new()), "another page closes the editor");
}

#[tokio::test]
async fn keep_mine_overwrites_only_the_shown_title() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("theirs").await;
    let id = todo["id"].as_str().unwrap();
    ann.open("/todos?show=active").await;
    let page = ann.submit("edit_todo", &[("id", id), ("seen_title", "first"), ("title", "mine")]).await;
    client.call_with("PATCH", &path(&todo), &json!({ "title": "theirs once more" })).await;
    let page = ann.press(&page, "Keep mine", &[]).await;
    assert_eq!((page.status.as_u16(), page.values(".edit")), (409, vec!["mine".to_owned()]));
    assert_eq!(conflict(&page), "Changed somewhere else. It now reads “theirs once more”.");
    let page = ann.press(&page, "Keep mine", &[("title", "mine, better")]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos?show=active", vec!["mine, better".to_owned()]));
}

#[tokio::test]
async fn take_theirs_keeps_the_shown_title() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let client = ApiUser::signed_in(&app, ANN).await;
    let todo = client.add("theirs").await;
    ann.open("/todos?show=active").await;
    let id = todo["id"].as_str().unwrap();
    let page = ann.submit("edit_todo?show=active", &[("id", id), ("seen_title", "first"), ("title", "mine")]).await;
    let page = ann.press(&page, "Take theirs", &[]).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos?show=active", vec!["theirs".to_owned()]));
    assert!(page.values(".edit").is_empty());
}

#[tokio::test]
async fn rename_of_a_missing_todo_moves_to_the_new_todo_field() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("edit_todo", &[("id", ID), ("seen_title", "x"), ("title", "buy milk")]).await;
    assert_eq!((page.status.as_u16(), new_todo_values(&page)), (404, vec!["buy milk".to_owned()]));
    assert_eq!(page.complaints().concat(), "This todo no longer exists; it may have been deleted in another tab.");
}

#[tokio::test]
async fn malformed_form_gets_an_error_page() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let long = "1".repeat(60_000);
    for (function, fields) in [
        ("undo_change", [("version", long.as_str())]),
        ("edit_todo", [("id", &long)]),
        ("delete_todo", [("id", "../../token")]),
        ("edit_todo", [("id", "x")]),
        ("add_todo", [("x", "y")]),
    ] {
        let page = ann.submit(function, &fields).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (400, vec!["Todos".to_owned()]), "{function}");
    }
    let request =
        ann.request(Method::POST, "/bff/add_todo").header("accept", "text/html").header("sec-fetch-site", "same-origin");
    let response =
        app.send(request.header("content-type", "multipart/form-data; boundary=x").body(Body::from("--x--")).unwrap()).await;
    assert_eq!(response.status(), 415);
}

#[tokio::test]
async fn failed_sign_in_keeps_the_email_and_not_the_password() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    let secret = "wrong horse battery staple";
    for (function, email, status) in
        [("sign_in", HOSTILE, 401), ("sign_in", ANN, 401), ("sign_up", HOSTILE, 422), ("sign_up", ANN, 422)]
    {
        let mut anonymous = Browser::without_scripting(&app);
        anonymous.open(if function == "sign_in" { "/sign-in?next=/todos" } else { "/sign-up" }).await;
        let page = anonymous.submit(function, &[("email", email), ("password", secret)]).await;
        assert_eq!((page.status.as_u16(), page.attributes("#email", "value")), (status, vec![email.to_owned()]));
        assert!(!page.html.contains("horse") && page.attributes("#password", "value").is_empty());
        assert!(page.texts("img:not([alt])").is_empty() && !page.headers.contains_key("set-cookie"));
        assert!(page.headers.values().all(|value| !value.to_str().unwrap().contains("horse")));
    }
}

///
#[tokio::test]
async fn unsaved_title_survives_the_end_of_the_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    app.wait(1800);
    ann.open("/todos?show=active").await;
    "/todos?show=active".clone_into(&mut ann.at);
    let page = ann.submit("add_todo", &[("title", HOSTILE)]).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (401, vec!["Sign in".to_owned()]));
    assert_eq!(page.complaints().concat(), "Your session has ended. Sign in again.");
    let draft_and_next =
        |page: &Page| (page.attributes("input[name=draft]", "value"), page.attributes("input[name=next]", "value"));
    let kept = (vec![HOSTILE.to_owned()], vec!["/todos?show=active".to_owned()]);
    assert_eq!(draft_and_next(&page), kept);

    // A wrong password keeps the draft.
    let (draft, next) = (("draft", HOSTILE), ("next", "/todos?show=active"));
    for _ in 0..2 {
        let page = ann.submit("sign_in", &[("email", ANN), ("password", "wrong horse"), draft, next]).await;
        assert_eq!((page.status.as_u16(), draft_and_next(&page)), (401, kept.clone()));
        assert_eq!(page.attributes("#email", "value"), [ANN]);
    }

    let page = ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), draft, next]).await;
    assert_eq!((page.status.as_u16(), page.first_status.as_u16(), ann.at.as_str()), (200, 200, "/bff/sign_in"));
    assert!(page.headers.contains_key("set-cookie") && page.headers["cache-control"] == "no-store");
    assert_eq!((new_todo_values(&page), page.titles().len()), (vec![HOSTILE.to_owned()], 0), "restored, not saved");
    assert_eq!(page.texts(".filters .selected"), ["Active"]);
    assert_eq!(page.texts("p.flash[role=status]"), ["You’re signed in again. What you typed is back, but not saved yet."]);
    assert!(page.texts("img:not([alt])").is_empty() && !page.html.contains(PASSWORD));
    assert_eq!(ann.submit("add_todo", &[("title", HOSTILE)]).await.titles(), [HOSTILE]);
}

#[tokio::test]
async fn unsaved_rename_survives_the_end_of_the_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let page = ann.submit("add_todo", &[("title", "buy milk")]).await;
    let id = page.id_of("buy milk");
    app.wait(1800);
    let page = ann.submit("edit_todo", &[("id", &id), ("seen_title", "buy milk"), ("title", "buy oat milk")]).await;
    let next = page.attributes("input[name=next]", "value").concat();
    assert_eq!(next, format!("/todos?edit={id}"));
    let page = ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("draft", "buy oat milk"), ("next", &next)]).await;
    assert_eq!((page.values(".edit"), new_todo_values(&page).len()), (vec!["buy oat milk".to_owned()], 0));
}

#[tokio::test]
async fn sign_in_without_a_draft_redirects() {
    let app = App::start().await;
    Browser::signed_up(&app, ANN).await;
    for draft in [&[][..], &[("draft", "")], &[("draft", " \u{2003}")]] {
        let mut ann = Browser::without_scripting(&app);
        let fields: Vec<_> = [("email", ANN), ("password", PASSWORD)].iter().chain(draft).copied().collect();
        let page = ann.submit("sign_in", &fields).await;
        assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/todos"));
    }
    // A draft does not allow another site as the target.
    let mut ann = Browser::without_scripting(&app);
    let fields = [("email", ANN), ("password", PASSWORD), ("draft", "x"), ("next", "//evil.example")];
    let page = ann.submit("sign_in", &fields).await;
    assert_eq!((page.status.as_u16(), new_todo_values(&page)), (200, vec!["x".to_owned()]));
}

#[tokio::test]
async fn form_errors_have_a_status_and_retry_after() {
    let app = App::with_limits().await;
    let mut anonymous = Browser::without_scripting(&app);
    let fields = [("email", ANN), ("password", PASSWORD)];
    for _ in 0..10 {
        assert_eq!(anonymous.submit("sign_in", &fields).await.status, 401);
    }
    let page = anonymous.submit("sign_in", &fields).await;
    assert_eq!((page.status.as_u16(), page.headers["retry-after"].to_str().unwrap()), (429, "60"));
    assert_eq!(page.attributes("#email", "value"), [ANN]);

    for (fault, status, retry_after) in [(Fault::Unavailable, 503, Some("5")), (Fault::Broken, 500, None)] {
        let faulty = app.with_fault(fault, "off").await;
        let page = Browser::without_scripting(&faulty).submit("sign_in", &fields).await;
        let seconds = page.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap());
        assert_eq!((page.status.as_u16(), seconds), (status, retry_after));
        assert_eq!((page.texts("h1"), page.texts("[role=alert]").len()), (vec!["Sign in".to_owned()], 1));
    }
}

#[tokio::test]
async fn form_body_is_limited() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    for accept in ["text/html", "application/json"] {
        for (function, fields, max) in [
            ("add_todo", "title=", 64 * 1024),
            ("edit_todo", "id=018f3a52-7b1c-7def-8abc-0123456789ab&seen_title=x&title=", 256 * 1024),
            ("add_todos", "titles=", 2 * 1024 * 1024),
        ] {
            for (length, status) in [(max, 422), (max + 1, 413)] {
                let request = ann.request(Method::POST, &format!("/bff/{function}")).header("accept", accept);
                let request =
                    request.header("sec-fetch-site", "same-origin").header("content-type", "application/x-www-form-urlencoded");
                let body = format!("{fields}{}", "a".repeat(length - fields.len()));
                assert_eq!(
                    app.send(request.body(Body::from(body)).unwrap()).await.status(),
                    status,
                    "{function} {accept} {length}"
                );
            }
        }
    }
}
