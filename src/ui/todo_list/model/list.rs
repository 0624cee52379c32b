//! The list: what the server has, what is still to be sent to it, and what is shown.

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
    /// What the server has, as far as it told.
    saved: Vec<TodoView>,
    /// What the server has not answered yet.
    queue: VecDeque<Change>,
    /// What is shown, but for the filter: `saved` with `queue` done to it.
    pub todos: Vec<TodoView>,
    pub count: Count,
    pub filter: Filter,
    /// What a screen reader is told: so many todos of this filter.
    pub announced: Option<(Filter, usize)>,
    pub sending: Sending,
    /// So many of the queue, from its beginning, have waited for long.
    late: usize,
    pub failures: Vec<Failure>,
    pub editor: Option<Editor>,
    /// What Undo brings back, the last first.
    pub offers: Vec<Removed>,
    /// How often the completed were cleared.
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

    /// Queues a change, with an offer to undo it if it deletes. It is not done yet ([`Self::apply_last`]): first, outside of this
    /// program, it is noted as not saved. Says whether there is anything to do.
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
        // But for what was typed and is nowhere else.
        self.failures.retain(|failure| failure.typed.is_some());
        self.queue.push_back(change);
        true
    }

    /// Does what was queued last.
    pub fn apply_last(&mut self) {
        if let Some(change) = self.queue.back() {
            change.apply(&mut self.todos);
        }
        self.count();
    }

    /// Begins to send, unless that is being done or has no use yet.
    pub fn send(&mut self) -> Step {
        match self.sending {
            Sending::Idle => self.start(),
            Sending::SignedOut => Step::SignIn,
            _ => Step::Rest,
        }
    }

    /// The pause is over, or there is a network again; but the session may have ended meanwhile.
    pub fn end_pause(&mut self) -> Step {
        if matches!(self.sending, Sending::Waiting(_)) { self.start() } else { Step::Rest }
    }

    /// Goes on after whatever kept it.
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

    /// The session has ended. What is under way finds that out by itself.
    pub fn sign_out(&mut self) {
        if !self.is_under_way() {
            self.sending = Sending::SignedOut;
        }
    }

    /// The server has answered the first of the queue; or nobody has.
    pub fn answered(&mut self, answer: Result<String, AppError>) -> Step {
        self.sending = match answer {
            Ok(answer) => self.accepted(answer),
            Err(AppError::SignedOut) => Sending::SignedOut,
            // Waiting helps; nobody needs to be asked.
            Err(error @ (AppError::Unreachable | AppError::Unavailable | AppError::RateLimited(_))) => Sending::Waiting(error),
            Err(error) => Sending::Asking(error),
        };
        self.step()
    }

    fn accepted(&mut self, answer: String) -> Sending {
        let Some(change) = self.queue.front() else { return Sending::Idle };
        change.apply(&mut self.saved);
        match change {
            // It comes back as the server had it, and others may come with it. Or it is gone for good.
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

    /// The server has said what it has; or nobody has. If the first of the queue is not in there, it is taken back.
    /// Gives the text for the box of new todos, if one is to be there.
    pub fn listed(&mut self, todos: Option<Vec<TodoView>>, boxes: &Boxes) -> (Step, Option<String>) {
        if matches!(self.sending, Sending::UnderWay { .. }) {
            // It may be from before what is under way, or from after it.
            return (Step::Rest, None);
        }
        let refused = if let Sending::Asking(error) = self.sending { self.pop().map(|change| (change, error)) } else { None };
        let is_answer = refused.is_some();
        let title = refused.as_ref().and_then(|(change, _)| title_of(&self.saved, change.id()?)).map(str::to_owned);
        let is_known = todos.is_some();
        if let Some(todos) = todos {
            self.saved = todos;
        }
        let mut new_todo = boxes.new_todo.is_empty().then(String::new);
        if let Some((change, error)) = refused {
            self.sending = Sending::UnderWay { is_retry: false };
            if !change.is_in(&self.saved) {
                self.refuse(change, Failure { title, is_known, ..Failure::of_form(error) }, &mut new_todo);
            }
        }
        self.apply_all();
        self.leave_what_is_gone(boxes, &mut new_todo);
        let step = if is_answer { self.step() } else { Step::Rest };
        (step, new_todo.filter(|text| !text.is_empty()))
    }

    /// Tells that a change was refused, and gives back what was typed for it: to where it was typed, or where it can be seen.
    fn refuse(&mut self, mut change: Change, mut failure: Failure, new_todo: &mut Option<String>) {
        failure.then = self.take_later(&mut change);
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
                // What is typed in it by now counts.
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
        // What was changed elsewhere, or is gone, is refused once more.
        let is_final = matches!(failure.error, AppError::ChangedElsewhere | AppError::NotFound);
        self.failures.push(Failure { can_retry: !is_final || failure.typed.is_some(), change: Some(change), ..failure });
    }

    /// If a title can't be saved, those that were typed for the same todo after it can't either: the last of them counts. And what was
    /// done to a todo that was not added can't be done. Gives the last title of such a todo, which is no part of adding it: it may be there
    /// for all that, and adding it again would not change it.
    fn take_later(&mut self, change: &mut Change) -> Option<Change> {
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

    /// Does to `saved` what is not answered yet.
    fn apply_all(&mut self) {
        self.todos.clone_from(&self.saved);
        self.queue.iter().for_each(|change| change.apply(&mut self.todos));
        self.count();
    }

    /// The editor of a todo that is gone closes, and what is typed in it is given back. One that stands for a conflict has the choice
    /// between what is typed and what the server has now.
    fn leave_what_is_gone(&mut self, boxes: &Boxes, new_todo: &mut Option<String>) {
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

    /// Whether the filter lets the todo through. What is being edited is shown all the same, or what was typed would be lost.
    pub fn shows(&self, todo: &TodoView) -> bool {
        self.filter.includes(todo.completed) || self.editor.as_ref().is_some_and(|editor| editor.id == todo.id)
    }

    /// The title of a todo, also of one that is deleted or added and not saved yet.
    pub fn title_of(&self, id: TodoId) -> Option<&str> {
        title_of(&self.todos, id).or_else(|| title_of(&self.saved, id))
    }

    /// Whether nothing that somebody did or typed would be lost with the list.
    pub fn is_spare(&self) -> bool {
        self.queue.is_empty() && self.editor.is_none() && self.failures.iter().all(|failure| failure.typed.is_none())
    }

    /// What is in the queue has waited for long.
    pub fn grow_late(&mut self) {
        self.late = self.queue.len();
    }

    /// Whether something done to the todo, or to many, has not been saved for long.
    pub fn is_late(&self, id: Option<TodoId>) -> bool {
        self.queue.iter().take(self.late).any(|change| change.id() == id)
    }

    /// Opens the editor of a todo.
    pub fn edit(&mut self, id: TodoId) {
        if let Some(title) = title_of(&self.todos, id) {
            self.editor = Some(Editor { id, seen: title.to_owned(), typed: title.to_owned(), is_conflict: false });
        }
    }

    /// Ends the editing of a todo, once: by Enter, or by leaving the box, which decides no conflict. Gives what is to be done by that.
    pub fn save(&mut self, id: TodoId, typed: &str, is_decided: bool) -> Result<Option<Change>, TitleError> {
        let Some(editor) = self.editor.as_ref().filter(|editor| editor.id == id && (is_decided || !editor.is_conflict)) else {
            return Ok(None);
        };
        let change = match TodoTitle::parse(typed) {
            Ok(title) if title.as_str() == editor.seen => None,
            Ok(title) => Some(Change::rename(id, editor.seen.clone(), title)),
            Err(TitleError::Blank) => Some(Change::Delete(id)),
            // Stays open, with what was typed.
            Err(error) => return Err(error),
        };
        self.editor = None;
        Ok(change)
    }

    /// Takes what failed from the list of failures, to do it once more.
    pub fn retry(&mut self, nth: usize) -> Option<Failure> {
        let failure = self.dismiss(nth)?;
        // It was given back, and is taken from there again.
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
