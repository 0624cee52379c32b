//! Keyboard shortcuts. `components::Shortcuts` lists them and has the switch that turns single keys off (WCAG 2.1.4).

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDocument, HtmlInputElement, KeyboardEvent};

use super::list::{List, step_within};
use crate::{
    contract::Filter,
    domain::TodoId,
    ui::todo_list::{
        dom::{SEARCH, TEXT_BOX, find, focus, focused, focused_row, is_composing, listen, open},
        model::Change,
    },
};

/// A cookie and not `localStorage`, which signing out clears.
const OFF: &str = "single-keys=off";
/// In seconds.
const YEAR: &str = "31536000";
const SWITCH: &str = "#single-keys";

pub fn start(list: &'static List) {
    let is_off =
        cookies().and_then(|cookies| cookies.cookie().ok()).is_some_and(|all| all.split(';').any(|cookie| cookie.trim() == OFF));
    if let Some(switch) = find::<HtmlInputElement>(SWITCH).filter(|_| is_off) {
        switch.set_checked(false);
    }
    listen(&["change", "click", "keydown"], Box::new(move |event| handle(list, &event)));
}

fn cookies() -> Option<HtmlDocument> {
    document().dyn_into().ok()
}

fn handle(list: &'static List, event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is_on = |selector| target.as_ref().is_some_and(|target| target.matches(selector).unwrap_or(false));
    match &*event.type_() {
        "change" if is_on(SWITCH) => {
            if let (Some(switch), Some(cookies)) = (find::<HtmlInputElement>(SWITCH), cookies()) {
                let age = if switch.checked() { "0" } else { YEAR };
                let _ = cookies.set_cookie(&[OFF, "; Path=/; SameSite=Strict; Max-Age=", age].concat());
            }
        }
        "click" if is_on("#show-shortcuts") => open("#shortcuts"),
        "keydown" => {
            if let Some(key) = event.dyn_ref().filter(|key| !event.default_prevented() && !is_composing(key))
                && press(list, key)
            {
                event.prevent_default();
            }
        }
        _ => {}
    }
}

/// Returns whether the key was handled.
fn press(list: &'static List, key: &KeyboardEvent) -> bool {
    let focused = focused();
    let is_in = |selector| focused.as_ref().is_some_and(|element: &Element| element.closest(selector).ok().flatten().is_some());
    if is_in(TEXT_BOX) || is_in("dialog") {
        return false;
    }
    let name = key.key();
    let command = key.ctrl_key() || key.meta_key();
    let row = focused_row();
    if let (true, false, Some(id), "ArrowUp" | "ArrowDown") = (key.alt_key(), command, row, &*name) {
        list.shift(id, name == "ArrowDown");
        return true;
    }
    if command || key.alt_key() {
        let is_undo = command && name == "z" && !key.shift_key();
        if is_undo {
            list.undo();
        }
        return is_undo;
    }
    match (name.as_str(), row) {
        ("F2", Some(id)) => list.edit(id),
        // Enter on a link or a button activates it.
        ("Enter", Some(id)) if is_in(".toggle") => list.edit(id),
        ("ArrowDown", Some(_)) => list.step(false),
        ("ArrowDown", None) if focused.is_none_or(|element| element.matches("body, main").unwrap_or(false)) => list.step(false),
        ("ArrowRight", Some(_)) => step_within(false),
        ("ArrowLeft", Some(_)) => step_within(true),
        ("ArrowUp", Some(_)) => list.step(true),
        // A held key must not delete the following rows.
        ("Delete", Some(id)) if !key.repeat() => list.make(Change::Delete(id)),
        (single, row) if find::<HtmlInputElement>(SWITCH).is_some_and(|switch| switch.checked()) => {
            return press_single(list, single, row, key.repeat());
        }
        _ => return false,
    }
    true
}

fn press_single(list: &'static List, key: &str, row: Option<TodoId>, repeated: bool) -> bool {
    match (key, row) {
        ("n", _) => focus(".new-todo"),
        ("/", _) => focus(SEARCH),
        ("j", _) => list.step(false),
        ("k", _) => list.step(true),
        ("e", Some(id)) => list.edit(id),
        ("#", Some(id)) if !repeated => list.make(Change::Delete(id)),
        ("x", Some(id)) if !repeated => list.toggle(id),
        ("s", Some(id)) if !repeated => list.star(id),
        ("z", _) => list.undo(),
        ("1", _) => list.choose_filter(Filter::All),
        ("2", _) => list.choose_filter(Filter::Active),
        ("3", _) => list.choose_filter(Filter::Completed),
        ("?", _) => open("#shortcuts"),
        _ => return false,
    }
    true
}
