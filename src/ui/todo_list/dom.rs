//! Access to the DOM and the event loop. Leptos' own listeners, timers and tasks are for signals, and several times as large.

use std::{pin::Pin, time::Duration};

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{
    AddEventListenerOptions, Element, Event, EventTarget, HtmlDialogElement, HtmlElement, HtmlInputElement, HtmlTextAreaElement,
    KeyboardEvent, MouseEvent, ScrollIntoViewOptions, ScrollLogicalPosition, UrlSearchParams,
};

use super::model::{Boxes, Fields};
use crate::{
    contract::{Filter, Scope},
    domain::TodoId,
};

pub fn find<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

pub fn find_in<T: JsCast>(element: &Element, selector: &str) -> Option<T> {
    element.query_selector(selector).ok()??.dyn_into().ok()
}

pub fn find_all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

pub fn focus(selector: &str) {
    if let Some(element) = find::<HtmlElement>(selector) {
        let _ = element.focus();
    }
}

pub fn focus_element(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// As little as is needed, within the scroll padding, which is that of toast and box.
pub fn scroll_to(element: &Element) {
    let nearest = ScrollIntoViewOptions::new();
    nearest.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&nearest);
}

/// On a phone the line of the views scrolls.
pub fn scroll_to_view() {
    if let Some(view) = find(".views [aria-current]") {
        scroll_to(&view);
    }
}

/// Handles events of these kinds, wherever they happen on the page. `Fn`, because a handler that moves the focus runs within itself.
pub fn listen(kinds: &[&str], handle: Box<dyn Fn(Event)>) {
    let handle = Closure::wrap(handle).into_js_value();
    for kind in kinds {
        let _ = window().add_event_listener_with_callback(kind, handle.unchecked_ref());
    }
}

/// The same for handlers that may prevent a touch from scrolling.
pub fn listen_actively(kinds: &[&str], handle: Box<dyn Fn(Event)>) {
    let handle = Closure::wrap(handle).into_js_value();
    let options = AddEventListenerOptions::new();
    options.set_passive(false);
    for kind in kinds {
        let add = EventTarget::add_event_listener_with_callback_and_add_event_listener_options;
        let _ = add(&window(), kind, handle.unchecked_ref(), &options);
    }
}

pub fn set_timeout(after: Duration, then: Box<dyn FnOnce()>) {
    let then = Closure::once_into_js(then);
    let milliseconds = i32::try_from(after.as_millis()).unwrap_or(i32::MAX);
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(then.unchecked_ref(), milliseconds);
}

pub fn queue_microtask(then: Box<dyn FnOnce()>) {
    window().queue_microtask(Closure::once_into_js(then).unchecked_ref());
}

pub fn spawn(task: impl Future<Output = ()> + 'static) {
    let task: Pin<Box<dyn Future<Output = ()>>> = Box::pin(task);
    js_sys::futures::spawn_local(task);
}

/// Runs `then` after the pending updates are drawn: microtasks keep their order.
pub fn once_drawn(then: impl FnOnce() + 'static) {
    queue_microtask(Box::new(then));
}

pub fn focus_soon(selector: String) {
    once_drawn(move || focus(&selector));
}

/// Moves lost focus to the input for new todos (ux.md F3).
pub fn rescue_focus() {
    rescue_focus_to(".new-todo");
}

pub fn rescue_focus_to(selector: &'static str) {
    once_drawn(move || {
        // What is hidden keeps the focus until the next frame.
        let hidden = "body, [hidden], [hidden] *, dialog:not([open]) *";
        let is_lost = focused().is_none_or(|element| element.matches(hidden).unwrap_or(false));
        if is_lost {
            focus(selector);
        }
    });
}

/// Whether the click has no modifier key, which would open a new tab or window.
pub fn is_plain(click: &MouseEvent) -> bool {
    !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key())
}

/// Some browsers submit the form on an Enter that belongs to an IME composition (ux.md A3).
pub fn hold_composition(key: &KeyboardEvent) {
    if is_composing(key) && key.key() == "Enter" {
        key.prevent_default();
    }
}

/// Whether the key belongs to an IME composition. Some browsers mark the key that ends it only by key code 229.
pub fn is_composing(key: &KeyboardEvent) -> bool {
    key.is_composing() || key.key_code() == 229
}

pub fn new_todo() -> Option<HtmlInputElement> {
    find(".new-todo")
}

