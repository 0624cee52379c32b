//! The simulated page, server and user.

use super::{
    super::{Boxes, Change, Failure, Filter, Model, Sending, Step},
    event::{Event, Fate, Planted},
    server::{Server, Stored},
};
use crate::{
    contract::AppError,
    domain::{TodoId, TodoTitle},
};

pub struct World {
    planted: Planted,
    server: Server,
    model: Model,
    /// The pending step of the page.
    step: Step,
    new_todo: String,
    editor: Option<(TodoId, String)>,
    /// Whether the editor has user input, which a redraw keeps.
    is_typed_in: bool,
    /// All changes by the user.
    made: Vec<Change>,
    /// The applied change whose response was lost.
    unacknowledged: Option<Change>,
    /// Every entered title, with its todo.
    typed: Vec<(TodoId, String)>,
    /// Titles that the user discarded.
    dropped: Vec<String>,
    ids: u128,
    /// Whether a read failed, so the page's state may be stale.
    is_stale: bool,
}

impl World {
    pub fn new(planted: Planted) -> Self {
        let mut server = Server::default();
        for n in 1..=3_u128 {
            server.add(id(n), &format!("at first {n}"));
        }
        Self {
            planted,
            model: Model::new(server.list(), Filter::All),
            server,
            step: Step::Rest,
            new_todo: String::new(),
            editor: None,
            is_typed_in: false,
            made: Vec::new(),
            unacknowledged: None,
            typed: Vec::new(),
            dropped: Vec::new(),
            ids: 3,
            is_stale: false,
        }
    }

    fn text(&mut self, id: TodoId) -> String {
        let text = format!("typed {}", self.typed.len());
        self.typed.push((id, text.clone()));
        text
    }

    fn new_id(&mut self) -> TodoId {
        self.ids += 1;
        id(self.ids)
    }

    fn make(&mut self, change: Change) {
        if self.model.push(change) {
            self.made.extend(self.model.queue().back().cloned());
            self.model.apply_last();
            let step = self.model.send();
            self.follow(step);
        }
    }

    fn follow(&mut self, step: Step) {
        if step != Step::Rest {
            assert!(!matches!(self.step, Step::Send { .. } | Step::List), "two at once: {:?} and {step:?}", self.step);
            self.step = step;
        }
    }

    fn boxes(&self) -> Boxes {
        Boxes { new_todo: self.new_todo.clone(), editor: self.editor.as_ref().map(|(_, text)| text.clone()) }
    }

    /// Mirrors the page's redraw.
    fn draw(&mut self) {
        let Some(editor) = &self.model.editor else {
            self.editor = None;
            return;
        };
        if self.editor.as_ref().is_none_or(|(id, _)| *id != editor.id) {
            self.is_typed_in = false;
        }
        if !self.is_typed_in {
            self.editor = Some((editor.id, editor.typed.clone()));
        }
    }

    fn save(&mut self, is_decided: bool) {
        if let Some((id, text)) = self.editor.clone()
            && let Some(change) = self.model.save(id, &text, is_decided).unwrap()
        {
            self.make(change);
        }
    }

    fn shown(&self, nth: usize) -> Option<TodoId> {
        let todos = &self.model.todos;
        todos.get(nth.checked_rem(todos.len())?).map(|todo| todo.id)
    }

    fn stored(&mut self, nth: usize) -> Option<&mut Stored> {
        let mut present: Vec<_> = self.server.todos.iter_mut().filter(|stored| stored.deleted_at.is_none()).collect();
        let nth = nth.checked_rem(present.len())?;
        Some(present.swap_remove(nth))
    }

