//! The state machine of the list: the server's state, the queue of unsent changes, and the optimistic state that is shown.

use std::collections::VecDeque;

use super::{
    bulk::Bulk,
    change::Change,
    editor::{Boxes, Editor},
    failure::Failure,
    filter::{Count, Filter, with_parameter},
    sending::{Sending, Step, Want},
    undo::Undo,
    window::{Read, Window},
};
use crate::{
    contract::{AppError, TodoPage, TodoView},
    domain::{TitleError, TodoId, TodoTitle},
};

#[derive(Clone, Debug)]
pub struct Model {
    /// The last known state of the server.
    saved: Window,
    /// Changes that are not confirmed yet.
    queue: VecDeque<Change>,
    /// Optimistic state before filtering: the loaded rows with `queue` applied.
    pub todos: Vec<TodoView>,
    /// Of all todos, loaded or not.
    pub count: Count,
    pub filter: Filter,
    /// The count for screen readers.
    pub announced: Option<(Filter, usize)>,
    pub sending: Sending,
    /// Number of late changes at the front of the queue.
    late: usize,
    pub failures: Vec<Failure>,
    pub editor: Option<Editor>,
    /// Changes that can be undone, the latest at the end.
    pub offers: Vec<Undo>,
    /// Sequence number of the last bulk change.
    bulk: u32,
    /// The list is to be read once the queue is empty.
    want: Option<Want>,
    /// The read in flight.
    read: Option<Read>,
    /// The last read failed, so the page asks the user before it tries again.
    is_unread: bool,
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
#[derive(Clone, Debug)]
pub struct Part {
    pub filter: Filter,
    /// Cursor of the row before the first.
    after: Option<String>,
}

impl Part {
    /// URL of the editor without scripting, which keeps the page of the list.
    pub fn edit_href(&self, id: &str) -> String {
        let href = self.filter.href_with("edit", id);
        match &self.after {
            Some(after) => with_parameter(&href, "after", after),
            None => href,
        }
    }
}

impl Model {
    /// `after` is the cursor of the row before the first.
    pub fn new(page: TodoPage, filter: Filter, after: Option<String>) -> Self {
        let saved = Window::new(page, filter, after);
        Self {
            queue: VecDeque::new(),
            count: saved.count,
            todos: saved.todos.clone(),
            saved,
            filter,
            announced: None,
            sending: Sending::Idle,
            late: 0,
            failures: Vec::new(),
            editor: None,
            offers: Vec::new(),
            bulk: 0,
            want: None,
            read: None,
            is_unread: false,
        }
    }

    pub fn queue(&self) -> &VecDeque<Change> {
        &self.queue
    }

    /// Queues a change, and the offer to undo it. [`Self::apply_last`] applies it, after the caller has noted it as unsaved. Returns
    /// false for a change of nothing.
    pub fn push(&mut self, mut change: Change) -> bool {
        if let Change::All(_, nth) = &mut change {
            self.bulk += 1;
            *nth = self.bulk;
        }
        if let Some(undo) = change.undo(&self.todos, self.count) {
            if undo.count == 0 {
                return false;
            }
            self.offers.push(undo);
        }
        // Keeps failures that hold the only copy of a title.
        self.failures.retain(|failure| failure.typed.is_some());
        self.queue.push_back(change);
        true
    }

    pub fn apply_last(&mut self) {
        let mut count = self.count;
        if let Some(change) = self.queue.back() {
            change.apply(&mut self.todos, &mut count);
        }
        self.count(count, true);
    }

    /// Asks for the list, after the changes that are unsent.
    pub fn want(&mut self, want: Want) -> Step {
        let is_coming = match want {
            Want::News => self.want.is_some() || self.sending == Sending::Reading,
            Want::More => self.read.as_ref().is_some_and(|read| read.is_more),
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
                let Some(want) = self.want.take() else {
                    self.sending = Sending::Idle;
                    return Step::Rest;
                };
                self.sending = Sending::Reading;
                self.ask(want)
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
            read = Read { filter: self.filter, after: None, rows: 0, ..read };
        } else if want == Want::News {
            read.tag = Some(self.saved.tag.clone());
        }
        // A todo whose change was rejected.
        let asked = self.queue.front().and_then(Change::id).filter(|id| !self.saved.is_whole() && !read.others.contains(id));
        read.others.extend(asked);
        self.read = Some(read.clone());
        Step::List(read)
    }

    /// Whether the loaded rows are those of another filter.
    fn is_turned(&self) -> bool {
        !self.saved.is_whole() && self.saved.filter != self.filter
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
        self.saved.apply(change);
        match change {
            // Reads the list, because a restored todo is as the server has it, or gone for good.
            Change::Undo(undo) if undo.bulk.is_none() || answer == "0" => return Sending::Asking(AppError::NotFound),
            Change::Undo(_) => self.want = Some(Want::List),
            Change::All(bulk, nth) => {
                let bulk = (*bulk, *nth);
                self.pop();
                self.identify(bulk, Some(answer).filter(|version| *version != "null"));
                if !self.saved.is_whole() && self.saved.filter != Filter::All {
                    // Todos that are not loaded belong under the filter now.
                    self.want = Some(Want::List);
                }
                return Sending::UnderWay { is_retry: false };
            }
            _ => {}
        }
        self.pop();
        Sending::UnderWay { is_retry: false }
    }

