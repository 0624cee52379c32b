//! Moves a row by mouse, pen or finger. Alt with ↑ and ↓ and the forms of the editor do the same.

use std::{cell::RefCell, time::Duration};

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent, PointerEvent};

use super::{html::set, list::List};
use crate::{
    domain::TodoId,
    ui::todo_list::{
        dom::{find, listen_actively, row_of, set_timeout},
        timer::Timer,
    },
};

/// A finger that moves before this time scrolls.
const LONG_PRESS: Duration = Duration::from_millis(400);
/// In CSS pixels. Less is a click with an unsteady hand.
const SLACK: u32 = 6;
/// In CSS pixels: the edges of the window at which it scrolls, and how far.
const EDGE: i32 = 64;
const SCROLL_STEP: i32 = 12;
const SCROLL_PAUSE: Duration = Duration::from_millis(16);

struct Drag {
    list: &'static List,
    held: RefCell<Option<Held>>,
    press: Timer,
    scroll: Timer,
}

/// A row under a pointer that is down.
struct Held {
    id: TodoId,
    row: Element,
    pointer: i32,
    is_touch: bool,
    /// Where the pointer was pressed, and where it is.
    from: (i32, i32),
    at: (i32, i32),
    is_dragged: bool,
    /// The row beside which it lands, and whether below it.
    place: Option<(TodoId, bool)>,
    /// The click that follows is not one.
    is_dropped: bool,
}

pub fn start(list: &'static List) {
    let drag = Box::leak(Box::new(Drag { list, held: RefCell::default(), press: Timer::default(), scroll: Timer::default() }));
    let kinds =
        ["click", "contextmenu", "dragstart", "keydown", "pointercancel", "pointerdown", "pointermove", "pointerup", "touchmove"];
    listen_actively(&kinds, Box::new(|event| drag.handle(&event)));
}

impl Drag {
    fn handle(&'static self, event: &Event) {
        let kind = event.type_();
        if let Some(pointer) = event.dyn_ref::<PointerEvent>() {
            match &*kind {
                "pointerdown" => self.press(pointer),
                "pointermove" => self.go(pointer),
                "pointerup" => self.drop_row(),
                "pointercancel" => self.end(),
                _ => {}
            }
        }
        let is = |is: fn(&Held) -> bool| self.held.borrow().as_ref().is_some_and(is);
        // What a browser would do with the same gesture: a menu, a scroll, a dragged link, a click.
        let is_taken = match &*kind {
            "contextmenu" => is(|held| held.is_touch),
            "touchmove" => is(|held| held.is_dragged),
            "dragstart" => is(|_| true),
            "click" => is(|held| held.is_dropped),
            "keydown" => is(|held| held.is_dragged) && event.dyn_ref::<KeyboardEvent>().is_some_and(|key| key.key() == "Escape"),
            _ => false,
        };
        if is_taken {
            event.prevent_default();
            if matches!(&*kind, "click" | "keydown") {
                event.stop_immediate_propagation();
                self.end();
            }
        }
    }

    fn press(&'static self, pointer: &PointerEvent) {
        self.end();
        let Some(target) = pointer.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let is_control = target.closest("input, button, .edit-form").is_ok_and(|found| found.is_some());
        let is_ordered = self.list.model.with(|model| model.scope.is_by_order());
        if pointer.button() != 0 || !is_ordered || is_control {
            return;
        }
        let (Some(id), Ok(Some(row))) = (row_of(&target), target.closest("li")) else { return };
        let (from, is_touch) = ((pointer.client_x(), pointer.client_y()), pointer.pointer_type() == "touch");
        let pointer = pointer.pointer_id();
        let held = Held { id, row, pointer, is_touch, from, at: from, is_dragged: false, place: None, is_dropped: false };
        self.held.replace(Some(held));
        if is_touch {
            self.press.start(LONG_PRESS, || self.begin());
        }
    }

    fn begin(&self) {
        if let Some(held) = self.held.borrow_mut().as_mut() {
            held.is_dragged = true;
            set(&held.row, "data-dragged", Some(""));
            mark_page(Some(""));
            // Also if the pointer leaves the window.
            let _ = held.row.set_pointer_capture(held.pointer);
        }
    }

