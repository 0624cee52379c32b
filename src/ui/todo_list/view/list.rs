//! The view state: rows for the model, and handlers for user actions.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;
use web_sys::{Element, Event, HtmlInputElement, MouseEvent};

use super::{
    field_message::FieldMessage, footer, groups::redraw, heading::document_title, html::escaped, row::Row, texts::Texts,
    urls::Urls,
};
use crate::{
    contract::{AppError, Filter, Scope},
    domain::{TitleError, TodoId, TodoTitle, UserId},
    ui::todo_list::{
        dom::{
            EDITOR, SEARCH, TEXT_BOX, fields, find, find_all, focus, focus_at_end, focus_element, focus_soon, focused,
            focused_row, is_end_near, is_plain, link_of, mark_preset, new_todo, once_drawn, rescue_focus, rescue_focus_to,
            scroll_to, scroll_to_view, toggle_of,
        },
        model::{Change, Editor, Failure, Fields, Kind, Model, Sending, Want},
        state::State,
        sync::{Queue, new_id},
        timer::Timer,
        words::{add_lines, added_elsewhere},
    },
};

/// Display time of the toast. Hover and focus stop the timer.
const TOAST_TIME: Duration = Duration::from_secs(10);

pub struct List {
    pub queue: &'static Queue,
    pub model: &'static State,
    /// The rows on the page.
    rows: RefCell<Vec<Row>>,
    /// The messages on the page.
    texts: RefCell<Texts>,
    /// Selector of the element that opened the editor, for returning the focus.
    edited_from: Cell<&'static str>,
    /// Removes the toast.
    pub offer: Timer,
    /// Searches when typing pauses.
    pub search: Timer,
    /// The lines that were pasted into the box.
    pasted: RefCell<Vec<TodoTitle>>,
    /// The mouse is pressed, inside or outside of the editor.
    pub press: Cell<Option<Press>>,
    /// Index of the row that gets the focus once it is there: the first of those that the user asked for.
    first_new: Cell<Option<usize>>,
}

/// Where the mouse was pressed. The loss of the focus by a press saves only after the release, because closing the editor moves the
/// rows under the pointer.
#[derive(Clone, Copy, PartialEq)]
pub enum Press {
    Inside,
    /// Perhaps the first of a double-click, whose second click has to meet the same row.
    Title,
    Elsewhere,
}

/// As long as a double-click may take.
pub const DOUBLE_CLICK: Duration = Duration::from_millis(400);

const FROM_TOGGLE: &str = ".toggle";
const FROM_LINK: &str = ".edit-link";

