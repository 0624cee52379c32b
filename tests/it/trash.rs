//! The trash pages.

use axum::{body::Body, http::Method};

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, ID, PASSWORD, Page, body_json, first_header, path};

fn deleted_titles(page: &Page) -> Vec<String> {
    page.texts(".trash-text p:first-child")
}

/// The status messages about the submitted form.
fn notices(page: &Page) -> Vec<String> {
    page.texts("main [role=status]")
}

/// Presses the restore button of a todo.
async fn restore(browser: &mut Browser<'_>, page: &Page, title: &str) -> Page {
    let at = page.attributes(".trash-list button", "aria-label").iter().position(|name| *name == format!("Restore: {title}"));
    let (function, name) = (page.attributes(".trash-list form", "action"), page.attributes(".trash-list input", "name"));
    let value = page.attributes(".trash-list input", "value");
    let at = at.unwrap();
    browser.submit(function[at].strip_prefix("/bff/").unwrap(), &[(&name[at], &value[at])]).await
}

/// A user who deleted the todos a, b (completed) and c, one per minute.
async fn with_three_deleted(app: &App) -> (Browser<'_>, ApiUser<'_>) {
    let ann = Browser::signed_up(app, ANN).await;
    let program = ApiUser::signed_in(app, ANN).await;
    for title in ["a", "b", "c"] {
        let todo = program.add(title).await;
        if title == "b" {
            program.call_with("PATCH", &path(&todo), &serde_json::json!({ "completed": true })).await;
        }
        app.wait(60);
        program.call("DELETE", &path(&todo)).await;
    }
    (ann, program)
}

/// B3
#[tokio::test]
async fn trash_lists_deleted_todos_with_their_age() {
    let app = App::start().await;
    let (mut ann, _) = with_three_deleted(&app).await;
    app.wait(600);
    let page = ann.open("/todos").await;
    assert_eq!(page.attributes(".top a[aria-label=Trash]", "href"), ["/trash"]);
    let page = ann.open("/trash").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (200, vec!["Trash".to_owned()]));
    assert_eq!(deleted_titles(&page), ["c", "b", "a"]);
    assert_eq!(
        page.texts(".trash-text .aside"),
        ["Deleted 10 minutes ago", "Completed, deleted 11 minutes ago", "Deleted 12 minutes ago"]
    );
    assert_eq!(page.attributes("time", "datetime"), ["2026-11-21T12:03:00Z", "2026-11-21T12:02:00Z", "2026-11-21T12:01:00Z"]);
    assert_eq!(page.attributes("main a", "href"), ["/trash/empty"]);
    assert!(notices(&page).is_empty());
}

/// B3
#[tokio::test]
async fn restored_todo_returns_to_its_position() {
    let app = App::start().await;
    let (mut ann, program) = with_three_deleted(&app).await;
    let first = ann.open("/trash").await;
    let mut page = restore(&mut ann, &first, "b").await;
    for (title, left) in [("b", vec!["c", "a"]), ("a", vec!["c"])] {
        if title != "b" {
            page = restore(&mut ann, &page, title).await;
        }
        assert!(ann.at.starts_with("/trash?restored="), "{}", ann.at);
        assert_eq!((page.first_status.as_u16(), deleted_titles(&page)), (303, left.into_iter().map(str::to_owned).collect()));
        assert_eq!(notices(&page), [format!("Restored “{title}”.")]);
    }
    // A repeated submission, as after the browser's Back.
    page = restore(&mut ann, &first, "a").await;
    assert_eq!((page.status.as_u16(), notices(&page)), (200, vec!["Restored “a”.".to_owned()]));
    let todos = ann.open("/todos").await;
    assert_eq!((todos.titles(), todos.texts(".completed label")), (vec!["a".to_owned(), "b".to_owned()], vec!["b".to_owned()]));
    assert_eq!(program.titles().await, ["a", "b"]);
}