    pub fn happen(&mut self, event: &Event) {
        match *event {
            Event::Add => {
                let id = self.new_id();
                let typed = std::mem::take(&mut self.new_todo);
                let text = if typed.is_empty() { self.text(id) } else { typed };
                self.make(Change::Add { id, title: TodoTitle::parse(&text).unwrap() });
            }
            Event::Toggle(nth) => {
                if let Some(id) = self.shown(nth) {
                    let completed = self.model.todos.iter().any(|todo| todo.id == id && todo.completed);
                    self.make(Change::complete(id, !completed));
                }
            }
            Event::Delete(nth) => {
                self.save(false);
                if let Some(id) = self.shown(nth).filter(|_| self.model.editor.is_none()) {
                    self.make(Change::Delete(id));
                }
            }
            Event::CompleteAll => self.make(Change::CompleteAll),
            Event::ReopenAll => self.make(Change::ReopenAll),
            Event::ClearCompleted => {
                self.save(false);
                if self.model.editor.is_none() {
                    self.make(Change::ClearCompleted(0));
                }
            }
            Event::Undo => {
                if let Some(removed) = self.model.offers.pop() {
                    self.make(Change::Restore(removed));
                }
            }
            Event::BeginEditing(nth) => {
                self.save(false);
                if let Some(id) = self.shown(nth).filter(|_| self.model.editor.is_none()) {
                    self.model.edit(id);
                }
            }
            Event::Type => {
                if let Some((id, before)) = self.editor.clone() {
                    self.dropped.push(before);
                    self.editor = Some((id, self.text(id)));
                    self.is_typed_in = true;
                }
            }
            Event::Enter => self.save(true),
            Event::Blur => self.save(false),
            Event::Escape => {
                self.dropped.extend(self.editor.take().map(|(_, text)| text));
                self.model.editor = None;
            }
            Event::Retry => self.retry(),
            Event::Dismiss => self.dropped.extend(self.model.dismiss(0).and_then(|failure| failure.typed)),
            Event::Exchange(fate) => self.exchange(fate),
            Event::Resume => {
                let step = match self.step {
                    Step::Pause(_) => self.model.end_pause(),
                    Step::SignIn => self.model.start(),
                    _ => return,
                };
                self.step = Step::Rest;
                self.follow(step);
            }
            // A pending `Step::List` is answered by `Exchange`.
            Event::News if self.step != Step::List => {
                let (step, text) = self.model.listed(Some(self.server.list()), &self.boxes());
                assert_eq!(step, Step::Rest);
                self.new_todo += text.as_deref().unwrap_or_default();
            }
            Event::News => {}
            Event::RenameElsewhere(nth) => {
                self.server.clock += 1;
                let title = format!("elsewhere {}", self.server.clock);
                if let Some(stored) = self.stored(nth) {
                    stored.todo.title = title;
                }
            }
            Event::ToggleElsewhere(nth) => {
                if let Some(stored) = self.stored(nth) {
                    stored.todo.completed ^= true;
                }
            }
            Event::DeleteElsewhere(nth) => {
                if let Some(stored) = self.stored(nth) {
                    stored.deleted_at = Some(-1);
                }
            }
            Event::AddElsewhere => {
                let id = self.new_id();
                self.server.add(id, "elsewhere");
            }
        }
        self.draw();
    }

    fn retry(&mut self) {
        if self.model.failures.first().is_none_or(|failure| !failure.can_retry) {
            return;
        }
        self.save(false);
        // Saving can remove the failure.
        let failure = self.model.retry(0);
        for change in failure.into_iter().flat_map(|Failure { change, then, .. }| change.into_iter().chain(then)) {
            self.typed.extend(change.id().zip(change.title().map(|title| title.as_str().to_owned())));
            if change.title().is_some_and(|title| title.as_str() == self.new_todo) {
                self.new_todo.clear();
            }
            self.make(change);
        }
    }

