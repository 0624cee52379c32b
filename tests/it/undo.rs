//! Undo without scripting: of a change of one todo, and of a change of all todos.

use crate::support::{ANN, ApiUser, App, BOB, Browser, Fault, Page};

/// A server function and its fields.
type Form = (String, Vec<(String, String)>);

/// The message with the undo button, and the button's form.
fn undo_form(page: &Page) -> Option<(String, Form)> {
    let message = page.texts("div.notice.flash[role=status] p").pop()?;
    assert_eq!(page.texts(".flash button"), ["Undo"]);
    let function = page.attributes(".flash form", "action").concat().strip_prefix("/bff/").unwrap().to_owned();
    let (names, values) = (page.attributes(".flash input", "name"), page.attributes(".flash input", "value"));
    Some((message, (function, names.into_iter().zip(values).collect())))
}

async fn undo(browser: &mut Browser<'_>, (function, fields): &Form) -> Page {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.submit(function, &fields).await
}

async fn with_three(app: &App) -> (Browser<'_>, Page) {
    let mut ann = Browser::signed_up(app, ANN).await;
    for title in ["a", "b", "c"] {
        ann.submit("add_todo", &[("title", title)]).await;
    }
    let page = ann.open("/todos?show=active").await;
    (ann, page)
}

#[tokio::test]
async fn undone_deletion_restores_the_position() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    let b = page.id_of("b");
    let rename = [("id", b.as_str()), ("seen_title", "b"), ("title", " ")];
    for (function, fields) in [("delete_todo", &rename[..1]), ("edit_todo", &rename)] {
        ann.open("/todos?show=active").await;
        let page = ann.submit(function, fields).await;
        assert_eq!(ann.at, format!("/todos?show=active&deleted={b}"));
        assert_eq!(page.titles(), ["a", "c"]);
        let (message, form) = undo_form(&page).unwrap();
        assert_eq!((message.as_str(), page.texts(".flash bdi"), &ann.fragment), ("Deleted “b”.", vec!["b".to_owned()], &None));
        let page = undo(&mut ann, &form).await;
        assert_eq!((ann.at.as_str(), page.titles().len()), ("/todos?show=active", 3));
        assert_eq!(ann.fragment, Some(format!("t-{b}")));
        assert_eq!(page.id_of("b"), b);
        assert!(undo_form(&page).is_none());
    }
}

#[tokio::test]
async fn completing_and_reopening_one_todo_is_undone_once() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    let b = page.id_of("b");
    let row = Some(format!("t-{b}"));
    for (completed, kind, message, shown) in
        [("true", "completed", "Completed “b”.", 2), ("false", "reopened", "Reopened “b”.", 3)]
    {
        ann.open("/todos?show=active").await;
        let page = ann.submit("edit_todo", &[("id", &b), ("completed", completed)]).await;
        assert_eq!((ann.at.clone(), &ann.fragment), (format!("/todos?show=active&{kind}={b}"), &row));
        let (found, form) = undo_form(&page).unwrap();
        assert_eq!((found.as_str(), page.titles().len()), (message, shown));
        let here = ann.at.clone();
        let page = undo(&mut ann, &form).await;
        assert_eq!((ann.at.as_str(), &ann.fragment, page.titles().len()), ("/todos?show=active", &row, 5 - shown));
        assert_eq!(undo_form(&page), None, "an undo is not undone");
        assert_eq!(undo_form(&ann.open(&here).await), None, "of the page before, which is no longer true");
        ann.submit("edit_todo", &[("id", &b), ("completed", completed)]).await;
    }
    // The editor saves without an offer, and opens at the row as well.
    ann.open(&format!("/todos?edit={b}")).await;
    let page = ann.submit("edit_todo", &[("id", &b), ("seen_title", "b"), ("title", "B")]).await;
    assert_eq!((ann.at.as_str(), &ann.fragment, undo_form(&page)), ("/todos", &row, None));
}

