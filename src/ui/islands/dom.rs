//! The few things that are done to the document by hand.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};

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

/// The same once the page is drawn as the signals are now.
pub fn focus_soon(selector: String) {
    request_animation_frame(move || focus(&selector));
}

/// Puts the cursor at the end of what is in the box. Nothing is selected: whoever edits a title mostly adds to it.
pub fn focus_at_end(selector: &str) {
    if let Some(input) = find::<HtmlInputElement>(selector) {
        let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
        let _ = input.focus();
        let _ = input.set_selection_range(end, end);
    }
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
