//! The state machine of the list: the server's state, the queue of unsent changes, and the optimistic state that is shown.

use std::collections::VecDeque;

use super::{
    bulk::Bulk,
    change::{Change, absorb, joined},
    count::{Count, moved, view_counts},
    editor::{Boxes, Editor, Fields, Notes},
    failure::Failure,
    sending::{Sending, Step, Want},
    window::{Read, Window},
};
use crate::{
    contract::{AppError, Field, Filter, Rule, Scope, TodoPage, TodoView, View, ViewCounts, with_parameter},
    domain::{DueDate, TodoId, TodoNotes, TodoPatch, TodoTitle, with_tag},
};

/// Each may hold the todos that it brings back.
const MAX_OFFERS: usize = 50;

#[derive(Clone, Debug)]
pub struct Model {
    /// The last known state of the server.
    saved: Window,
    /// Changes that are not confirmed yet.
    queue: VecDeque<Change>,
    /// Optimistic state before filtering: the loaded rows with `queue` applied.
    pub todos: Vec<TodoView>,
    /// The count of the other todos of the view, with `queue` applied.
    unloaded: Count,
    /// Of all todos of the view, loaded or not.
    pub count: Count,
    pub scope: Scope,
    /// For screen readers.
    pub announced: Option<Announced>,
    pub sending: Sending,
    /// Number of late changes at the front of the queue.
    late: usize,
    pub failures: Vec<Failure>,
    pub editor: Option<Editor>,
    /// What undoes the latest changes, the last of them at the end.
    pub offers: Vec<Change>,
    /// The number of those that the toast offers.
    pub offered: usize,
    /// The edit that was cancelled last, while the toast offers to make it after all.
    pub dropped: Option<Change>,
    /// In the user's time zone.
    pub today: DueDate,
    /// Until today ends, when the last list came.
    pub seconds_of_today: u32,
    /// Sequence number of the last bulk change.
    bulk: u32,
    /// The list is to be read once the queue is empty.
    want: Option<Want>,
    /// The read in flight.
    read: Option<Read>,
    /// The last read failed, so the page asks the user before it tries again.
    is_unread: bool,
}

/// What is said to screen readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    Count(Filter, usize),
    /// The place of a row that was moved, from 1, and the number of todos.
    Place(usize, usize),
}

/// What is said below a list of which only a part is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct More {
    pub shown: usize,
    pub count: usize,
    /// URL of the next page, if there is one.
    pub href: Option<String>,
    /// Whether the rows are not the first ones.
    pub is_later: bool,
    pub is_unread: bool,
}

/// The part of the list that the page is about.
pub struct Part {
    pub scope: Scope,
    /// Cursor of the row before the first.
    pub after: Option<String>,
}

impl Model {
    /// `after` is the cursor of the row before the first.
    pub fn new(page: TodoPage, scope: Scope, after: Option<String>) -> Self {
        let (today, seconds_of_today) = (page.info.today, page.info.seconds_of_today);
        let saved = Window::new(page, scope.clone(), after);
        let mut model = Self {
            queue: VecDeque::new(),
            unloaded: saved.unloaded,
            count: Count::default(),
            todos: saved.todos.clone(),
            saved,
            scope,
            announced: None,
            sending: Sending::Idle,
            late: 0,
            failures: Vec::new(),
            editor: None,
            offers: Vec::new(),
            offered: 0,
            dropped: None,
            today,
            seconds_of_today,
            bulk: 0,
            want: None,
            read: None,
            is_unread: false,
        };
        model.recount(false);
        model
    }

    pub fn queue(&self) -> &VecDeque<Change> {
        &self.queue
    }