    fn exchange(&mut self, fate: Fate) {
        let step = match std::mem::replace(&mut self.step, Step::Rest) {
            Step::Send { change, .. } => {
                let change = self.model.queue().get(1).filter(|_| self.planted == Planted::OutOfOrder).cloned().unwrap_or(change);
                let before = self.server.list();
                let answer = self.send(&change, fate);
                if matches!(fate, Fate::AnswerLost) && self.planted == Planted::LostAnswerIsRefusal {
                    self.model.answered(Err(AppError::Internal));
                    self.model.listed(Some(before), &self.boxes()).0
                } else {
                    self.model.answered(answer)
                }
            }
            Step::List => {
                let todos = matches!(fate, Fate::Answered).then(|| self.server.list());
                self.is_stale |= todos.is_none();
                let (step, text) = self.model.listed(todos, &self.boxes());
                self.new_todo += text.as_deref().unwrap_or_default();
                step
            }
            step => step,
        };
        self.follow(step);
    }

    fn send(&mut self, change: &Change, fate: Fate) -> Result<String, AppError> {
        let is_done = matches!(fate, Fate::Answered | Fate::AnswerLost | Fate::LateFault);
        let answer = if is_done { self.server.take(change) } else { Ok(String::new()) };
        if is_done {
            if self.planted == Planted::DoubledSend {
                self.server.done.push(change.clone());
            }
            if self.unacknowledged.take().as_ref() != Some(change) {
                self.server.done.push(change.clone());
            }
        }
        match fate {
            Fate::Answered => answer,
            Fate::AnswerLost => {
                self.unacknowledged = Some(change.clone());
                Err(AppError::Unreachable)
            }
            Fate::RequestLost => Err(AppError::Unreachable),
            Fate::Busy => Err(AppError::Unavailable),
            Fate::RateLimited => Err(AppError::RateLimited(30)),
            Fate::Fault | Fate::LateFault => Err(AppError::Internal),
            Fate::Intercepted => Err(AppError::Intercepted),
            Fate::SignedOut => Err(AppError::SignedOut),
        }
    }

    /// Answers every request until the page is idle.
    pub fn settle(&mut self) {
        for _ in 0..1000 {
            match self.step {
                Step::Rest => return assert!(self.model.queue().is_empty() && self.model.sending == Sending::Idle),
                Step::Pause(_) | Step::SignIn => self.happen(&Event::Resume),
                _ => self.happen(&Event::Exchange(Fate::Answered)),
            }
        }
        panic!("it never ends");
    }

    pub fn check(&mut self, events: &[Event]) {
        let is_alone = !events.iter().any(|event| {
            use Event::{AddElsewhere, DeleteElsewhere, RenameElsewhere, ToggleElsewhere};
            matches!(event, AddElsewhere | DeleteElsewhere(_) | RenameElsewhere(_) | ToggleElsewhere(_))
        });
        if is_alone && !self.is_stale {
            assert_eq!(self.model.todos, self.server.list(), "page and server");
        }
        self.happen(&Event::News);
        assert_eq!(self.model.todos, self.server.list(), "page and server, once it has news");

        let mut made = self.made.iter();
        for done in &self.server.done {
            assert!(made.any(|change| is_same(change, done)), "sent twice, or out of order: {done:?}");
        }
        for (at, (id, text)) in self.typed.iter().enumerate() {
            let is_later = self.typed[at + 1..].iter().any(|(other, _)| other == id);
            let is_reported = self.model.failures.iter().any(|failure| failure.typed.as_ref() == Some(text));
            let is_in_box = self.new_todo == *text || self.editor.as_ref().is_some_and(|(_, typed)| typed == text);
            let is_safe =
                is_later || is_reported || is_in_box || self.server.titles.contains(text) || self.dropped.contains(text);
            assert!(is_safe, "lost: {text}");
        }
    }
}

/// A restore may have got the deletion time from the server meanwhile.
fn is_same(change: &Change, done: &Change) -> bool {
    match (change, done) {
        (Change::Restore(made), Change::Restore(done)) => made.first() == done.first(),
        _ => change == done,
    }
}

fn id(n: u128) -> TodoId {
    uuid::Uuid::from_u128(n).into()
}
