//! The state of the list, and all that can be done to it. What somebody does shows at once and is sent after (`sending`).

use std::collections::{HashMap, VecDeque};

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    html::Input,
    prelude::*,
};
use wasm_bindgen::JsValue;
use web_sys::HtmlInputElement;

use super::{
    change::Change,
    dom::{TEXT_BOX, find, focus, focus_at_end, focus_soon, focused, focused_row, is_plain, once_drawn, rescue_focus, toggle_of},
    new_id::new_id,
    remark::Remark,
    row::Row,
    sending::{Failure, LATE, Sending},
    show::Show,
    timer::Timer,
    undo::{Removed, Undo},
};
use crate::{
    contract::TodoView,
    domain::{TitleError, TodoId, TodoTitle, UserId},
};

#[derive(Clone, Copy)]
pub struct List {
    /// Whose list it is.
    pub account: UserId,
    /// What the server has, as far as it told.
    pub saved: StoredValue<Vec<TodoView>>,
    /// What the server has not answered yet. `saved` with this done to it is what is shown.
    pub unsent: RwSignal<VecDeque<Change>>,
    pub sending: RwSignal<Sending>,
    /// After which it is tried again.
    pub pause: Timer,
    pub failures: RwSignal<Vec<Failure>>,
    /// A change to many todos has been under way for long.
    pub busy: RwSignal<bool>,
    /// What is shown, but for the filter.
    todos: StoredValue<Vec<TodoView>>,
    /// One for each of them.
    rows: StoredValue<Vec<ArcRwSignal<Row>>>,
    /// The rows that the filter lets through.
    pub shown: RwSignal<Vec<ArcRwSignal<Row>>>,
    pub count: RwSignal<Count>,
    pub show: RwSignal<Show>,
    /// What a screen reader is told.
    pub announcement: RwSignal<String>,
    pub undo: Undo,
    pub new_todo: NodeRef<Input>,
    pub new_remark: RwSignal<Option<Remark>>,
    pub edit_remark: RwSignal<Option<Remark>>,
    /// Where editing began: there the focus goes back to.
    edited_from: StoredValue<&'static str>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    pub active: usize,
    pub completed: usize,
}

impl Count {
    fn of(todos: &[TodoView]) -> Self {
        let completed = todos.iter().filter(|todo| todo.completed).count();
        Self { active: todos.len() - completed, completed }
    }

    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Of none, all are not.
    pub fn are_all_completed(self) -> bool {
        self.active == 0 && self.completed > 0
    }

    /// How many todos a filter lets through.
    pub fn shown(self, show: Show) -> usize {
        match show {
            Show::All => self.active + self.completed,
            Show::Active => self.active,
            Show::Completed => self.completed,
        }
    }
}

/// The box of the one title that is edited.
pub const EDITOR: &str = ".todo-list .edit";
const FROM_TOGGLE: &str = ".toggle";
const FROM_LINK: &str = ".edit-link";

impl List {
    /// `editing` is the todo that is edited when the page opens, and what is in its box.
    pub fn new(todos: Vec<TodoView>, account: UserId, show: Show, editing: Option<(TodoId, Option<String>)>) -> Self {
        let count = Count::of(&todos);
        let rows: Vec<_> = todos.iter().cloned().map(Row::new).collect();
        if let Some((id, typed)) = editing
            && let Some(row) = row_of(&rows, id)
        {
            row.update_untracked(|row| row.begin_editing(typed));
        }
        Self {
            account,
            shown: RwSignal::new(rows_in(&rows, show)),
            rows: StoredValue::new(rows),
            saved: StoredValue::new(todos.clone()),
            todos: StoredValue::new(todos),
            unsent: RwSignal::default(),
            sending: RwSignal::new(Sending::Idle),
            pause: Timer::default(),
            failures: RwSignal::default(),
            busy: RwSignal::new(false),
            count: RwSignal::new(count),
            show: RwSignal::new(show),
            announcement: RwSignal::default(),
            undo: Undo::default(),
            new_todo: NodeRef::new(),
            new_remark: RwSignal::default(),
            edit_remark: RwSignal::default(),
            edited_from: StoredValue::new(FROM_LINK),
        }
    }

