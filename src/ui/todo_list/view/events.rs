//! The events of all rows, with one listener each instead of one for each row.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::{Set, window_event_listener_untyped},
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::{field_message::FieldMessage, list::List};
use crate::ui::todo_list::{
    dom::{EDITOR, find, hold_composition, is_broken, is_composing, is_covered, is_plain, row_of},
    model::Change,
};

pub fn listen(list: List) {
    for kind in ["change", "click", "dblclick", "focusout", "input", "keydown", "submit"] {
        window_event_listener_untyped(kind, move |event| handle(list, &event));
    }
}

fn handle(list: List, event: &Event) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(id) = row_of(&target).filter(|_| !is_broken()) else { return };
    let is_in = |selector| target.closest(selector).is_ok_and(|found| found.is_some());
    let value = || find(EDITOR).map(|input: HtmlInputElement| input.value()).unwrap_or_default();
    match &*event.type_() {
        "submit" => {
            event.prevent_default();
            if is_in(".edit-form") {
                list.save(id, &value(), true);
                list.leave_editor(id);
            } else {
                list.toggle(id);
            }
        }
        "click" => {
            let is_plain = event.dyn_ref::<MouseEvent>().is_some_and(is_plain);
            if is_in(".destroy") {
                event.prevent_default();
                list.make(Change::Delete(id));
            } else if is_in(".edit-link") && is_plain {
                event.prevent_default();
                list.edit(id);
            } else if is_in(".conflict a") && is_plain {
                event.prevent_default();
                list.cancel(id);
            }
        }
        "change" if is_in(".toggle") => list.toggle(id),
        "dblclick" if is_in("label") => list.edit(id),
        "input" if is_in(".edit") => list.edit_message.set(FieldMessage::of(&value())),
        // A covered page loses the focus, which must not save.
        "focusout" if is_in(".edit") && !is_covered() => list.save(id, &value(), false),
        "keydown" if is_in(".edit-form") => {
            if let Some(key) = event.dyn_ref::<KeyboardEvent>() {
                hold_composition(key);
                if !is_composing(key) && key.key() == "Escape" {
                    list.cancel(id);
                }
            }
        }
        _ => {}
    }
}