#[tokio::test]
async fn offer_without_its_todo_has_no_title() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    let b = page.id_of("b");
    ann.submit("delete_todo", &[("id", &b)]).await;
    let mut bob = Browser::signed_up(&app, BOB).await;
    for (query, message) in [("deleted", Some("Deleted.")), ("completed", None), ("reopened", None)] {
        let offer = undo_form(&bob.open(&format!("/todos?{query}={b}")).await);
        assert_eq!(offer.map(|(message, _)| message).as_deref(), message, "{query}");
    }
}

#[tokio::test]
async fn undo_restores_all_cleared_todos() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    let a = page.id_of("a");
    ann.submit("delete_todo", &[("id", &a)]).await;
    app.wait_millis(1);
    ann.submit("complete_todos", &[]).await;
    ann.open("/todos").await;
    let page = ann.submit("clear_completed", &[]).await;
    let version = ann.at.strip_prefix("/todos?cleared=").unwrap().to_owned();
    assert_eq!((version.parse::<i64>().is_ok(), page.titles().len()), (true, 0));
    let (message, form) = undo_form(&page).unwrap();
    assert_eq!(message, "Completed todos cleared.");
    let page = undo(&mut ann, &form).await;
    assert_eq!((ann.at.as_str(), page.titles()), ("/todos", vec!["b".to_owned(), "c".to_owned()]), "the earlier deletion stays");
    // A repeated submission, as after the browser's Back.
    assert_eq!(undo(&mut ann, &form).await.titles(), ["b", "c"]);
}

#[tokio::test]
async fn marking_all_is_undone_exactly_and_once() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    ann.submit("edit_todo", &[("id", &page.id_of("b")), ("completed", "true")]).await;
    let page = ann.submit("complete_todos", &[]).await;
    assert!(ann.at.starts_with("/todos?show=active&completed="), "{}", ann.at);
    let (message, form) = undo_form(&page).unwrap();
    assert_eq!((message.as_str(), page.titles().len()), ("All todos completed.", 0));
    let page = undo(&mut ann, &form).await;
    assert_eq!((ann.at.as_str(), page.titles().as_slice()), ("/todos?show=active", ["a", "c"].map(str::to_owned).as_slice()));
    assert_eq!(undo_form(&page), None);
    ann.submit("complete_todos", &[]).await;
    let page = ann.submit("reopen_todos", &[]).await;
    let (message, form) = undo_form(&page).unwrap();
    assert_eq!((message.as_str(), page.titles().len()), ("All todos reopened.", 3));
    assert_eq!(undo(&mut ann, &form).await.titles().len(), 0);
    ann.submit("edit_todo", &[("id", &page.id_of("a")), ("completed", "false")]).await;
    ann.submit("edit_todo", &[("id", &page.id_of("c")), ("completed", "false")]).await;
    // What was changed since stays.
    let page = ann.submit("complete_todos", &[]).await;
    let (_, form) = undo_form(&page).unwrap();
    let page = ann.open("/todos").await;
    for completed in ["false", "true"] {
        ann.submit("edit_todo", &[("id", &page.id_of("a")), ("completed", completed)]).await;
    }
    undo(&mut ann, &form).await;
    assert_eq!(ann.open("/todos?show=active").await.titles(), ["c"]);
    assert_eq!(undo_form(&ann.submit("reopen_todos", &[]).await).map(|_| ()), Some(()));
    assert_eq!(undo_form(&ann.submit("reopen_todos", &[]).await), None, "nothing was reopened");
}

#[tokio::test]
async fn next_form_removes_the_undo_button() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    let (a, b) = (page.id_of("a"), page.id_of("b"));
    ann.submit("delete_todo", &[("id", &a)]).await;
    ann.submit("delete_todo", &[("id", &b)]).await;
    assert_eq!(ann.at, format!("/todos?show=active&deleted={b}"), "the last deletion counts");
    let page = ann.submit("add_todo", &[("title", "d")]).await;
    assert_eq!((ann.at.as_str(), undo_form(&page)), ("/todos?show=active", None));
    let page = ann.submit("clear_completed", &[]).await;
    assert_eq!((ann.at.as_str(), undo_form(&page)), ("/todos?show=active", None), "nothing was completed");
}