    /// Takes the new todo from its box.
    pub fn add(self, submit: &SubmitEvent) {
        let (Some(input), Some(id)) = (self.new_todo.get_untracked(), new_id()) else { return };
        submit.prevent_default();
        match TodoTitle::parse(&input.value()) {
            Ok(title) => {
                input.set_value("");
                self.new_remark.set(None);
                self.make(Change::Add { id, title: title.into() });
            }
            Err(TitleError::Blank) => {}
            Err(error) => self.new_remark.set(Some(Remark::Error(error.into()))),
        }
    }

    /// Completes a todo, or reopens it.
    pub fn toggle(self, id: TodoId) {
        if let Some(row) = self.row(id) {
            let completed = row.with_untracked(|row| row.todo.completed);
            self.make(if completed { Change::Reopen(id) } else { Change::Complete(id) });
        }
    }

    /// Deletes what the change deletes, in a way that can be undone.
    pub fn remove(self, change: Change) {
        let removed = self.todos.with_value(|todos| Removed::by(&change, todos));
        if !removed.is_empty() {
            self.make(change);
            self.undo.offer(removed);
        }
    }

    pub fn clear_completed(self) {
        self.remove(Change::ClearCompleted(self.undo.number()));
    }

    /// Brings back what was deleted last.
    pub fn undo(self) {
        if let Some(removed) = self.undo.take() {
            let first = removed.first();
            // The button may be gone in a moment.
            let by_button = focused().is_some_and(|element| element.class_list().contains("undo"));
            self.make(Change::Restore(removed));
            if let (Some(id), true) = (first, by_button) {
                focus_soon(toggle_of(id));
            }
        }
    }

    /// Opens the editor of a todo.
    pub fn edit(self, id: TodoId) {
        let Some(row) = self.row(id).filter(|row| row.with_untracked(|row| row.editing.is_none())) else { return };
        let by_toggle = focused().is_some_and(|element| element.class_list().contains("toggle"));
        if !self.save_open() {
            return focus_at_end(EDITOR);
        }
        self.edited_from.set_value(if by_toggle { FROM_TOGGLE } else { FROM_LINK });
        self.edit_remark.set(None);
        row.update(|row| row.begin_editing(None));
        once_drawn(|| focus_at_end(EDITOR));
    }

    /// Ends the editing of a todo, once: by Enter, or by leaving the box.
    pub fn save(self, id: TodoId, typed: &str) {
        let Some(row) = self.row(id) else { return };
        let Some(was) = row.with_untracked(|row| row.editing.as_ref().map(|editing| editing.was.clone())) else { return };
        match TodoTitle::parse(typed) {
            Ok(title) => {
                self.close_editor();
                if title.as_str() != was {
                    self.make(Change::Rename { id, was, title: title.into() });
                }
            }
            Err(TitleError::Blank) => {
                // First: the box that goes with the row would save once more.
                self.close_editor();
                self.remove(Change::Delete(id));
            }
            // Stays open, with what was typed.
            Err(error) => self.edit_remark.set(Some(Remark::Error(error.into()))),
        }
    }

    /// Saves what is being edited, if anything is. Says whether no editor is open then.
    fn save_open(self) -> bool {
        if let (Some(row), Some(input)) = (self.edited(), find::<HtmlInputElement>(EDITOR)) {
            self.save(id_of(&row), &input.value());
        }
        self.edited().is_none()
    }

    /// Drops what was typed.
    pub fn cancel(self, id: TodoId) {
        self.close_editor();
        self.leave_editor(id);
    }

    /// Leads from an editor that is closed back to where it was opened from.
    pub fn leave_editor(self, id: TodoId) {
        if self.edited().is_none() {
            focus_soon(format!("li:has(> .view > #t-{id}) {}", self.edited_from.get_value()));
        }
    }

    fn close_editor(self) {
        if let Some(row) = self.edited() {
            row.update(|row| row.editing = None);
            // It was shown, filter or not, while it was edited.
            self.filter(".new-todo");
        }
    }

    /// The row that is being edited.
    fn edited(self) -> Option<ArcRwSignal<Row>> {
        self.rows.with_value(|rows| rows.iter().find(|row| row.with_untracked(|row| row.editing.is_some())).cloned())
    }

