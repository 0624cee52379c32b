//! Tests of what is written as HTML: the user's words stay text.

use scraper::{Html, Selector};

use super::{groups::push_groups, heading, row::Row, texts::Texts, urls::Urls};
use crate::{
    contract::{AppError, Filter, PageInfo, Scope, TodoPage, TodoView, View, ViewCounts},
    domain::{DueDate, TodoId, TodoTitle},
    ui::todo_list::model::{Boxes, Change, Conflict, Model, Sending},
};

const HOSTILE: &str = "\"'><img src=x onerror=\"alert('1')\"><script>alert(1)</script>&amp; &lt;";

fn model(after: Option<&str>) -> (TodoId, Model) {
    let id: TodoId = "019aa5a2-7b1c-7def-8abc-0123456789ab".parse().unwrap();
    // After a cursor, it is a part of a longer list.
    let active = if after.is_some() { 2 } else { 1 };
    let info = PageInfo {
        active,
        completed: 0,
        earlier: 0,
        views: ViewCounts::default(),
        next: None,
        tag: String::new(),
        today: DueDate::LAST,
        seconds_of_today: 60,
    };
    let page = TodoPage { todos: vec![TodoView::new(id, HOSTILE)], others: Vec::new(), info };
    (id, Model::new(page, Scope::default().with_filter(Filter::Active), after.map(str::to_owned)))
}

fn rows(model: &Model) -> String {
    let mut html = String::new();
    push_groups(&Row::shown(model), &Urls::of(&model.part()), None, &mut html);
    html
}

/// The text of what the selector finds, or an attribute of it. Fails if a part of a text has become an element.
fn found(html: &str, selector: &str, attribute: Option<&str>) -> Vec<String> {
    let page = Html::parse_fragment(html);
    assert_eq!(page.select(&Selector::parse("img, script, [onerror]").unwrap()).count(), 0, "{html}");
    let text = |element: scraper::ElementRef| match attribute {
        Some(name) => element.attr(name).unwrap_or_default().to_owned(),
        None => element.text().collect(),
    };
    page.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

#[test]
fn row_keeps_a_title_as_text() {
    let html = rows(&model(None).1);
    assert_eq!(found(&html, "label", None), [HOSTILE]);
    for (selector, action) in
        [("[name=completed]", "Complete"), (".edit-link", "Edit"), (".destroy", "Delete"), (".star", "Important")]
    {
        assert_eq!(found(&html, selector, Some("aria-label")), [format!("{action}: {HOSTILE}")]);
    }
}

#[test]
fn row_keeps_a_cursor_within_its_link() {
    let (id, model) = model(Some(HOSTILE));
    let href = format!("/todos?show=active&edit={}&after={HOSTILE}", id.to_text());
    assert_eq!(found(&rows(&model), ".edit-link", Some("href")), [href]);
}

#[test]
fn editor_keeps_titles_and_input_as_text() {
    let (id, mut model) = model(None);
    model.edit(id);
    let editor = model.editor.as_mut().unwrap();
    let text = ["\n</textarea>mine ", HOSTILE].concat();
    (editor.typed.title, editor.typed.notes, editor.typed.due_on) = (text.clone(), Some(text.clone()), text.clone());
    (editor.seen.due_on, editor.seen.notes) = (HOSTILE.to_owned(), Some(HOSTILE.to_owned()));
    editor.conflict = Conflict { title: true, notes: true, due_on: true };
    let html = rows(&model);
    for name in ["title", "due_on"] {
        assert_eq!(found(&html, &format!("[name=seen_{name}]"), Some("value")), [HOSTILE]);
    }
    assert_eq!(found(&html, "[name=due_on]", Some("value")), std::slice::from_ref(&text));
    for input in [".edit", ".notes"] {
        assert_eq!(found(&html, input, None), std::slice::from_ref(&text), "{input}");
    }
    assert_eq!(found(&html, ".edit", Some("aria-label")), [format!("Edit: {HOSTILE}")]);
    assert_eq!(found(&html, "[aria-label^=Save]", Some("aria-label")), [format!("Save: {HOSTILE}")]);
    assert_eq!(found(&html, ".conflict bdi", None), [HOSTILE, HOSTILE, "none"]);
}

#[test]
fn tag_and_text_of_the_scope_stay_text() {
    for (view, text) in [(View::Tag(HOSTILE.to_owned()), ""), (View::Tag(HOSTILE.to_owned()), HOSTILE), (View::Todos, HOSTILE)] {
        let scope = Scope { view, text: text.to_owned(), filter: Filter::Active };
        let counts = ViewCounts { tags: vec![(HOSTILE.to_owned(), 1)], ..ViewCounts::default() };
        let name = if text.is_empty() { format!("#{HOSTILE}") } else { format!("“{HOSTILE}”") };
        assert_eq!(found(&heading::heading(&scope, DueDate::LAST, Some((HOSTILE, ""))), "h1", None), [name]);
        let links = found(&heading::views(&scope, &counts), "li:last-child a", None);
        assert_eq!(links, [format!("#{HOSTILE} 1 active")]);
        for html in [heading::belongs(&scope, DueDate::LAST), heading::empty(&scope)] {
            let is_whole = |text: &String| text.contains(HOSTILE);
            assert!(html.is_empty() || found(&html, "span, p, b", None).iter().any(is_whole), "{html}");
        }
    }
}

#[test]
fn messages_keep_titles_as_text() {
    let (id, mut model) = model(None);
    model.push(Change::rename(id, HOSTILE.to_owned(), TodoTitle::parse(&["my ", HOSTILE].concat()).unwrap()));
    model.apply_last();
    model.sending = Sending::UnderWay { is_retry: false };
    model.answered(Err(AppError::Internal));
    model.listed(Err(AppError::Internal), &Boxes::default());
    let texts = Texts::of(&model);
    let message = format!("“\u{2068}{HOSTILE}\u{2069}” was not changed to “\u{2068}my {HOSTILE}\u{2069}”. ");
    let shown = found(&texts.failures, ".notice p", None);
    assert!(shown.len() == 1 && shown[0].starts_with(&message), "{shown:?}");
}

#[test]
fn toast_keeps_a_title_as_text() {
    let (id, mut model) = model(None);
    model.push(Change::Delete(id));
    assert_eq!(found(&Texts::of(&model).toast, ".toast-text", None), [format!("Deleted “\u{2068}{HOSTILE}\u{2069}”.")]);
}
