//! The events of the island, with one listener for each kind of them.

use leptos::{
    ev::{FocusEvent, KeyboardEvent, MouseEvent},
    prelude::{Set, window_event_listener_untyped},
    task::spawn_local,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::{field_message::FieldMessage, list::List};
use crate::{
    domain::TodoId,
    ui::todo_list::{
        dom::{
            EDITOR, find, focus, focus_soon, hold_composition, is_broken, is_composing, is_covered, is_plain, link_of, new_todo,
            row_of,
        },
        model::{Bulk, Change, Filter},
        sync::Session,
    },
};

pub fn listen(list: List, session: Session) {
    for kind in
        ["change", "click", "dblclick", "focusin", "focusout", "input", "keydown", "mousedown", "mouseout", "mouseover", "submit"]
    {
        window_event_listener_untyped(kind, move |event| handle(list, session, &event));
    }
}

fn handle(list: List, session: Session, event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target.filter(|_| !is_broken()) else { return };
    match row_of(&target) {
        Some(id) => handle_in_row(list, id, event, &target),
        None => handle_elsewhere(list, session, event, &target),
    }
}

fn handle_elsewhere(list: List, session: Session, event: &Event, target: &Element) {
    let is_in = |selector| target.closest(selector).is_ok_and(|found| found.is_some());
    match &*event.type_() {
        "submit" if is_in(".new-todo-form") => list.add(event),
        "submit" if is_in(".toggle-all-form") => {
            event.prevent_default();
            list.toggle_all();
        }
        "submit" if is_in(".footer") => {
            event.prevent_default();
            list.make(Change::all(Bulk::ClearCompleted));
        }
        "change" if is_in("#toggle-all") => list.toggle_all(),
        "input" if is_in(".new-todo") => {
            let typed = new_todo().map(|input| input.value()).unwrap_or_default();
            list.new_message.set(FieldMessage::of(&typed));
        }
        "keydown" if is_in(".new-todo") && is_escape(event) => {
            focus("main");
        }
        "focusin" | "mouseover" if is_in(".toast-place") => list.offer.stop(),
        "focusout" | "mouseout" if is_in(".toast-place") => list.start_offer(),
        "click" => {
            if let Some(click) = event.dyn_ref() {
                handle_click(list, session, click, target);
            }
        }
        _ => {}
    }
}

/// A click on a button or a link that `texts` has written, or on a filter.
fn handle_click(list: List, session: Session, click: &MouseEvent, target: &Element) {
    let nth = || target.get_attribute("value").and_then(|nth| nth.parse().ok()).unwrap_or(usize::MAX);
    match &*target.class_name() {
        "undo" => list.undo(),
        "close" => list.close_offers(),
        "button button-quiet stay" => spawn_local(session.stay()),
        "button button-quiet retry" => list.retry(nth()),
        "button button-quiet dismiss" => list.dismiss(nth()),
        "show-more button button-quiet" => list.show_more(click),
        "show-all" => {
            list.follow(click, Filter::All);
            focus_soon(link_of(Filter::All));
        }
        _ => {
            let is_link = |filter: &Filter| target.matches(&link_of(*filter)).unwrap_or(false);
            if let Some(filter) = Filter::EACH.into_iter().find(is_link) {
                list.follow(click, filter);
            }
        }
    }
}

/// Whether a key in a text box is Escape.
fn is_escape(event: &Event) -> bool {
    event.dyn_ref::<KeyboardEvent>().is_some_and(|key| {
        hold_composition(key);
        !is_composing(key) && key.key() == "Escape"
    })
}

/// Whether the focus goes to another element of the editor.
fn stays_in_editor(event: &Event) -> bool {
    let next = event.dyn_ref::<FocusEvent>().and_then(FocusEvent::related_target);
    next.and_then(|next| next.dyn_into::<Element>().ok()).is_some_and(|next| next.matches(".edit-form *").unwrap_or(false))
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
            if is_in(".destroy, .delete") {
                event.prevent_default();
                if is_in(".delete") {
                    list.cancel(id);
                }
                list.make(Change::Delete(id));
            } else if is_in(".edit-link") && is_plain {
                event.prevent_default();
                list.edit(id);
            } else if is_in(".edit-form a") && is_plain {
                event.prevent_default();
                list.cancel(id);
            }
        }
        // A press on a button of the editor takes no focus from the title, which would save it.
        "mousedown" if is_in(".edit-form :is(a, button)") => event.prevent_default(),
        "change" if is_in(".toggle") => list.toggle(id),
        "dblclick" if is_in("label") => list.edit(id),
        "input" if is_in(".edit") => list.edit_message.set(FieldMessage::of(&value())),
        // A covered page loses the focus, which must not save.
        "focusout" if is_in(".edit-form") && !is_covered() && !stays_in_editor(event) => list.save(id, &value(), false),
        "keydown" if is_in(".edit-form") && is_escape(event) => list.cancel(id),
        _ => {}
    }
}