    /// Whether anything that somebody typed would be lost with the page.
    pub fn is_typed_in(self) -> bool {
        let new = self.new_todo.get_untracked().is_some_and(|input| !TodoTitle::is_blank(&input.value()));
        new || self.edited().is_some() || self.failures.with_untracked(|failures| failures.iter().any(Failure::is_only_copy))
    }

    /// Shows other todos, without a page load; but not if the link is to open elsewhere.
    pub fn follow(self, click: &MouseEvent, show: Show) {
        if is_plain(click) {
            click.prevent_default();
            self.choose(show);
        }
    }

    /// Shows other todos, at their own address.
    pub fn choose(self, show: Show) {
        if self.show.get_untracked() != show {
            let _ = window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(show.href())));
            self.turn_to(show);
        }
    }

    /// Shows what the address says.
    pub fn turn_to(self, show: Show) {
        self.show.set(show);
        self.filter(&format!(".filters [href='{}']", show.href()));
        self.announcement.set(show.announce(self.count.get_untracked().shown(show)));
    }

    /// Shows a change and queues it for the server.
    pub fn make(self, change: Change) {
        self.failures.update(|failures| failures.retain(|failure| failure.outlives(&change)));
        self.unsent.update(|unsent| unsent.push_back(change));
        // First: if anything below ends in a trap, the page can still say what is not saved.
        self.note_unsaved();
        self.unsent.with_untracked(|unsent| unsent.back().map(|change| self.todos.update_value(|todos| change.apply(todos))));
        self.draw();
        self.send();
        set_timeout(move || self.mark_late(), LATE);
        rescue_focus();
    }

    /// The title of a todo, also of one that is deleted or added and not saved yet.
    pub fn title_of(self, id: TodoId) -> Option<String> {
        self.todos.with_value(|todos| title_of(todos, id)).or_else(|| self.saved.with_value(|todos| title_of(todos, id)))
    }

    pub fn row(self, id: TodoId) -> Option<ArcRwSignal<Row>> {
        self.rows.with_value(|rows| row_of(rows, id))
    }

    /// Shows `saved` with what is unsent done to it.
    pub fn redraw(self) {
        let mut todos = self.saved.get_value();
        self.unsent.with_untracked(|unsent| unsent.iter().for_each(|change| change.apply(&mut todos)));
        let orphaned = self.typed().filter(|rename| !todos.iter().any(|todo| Some(todo.id) == rename.id()));
        self.todos.set_value(todos);
        self.draw();
        if let Some(rename) = orphaned {
            // The server refuses it, as it does whatever is done to a todo that is gone: then it is given back where it can be seen.
            self.make(rename);
        }
    }

    /// What somebody is typing over the title of a todo.
    fn typed(self) -> Option<Change> {
        let (row, input) = (self.edited()?, find::<HtmlInputElement>(EDITOR)?);
        let (id, was) = row.with_untracked(|row| Some((row.todo.id, row.editing.as_ref()?.was.clone())))?;
        let title = input.value();
        (title != was && !TodoTitle::is_blank(&title)).then_some(Change::Rename { id, was, title })
    }

    /// Brings the rows up to date. The row of a todo that stays is kept, and redrawn only if the todo is another.
    fn draw(self) {
        let rows = self.todos.with_value(|todos| self.rows.with_value(|old| rows_of(todos, old)));
        self.rows.set_value(rows);
        let count = self.todos.with_value(|todos| Count::of(todos));
        if self.count.get_untracked() != count {
            self.count.set(count);
            self.announcement.set(Show::Active.announce(count.active));
        }
        self.filter(".new-todo");
    }

    /// If the row with the focus goes, the next one gets it, else the one before, else `elsewhere`: whoever works by
    /// keyboard goes on from there.
    fn filter(self, elsewhere: &str) {
        let shown = self.rows.with_value(|rows| rows_in(rows, self.show.get_untracked()));
        if self.shown.with_untracked(|old| *old != shown) {
            self.keep_focus(&shown, elsewhere);
            self.shown.set(shown);
        }
    }

    fn keep_focus(self, shown: &[ArcRwSignal<Row>], elsewhere: &str) {
        // Among those that are drawn: a todo that is deleted has no row any more.
        let Some(row) = focused_row().and_then(|id| self.shown.with_untracked(|rows| row_of(rows, id))) else { return };
        if shown.contains(&row) {
            return;
        }
        let neighbour = self.shown.with_untracked(|old| {
            let at = old.iter().position(|other| *other == row)?;
            let stays = |row: &&ArcRwSignal<Row>| shown.contains(row);
            old[at..].iter().find(stays).or_else(|| old[..at].iter().rev().find(stays)).cloned()
        });
        match neighbour {
            Some(row) => focus(&toggle_of(id_of(&row))),
            None => focus(elsewhere),
        }
    }

    /// Goes to the next row, or with `back` to the one before; from elsewhere to the first.
    pub fn step(self, back: bool) {
        let shown = self.shown.get_untracked();
        let at = focused_row().and_then(|id| shown.iter().position(|row| id_of(row) == id));
        let next = match (at, back) {
            (None, _) => Some(0),
            (Some(at), false) => Some(at + 1),
            (Some(at), true) => at.checked_sub(1),
        };
        if let Some(row) = next.and_then(|at| shown.get(at)) {
            focus(&toggle_of(id_of(row)));
        }
    }

    /// Puts what was typed back to where it was typed, or where it can be seen. Not if something else is there by now.
    pub fn give_back(self, change: &Change) -> bool {
        let (Change::Add { title, .. } | Change::Rename { title, .. }) = change else { return true };
        let row = match change {
            Change::Rename { id, .. } => self.row(*id),
            _ => None,
        };
        if let Some(row) = row {
            let is_free = self.edited().is_none();
            if is_free {
                // Whoever types elsewhere by now goes on there.
                let is_typing = focused().is_some_and(|element| element.matches(TEXT_BOX).unwrap_or(false));
                self.edit_remark.set(None);
                row.update(|row| row.begin_editing(Some(title.clone())));
                // The filter may have left it out, as long as nothing was typed in it.
                self.filter(".new-todo");
                if !is_typing {
                    once_drawn(|| focus_at_end(EDITOR));
                }
            }
            return is_free;
        }
        let free = self.new_todo.get_untracked().filter(|input| input.value().is_empty());
        if let Some(input) = &free {
            input.set_value(title);
        }
        free.is_some()
    }

    /// Takes it again from there.
    pub fn take_back(self, change: &Change) {
        match change {
            Change::Add { title, .. } => {
                if let Some(input) = self.new_todo.get_untracked().filter(|input| input.value() == *title) {
                    input.set_value("");
                }
            }
            Change::Rename { .. } => self.close_editor(),
            _ => {}
        }
    }
}