    /// Queues a change, and the offer to undo it. [`Self::apply_last`] applies it, after the caller has noted it as unsaved. Returns
    /// false for a change of nothing.
    pub fn push(&mut self, mut change: Change) -> bool {
        self.dropped = None;
        if let Change::All(bulk, ids) = &mut change {
            self.bulk += 1;
            bulk.nth = self.bulk;
            let is_changed = |todo: &&TodoView| bulk.affects(todo) && self.saved.includes(todo, &bulk.scope, self.today, false);
            *ids = self.todos.iter().filter(is_changed).map(|todo| todo.id).collect();
        }
        if let Some(undo) = change.undo(&self.todos, self.unloaded) {
            if matches!(&undo, Change::Undo(undo) if undo.count() == 0) {
                return false;
            }
            self.offers.push(undo);
            if self.offers.len() > MAX_OFFERS {
                self.offers.remove(0);
            }
            self.offered = self.offers.len().min(self.offered + 1);
        }
        self.enqueue(change);
        true
    }

    /// Queues what undoes the latest change, which needs no offer itself, or the cancelled edit. Returns it.
    pub fn push_undo(&mut self) -> Option<Change> {
        if let Some(change) = self.dropped.take() {
            self.push(change.clone());
            return Some(change);
        }
        let undo = self.offers.pop()?;
        self.offered = self.offered.saturating_sub(1);
        self.enqueue(undo.clone());
        Some(undo)
    }

    /// Hides the toast; its changes can still be undone.
    pub fn hide_offers(&mut self) {
        (self.offered, self.dropped) = (0, None);
    }

    fn enqueue(&mut self, change: Change) {
        // Keeps failures that hold the only copy of a text.
        self.failures.retain(|failure| failure.typed.is_some());
        self.queue.push_back(change);
    }

    pub fn apply_last(&mut self) {
        if let Some(change) = self.queue.back() {
            change.apply_within(&self.saved.scope, &mut self.todos, &mut self.unloaded);
        }
        self.recount(true);
    }

    /// Asks for the list, after the changes that are unsent.
    pub fn want(&mut self, want: Want) -> Step {
        let is_coming = match want {
            Want::News => self.want.is_some() || self.read.is_some(),
            // After a read of all rows, their end may be elsewhere.
            Want::More => self.want == Some(Want::List) || self.read.as_ref().is_some_and(|read| read.is_more),
            Want::List => false,
        };
        if !is_coming {
            self.want = Some(want);
        }
        if self.sending == Sending::Idle { self.start() } else { Step::Rest }
    }

    /// Starts sending if idle.
    pub fn send(&mut self) -> Step {
        match self.sending {
            Sending::Idle => self.start(),
            Sending::SignedOut => Step::SignIn,
            _ => Step::Rest,
        }
    }

    /// The back-off is over, or the browser is online; the session may have ended meanwhile.
    pub fn end_pause(&mut self) -> Step {
        if matches!(self.sending, Sending::Waiting(_)) { self.start() } else { Step::Rest }
    }

    /// Starts or resumes sending.
    pub fn start(&mut self) -> Step {
        if self.is_under_way() {
            return Step::Rest;
        }
        self.sending = Sending::UnderWay { is_retry: matches!(self.sending, Sending::Waiting(_)) };
        self.step()
    }

    fn step(&mut self) -> Step {
        match (self.sending, self.queue.front()) {
            (Sending::UnderWay { is_retry }, Some(change)) => Step::Send { change: change.clone(), is_retry },
            (Sending::Asking(_), _) => self.ask(Want::List),
            (Sending::Waiting(AppError::RateLimited(seconds)), _) => Step::Pause(seconds),
            (Sending::Waiting(_), _) => Step::Pause(0),
            (Sending::SignedOut, _) => Step::SignIn,
            (Sending::UnderWay { .. } | Sending::Idle | Sending::Reading, _) => {
                let editor = self.editor.as_ref().filter(|editor| editor.notes == Notes::Wanted);
                let (step, sending) = match (self.want.take(), editor) {
                    (Some(want), _) => (self.ask(want), Sending::Reading),
                    // As late as a list, so that they have every change of this page.
                    (None, Some(editor)) => (Step::Notes(editor.id), Sending::Reading),
                    (None, None) => (Step::Rest, Sending::Idle),
                };
                self.sending = sending;
                step
            }
        }
    }