impl List {
    /// Lives as long as the page.
    pub fn new(model: Model, account: UserId) -> &'static Self {
        let (rows, texts) = (Row::shown(&model), Texts::of(&model));
        let queue = Box::leak(Box::new(Queue::new(model, account)));
        Box::leak(Box::new(Self {
            queue,
            model: &queue.model,
            rows: RefCell::new(rows),
            texts: RefCell::new(texts),
            edited_from: Cell::new(FROM_LINK),
            offer: Timer::default(),
            search: Timer::default(),
            pasted: RefCell::default(),
            press: Cell::default(),
            first_new: Cell::default(),
        }))
    }

    /// Adds a todo from the input for new todos.
    pub fn add(&'static self, submit: &Event) {
        let (Some(input), Some(id)) = (new_todo(), new_id()) else { return };
        submit.prevent_default();
        let addition = match TodoTitle::parse(&input.value()) {
            Err(TitleError::Blank) => return,
            title => title.map_err(AppError::from).and_then(|title| self.model.with(|model| model.addition(id, title))),
        };
        match addition {
            Ok(change) => {
                input.set_value("");
                FieldMessage::show_new(None);
                self.make(change);
                say_new(&self.model.with(|model| place_of_new(model, id)));
                once_drawn(move || show_new(id));
            }
            Err(error) => FieldMessage::show_new(Some(FieldMessage::Error(error))),
        }
    }

    /// Offers to add each line of a text that was pasted into the empty box. Until then, the box has it as one line.
    pub fn pasted(&'static self, text: &str) {
        // Invalid lines stay in the box, so that none is lost.
        let titles = TodoTitle::parse_lines(text).unwrap_or_default();
        let fits =
            |title: &TodoTitle| new_id().is_some_and(|id| self.model.with(|model| model.addition(id, title.clone()).is_ok()));
        let titles = if titles.iter().all(fits) { titles } else { Vec::new() };
        let is_empty = new_todo().is_some_and(|input| input.value().is_empty());
        let is_offered = is_empty && titles.len() > 1;
        let button = |class, text: &str| {
            ["<button class=\"", class, " button button-quiet\" type=\"button\">", text, "</button>"].concat()
        };
        let offer = button("add-lines", &add_lines(titles.len())) + &button("keep-line", "Keep as one");
        say_new(if is_offered { &offer } else { "" });
        self.pasted.replace(titles);
    }

    pub fn add_lines(&'static self) {
        if let Some(input) = new_todo() {
            input.set_value("");
        }
        for title in self.pasted.take() {
            if let Some((id, Ok(change))) = new_id().map(|id| (id, self.model.with(|model| model.addition(id, title)))) {
                self.make(change);
                once_drawn(move || show_new(id));
            }
        }
        keep_line();
    }

    pub fn toggle(&'static self, id: TodoId) {
        if let Some(completed) = self.model.with(|model| Some(model.todo(id)?.completed)) {
            self.make(Change::complete(id, !completed));
        }
    }

    /// Completes all, or reopens all if all are completed.
    pub fn toggle_all(&'static self) {
        let all = self.model.with(|model| model.count.are_all_completed(model.scope.filter));
        self.make_all(if all { Kind::Reopen } else { Kind::Complete });
    }

    pub fn make_all(&'static self, kind: Kind) {
        self.make(Change::all(kind, self.model.with(|model| model.scope.clone())));
    }

    /// Applies a change optimistically and queues it.
    pub fn make(&'static self, change: Change) {
        self.queue.make(change);
        self.start_offer();
        rescue_focus();
    }

    /// Starts the timer of the toast, unless the toast has hover or focus.
    pub fn start_offer(&'static self) {
        if find::<Element>(".toast-place:is(:hover, :focus-within)").is_some() {
            self.offer.stop();
        } else {
            self.offer.start(TOAST_TIME, move || self.model.update(Model::hide_offers));
        }
    }

    /// Undoes the latest change that can be undone.
    pub fn undo(&'static self) {
        // Checked first, because the change can remove the button.
        let by_button = focused().is_some_and(|element| element.class_list().contains("undo"));
        if let Some(undo) = self.queue.undo() {
            self.start_offer();
            rescue_focus();
            let first = if let Change::Undo(undo) = &undo { undo.first() } else { undo.id() };
            if let (Some(id), true) = (first, by_button || focused_row().is_none()) {
                focus_soon(toggle_of(id));
            }
        }
    }

    /// Closes the toast; its changes can still be undone by a key.
    pub fn close_offers(&'static self) {
        self.offer.stop();
        self.model.update(Model::hide_offers);
        rescue_focus();
    }

    fn is_editing(&'static self) -> bool {
        self.model.with(|model| model.editor.is_some())
    }

    /// Opens the editor, after saving the one that is open.
    pub fn edit(&'static self, id: TodoId) {
        if self.model.with(|model| model.editor.as_ref().is_some_and(|editor| editor.id == id)) {
            return;
        }
        let by_toggle = focused().is_some_and(|element| element.class_list().contains("toggle"));
        if !self.save_open() {
            return focus_at_end(EDITOR);
        }
        self.edited_from.set(if by_toggle { FROM_TOGGLE } else { FROM_LINK });
        self.queue.dispatch(|model| model.edit(id));
    }

    /// Saves and closes the editor. `is_decided`: by Enter, which resolves a conflict; a blur does not.
    pub fn save(&'static self, id: TodoId, is_decided: bool) {
        let Some(typed) = fields() else { return };
        self.save_fields(id, &typed, is_decided);
    }

    fn save_fields(&'static self, id: TodoId, typed: &Fields, is_decided: bool) {
        match self.model.update(|model| model.save(id, typed, is_decided)) {
            Ok(Some(change)) => self.make(change),
            Ok(None) => {}
            Err(error) => FieldMessage::show_edit(Some(FieldMessage::Error(error))),
        }
    }

    /// Saves with the server's values of the fields in conflict.
    pub fn take_theirs(&'static self, id: TodoId) {
        let theirs = |model: &Model| Some(model.editor.as_ref()?.theirs(fields()?));
        if let Some(typed) = self.model.with(theirs) {
            self.save_fields(id, &typed, true);
        }
    }

    /// Saves after a press of the mouse outside of the editor, unless the press has opened another one.
    pub fn save_behind(&'static self, id: TodoId) {
        if focused().is_none_or(|element| !element.matches(".edit-form *").unwrap_or(false)) {
            self.save(id, false);
        }
    }

    /// Moves a row one place up or down.
    pub fn shift(&'static self, id: TodoId, down: bool) {
        if let Some(change) = self.model.with(|model| model.shift(id, down)) {
            self.make(change);
            self.model.update(|model| model.announce_place(id));
            // At the end of the list, the button that was pressed is disabled.
            once_drawn(move || {
                if focused_row().is_none() {
                    focus(".edit-form :is(.up, .down):enabled");
                }
            });
        }
    }

    /// Moves a row above or below another one.
    pub fn drop_beside(&'static self, id: TodoId, beside: TodoId, is_below: bool) {
        if let Some(change) = self.model.with(|model| model.drop_beside(id, beside, is_below)) {
            self.make(change);
            self.model.update(|model| model.announce_place(id));
        }
    }

    pub fn star(&'static self, id: TodoId) {
        if let Some(important) = self.model.with(|model| Some(model.todo(id)?.important)) {
            self.make(Change::star(id, !important));
        }
    }

    /// Saves an open editor. Returns whether it is closed.
    fn save_open(&'static self) -> bool {
        let id = self.model.with(|model| model.editor.as_ref().map(|editor| editor.id));
        if let Some(id) = id {
            self.save(id, false);
        }
        !self.is_editing()
    }

    /// Discards the edit.
    pub fn cancel(&'static self, id: TodoId) {
        let typed = fields();
        self.model.update(|model| model.cancel(typed.as_ref()));
        self.start_offer();
        self.leave_editor(id);
    }

    /// Returns the focus from a closed editor to the element that opened it.
    pub fn leave_editor(&'static self, id: TodoId) {
        if !self.is_editing() {
            focus_soon(["li:has(> .view > #t-", &id.to_text(), ") ", self.edited_from.get()].concat());
        }
    }

    pub fn retry(&'static self, nth: usize) {
        if let Some(Failure { change, then, .. }) = self.model.update(|model| model.retry(nth)) {
            // The rejected title may be in the input for new todos.
            let text = then.as_ref().and_then(Change::text).or_else(|| change.as_ref()?.text());
            if let Some(input) = new_todo().filter(|input| text.is_some_and(|text| input.value() == text)) {
                input.set_value("");
            }
            change.into_iter().chain(then).for_each(|change| self.make(change));
        }
    }

    pub fn dismiss(&'static self, nth: usize) {
        self.model.update(|model| drop(model.dismiss(nth)));
        rescue_focus();
    }

    /// Applies a filter.
    pub fn choose_filter(&'static self, filter: Filter) {
        self.choose(self.model.with(|model| model.scope.with_filter(filter)));
    }

    /// Applies a scope and adds its URL to the history, where a search has one entry while it is typed.
    pub fn choose(&'static self, scope: Scope) {
        let is_new = |model: &Model| (model.scope != scope).then_some(model.scope.text.is_empty() || scope.text.is_empty());
        let Some(is_entry) = self.model.with(is_new) else { return };
        if let Ok(history) = window().history() {
            let (state, url) = (JsValue::NULL, scope.href());
            let _ = if is_entry {
                history.push_state_with_url(&state, "", Some(&url))
            } else {
                history.replace_state_with_url(&state, "", Some(&url))
            };
        }
        self.turn_to(scope);
    }

    /// Applies a scope whose URL is current.
    pub fn turn_to(&'static self, scope: Scope) {
        self.search.stop();
        document().set_title(&document_title(&scope));
        // The box may have white space that the search does without.
        if let Some(input) = find::<HtmlInputElement>(SEARCH).filter(|input| input.value().trim() != scope.text) {
            input.set_value(&scope.text);
        }
        let filter = scope.filter;
        let is_new_view = self.model.with(|model| model.scope.view != scope.view);
        say_new("");
        self.queue.dispatch(|model| model.show(scope));
        self.draw(link_of(filter));
        if is_new_view {
            scroll_to_view();
        }
        // The link may be gone. Not the box, which would open the keyboard of a phone.
        rescue_focus_to("main");
    }

    /// Searches for what is in the box.
    pub fn find(&'static self) {
        if let Some(input) = find::<HtmlInputElement>(SEARCH) {
            self.choose(self.model.with(|model| model.scope.clone().with_text(&input.value())));
        }
    }

    /// Reads the next page. A keyboard user goes on in its first row.
    pub fn show_more(&'static self, click: &MouseEvent) {
        if is_plain(click) {
            click.prevent_default();
            self.go_on();
        }
    }

    fn go_on(&'static self) {
        // Also if the focus on the link has scrolled to it, because the link may go.
        if focused().is_some_and(|element| element.class_list().contains("show-more")) {
            self.first_new.set(Some(self.rows.borrow().len()));
        }
        self.queue.dispatch(|model| model.want(Want::More));
    }

    /// Reads the next page if the end of the list is near. After a failure, only a click does.
    pub fn load_ahead(&'static self) {
        let is_ready = |model: &Model| {
            model.sending == Sending::Idle && model.more().is_some_and(|more| more.href.is_some() && !more.is_unread)
        };
        if is_end_near() && self.model.with(is_ready) {
            self.go_on();
        }
    }

    /// Updates the rows; an unchanged row is not redrawn. If the focused row is removed, the focus moves to the next row, else to
    /// the previous one, else to `elsewhere`.
    pub fn draw(&'static self, elsewhere: &str) {
        let (texts, rows, part, editor) =
            self.model.with(|model| (Texts::of(model), Row::shown(model), model.part(), model.editor.clone()));
        let (count, is_late, is_idle) =
            self.model.with(|model| (model.count, model.is_late(None), model.sending == Sending::Idle));
        let first_new = self.first_new.get();
        if is_idle {
            // Also if no row came, so that a later one does not get the focus.
            self.first_new.set(None);
        }
        footer::draw(count, &part.scope, is_late);
        texts.redraw(&self.texts.take());
        self.texts.replace(texts);
        let old = self.rows.take();
        if rows == old {
            self.rows.replace(rows);
            return;
        }
        let moved = focus_after(&old, &rows);
        if let Some(groups) = find(".groups") {
            redraw(&groups, &old, &rows, &Urls::of(&part));
        }
        if let Some((lost, next)) = moved {
            match next {
                Some(id) => focus(&toggle_of(id)),
                None => focus(elsewhere),
            }
            // What happens elsewhere is announced only if it takes the row that the user is in.
            if self.model.with(|model| model.title_of(lost).is_none()) {
                self.model.update(Model::announce);
            }
        }
        if let Some(row) = first_new.and_then(|at| rows.get(at)) {
            focus(&toggle_of(row.id()));
            self.first_new.set(None);
        }
        if !old.iter().map(Row::id).eq(rows.iter().map(Row::id)) {
            once_drawn(move || self.load_ahead());
        }
        self.rows.replace(rows);
        let before = old.into_iter().find_map(|row| row.editor).map(|open| open.editor);
        let is_same =
            |editor: &Editor| before.as_ref().is_some_and(|before| (before.id, before.conflict) == (editor.id, editor.conflict));
        if let Some(editor) = editor.filter(|editor| !is_same(editor)) {
            FieldMessage::show_edit(None);
            once_drawn(move || focus_editor(editor.conflict.is_any()));
        }
    }

    /// Moves the focus to the next row, with `back` to the previous one, and to the first if no row has it.
    pub fn step(&'static self, back: bool) {
        let ids = self.rows.borrow().iter().map(Row::id).collect::<Vec<_>>();
        let at = focused_row().and_then(|id| ids.iter().position(|other| *other == id));
        let next = match (at, back) {
            (None, _) => Some(0),
            (Some(at), false) => Some(at + 1),
            (Some(at), true) => at.checked_sub(1),
        };
        if let Some(id) = next.and_then(|at| ids.get(at)) {
            focus(&toggle_of(*id));
        }
    }
}