/// B4
#[tokio::test]
async fn emptying_the_trash_asks_first_and_is_permanent() {
    let app = App::start().await;
    let (mut ann, program) = with_three_deleted(&app).await;
    program.add("kept").await;
    let before = ann.open("/trash").await;
    let page = ann.open("/trash/empty").await;
    assert_eq!(page.texts("h1"), ["Empty trash"]);
    assert_eq!(page.texts("main p")[0], "This permanently deletes 3 todos. This can’t be undone.");
    assert_eq!(page.attributes("main a", "href"), ["/trash"]);
    assert_eq!(page.attributes("main form", "action"), ["/bff/empty_trash"]);
    assert_eq!(deleted_titles(&ann.open("/trash").await), ["c", "b", "a"], "the confirmation page deletes nothing");

    ann.open("/trash/empty").await;
    let page = ann.submit("empty_trash", &[]).await;
    assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/trash"));
    assert_eq!(page.texts(".empty"), ["The trash is empty. Go to your todos"]);
    let page = ann.open("/trash/empty").await;
    assert_eq!(
        (page.texts("main p"), page.texts("main form").len()),
        (vec!["The trash is empty. Go to your todos".to_owned()], 0)
    );
    assert_eq!(ann.open("/todos").await.titles(), ["kept"]);

    // A stale page in another tab.
    "/trash".clone_into(&mut ann.at);
    let page = restore(&mut ann, &before, "a").await;
    assert_eq!((page.status.as_u16(), page.texts("h1"), notices(&page)), (404, vec!["Trash".to_owned()], vec![]));
    assert_eq!(page.complaints(), ["This todo no longer exists; it may have been deleted in another tab."]);
    assert_eq!(ann.submit("empty_trash", &[]).await.status, 200, "emptying an empty trash succeeds");
    assert_eq!(program.titles().await, ["kept"]);
}

///
#[tokio::test]
async fn foreign_trash_is_invisible() {
    let app = App::start().await;
    let (_, program) = with_three_deleted(&app).await;
    let mut bob = Browser::signed_up(&app, BOB).await;
    let added = bob.submit("add_todo", &[("title", "Bob's")]).await;
    bob.submit("delete_todo", &[("id", &added.id_of("Bob's"))]).await;
    assert_eq!(deleted_titles(&bob.open("/trash").await), ["Bob's"]);
    let page = bob.open("/trash/empty").await;
    assert_eq!(page.texts("main p")[0], "This permanently deletes 1 todo. This can’t be undone.");
    bob.submit("empty_trash", &[]).await;
    let trash = body_json(program.call("GET", "/trash").await).await;
    assert_eq!(trash.as_array().unwrap().len(), 3);

    // The title of a restored todo is shown to its owner only.
    let foreign = trash[0]["id"].as_str().unwrap();
    program.call("POST", &format!("/todos/{foreign}/restore")).await;
    for id in [foreign, ID] {
        let page = bob.open(&format!("/trash?restored={id}")).await;
        assert_eq!((page.status.as_u16(), notices(&page).len()), (200, 0));
        bob.open("/trash").await;
        let page = bob.submit("restore_todos", &[("ids[0]", id)]).await;
        assert_eq!((page.status.as_u16(), page.complaints().len()), (404, 1));
    }
}

///
#[tokio::test]
async fn trash_renders_titles_as_text() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    let hostile = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</title></b><b>x</b>"];
    for title in hostile {
        program.add(title).await;
    }
    program.call("DELETE", "/todos").await;
    let page = ann.open("/trash").await;
    assert_eq!(deleted_titles(&page), [hostile[2], hostile[1], hostile[0]]);
    let page = restore(&mut ann, &page, hostile[1]).await;
    assert_eq!(notices(&page), [format!("Restored “{}”.", hostile[1])]);
    assert!(page.texts("main img").is_empty() && page.texts("b").iter().all(|text| text == hostile[1]));
    assert!(page.texts("script").iter().all(|script| !script.contains("alert")));
}

#[tokio::test]
async fn trash_shows_pages_of_100() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let program = ApiUser::signed_in(&app, ANN).await;
    for n in 0..101 {
        program.add(&n.to_string()).await;
    }
    program.call("DELETE", "/todos").await;
    let page = ann.open("/trash").await;
    assert_eq!(
        (deleted_titles(&page).len(), page.texts(".trash-footer a")),
        (100, vec!["Older".to_owned(), "Empty trash…".to_owned()])
    );
    let older = page.attributes(".trash-footer a", "href").remove(0);
    assert_eq!(ann.open("/trash/empty").await.texts("main b"), ["more than 100 todos"]);

    let page = ann.open(&older).await;
    assert_eq!(
        (deleted_titles(&page), page.texts(".trash-footer a")),
        (vec!["0".to_owned()], vec!["Latest".to_owned(), "Empty trash…".to_owned()])
    );
    let page = restore(&mut ann, &page, "0").await;
    assert!(ann.at.starts_with(&format!("{older}&restored=")), "the redirect leads to the page of the form: {}", ann.at);
    assert_eq!(
        (notices(&page), page.texts(".empty")),
        (vec!["Restored “0”.".to_owned()], vec!["There is nothing older. Show the latest".to_owned()])
    );

    for cursor in ["", "x", "%00", "x%26limit=1", "../todos", "%0d%0a"] {
        let page = ann.open(&format!("/trash?cursor={cursor}")).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (400, vec!["Your trash can’t be shown".to_owned()]), "{cursor}");
        assert_eq!(page.attributes("main a", "href"), ["/trash"]);
    }
}

