//! The events of the island, with one listener for each kind of them.

use std::time::Duration;

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element, Event, FocusEvent, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent, MouseEvent};

use super::{
    field_message::FieldMessage,
    html::set,
    list::{DOUBLE_CLICK, List, Press, change_date, keep_line},
};
use crate::{
    bff::paths,
    contract::Filter,
    domain::TodoId,
    ui::todo_list::{
        dom::{
            EDITOR, SEARCH, find, focus, focus_soon, hold_composition, is_broken, is_composing, is_covered, is_plain, link_of,
            listen, new_todo, parse_query, row_of, set_timeout, spawn,
        },
        model::{Change, Kind},
        sync::Session,
    },
};

/// After the last key, before a search.
const SEARCH_PAUSE: Duration = Duration::from_millis(150);

pub fn start(list: &'static List, session: &'static Session) {
    let kinds = [
        "animationend",
        "change",
        "click",
        "dblclick",
        "focusin",
        "focusout",
        "input",
        "keydown",
        "mousedown",
        "mouseout",
        "mouseover",
        "mouseup",
        "paste",
        "submit",
    ];
    listen(&kinds, Box::new(move |event| handle(list, session, &event)));
}

fn handle(list: &'static List, session: &'static Session, event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target.filter(|_| !is_broken()) else { return };
    match &*event.type_() {
        "mousedown" => {
            let is_in = |selector| target.closest(selector).is_ok_and(|found| found.is_some());
            let press = if is_in(".edit-form") {
                Press::Inside
            } else if is_in("label") {
                Press::Title
            } else {
                Press::Elsewhere
            };
            list.press.set(Some(press));
        }
        "mouseup" => release(list),
        // So that it can begin again.
        "animationend" => ["data-gap", "data-new"].into_iter().for_each(|name| set(&target, name, None)),
        _ => {}
    }
    match row_of(&target) {
        Some(id) => handle_in_row(list, id, event, &target),
        None => handle_elsewhere(list, session, event, &target),
    }
}

/// A press outside of the editor saves it, after the click that follows.
fn release(list: &'static List) {
    let pause = match list.press.take() {
        Some(Press::Title) => DOUBLE_CLICK,
        Some(Press::Elsewhere) => Duration::ZERO,
        Some(Press::Inside) | None => return,
    };
    if let Some(id) = list.model.with(|model| model.editor.as_ref().map(|editor| editor.id)) {
        set_timeout(pause, Box::new(move || list.save_behind(id)));
    }
}