    fn ask(&mut self, want: Want) -> Step {
        let is_turned = self.is_turned();
        let mut read = if want == Want::More && !is_turned && self.saved.next.is_some() {
            self.saved.more()
        } else {
            let editor = self.editor.as_ref().map(|editor| editor.id);
            self.saved.again(|id| editor == Some(id) || self.queue.iter().any(|change| change.id() == Some(id)))
        };
        if is_turned {
            read = Read { scope: self.scope.clone(), after: None, rows: 0, ..read };
        } else if want == Want::News {
            read.tag = Some(self.saved.tag.clone());
        }
        // A todo whose change was rejected.
        let asked = self.queue.front().and_then(Change::id).filter(|id| !read.others.contains(id));
        read.others.extend(asked);
        self.read = Some(read.clone());
        Step::List(read)
    }

    /// Whether the loaded rows are those of another scope.
    fn is_turned(&self) -> bool {
        self.saved.scope != self.scope && !(self.saved.scope.has_todos_of(&self.scope) && self.saved.covers(&self.scope))
    }

    fn is_under_way(&self) -> bool {
        matches!(self.sending, Sending::UnderWay { .. } | Sending::Asking(_) | Sending::Reading)
    }

    /// The session has ended. A request in flight gets that error itself.
    pub fn sign_out(&mut self) {
        if !self.is_under_way() {
            self.sending = Sending::SignedOut;
        }
    }

    /// Handles the result for the front of the queue.
    pub fn answered(&mut self, answer: Result<String, AppError>) -> Step {
        self.sending = match answer {
            Ok(answer) => self.accepted(&answer),
            Err(AppError::SignedOut) => Sending::SignedOut,
            Err(error @ (AppError::Unreachable | AppError::Unavailable | AppError::RateLimited(_))) => Sending::Waiting(error),
            Err(error) => Sending::Asking(error),
        };
        self.step()
    }

    fn accepted(&mut self, answer: &str) -> Sending {
        let Some(change) = self.queue.front() else { return Sending::Idle };
        let is_loaded = change.id().is_none_or(|id| todo_of(&self.saved.todos, Some(id)).is_some());
        let is_on_page = self.saved.covers(&Scope::of_view(View::Todos));
        self.saved.apply(change, self.today);
        match change {
            // Reads the list, because a restored todo is as the server has it, or gone for good.
            Change::Undo(undo) if undo.bulk.is_none() || answer == "0" => return Sending::Asking(AppError::NotFound),
            Change::Undo(_) => self.want = Some(Want::List),
            Change::All(bulk, _) => {
                let bulk = bulk.clone();
                self.pop();
                self.identify(&bulk, Some(answer).filter(|version| *version != "null"));
                // What the page does not know may have been changed, too.
                self.want = Some(Want::List);
                return Sending::UnderWay { is_retry: false };
            }
            // What the page does not know: the place among todos that are not loaded, and what is found by a text.
            Change::Move { .. } if !is_on_page => self.want = Some(Want::List),
            Change::Add { .. } if self.saved.scope.is_by_text() => self.want = Some(Want::List),
            Change::Edit { patch, .. } => {
                let is_at_end = patch.completed.is_some_and(|completed| self.saved.scope.filter.is_of(completed));
                let is_text = self.saved.scope.is_by_text() && (patch.title.is_some() || patch.notes.is_some());
                let is_by_date = !self.saved.is_complete() && self.saved.scope.is_by_date() && patch.due_on.is_some();
                if is_at_end || is_text || is_by_date || !is_loaded {
                    self.want = Some(Want::List);
                }
            }
            Change::Delete(_) if !is_loaded => self.want = Some(Want::List),
            _ => {}
        }
        self.pop();
        Sending::UnderWay { is_retry: false }
    }