#[tokio::test]
async fn failed_undo_can_be_retried() {
    let app = App::start().await;
    let (mut ann, page) = with_three(&app).await;
    let mut bob = Browser::signed_up(&app, BOB).await;
    let a = page.id_of("a");
    let (_, form) = undo_form(&ann.submit("delete_todo", &[("id", &a)]).await).unwrap();
    for _ in 0..2 {
        let page = undo(&mut bob, &form).await;
        assert_eq!((page.status.as_u16(), undo_form(&page).unwrap().1), (404, form.clone()), "a foreign todo is not found");
    }
    let faulty = app.with_fault(Fault::Unavailable, "off").await;
    let page = undo(&mut Browser::without_scripting(&faulty).in_session_of(&ann), &form).await;
    assert_eq!((page.status.as_u16(), undo_form(&page).unwrap().1), (503, form.clone()));
    assert_eq!(undo(&mut ann, &form).await.titles(), ["a", "b", "c"]);

    let (_, form) = undo_form(&ann.submit("complete_todos", &[]).await).unwrap();
    let mut faulty = Browser::without_scripting(&faulty).in_session_of(&ann);
    faulty.at.clone_from(&ann.at);
    for _ in 0..2 {
        let page = undo(&mut faulty, &form).await;
        assert_eq!((page.status.as_u16(), undo_form(&page)), (503, Some(("All todos completed.".to_owned(), form.clone()))));
    }
    assert_eq!(undo(&mut ann, &form).await.titles(), ["a", "b", "c"]);

    // Without the todo there is no offer, but the form that failed.
    let (_, form) = undo_form(&ann.submit("edit_todo", &[("id", &a), ("completed", "true")]).await).unwrap();
    faulty.at.clone_from(&ann.at);
    let page = undo(&mut faulty, &form).await;
    assert_eq!((page.status.as_u16(), undo_form(&page), page.texts("main button")), (503, None, vec!["Try again".to_owned()]));
    assert_eq!(ann.press(&page, "Try again", &[]).await.texts(".completed"), [""; 0]);
}

#[tokio::test]
async fn forged_undo_parameters_have_no_effect() {
    let app = App::start().await;
    let (mut ann, _) = with_three(&app).await;
    for query in [
        "deleted=x",
        "deleted=",
        "deleted=%3Cb%3E",
        "deleted=00000000-0000-0000-0000-000000000000",
        "cleared=",
        "cleared=1e9",
        "cleared=99999999999999999999",
        "completed=x",
        "reopened=%3Cb%3E",
        "completed=00000000-0000-0000-0000-000000000000",
        "reopened=018f3a52-7b1c-7def-8abc-0123456789ab",
    ] {
        let page = ann.open(&format!("/todos?{query}")).await;
        assert_eq!((page.status.as_u16(), undo_form(&page)), (200, None), "{query}");
    }
    for (version, status) in [("1", 200), ("9223372036854775807", 200), ("-9223372036854775808", 200), ("x", 400)] {
        let page = ann.submit("undo_change", &[("version", version)]).await;
        assert_eq!((page.status.as_u16(), page.titles().len()), (status, 3), "{version}");
    }
}

#[tokio::test]
async fn deletion_responses_contain_only_undo_data() {
    let app = App::start().await;
    let (ann, page) = with_three(&app).await;
    let mut island = Browser::with_scripting(&app).in_session_of(&ann);
    let a = page.id_of("a");
    let calls: [(_, &[_]); 7] = [
        ("complete_todos", &[]),
        ("complete_todos", &[]),
        ("reopen_todos", &[]),
        ("complete_todos", &[]),
        ("delete_todo", &[("id", a.as_str())]),
        ("clear_completed", &[]),
        ("clear_completed", &[]),
    ];
    // Three todos were added, each in a version.
    for ((function, fields), expected) in calls.into_iter().zip(["4", "null", "5", "6", "1", "8", "null"]) {
        let page = island.submit(function, fields).await;
        assert_eq!((page.status.as_u16(), page.html.as_str()), (200, expected), "{function}");
        assert!(!page.headers.contains_key("location"));
    }
    assert!(ApiUser::signed_in(&app, ANN).await.titles().await.is_empty());
}