fn handle_elsewhere(list: &'static List, session: &'static Session, event: &Event, target: &Element) {
    let is_in = |selector| target.closest(selector).is_ok_and(|found| found.is_some());
    match &*event.type_() {
        "submit" if is_in(".new-todo-form") => list.add(event),
        "submit" if is_in(".toggle-all-form") => {
            event.prevent_default();
            list.toggle_all();
        }
        "submit" if is_in(".footer") => {
            event.prevent_default();
            list.make_all(Kind::ClearCompleted);
        }
        "submit" if is_in(".search") => {
            event.prevent_default();
            list.find();
        }
        "input" if is_in(SEARCH) => list.search.start(SEARCH_PAUSE, move || list.find()),
        "keydown" if is_in(SEARCH) && is_escape(event) => {
            let is_empty = find::<HtmlInputElement>(SEARCH).is_some_and(|input| input.value().is_empty());
            if is_empty {
                focus("main");
            }
        }
        "change" if is_in("#toggle-all") => list.toggle_all(),
        "input" if is_in(".new-todo") => {
            let typed = new_todo().map(|input| input.value()).unwrap_or_default();
            FieldMessage::show_new(FieldMessage::of(&typed));
        }
        "paste" if is_in(".new-todo") => {
            let pasted = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
            list.pasted(&pasted.and_then(|data| data.get_data("text/plain").ok()).unwrap_or_default());
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
fn handle_click(list: &'static List, session: &'static Session, click: &MouseEvent, target: &Element) {
    let nth = || target.get_attribute("value").and_then(|nth| nth.parse().ok()).unwrap_or(usize::MAX);
    match &*target.class_name() {
        "undo" => list.undo(),
        "close" => list.close_offers(),
        "button button-quiet stay" => spawn(session.stay()),
        "button button-quiet retry" => list.retry(nth()),
        "button button-quiet dismiss" => list.dismiss(nth()),
        "add-lines button button-quiet" => list.add_lines(),
        "keep-line button button-quiet" => keep_line(),
        "show-more button button-quiet" => list.show_more(click),
        class => {
            let is_all = class == "show-all";
            if follow(list, click, target) && is_all {
                focus_soon(link_of(Filter::All).to_owned());
            }
        }
    }
}

/// Handles a click on a link to a scope, unless it opens a new tab or window. Returns whether it was one.
fn follow(list: &'static List, click: &MouseEvent, target: &Element) -> bool {
    let link = target.closest("a:not(.button)").ok().flatten().and_then(|link| link.get_attribute("href"));
    let Some(query) = link.as_ref().and_then(|href| href.strip_prefix(paths::TODOS)) else { return false };
    let is_scope = (query.is_empty() || query.starts_with('?')) && is_plain(click) && !click.default_prevented();
    if is_scope {
        click.prevent_default();
        list.choose(parse_query(query));
    }
    is_scope
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

fn handle_in_row(list: &'static List, id: TodoId, event: &Event, target: &Element) {
    let is_in = |selector| target.closest(selector).is_ok_and(|found| found.is_some());
    match &*event.type_() {
        "submit" => {
            event.prevent_default();
            if is_in(".edit-form") {
                list.save(id, true);
                list.leave_editor(id);
            } else {
                list.toggle(id);
            }
        }
        "click" => {
            let is_plain = event.dyn_ref::<MouseEvent>().is_some_and(is_plain);
            if is_in(".tag") {
                event.dyn_ref().map(|click| follow(list, click, target));
            } else if is_in(".destroy, .delete") {
                event.prevent_default();
                if is_in(".delete") {
                    list.cancel(id);
                }
                list.make(Change::Delete(id));
            } else if is_in(".edit-link") && is_plain {
                event.prevent_default();
                list.edit(id);
            } else if is_in(".cancel") && is_plain {
                event.prevent_default();
                list.cancel(id);
            } else if is_in(".star") {
                event.prevent_default();
                list.star(id);
            } else if is_in(".chip") {
                event.prevent_default();
                if let (Some(due), Some(date)) = (find::<HtmlInputElement>(FieldMessage::DUE), target.get_attribute("value")) {
                    due.set_value(&date);
                    change_date(target);
                }
            } else if is_in(".up, .down") {
                event.prevent_default();
                list.shift(id, is_in(".down"));
            } else if is_in(".theirs") {
                event.prevent_default();
                list.take_theirs(id);
                list.leave_editor(id);
            }
        }
        // A press on a button of the editor takes no focus from the title, which would save it.
        "mousedown" if is_in(".edit-form :is(a, button)") => event.prevent_default(),
        "change" if is_in(".toggle") => list.toggle(id),
        "dblclick" if is_in("label") && !is_in("a") => list.edit(id),
        "input" if is_in(FieldMessage::DUE) => change_date(target),
        "input" if is_in(".edit-form") => {
            let message = |input: HtmlTextAreaElement| FieldMessage::of(&input.value());
            FieldMessage::show_edit(find(EDITOR).and_then(message));
        }
        // A covered page loses the focus, which must not save.
        "focusout" if is_in(".edit-form") && !is_covered() && list.press.get().is_none() && !stays_in_editor(event) => {
            list.save(id, false);
        }
        "keydown" if is_in(".edit-form") => press_in_editor(list, id, event, is_in(EDITOR)),
        _ => {}
    }
}

/// Escape cancels. Enter saves, within the notes with Ctrl or ⌘.
fn press_in_editor(list: &'static List, id: TodoId, event: &Event, is_title: bool) {
    if is_escape(event) {
        list.cancel(id);
    } else if let Some(key) = event.dyn_ref::<KeyboardEvent>()
        && key.key() == "Enter"
        && (is_title || key.ctrl_key() || key.meta_key())
    {
        event.prevent_default();
        if !is_composing(key) {
            list.save(id, true);
            list.leave_editor(id);
        }
    }
}