    /// A bulk change was made, with this version; without one it can't be undone, because it changed nothing or its answer was lost.
    fn identify(&mut self, bulk: &Bulk, version: Option<&str>) {
        let Some(version) = version else {
            self.forget(bulk);
            self.want = Some(Want::List);
            return;
        };
        for change in self.offers.iter_mut().chain(&mut self.queue) {
            if let Change::Undo(undo) = change
                && undo.bulk.as_ref() == Some(bulk)
            {
                undo.version = Some(version.to_owned());
            }
        }
    }

    /// Removes what would undo a bulk change.
    fn forget(&mut self, bulk: &Bulk) {
        self.offers.retain(|undo| undo.bulk() != Some(bulk));
        self.queue.retain(|change| change.bulk() != Some(bulk));
    }

    fn pop(&mut self) -> Option<Change> {
        self.late = self.late.saturating_sub(1);
        self.queue.pop_front()
    }

    /// Handles the list from the server, `None` if nothing has changed. Rolls back a rejected change unless the list includes it.
    /// Returns the text to put into the input for new todos.
    pub fn listed(&mut self, reply: Result<Option<TodoPage>, AppError>, boxes: &Boxes) -> (Step, Option<String>) {
        let Some(read) = self.read.take() else { return (Step::Rest, None) };
        let rejected = if let Sending::Asking(error) = self.sending { self.pop().map(|change| (change, error)) } else { None };
        let title = rejected.as_ref().and_then(|(change, _)| title_of(&self.saved.todos, change.id()?)).map(str::to_owned);
        let (is_known, is_news) = (reply.is_ok(), read.tag.is_some());
        self.sending = Sending::UnderWay { is_retry: false };
        match reply {
            Ok(Some(page)) => {
                (self.today, self.seconds_of_today) = (page.info.today, page.info.seconds_of_today);
                self.saved.merge(read, page);
                // The scope has changed meanwhile, or the count lacks changes of todos that are not in the new rows.
                if self.is_turned() || !(self.saved.is_complete() || self.queue.is_empty()) {
                    self.want = self.want.or(Some(Want::List));
                }
            }
            Err(AppError::SignedOut) if rejected.is_none() && !is_news => {
                self.sending = Sending::SignedOut;
                self.want = self.want.or(Some(if read.is_more { Want::More } else { Want::List }));
            }
            _ => {}
        }
        self.is_unread = !is_known && !is_news && rejected.is_none();
        let mut new_todo = boxes.new_todo.is_empty().then(String::new);
        let is_answer = rejected.is_some();
        if let Some((change, error)) = rejected {
            if !change.is_in(&self.saved.todos, self.saved.unloaded) {
                self.roll_back(change, Failure { title, is_known, ..Failure::of_form(error) }, &mut new_todo);
            } else if let Change::All(bulk, _) = change {
                self.identify(&bulk, None);
            }
        }
        self.apply_all(is_answer);
        self.refresh_editor(boxes, &mut new_todo);
        (self.step(), new_todo.filter(|text| !text.is_empty()))
    }