    /// A bulk change was made, with this version; without one it can't be undone, because it changed nothing or its answer was lost.
    fn identify(&mut self, bulk: (Bulk, u32), version: Option<&str>) {
        let Some(version) = version else {
            self.forget(bulk);
            self.want = Some(Want::List);
            return;
        };
        let queued = self.queue.iter_mut().filter_map(|change| if let Change::Undo(undo) = change { Some(undo) } else { None });
        for undo in self.offers.iter_mut().chain(queued).filter(|undo| undo.bulk == Some(bulk)) {
            undo.version = Some(version.to_owned());
        }
    }

    /// Removes what would undo a bulk change.
    fn forget(&mut self, bulk: (Bulk, u32)) {
        self.offers.retain(|undo| undo.bulk != Some(bulk));
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
                self.saved.merge(read, page);
                // The filter has changed meanwhile, or the count lacks changes of todos that are not in the new rows.
                if self.is_turned() || !(self.saved.is_whole() || self.queue.is_empty()) {
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
            if !change.is_in(&self.saved.todos, self.saved.count) {
                self.roll_back(change, Failure { title, is_known, ..Failure::of_form(error) }, &mut new_todo);
            } else if let Change::All(bulk, nth) = change {
                self.identify((bulk, nth), None);
            }
        }
        self.apply_all(is_answer);
        self.refresh_editor(boxes, &mut new_todo);
        (self.step(), new_todo.filter(|text| !text.is_empty()))
    }

    /// Records the failure, and returns the entered title to an input, or else to the message.
    fn roll_back(&mut self, mut change: Change, mut failure: Failure, new_todo: &mut Option<String>) {
        failure.then = self.remove_dependents(&mut change);
        match &change {
            Change::All(bulk, nth) => self.forget((*bulk, *nth)),
            Change::Delete(id) => self.offers.retain(|undo| undo.bulk.is_some() || undo.first() != Some(*id)),
            _ => {}
        }
        self.apply_all(true);
        let saved = &self.saved.todos;
        if let Some(title) = failure.then.as_ref().unwrap_or(&change).title() {
            let typed = title.as_str().to_owned();
            let is_conflict = failure.error == AppError::ChangedElsewhere && failure.is_known;
            let theirs = change.id().filter(|id| title_of(&self.todos, *id).is_some());
            let theirs = theirs.and_then(|id| Some((id, title_of(saved, id)?.to_owned())));
            match (theirs, &mut self.editor) {
                // An open editor keeps its newer input, except in a conflict.
                (Some((id, seen)), editor) if editor.as_ref().is_none_or(|editor| editor.id == id && is_conflict) => {
                    *editor = Some(Editor { id, seen, typed, is_conflict });
                    if is_conflict {
                        return;
                    }
                }
                (None, _) if new_todo.as_ref().is_some_and(String::is_empty) => *new_todo = Some(typed),
                (theirs, editor) => {
                    failure.typed = Some(typed);
                    if let (Some((id, seen)), Some(editor)) = (theirs, editor)
                        && editor.id == id
                    {
                        editor.seen = seen;
                    }
                }
            }
        }
        // A retry would be rejected again.
        let is_final = matches!(failure.error, AppError::ChangedElsewhere | AppError::NotFound);
        self.failures.push(Failure { can_retry: !is_final || failure.typed.is_some(), change: Some(change), ..failure });
    }

    /// Removes the queued changes that depend on a rejected title: later renames, and every change to a todo that was not added.
    /// Returns the last rename of such a todo, because a retried addition does not change a todo that exists after all.
    fn remove_dependents(&mut self, change: &mut Change) -> Option<Change> {
        change.title()?;
        let (id, is_added, mut last) = (change.id(), matches!(change, Change::Add { .. }), None);
        self.queue.retain(|later| {
            let is_taken = later.id() == id && (is_added || later.title().is_some());
            if is_taken {
                last = later.title().cloned().or(last.take());
            }
            !is_taken
        });
        match (change, last) {
            (Change::Edit { patch, .. }, Some(last)) => patch.title = Some(last),
            (Change::Add { id, title }, Some(last)) => return Some(Change::rename(*id, title.as_str().to_owned(), last)),
            _ => {}
        }
        None
    }

    fn apply_all(&mut self, is_announced: bool) {
        self.todos.clone_from(&self.saved.todos);
        let mut count = self.saved.count;
        self.queue.iter().for_each(|change| change.apply(&mut self.todos, &mut count));
        self.count(count, is_announced);
    }

