//! The few things that are done to the document by hand.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::{document, window},
    task::{spawn_local, tick},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement};

use super::model::Boxes;
use crate::domain::TodoId;

/// The first element that the selector finds.
pub fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// Puts the focus on the first element that the selector finds.
pub fn focus(selector: &str) {
    if let Some(element) = find::<HtmlElement>(selector) {
        let _ = element.focus();
    }
}

/// Does it once the page is drawn as the signals are now.
pub fn once_drawn(then: impl FnOnce() + 'static) {
    spawn_local(async move {
        tick().await;
        then();
    });
}

/// Puts the focus there once the page is drawn.
pub fn focus_soon(selector: String) {
    once_drawn(move || focus(&selector));
}

/// If what has the focus goes, the box for new todos gets it (ux.md F3).
pub fn rescue_focus() {
    once_drawn(|| {
        let is_lost = focused().is_none_or(|element| element.matches("body, [hidden], [hidden] *").unwrap_or(false));
        if is_lost {
            focus(".new-todo");
        }
    });
}

/// Whether a click means the thing itself, and not to open it elsewhere.
pub fn is_plain(click: &MouseEvent) -> bool {
    !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}

/// An Enter that is part of writing a character (IME) must not send the form, which some browsers do (ux.md A3).
pub fn hold_composition(key: &KeyboardEvent) {
    if is_composing(key) && key.key() == "Enter" {
        key.prevent_default();
    }
}

/// Whether the key is part of writing a character (IME). Some browsers tell the one that ends it only by its code.
pub fn is_composing(key: &KeyboardEvent) -> bool {
    key.is_composing() || key.key_code() == 229
}

/// The box for new todos.
pub fn new_todo() -> Option<HtmlInputElement> {
    find(".new-todo")
}

/// What is in the boxes of the page.
pub fn boxes() -> Boxes {
    let value = |input: HtmlInputElement| input.value();
    Boxes { new_todo: new_todo().map(value).unwrap_or_default(), editor: find(EDITOR).map(value) }
}

/// The box of the one title that is edited.
pub const EDITOR: &str = ".todo-list .edit";

/// A box in which one types.
pub const TEXT_BOX: &str = "input:not([type=checkbox])";

/// Puts the cursor at the end of what is in the box. Nothing is selected: whoever edits a title mostly adds to it.
pub fn focus_at_end(selector: &str) {
    if let Some(input) = find::<HtmlInputElement>(selector) {
        let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
        let _ = input.focus();
        let _ = input.set_selection_range(end, end);
    }
}

/// Marks a page whose program has ended; set by the panic hook, and by `components::IslandGuard` after any trap.
const BROKEN: &str = "data-broken";

/// Before hydration: from a panic on, the page must not pass for one that is awake; and `components::IslandGuard` gets the chance to put
/// right what others have changed.
pub fn prepare() {
    std::panic::set_hook(Box::new(|_| mark(BROKEN)));
    if let Ok(event) = Event::new("beforehydration") {
        let _ = window().dispatch_event(&event);
    }
}

/// Styles go by this mark, and tests wait for it; until it is set, the forms do the work. Effects run even after a trap in hydration.
pub fn mark_hydrated() {
    if !is_broken() {
        mark("data-hydrated");
    }
}

/// What is left of the program after a trap must not do anything more.
pub fn is_broken() -> bool {
    is_marked(BROKEN)
}

fn is_marked(mark: &str) -> bool {
    document().document_element().is_some_and(|html| html.has_attribute(mark))
}

fn mark(mark: &str) {
    drop(document().document_element().map(|html| html.set_attribute(mark, "")));
}

/// Notes what is not saved yet, a line each, outside of this program (`components::BrokenNotice`).
pub fn note_unsaved(lines: &str) {
    if let Some(place) = find::<Element>("#unsaved") {
        place.set_text_content(Some(lines));
    }
}

/// Marks a page of which nothing may be seen: it was left, and is not known to be still theirs (`components::Top`).
pub const COVERED: &str = "data-covered";

pub fn is_covered() -> bool {
    is_marked(COVERED)
}

/// Opens a dialog over the page, if it isn't open.
pub fn open(selector: &str) {
    if let Some(dialog) = find::<HtmlDialogElement>(selector).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// The checkbox of a todo.
pub fn toggle_of(id: TodoId) -> String {
    format!(".toggle[aria-labelledby='t-{id}']")
}

/// What has the focus.
pub fn focused() -> Option<Element> {
    document().active_element()
}

/// The todo whose row has the focus.
pub fn focused_row() -> Option<TodoId> {
    let row = focused()?.closest(".todo-list li").ok()??;
    let id: HtmlInputElement = row.query_selector("[name=id]").ok()??.dyn_into().ok()?;
    id.value().parse().ok()
}