    /// Records the failure, and returns the entered text to an input, or else to the message.
    fn roll_back(&mut self, mut change: Change, mut failure: Failure, new_todo: &mut Option<String>) {
        failure.then = self.remove_dependents(&mut change);
        if let Change::All(bulk, _) = &change {
            self.forget(bulk);
        }
        self.apply_all(true);
        let is_conflict = failure.error == AppError::ChangedElsewhere && failure.is_known;
        let title = failure.then.as_ref().and_then(Change::title).or_else(|| change.title()).map(TodoTitle::as_str);
        let text = joined(title, failure.notes(&change));
        match (&change, todo_of(&self.todos, change.id()).and_then(|todo| todo_of(&self.saved.todos, Some(todo.id)))) {
            (Change::Edit { patch, before, .. }, _) if patch == before => return,
            (Change::Edit { patch, before, .. }, Some(todo)) if text.is_some() || is_conflict => match &mut self.editor {
                // An open editor keeps its newer input, except in a conflict.
                editor if editor.as_ref().is_none_or(|editor| editor.id == todo.id && is_conflict) => {
                    let open = editor.take();
                    *editor = Some(Editor::rejected(todo, patch, before, is_conflict).with_rest_of(open, patch));
                    if is_conflict {
                        return;
                    }
                }
                editor => {
                    failure.typed = text;
                    if let Some(editor) = editor.as_mut().filter(|editor| editor.id == todo.id) {
                        editor.seen.title.clone_from(&todo.title);
                    }
                }
            },
            // An input for a line has no place for notes.
            (_, None)
                if text.is_some() && failure.notes(&change).is_none() && new_todo.as_ref().is_some_and(String::is_empty) =>
            {
                *new_todo = text;
            }
            (_, _) => failure.typed = text,
        }
        // A retry would be rejected again.
        let is_final = matches!(failure.error, AppError::ChangedElsewhere | AppError::NotFound);
        self.failures.push(Failure { can_retry: !is_final || failure.typed.is_some(), change: Some(change), ..failure });
    }

    /// Removes the offer to undo a rejected change, and the queued changes that depend on it: later edits of the same fields, which
    /// the change takes over, and every change to a todo that was not added. Returns the edits of such a todo, because a retried
    /// addition does not change a todo that exists after all.
    fn remove_dependents(&mut self, change: &mut Change) -> Option<Change> {
        let Self { queue, offers, .. } = self;
        match change {
            Change::Add { id, .. } => {
                let (id, before) = (*id, change.added()?);
                let (mut todo, mut notes) = (before.clone(), None);
                queue.retain(|later| {
                    if let (true, Change::Edit { patch, .. }) = (later.id() == Some(id), later) {
                        todo.apply(patch);
                        notes = patch.notes.clone().or(notes.take());
                    }
                    later.id() != Some(id)
                });
                offers.retain(|offer| offer.id() != Some(id));
                Change::replace(id, fields_of(&before, Some(TodoNotes::default())), fields_of(&todo, notes))
            }
            Change::Edit { id, patch, before } => {
                let mut forget = |patch: &TodoPatch, before: &TodoPatch| {
                    let is_undo = |offer: &Change| matches!(offer, Change::Edit { id: of, patch: to, before: from } if of == id && to == before && from == patch);
                    if let Some(at) = offers.iter().rposition(is_undo) {
                        offers.remove(at);
                    }
                };
                forget(patch, before);
                queue.retain_mut(|later| match later {
                    Change::Edit { id: of, patch: later, before } if of == id => {
                        let whole = (later.clone(), before.clone());
                        absorb(patch, later, before);
                        if *later != whole.0 {
                            forget(&whole.0, &whole.1);
                        }
                        *later != TodoPatch::default()
                    }
                    _ => true,
                });
                None
            }
            Change::Move { .. } => {
                let undo = change.reversed();
                offers.retain(|offer| Some(offer) != undo.as_ref());
                None
            }
            Change::Delete(id) => {
                offers.retain(|offer| !matches!(offer, Change::Undo(undo) if undo.bulk.is_none() && undo.first() == Some(*id)));
                None
            }
            Change::All(..) | Change::Undo(_) => None,
        }
    }

    fn apply_all(&mut self, is_announced: bool) {
        self.todos.clone_from(&self.saved.todos);
        self.unloaded = self.saved.unloaded;
        for change in &self.queue {
            change.apply_within(&self.saved.scope, &mut self.todos, &mut self.unloaded);
        }
        self.recount(is_announced);
    }