pub fn title_of(todos: &[TodoView], id: TodoId) -> Option<String> {
    todos.iter().find(|todo| todo.id == id).map(|todo| todo.title.clone())
}

fn id_of(row: &ArcRwSignal<Row>) -> TodoId {
    row.with_untracked(|row| row.todo.id)
}

fn row_of(rows: &[ArcRwSignal<Row>], id: TodoId) -> Option<ArcRwSignal<Row>> {
    rows.iter().find(|row| id_of(row) == id).cloned()
}

/// Those that the filter lets through.
fn rows_in(rows: &[ArcRwSignal<Row>], show: Show) -> Vec<ArcRwSignal<Row>> {
    rows.iter().filter(|row| row.with_untracked(|row| row.is_in(show))).cloned().collect()
}

/// The rows of `todos`, of which there may be many: most are where they were.
fn rows_of(todos: &[TodoView], old: &[ArcRwSignal<Row>]) -> Vec<ArcRwSignal<Row>> {
    let mut by_id = None;
    let mut row_for = |(at, todo): (usize, &TodoView)| {
        let row = old.get(at).filter(|row| id_of(row) == todo.id).or_else(|| {
            let by_id = by_id.get_or_insert_with(|| old.iter().map(|row| (id_of(row), row)).collect::<HashMap<_, _>>());
            by_id.get(&todo.id).copied()
        });
        match row {
            Some(row) => {
                if row.with_untracked(|row| row.todo != *todo) {
                    row.update(|row| row.todo.clone_from(todo));
                }
                row.clone()
            }
            None => Row::new(todo.clone()),
        }
    };
    todos.iter().enumerate().map(&mut row_for).collect()
}