    /// Closes the editor of a deleted todo and keeps its text. Updates the server's title in a conflict.
    fn refresh_editor(&mut self, boxes: &Boxes, new_todo: &mut Option<String>) {
        let todos = &self.todos;
        if let Some(editor) = self.editor.take_if(|editor| title_of(todos, editor.id).is_none()) {
            let typed = boxes.editor.clone().unwrap_or(editor.typed);
            if typed != editor.seen && !TodoTitle::is_blank(&typed) {
                let title = TodoTitle::parse(&typed).ok();
                let mut failure = Failure { is_known: true, ..Failure::of_form(AppError::NotFound) };
                failure.change = title.map(|title| Change::rename(editor.id, editor.seen.clone(), title));
                failure.title = Some(editor.seen);
                if new_todo.as_ref().is_some_and(String::is_empty) {
                    *new_todo = Some(typed);
                } else {
                    failure.can_retry = failure.change.is_some();
                    failure.typed = Some(typed);
                }
                self.failures.push(failure);
            }
        }
        if let Some(editor) = self.editor.as_mut().filter(|editor| editor.is_conflict)
            && let Some(theirs) = title_of(&self.saved.todos, editor.id)
        {
            theirs.clone_into(&mut editor.seen);
        }
    }

    /// What happened elsewhere is not announced.
    fn count(&mut self, count: Count, is_announced: bool) {
        let count = if self.saved.is_whole() { Count::of(&self.todos) } else { count };
        if self.count != count {
            self.count = count;
            if is_announced {
                self.announce();
            }
        }
    }

    pub fn announce(&mut self) {
        self.announced = Some((Filter::Active, self.count.active));
    }

    /// Shows what is known; the rest follows.
    pub fn show(&mut self, filter: Filter) -> Step {
        self.filter = filter;
        self.announced = Some((filter, self.count.shown(filter)));
        self.is_unread = false;
        if self.is_turned() { self.want(Want::List) } else { Step::Rest }
    }

    /// `None` if all todos are loaded.
    pub fn more(&self) -> Option<More> {
        if self.saved.is_whole() {
            return None;
        }
        let shown = self.todos.iter().filter(|todo| self.filter.includes(todo.completed)).count();
        let count = self.count.shown(self.filter);
        let href = match (&self.saved.next, self.is_turned()) {
            (_, true) => Some(self.filter.href().to_owned()),
            (next, false) => next.as_ref().map(|next| self.filter.href_with("after", next)),
        };
        let href = href.filter(|_| shown < count);
        let is_later = self.saved.after.is_some() && !self.is_turned();
        Some(More { shown, count, href, is_later, is_unread: self.is_unread }).filter(|more| more.href.is_some() || is_later)
    }

    pub fn part(&self) -> Part {
        Part { filter: self.filter, after: self.saved.after.clone() }
    }

    /// Whether the filter matches. A todo in the editor always does, or its input would be lost.
    pub fn shows(&self, todo: &TodoView) -> bool {
        self.filter.includes(todo.completed) || self.editor.as_ref().is_some_and(|editor| editor.id == todo.id)
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

    pub fn edit(&mut self, id: TodoId) {
        if let Some(title) = title_of(&self.todos, id) {
            self.editor = Some(Editor { id, seen: title.to_owned(), typed: title.to_owned(), is_conflict: false });
        }
    }

    /// Closes the editor and returns its change. `is_decided` is false for a blur, which resolves no conflict.
    pub fn save(&mut self, id: TodoId, typed: &str, is_decided: bool) -> Result<Option<Change>, TitleError> {
        let Some(editor) = self.editor.as_ref().filter(|editor| editor.id == id && (is_decided || !editor.is_conflict)) else {
            return Ok(None);
        };
        let change = match TodoTitle::parse(typed) {
            Ok(title) if title.as_str() == editor.seen => None,
            Ok(title) => Some(Change::rename(id, editor.seen.clone(), title)),
            Err(TitleError::Blank) => Some(Change::Delete(id)),
            // The editor stays open.
            Err(error) => return Err(error),
        };
        self.editor = None;
        Ok(change)
    }

    /// Removes a failure for a retry, and closes the editor that holds its title.
    pub fn retry(&mut self, nth: usize) -> Option<Failure> {
        let failure = self.dismiss(nth)?;
        let id = failure.change.as_ref().filter(|change| change.title().is_some()).and_then(Change::id);
        self.editor.take_if(|editor| Some(editor.id) == id);
        Some(failure)
    }

    pub fn dismiss(&mut self, nth: usize) -> Option<Failure> {
        (nth < self.failures.len()).then(|| self.failures.remove(nth))
    }
}

pub fn title_of(todos: &[TodoView], id: TodoId) -> Option<&str> {
    todos.iter().find(|todo| todo.id == id).map(|todo| todo.title.as_str())
}