    /// Closes the editor of a deleted todo and keeps its text. Updates the server's values in a conflict.
    fn refresh_editor(&mut self, boxes: &Boxes, new_todo: &mut Option<String>) {
        let todos = &self.todos;
        if let Some(editor) = self.editor.take_if(|editor| todo_of(todos, Some(editor.id)).is_none()) {
            let typed = boxes.editor.as_ref().unwrap_or(&editor.typed);
            if let Some(text) = typed.new_text(&editor.seen) {
                let mut failure = Failure { is_known: true, ..Failure::of_form(AppError::NotFound) };
                failure.change = editor.change(typed).ok().flatten();
                failure.title = Some(editor.seen.title.clone());
                if new_todo.as_ref().is_some_and(String::is_empty) && typed.notes == editor.seen.notes {
                    *new_todo = Some(text);
                } else {
                    failure.can_retry = failure.change.is_some();
                    failure.typed = Some(text);
                }
                self.failures.push(failure);
            }
        }
        if let Some(editor) = &mut self.editor
            && let Some(todo) = todo_of(&self.saved.todos, Some(editor.id))
        {
            editor.refresh(todo);
        }
    }

    /// Handles the notes for the editor.
    pub fn noted(&mut self, id: TodoId, notes: Result<String, AppError>) -> Step {
        self.sending = Sending::UnderWay { is_retry: false };
        if let Some(editor) = self.editor.as_mut().filter(|editor| editor.id == id) {
            match notes {
                Ok(notes) => editor.read(notes),
                Err(error) => {
                    editor.notes = Notes::Unreadable;
                    if error == AppError::SignedOut {
                        editor.notes = Notes::Wanted;
                        self.sending = Sending::SignedOut;
                    }
                }
            }
        }
        self.step()
    }

    /// Midnight in the user's time zone.
    pub fn turn_day(&mut self) -> Step {
        let tomorrow = self.today.plus_days(1);
        self.saved.turn_day(self.today, tomorrow);
        (self.today, self.seconds_of_today) = (tomorrow, 86_400);
        self.apply_all(false);
        self.want(Want::News)
    }

    /// What happened elsewhere is not announced.
    fn recount(&mut self, is_announced: bool) {
        let is_of_view = self.saved.scope.has_todos_of(&self.scope);
        let unloaded = if is_of_view { self.unloaded } else { Count::default() };
        let count = unloaded.plus(Count::of(self.todos.iter().filter(|todo| self.is_of_view(todo))));
        if self.count != count {
            self.count = count;
            if is_announced {
                self.announce();
            }
        }
    }

    pub fn announce(&mut self) {
        self.announced = Some(Announced::Count(Filter::Active, self.count.active));
    }

    /// The numbers beside the views.
    pub fn views(&self) -> ViewCounts {
        moved(&self.saved.views, &view_counts(&self.saved.todos, self.today), &view_counts(&self.todos, self.today))
    }

    /// Shows what is known; the rest follows.
    pub fn show(&mut self, scope: Scope) -> Step {
        self.scope = scope;
        self.recount(false);
        self.announced = Some(Announced::Count(self.scope.filter, self.count.shown(self.scope.filter)));
        self.is_unread = false;
        if self.is_turned() { self.want(Want::List) } else { Step::Rest }
    }

    /// `None` if all todos are loaded.
    pub fn more(&self) -> Option<More> {
        if self.saved.covers(&self.scope) {
            return None;
        }
        let shown = self.todos.iter().filter(|todo| self.includes(todo)).count();
        let count = self.count.shown(self.scope.filter);
        let href = match (&self.saved.next, self.is_turned()) {
            (_, true) => Some(self.scope.href()),
            (next, false) => next.as_ref().map(|next| with_parameter(&self.scope.href(), "after", next)),
        };
        let href = href.filter(|_| shown < count);
        let is_later = self.saved.after.is_some() && !self.is_turned();
        Some(More { shown, count, href, is_later, is_unread: self.is_unread }).filter(|more| more.href.is_some() || is_later)
    }