    fn go(&'static self, pointer: &PointerEvent) {
        let mut begins = None;
        if let Some(held) = self.held.borrow_mut().as_mut() {
            held.at = (pointer.client_x(), pointer.client_y());
            let is_far = held.at.0.abs_diff(held.from.0).max(held.at.1.abs_diff(held.from.1)) > SLACK;
            begins = (!held.is_dragged && is_far).then_some(!held.is_touch);
        }
        match begins {
            Some(false) => return self.end(),
            Some(true) => self.begin(),
            None => {}
        }
        self.aim();
        self.scroll();
    }

    /// Shows where the row would land.
    fn aim(&self) {
        let mut held = self.held.borrow_mut();
        let Some(held) = held.as_mut().filter(|held| held.is_dragged) else { return };
        #[expect(clippy::cast_precision_loss, reason = "CSS pixels")]
        let (x, y) = (held.at.0 as f32, held.at.1.min(foot() - 1) as f32);
        let under = document().element_from_point(x, y).and_then(|element| element.closest(".todo-list > li").ok()?);
        let Some((row, beside)) = under.and_then(|row| row_of(&row).map(|id| (row, id))) else { return };
        let rect = row.get_bounding_client_rect();
        let is_below = f64::from(y) > f64::midpoint(rect.top(), rect.bottom());
        let can_drop = self.list.model.with(|model| model.drop_beside(held.id, beside, is_below).is_some());
        held.place = can_drop.then_some((beside, is_below));
        unmark();
        if can_drop {
            set(&row, "data-drop", Some(if is_below { "after" } else { "before" }));
        }
    }

    /// At the edges of the window, as long as the pointer is there.
    fn scroll(&'static self) {
        let Some(y) = self.held.borrow().as_ref().filter(|held| held.is_dragged).map(|held| held.at.1) else { return };
        let step = if y < EDGE {
            -SCROLL_STEP
        } else if y > foot() - EDGE {
            SCROLL_STEP
        } else {
            return self.scroll.stop();
        };
        self.scroll.start(SCROLL_PAUSE, move || {
            window().scroll_by_with_x_and_y(0.0, f64::from(step));
            self.aim();
            self.scroll();
        });
    }

    fn drop_row(&'static self) {
        let place = self.held.borrow().as_ref().filter(|held| held.is_dragged).map(|held| (held.id, held.place));
        let Some((id, place)) = place else { return self.end() };
        self.clear();
        if let Some((beside, is_below)) = place {
            self.list.drop_beside(id, beside, is_below);
        }
        if let Some(held) = self.held.borrow_mut().as_mut() {
            (held.is_dragged, held.is_dropped) = (false, true);
        }
        // Not every release is followed by a click.
        set_timeout(SCROLL_PAUSE, Box::new(|| self.end()));
    }

    fn end(&self) {
        self.clear();
        self.held.replace(None);
    }

    fn clear(&self) {
        self.press.stop();
        self.scroll.stop();
        if let Some(held) = self.held.borrow().as_ref().filter(|held| held.is_dragged) {
            set(&held.row, "data-dragged", None);
            unmark();
            mark_page(None);
        }
    }
}

/// The lower edge of the list on the screen. On a phone that is the box for new todos.
fn foot() -> i32 {
    let height = document().document_element().map_or(0, |page| page.client_height());
    let Some(rect) = find::<Element>(".new-todo-form").map(|form| form.get_bounding_client_rect()) else { return height };
    #[expect(clippy::cast_possible_truncation, reason = "CSS pixels")]
    let (top, bottom) = (rect.top() as i32, rect.bottom() as i32);
    if bottom >= height { top } else { height }
}

fn unmark() {
    if let Some(row) = find("[data-drop]") {
        set(&row, "data-drop", None);
    }
}

fn mark_page(value: Option<&str>) {
    if let Some(page) = document().document_element() {
        set(&page, "data-dragging", value);
    }
}