/// Moves the focus to the next link or button of the row, with `back` to the previous one.
pub fn step_within(back: bool) {
    let stops = find_all(".view:focus-within :is(.toggle, .tag, .icon-button)");
    let at = stops.iter().position(|stop| focused().as_ref() == Some(stop)).unwrap_or_default();
    if let Some(stop) = if back { at.checked_sub(1) } else { Some(at + 1) }.and_then(|at| stops.get(at)) {
        focus_element(stop);
    }
}

/// Where a new todo is that the page does not show.
fn place_of_new(model: &Model, id: TodoId) -> String {
    let Model { scope, .. } = model;
    if model.todo(id).is_none_or(|todo| model.includes(todo)) {
        return String::new();
    }
    let is_search = !scope.text.is_empty();
    let filter = if scope.filter == Filter::Completed { Filter::Active } else { scope.filter };
    let place = scope.with_filter(filter).with_text("");
    let text = added_elsewhere(&scope.view, is_search);
    [&*escaped(&text), "<a href=\"", &escaped(&place.href()), "\">Show</a>"].concat()
}

/// The date of the editor has changed.
pub fn change_date(target: &Element) {
    if let Ok(Some(form)) = target.closest(".edit-form") {
        mark_preset(&form);
    }
    FieldMessage::show_edit(None);
}