#[tokio::test]
async fn trash_requires_a_session() {
    let app = App::start().await;
    let (mut ann, _) = with_three_deleted(&app).await;
    for (path, next) in [("/trash", "/trash"), ("/trash/empty", "/trash/empty"), ("/trash?cursor=x", "/trash%3Fcursor%3Dx")] {
        let mut anyone = Browser::without_scripting(&app);
        anyone.open(path).await;
        assert_eq!(anyone.at, format!("/sign-in?next={next}"));
    }
    // The session expires while the page is open.
    let page = ann.open("/trash").await;
    app.wait(1800);
    let page = restore(&mut ann, &page, "a").await;
    assert_eq!((page.status.as_u16(), page.attributes("input[name=next]", "value")), (401, vec!["/trash".to_owned()]));
    let page = ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD), ("next", "/trash")]).await;
    assert_eq!((ann.at.as_str(), deleted_titles(&page).len()), ("/trash", 3));
    ann.submit("sign_out", &[]).await;
    let page = ann.submit("empty_trash", &[]).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (401, vec!["Sign in".to_owned()]));
}

///
#[tokio::test]
async fn only_a_same_origin_post_empties_the_trash() {
    let app = App::start().await;
    let (mut ann, _) = with_three_deleted(&app).await;
    for (method, origin, status) in
        [(Method::POST, "https://evil.example", 403), (Method::GET, "http://127.0.0.1:3000", 303), (Method::HEAD, "x", 303)]
    {
        let request = ann.request(method, "/bff/empty_trash").header("origin", origin).header("accept", "text/html");
        let response = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{origin}");
        if status == 303 {
            assert_eq!(first_header(&response, "location"), "/trash");
        }
    }
    for path in ["/trash/empty", "/trash"] {
        let request = ann.request(Method::POST, path).header("origin", "http://127.0.0.1:3000");
        assert_eq!(app.send(request.body(Body::empty()).unwrap()).await.status(), 405, "{path}");
    }
    assert_eq!(deleted_titles(&ann.open("/trash").await).len(), 3);
}

#[tokio::test]
async fn unavailable_trash_sets_the_page_status() {
    let app = App::start().await;
    let (mut ann, _) = with_three_deleted(&app).await;
    let page = ann.open("/trash/empty").await;
    assert_eq!(page.status, 200);
    for (fault, status, retry_after) in
        [(Fault::Unavailable, 503, Some("5")), (Fault::WithoutTodos, 503, Some("5")), (Fault::Broken, 500, None)]
    {
        let faulty = app.with_fault(fault, "off").await;
        let mut unlucky = Browser::without_scripting(&faulty).in_session_of(&ann);
        for path in ["/trash", "/trash/empty"] {
            let page = unlucky.open(path).await;
            assert_eq!((page.status.as_u16(), page.texts("h1")), (status, vec!["Your trash can’t be shown".to_owned()]));
            assert_eq!(page.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap()), retry_after);
            assert_eq!((page.attributes("main a", "href"), page.texts("p.aside code").len()), (vec!["/trash".to_owned()], 1));
        }
        assert_eq!(unlucky.submit("empty_trash", &[]).await.status.as_u16(), status);
    }
    assert_eq!(deleted_titles(&ann.open("/trash").await).len(), 3, "nothing is deleted");
}

#[tokio::test]
async fn trash_needs_no_script() {
    let app = App::start().await;
    let (mut ann, _) = with_three_deleted(&app).await;
    for path in ["/trash", "/trash/empty"] {
        let page = ann.open(path).await;
        assert!(!page.html.contains(".wasm") && page.attributes("script", "src").is_empty(), "{path}");
        assert_eq!(page.headers["cache-control"], "no-store", "{path}");
    }
}
