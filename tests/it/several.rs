//! Several todos in one form, one a line.

use scraper::{Html, Selector};

use crate::support::{ANN, App, Browser, Fault, PASSWORD, Page};

const HOSTILE: &str = "a\n</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\n&lt;b&gt;";

/// The text of the box, as a browser shows it.
fn typed(page: &Page) -> String {
    let document = Html::parse_document(&page.html);
    document.select(&Selector::parse("textarea[name=titles]").unwrap()).flat_map(|area| area.text()).collect()
}

async fn add(browser: &mut Browser<'_>, titles: &str) -> Page {
    browser.submit("add_todos", &[("titles", titles)]).await
}

#[tokio::test]
async fn each_line_becomes_a_todo() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("add_todo", &[("title", "there")]).await;
    let page = ann.open("/todos/several").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (200, vec!["Add several todos".to_owned()]));
    assert_eq!((page.attributes("main form", "action"), typed(&page)), (vec!["/bff/add_todos".to_owned()], String::new()));
    assert_eq!(page.texts("label[for=titles]").len(), 1);
    let page = add(&mut ann, "\r\n  buy milk \r\n\r\n\u{200b}\r\ncall\tBob\r\n<b>x</b>").await;
    assert_eq!((page.first_status.as_u16(), ann.at.as_str()), (303, "/todos"));
    assert_eq!(page.titles(), ["there", "buy milk", "call Bob", "<b>x</b>"]);
    for blank in ["", " \r\n\u{200b}"] {
        let page = add(&mut ann, blank).await;
        assert_eq!((ann.at.as_str(), page.titles().len()), ("/todos", 4));
    }
}

#[tokio::test]
async fn invalid_line_is_named_and_the_text_kept() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.open("/todos/several").await;
    let (long, many) = ("x".repeat(501), "a\n".repeat(501));
    for (text, message) in [
        (format!("a\n\n{long}\n\u{1}"), "Line 3: Todos can be up to 500 characters."),
        (format!("{HOSTILE}\nb\u{1b}"), "Line 4: This has invisible characters that can’t be saved. Type it by hand."),
        (format!("\n\n{long}"), "Line 3: Todos can be up to 500 characters."),
        (many, "You can add up to 500 todos at once. Remove some lines."),
    ] {
        let page = add(&mut ann, &text).await;
        assert_eq!((page.status.as_u16(), page.texts("h1")), (422, vec!["Add several todos".to_owned()]));
        assert_eq!(
            (page.texts("#titles-error"), page.attributes("[aria-invalid]", "id")),
            (vec![message.to_owned()], vec!["titles".to_owned()])
        );
        assert_eq!((typed(&page), page.texts("img:not([alt])").len()), (text, 0));
    }
    assert!(ann.open("/todos").await.titles().is_empty(), "all or none");
}

#[tokio::test]
async fn five_hundred_long_lines_fit() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    let text = format!("{}\r\n", "é".repeat(500)).repeat(500);
    assert_eq!(add(&mut ann, &text).await.texts(".todo-count"), ["500 items left"]);
    let page = add(&mut ann, &"x".repeat(2 * 1024 * 1024)).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (413, vec!["Too large".to_owned()]));
}

#[tokio::test]
async fn several_todos_respect_the_limit_of_the_account() {
    let app = App::with(&[("MAX_TODOS", "3"), ("RATE_LIMITS", "off")]).await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.submit("add_todo", &[("title", "there")]).await;
    ann.open("/todos/several").await;
    let page = add(&mut ann, "a\nb\nc").await;
    assert_eq!((page.status.as_u16(), typed(&page).as_str()), (403, "a\nb\nc"));
    assert_eq!(page.complaints(), ["You’ve reached this server’s limit of todos. Delete some and try again."]);
    assert_eq!(add(&mut ann, "a\nb").await.titles(), ["there", "a", "b"]);
}

#[tokio::test]
async fn failed_form_keeps_the_lines() {
    let app = App::start().await;
    let ann = Browser::signed_up(&app, ANN).await;
    let faulty = app.with_fault(Fault::WithoutTodos, "off").await;
    let mut ann_there = Browser::without_scripting(&faulty).in_session_of(&ann);
    ann_there.open("/todos/several").await;
    let page = add(&mut ann_there, HOSTILE).await;
    assert_eq!((page.status.as_u16(), typed(&page).as_str(), page.complaints().len()), (503, HOSTILE, 1));
    assert!(page.texts("img:not([alt])").is_empty());
    let away = app.with_fault(Fault::Unavailable, "off").await;
    let page = Browser::without_scripting(&away).in_session_of(&ann).open("/todos/several").await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (503, vec!["This page can’t be shown".to_owned()]));
}

///
#[tokio::test]
async fn unsaved_lines_survive_the_end_of_the_session() {
    let app = App::start().await;
    let mut ann = Browser::signed_up(&app, ANN).await;
    ann.open("/todos/several").await;
    app.wait(1800);
    let page = add(&mut ann, HOSTILE).await;
    assert_eq!((page.status.as_u16(), page.texts("h1")), (401, vec!["Sign in".to_owned()]));
    assert_eq!(page.attributes("input[name=next]", "value"), ["/todos/several"]);
    let page = ann.press(&page, "Sign in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!((page.status.as_u16(), typed(&page).as_str()), (200, HOSTILE));
    assert_eq!(page.texts(".notice"), ["You’re signed in again. What you typed is back, but not saved yet."]);
    assert_eq!(add(&mut ann, HOSTILE).await.titles().len(), 3);
    let mut stranger = Browser::without_scripting(&app);
    stranger.open("/todos/several").await;
    assert_eq!(stranger.at, "/sign-in?next=/todos/several");
}