    pub fn part(&self) -> Part {
        Part { scope: self.scope.clone(), after: self.saved.after.clone() }
    }

    /// Whether the view and the search have the todo, whatever the filter.
    fn is_of_view(&self, todo: &TodoView) -> bool {
        let is_new = |change: &Change| matches!(change, Change::Add { id, .. } if *id == todo.id);
        self.saved.includes(todo, &self.scope, self.today, self.scope.is_by_text() && self.queue.iter().any(is_new))
    }

    pub fn includes(&self, todo: &TodoView) -> bool {
        self.scope.filter.includes(todo) && self.is_of_view(todo)
    }

    /// The rows. A todo in the editor always is one, or its input would be lost.
    pub fn shown(&self) -> Vec<&TodoView> {
        let is_edited = |todo: &TodoView| self.editor.as_ref().is_some_and(|editor| editor.id == todo.id);
        let mut shown: Vec<_> = self.todos.iter().filter(|todo| self.includes(todo) || is_edited(todo)).collect();
        if self.scope.is_by_date() {
            // They are nearly sorted, and the code of `sort` is 4 KB of WASM.
            let date = |todo: &TodoView| todo.due_on.unwrap_or(DueDate::LAST);
            for mut at in 1..shown.len() {
                while at > 0 && date(shown[at - 1]) > date(shown[at]) {
                    shown.swap(at - 1, at);
                    at -= 1;
                }
            }
        }
        shown
    }

    /// The change that adds a todo which belongs to the view.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the title is too long for the tag.
    pub fn addition(&self, id: TodoId, title: TodoTitle) -> Result<Change, AppError> {
        let title = match &self.scope.view {
            View::Tag(tag) => with_tag(title, tag).ok_or(AppError::Invalid(Field::Title, Rule::NoRoom))?,
            _ => title,
        };
        let due_on = matches!(self.scope.view, View::Today | View::Scheduled).then_some(self.today);
        Ok(Change::Add { id, title, due_on, important: self.scope.view == View::Important })
    }

    pub fn todo(&self, id: TodoId) -> Option<&TodoView> {
        todo_of(&self.todos, Some(id))
    }

    /// Also finds a todo whose deletion or addition is pending.
    pub fn title_of(&self, id: TodoId) -> Option<&str> {
        title_of(&self.todos, id).or_else(|| title_of(&self.saved.todos, id))
    }

    /// Whether discarding the list loses no change and no input.
    pub fn is_spare(&self) -> bool {
        self.queue.is_empty() && self.editor.is_none() && self.failures.iter().all(|failure| failure.typed.is_none())
    }

    /// Marks all queued changes as late.
    pub fn grow_late(&mut self) {
        self.late = self.queue.len();
    }

    /// Whether a change to the todo is late; `None` means changes to many todos.
    pub fn is_late(&self, id: Option<TodoId>) -> bool {
        self.queue.iter().take(self.late).any(|change| change.id() == id)
    }

    pub fn edit(&mut self, id: TodoId) -> Step {
        if let Some(todo) = self.todo(id) {
            self.editor = Some(Editor::new(todo));
        }
        if self.sending == Sending::Idle { self.start() } else { Step::Rest }
    }

    /// Closes the editor and returns its change. `is_decided` is false for a blur, which resolves no conflict.
    pub fn save(&mut self, id: TodoId, typed: &Fields, is_decided: bool) -> Result<Option<Change>, AppError> {
        let Some(editor) = self.editor.as_ref().filter(|editor| editor.id == id && (is_decided || !editor.conflict.is_any()))
        else {
            return Ok(None);
        };
        // An invalid input leaves the editor open.
        let change = editor.change(typed)?;
        self.editor = None;
        Ok(change)
    }

    /// Closes the editor without saving. What was typed can be saved after all, as long as the toast offers it.
    pub fn cancel(&mut self, typed: Option<&Fields>) {
        let change = self.editor.take().and_then(|editor| editor.change(typed?).ok()?);
        self.dropped = change.filter(|change| matches!(change, Change::Edit { .. }));
    }

