//! The state machine of the list: the server's state, the queue of unsent changes, and the optimistic state that is shown.

use std::collections::VecDeque;

use super::{
    change::Change,
    editor::{Boxes, Editor},
    failure::Failure,
    filter::{Count, Filter},
    removed::Removed,
    sending::{Sending, Step},
};
use crate::{
    contract::{AppError, TodoView},
    domain::{TitleError, TodoId, TodoTitle},
};

#[derive(Clone, Debug)]
pub struct Model {
    /// The last known state of the server.
    saved: Vec<TodoView>,
    /// Changes that are not confirmed yet.
    queue: VecDeque<Change>,
    /// Optimistic state before filtering: `saved` with `queue` applied.
    pub todos: Vec<TodoView>,
    pub count: Count,
    pub filter: Filter,
    /// The count for screen readers.
    pub announced: Option<(Filter, usize)>,
    pub sending: Sending,
    /// Number of late changes at the front of the queue.
    late: usize,
    pub failures: Vec<Failure>,
    pub editor: Option<Editor>,
    /// Deletions that can be undone, the latest at the end.
    pub offers: Vec<Removed>,
    /// Sequence number of the last [`Change::ClearCompleted`].
    cleared: u32,
}

impl Model {
    pub fn new(todos: Vec<TodoView>, filter: Filter) -> Self {
        Self {
            saved: todos.clone(),
            queue: VecDeque::new(),
            count: Count::of(&todos),
            todos,
            filter,
            announced: None,
            sending: Sending::Idle,
            late: 0,
            failures: Vec::new(),
            editor: None,
            offers: Vec::new(),
            cleared: 0,
        }
    }

    pub fn queue(&self) -> &VecDeque<Change> {
        &self.queue
    }

    /// Queues a change, and an undo offer for a deletion. [`Self::apply_last`] applies it, after the caller has noted it as
    /// unsaved. Returns false for a deletion of nothing.
    pub fn push(&mut self, mut change: Change) -> bool {
        if let Change::ClearCompleted(nth) = &mut change {
            self.cleared += 1;
            *nth = self.cleared;
        }
        if let Some(removed) = change.removed(&self.todos) {
            if removed.todos.is_empty() {
                return false;
            }
            self.offers.push(removed);
        }
        // Keeps failures that hold the only copy of a title.
        self.failures.retain(|failure| failure.typed.is_some());
        self.queue.push_back(change);
        true
    }

    pub fn apply_last(&mut self) {
        if let Some(change) = self.queue.back() {
            change.apply(&mut self.todos);
        }
        self.count();
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
            (Sending::Asking(_), _) => Step::List,
            (Sending::Waiting(AppError::RateLimited(seconds)), _) => Step::Pause(seconds),
            (Sending::Waiting(_), _) => Step::Pause(0),
            (Sending::SignedOut, _) => Step::SignIn,
            (Sending::UnderWay { .. } | Sending::Idle, _) => {
                self.sending = Sending::Idle;
                Step::Rest
            }
        }
    }

    fn is_under_way(&self) -> bool {
        matches!(self.sending, Sending::UnderWay { .. } | Sending::Asking(_))
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
            Ok(answer) => self.accepted(answer),
            Err(AppError::SignedOut) => Sending::SignedOut,
            Err(error @ (AppError::Unreachable | AppError::Unavailable | AppError::RateLimited(_))) => Sending::Waiting(error),
            Err(error) => Sending::Asking(error),
        };
        self.step()
    }

    fn accepted(&mut self, answer: String) -> Sending {
        let Some(change) = self.queue.front() else { return Sending::Idle };
        change.apply(&mut self.saved);
        match change {
            // Reads the list, because a restore returns the server's versions, possibly more todos, or none.
            Change::Restore(_) => return Sending::Asking(AppError::NotFound),
            Change::ClearCompleted(nth) if answer != "null" => {
                if let Some(removed) = self.offers.iter_mut().find(|removed| removed.cleared == Some(*nth)) {
                    removed.at = Some(answer);
                }
            }
            _ => {}
        }
        self.pop();
        Sending::UnderWay { is_retry: false }
    }

    fn pop(&mut self) -> Option<Change> {
        self.late = self.late.saturating_sub(1);
        self.queue.pop_front()
    }

    /// Handles the list from the server, `None` if it could not be read. Rolls back the rejected change unless the list includes
    /// it. Returns the text to put into the input for new todos.
    pub fn listed(&mut self, todos: Option<Vec<TodoView>>, boxes: &Boxes) -> (Step, Option<String>) {
        if matches!(self.sending, Sending::UnderWay { .. }) {
            // The list may be older or newer than the request in flight.
            return (Step::Rest, None);
        }
        let rejected = if let Sending::Asking(error) = self.sending { self.pop().map(|change| (change, error)) } else { None };
        let is_answer = rejected.is_some();
        let title = rejected.as_ref().and_then(|(change, _)| title_of(&self.saved, change.id()?)).map(str::to_owned);
        let is_known = todos.is_some();
        if let Some(todos) = todos {
            self.saved = todos;
        }
        let mut new_todo = boxes.new_todo.is_empty().then(String::new);
        if let Some((change, error)) = rejected {
            self.sending = Sending::UnderWay { is_retry: false };
            if !change.is_in(&self.saved) {
                self.roll_back(change, Failure { title, is_known, ..Failure::of_form(error) }, &mut new_todo);
            }
        }
        self.apply_all();
        self.refresh_editor(boxes, &mut new_todo);
        let step = if is_answer { self.step() } else { Step::Rest };
        (step, new_todo.filter(|text| !text.is_empty()))
    }

    /// Records the failure, and returns the entered title to an input, or else to the message.
    fn roll_back(&mut self, mut change: Change, mut failure: Failure, new_todo: &mut Option<String>) {
        failure.then = self.remove_dependents(&mut change);
        self.apply_all();
        let saved = &self.saved;
        self.offers
            .retain(|removed| removed.todos.iter().all(|it| !change.deletes(&it.todo) || title_of(saved, it.todo.id).is_none()));
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

    fn apply_all(&mut self) {
        self.todos.clone_from(&self.saved);
        self.queue.iter().for_each(|change| change.apply(&mut self.todos));
        self.count();
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
            && let Some(theirs) = title_of(&self.saved, editor.id)
        {
            theirs.clone_into(&mut editor.seen);
        }
    }

    fn count(&mut self) {
        let count = Count::of(&self.todos);
        if self.count != count {
            self.count = count;
            self.announced = Some((Filter::Active, count.active));
        }
    }

    pub fn show(&mut self, filter: Filter) {
        self.filter = filter;
        self.announced = Some((filter, self.count.shown(filter)));
    }

    /// Whether the filter matches. A todo in the editor always does, or its input would be lost.
    pub fn shows(&self, todo: &TodoView) -> bool {
        self.filter.includes(todo.completed) || self.editor.as_ref().is_some_and(|editor| editor.id == todo.id)
    }

    /// Also finds a todo whose deletion or addition is pending.
    pub fn title_of(&self, id: TodoId) -> Option<&str> {
        title_of(&self.todos, id).or_else(|| title_of(&self.saved, id))
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