pub fn boxes() -> Boxes {
    let new_todo = new_todo().map(|input| input.value()).unwrap_or_default();
    Boxes { new_todo, editor: fields() }
}

/// The inputs of the editor, if it is open.
pub fn fields() -> Option<Fields> {
    let title: HtmlTextAreaElement = find(EDITOR)?;
    let notes: HtmlTextAreaElement = find(".notes")?;
    let due: HtmlInputElement = find(".due")?;
    // A date that was typed only in part has no value, but is not empty.
    let due_on = if due.matches(":invalid").unwrap_or(false) { "?".to_owned() } else { due.value() };
    let notes = (!notes.disabled()).then(|| notes.value());
    Some(Fields { title: title.value(), notes, due_on, important: find::<HtmlInputElement>(".star-box")?.checked() })
}

/// Marks the button of the date that the input has.
pub fn mark_preset(form: &Element) {
    let date = find_in::<HtmlInputElement>(form, ".due").map(|due| due.value());
    let mut next = find_in::<Element>(form, ".chip");
    while let Some(chip) = next {
        let is_date = chip.get_attribute("value") == date;
        let _ = chip.set_attribute("aria-pressed", if is_date { "true" } else { "false" });
        next = chip.next_element_sibling();
    }
}

pub const SEARCH: &str = ".search [name=q]";

pub const EDITOR: &str = ".todo-list .edit";

pub const TEXT_BOX: &str = "textarea, input:not([type=checkbox])";

/// Places the cursor at the end and selects nothing, because most edits append.
pub fn focus_at_end(selector: &str) {
    if let Some(input) = find::<HtmlTextAreaElement>(selector) {
        let end = u32::try_from(input.value().encode_utf16().count()).unwrap_or(0);
        let _ = input.focus();
        let _ = input.set_selection_range(end, end);
    }
}

/// Marks the page after a trap; set by `components::IslandGuard`.
const BROKEN: &str = "data-broken";

/// The mark is for styles and tests.
pub fn mark_hydrated() {
    drop(document().document_element().map(|html| html.set_attribute("data-hydrated", "")));
}

/// Callbacks still run after a trap, and must do nothing then.
pub fn is_broken() -> bool {
    is_marked(BROKEN)
}

fn is_marked(mark: &str) -> bool {
    document().document_element().is_some_and(|html| html.has_attribute(mark))
}

/// Writes the unsaved changes into the DOM, one per line, where they survive a trap (`components::BrokenNotice`).
pub fn note_unsaved(lines: &str) {
    if let Some(element) = find::<Element>("#unsaved") {
        element.set_text_content(Some(lines));
    }
}

/// Hides a page restored from the back/forward cache until its session is verified (`components::Top`).
pub const COVERED: &str = "data-covered";

pub fn is_covered() -> bool {
    is_marked(COVERED)
}

/// Opens a modal dialog; `show_modal` fails on one that is open.
pub fn open(selector: &str) {
    if let Some(dialog) = find::<HtmlDialogElement>(selector).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Whether less than about two screens follow.
pub fn is_end_near() -> bool {
    document().document_element().is_some_and(|page| {
        let below = page.scroll_height() - page.scroll_top() - page.client_height();
        below < 2 * page.client_height()
    })
}

/// Selector of a todo's checkbox.
pub fn toggle_of(id: TodoId) -> String {
    [".toggle[aria-labelledby='t-", &id.to_text(), "']"].concat()
}

/// Selector of a filter's link.
pub fn link_of(filter: Filter) -> &'static str {
    match filter {
        Filter::All => ".filters > :first-child a",
        Filter::Active => ".filters > :nth-child(2) a",
        Filter::Completed => ".filters > :last-child a",
    }
}

/// The scope in the query of a URL.
pub fn parse_query(query: &str) -> Scope {
    let parameters = UrlSearchParams::new_with_str(query).ok();
    Scope::of(|name| parameters.as_ref()?.get(name))
}

pub fn current_scope() -> Scope {
    parse_query(&window().location().search().unwrap_or_default())
}

pub fn focused() -> Option<Element> {
    document().active_element()
}

pub fn focused_row() -> Option<TodoId> {
    row_of(&focused()?)
}

/// The todo whose row contains the element.
pub fn row_of(element: &Element) -> Option<TodoId> {
    let row = element.closest(".todo-list li").ok()??;
    find_in::<HtmlInputElement>(&row, "[name=id]")?.value().parse().ok()
}