    /// The todos behind which a row moves one place up and down, `None` for the start, if it can.
    pub fn places(&self, id: TodoId) -> [Option<Option<TodoId>>; 2] {
        let shown = self.shown();
        let Some(nth) = shown.iter().position(|todo| todo.id == id) else { return [None, None] };
        let of = |at: usize| shown.get(at).map(|todo| todo.id);
        let up = nth.checked_sub(1).and_then(of).and_then(|above| self.behind(id, above, false));
        let down = of(nth + 1).and_then(|below| self.behind(id, below, true));
        [up, down]
    }

    /// The todo behind which a row is to move that lands above or below another one; `None` for the start, and if it can't.
    fn behind(&self, id: TodoId, beside: TodoId, is_below: bool) -> Option<Option<TodoId>> {
        if !self.scope.is_by_order() {
            return None;
        }
        if is_below {
            return Some(Some(beside));
        }
        let others: Vec<_> = self.shown().into_iter().map(|todo| todo.id).filter(|other| *other != id).collect();
        let before = others.iter().position(|other| *other == beside)?.checked_sub(1).map(|at| others[at]);
        // What is before the first row of a later page is not known.
        (before.is_some() || self.saved.after.is_none()).then_some(before)
    }

    /// The change that moves a row one place up or down.
    pub fn shift(&self, id: TodoId, down: bool) -> Option<Change> {
        self.moved_behind(id, self.places(id)[usize::from(down)]?)
    }

    /// The change that moves a row above or below another one.
    pub fn drop_beside(&self, id: TodoId, beside: TodoId, is_below: bool) -> Option<Change> {
        let after = self.behind(id, beside, is_below).filter(|_| id != beside)?;
        let shown = self.shown();
        let at = shown.iter().position(|todo| todo.id == id)?;
        let is_there = at.checked_sub(1).map(|at| shown[at].id) == after;
        self.moved_behind(id, after).filter(|_| !is_there)
    }

    fn moved_behind(&self, id: TodoId, after: Option<TodoId>) -> Option<Change> {
        let at = self.todos.iter().position(|todo| todo.id == id)?;
        let before = at.checked_sub(1).map(|before| self.todos[before].id);
        Some(Change::Move { id, after, before })
    }

    /// Announces the place of a row that was moved.
    pub fn announce_place(&mut self, id: TodoId) {
        let place = self.shown().iter().position(|todo| todo.id == id);
        self.announced = place.map(|at| Announced::Place(at + 1, self.count.shown(self.scope.filter)));
    }

    /// Removes a failure for a retry, and closes the editor that holds its title.
    pub fn retry(&mut self, nth: usize) -> Option<Failure> {
        let failure = self.dismiss(nth)?;
        let id = failure.change.as_ref().filter(|change| change.text().is_some()).and_then(Change::id);
        self.editor.take_if(|editor| Some(editor.id) == id);
        Some(failure)
    }

    pub fn dismiss(&mut self, nth: usize) -> Option<Failure> {
        (nth < self.failures.len()).then(|| self.failures.remove(nth))
    }
}

fn todo_of(todos: &[TodoView], id: Option<TodoId>) -> Option<&TodoView> {
    todos.iter().find(|todo| Some(todo.id) == id)
}

fn title_of(todos: &[TodoView], id: TodoId) -> Option<&str> {
    todo_of(todos, Some(id)).map(|todo| todo.title.as_str())
}

/// All fields, for a comparison.
fn fields_of(todo: &TodoView, notes: Option<TodoNotes>) -> TodoPatch {
    TodoPatch {
        title: Some(TodoTitle::stored(todo.title.clone())),
        notes,
        due_on: Some(todo.due_on),
        important: Some(todo.important),
        completed: Some(todo.completed),
        order: None,
    }
}