/// Withdraws the offer to add lines.
pub fn keep_line() {
    say_new("");
    focus(".new-todo");
}

/// Below the box for new todos.
fn say_new(html: &str) {
    if let Some(place) = find::<Element>(".new-place") {
        place.set_inner_html(html);
    }
}

/// Makes sure that a new row is seen.
fn show_new(id: TodoId) {
    if let Some(row) = find::<Element>(&["li:has(> .view > #t-", &id.to_text(), ")"].concat()) {
        let _ = row.set_attribute("data-new", "");
        scroll_to(&row);
    }
}

/// Focuses the editor, unless another text input has the focus; then a conflict is only scrolled into view.
fn focus_editor(is_conflict: bool) {
    if focused().is_none_or(|element| !element.matches(TEXT_BOX).unwrap_or(false)) {
        focus_at_end(EDITOR);
    } else if let Some(conflict) = find::<Element>(".conflict").filter(|_| is_conflict) {
        conflict.scroll_into_view_with_bool(false);
    }
}

/// The row that has the focus if it is removed, and the row that gets it, if any is left.
fn focus_after(old: &[Row], new: &[Row]) -> Option<(TodoId, Option<TodoId>)> {
    let focused = focused_row()?;
    let at = old.iter().position(|row| row.id() == focused)?;
    let stays = |row: &&Row| new.iter().any(|other| other.id() == row.id());
    let next = old[at..].iter().find(stays).or_else(|| old[..at].iter().rev().find(stays)).map(Row::id);
    (next != Some(focused)).then_some((focused, next))
}
