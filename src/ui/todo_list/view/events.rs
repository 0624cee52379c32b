//! The events of all rows and messages, with one listener each instead of one for each row.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::{Set, window_event_listener_untyped},
    task::spawn_local,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::{field_message::FieldMessage, list::List};
use crate::{
    domain::TodoId,
    ui::todo_list::{
        dom::{EDITOR, find, hold_composition, is_broken, is_composing, is_covered, is_plain, row_of},
        model::Change,
        sync::Session,
    },
};

pub fn listen(list: List, session: Session) {
    for kind in ["change", "click", "dblclick", "focusout", "input", "keydown", "submit"] {
        window_event_listener_untyped(kind, move |event| handle(list, session, &event));
    }
}

fn handle(list: List, session: Session, event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target.filter(|_| !is_broken()) else { return };
    match row_of(&target) {
        Some(id) => handle_in_row(list, id, event, &target),
        None if event.type_() == "click" => handle_click(list, session, &target),
        None => {}
    }
}

/// A click on a button of a message.
fn handle_click(list: List, session: Session, target: &Element) {
    let nth = || target.get_attribute("value").and_then(|nth| nth.parse().ok()).unwrap_or(usize::MAX);
    match &*target.class_name() {
        "undo" => list.undo(),
        "button button-quiet stay" => spawn_local(session.stay()),
        "button button-quiet retry" => list.retry(nth()),
        "button button-quiet dismiss" => list.dismiss(nth()),
        _ => {}
    }
}

fn handle_in_row(list: List, id: TodoId, event: &Event, target: &Element) {
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
