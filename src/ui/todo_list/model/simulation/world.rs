//! The simulated page, server and user.

use super::{
    super::{Boxes, Change, Failure, Fields, Model, Sending, Step, Want},
    event::{Event, Fate, Planted},
    server::{Server, Stored},
};
use crate::{
    contract::{AppError, Scope, TodoView},
    domain::{TodoId, TodoPatch, TodoTitle},
};

pub struct World {
    planted: Planted,
    server: Server,
    model: Model,
    /// The pending step of the page.
    step: Step,
    new_todo: String,
    editor: Option<(TodoId, Fields)>,
    /// Whether the title and the notes have user input, which a redraw keeps.
    is_typed_in: [bool; 2],
    /// All changes by the user.
    made: Vec<Change>,
    /// The applied change whose response was lost.
    unacknowledged: Option<Change>,
    /// Every entered title and all notes (`true`), with their todo.
    typed: Vec<(TodoId, bool, String)>,
    /// Texts that the user discarded.
    dropped: Vec<String>,
    ids: u128,
    /// Whether a read failed, so the page's state may be stale.
    is_stale: bool,
}

impl World {
    pub fn new(size: usize, planted: Planted) -> Self {
        let mut server = Server::new(size);
        for n in 1..=3_u128 {
            server.add(TodoView::new(id(n), &format!("at first {n}")));
        }
        Self {
            planted,
            model: Model::new(server.page(&Scope::default(), None), Scope::default(), None),
            server,
            step: Step::Rest,
            new_todo: String::new(),
            editor: None,
            is_typed_in: [false; 2],
            made: Vec::new(),
            unacknowledged: None,
            typed: Vec::new(),
            dropped: Vec::new(),
            ids: 3,
            is_stale: false,
        }
    }

    fn text(&mut self, id: TodoId, is_notes: bool) -> String {
        let text = format!("typed {}.", self.typed.len());
        self.typed.push((id, is_notes, text.clone()));
        text
    }

    fn new_id(&mut self) -> TodoId {
        self.ids += 1;
        id(self.ids)
    }

    fn make(&mut self, change: Change) {
        if self.model.push(change) {
            self.enqueued();
        }
    }

    fn enqueued(&mut self) {
        self.made.extend(self.model.queue().back().cloned());
        self.model.apply_last();
        let step = self.model.send();
        self.follow(step);
    }

    fn follow(&mut self, step: Step) {
        if step != Step::Rest {
            assert!(
                !matches!(self.step, Step::Send { .. } | Step::List(_) | Step::Notes(_)),
                "two at once: {:?} and {step:?}",
                self.step
            );
            self.step = step;
        }
    }

    fn boxes(&self) -> Boxes {
        Boxes { new_todo: self.new_todo.clone(), editor: self.editor.as_ref().map(|(_, fields)| fields.clone()) }
    }

    /// Mirrors the page's redraw.
    fn draw(&mut self) {
        let Some(editor) = &self.model.editor else {
            self.editor = None;
            return;
        };
        let before = self.editor.take_if(|(id, _)| *id == editor.id);
        if before.is_none() {
            self.is_typed_in = [false; 2];
        }
        let mut fields = editor.typed.clone();
        if let Some((_, before)) = before {
            if self.is_typed_in[0] {
                fields.title = before.title;
            }
            if self.is_typed_in[1] {
                fields.notes = before.notes;
            }
        }
        self.editor = Some((editor.id, fields));
    }

    fn save(&mut self, is_decided: bool) {
        if let Some((id, fields)) = self.editor.clone()
            && let Some(change) = self.model.save(id, &fields, is_decided).unwrap()
        {
            self.make(change);
        }
    }

    fn shown(&self, nth: usize) -> Option<TodoId> {
        let shown = self.model.shown();
        shown.get(nth.checked_rem(shown.len())?).map(|todo| todo.id)
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each event")]
    pub fn happen(&mut self, event: &Event) {
        match *event {
            Event::Add => {
                let id = self.new_id();
                let typed = std::mem::take(&mut self.new_todo);
                let text = if typed.is_empty() { self.text(id, false) } else { typed };
                let change = self.model.addition(id, TodoTitle::parse(&text).unwrap()).unwrap();
                if change.title().is_some_and(|title| title.as_str() != text) {
                    // With the tag of the view.
                    self.dropped.push(text);
                }
                self.typed.extend(change.title().map(|title| (id, false, title.as_str().to_owned())));
                self.make(change);
            }
            Event::Toggle(nth) => {
                if let Some(id) = self.shown(nth) {
                    let completed = self.model.todos.iter().any(|todo| todo.id == id && todo.completed);
                    self.make(Change::complete(id, !completed));
                }
            }
            Event::Star(nth) => {
                if let Some(id) = self.shown(nth) {
                    let important = self.model.todos.iter().any(|todo| todo.id == id && todo.important);
                    self.make(Change::star(id, !important));
                }
            }
            Event::Shift(nth, down) => {
                if let Some(change) = self.shown(nth).and_then(|id| self.model.shift(id, down)) {
                    self.make(change);
                }
            }
            Event::Delete(nth) => {
                self.save(false);
                if let Some(id) = self.shown(nth).filter(|_| self.model.editor.is_none()) {
                    self.make(Change::Delete(id));
                }
            }
            Event::Date(nth, days) => {
                if let Some((id, before)) = self.shown(nth).and_then(|id| Some((id, self.model.todo(id)?.due_on))) {
                    let due_on = days.checked_sub(1).map(|days| self.server.today.plus_days(days));
                    let of = |due_on| TodoPatch { due_on: Some(due_on), ..TodoPatch::default() };
                    if let Some(change) = Change::replace(id, of(before), of(due_on)) {
                        self.make(change);
                    }
                }
            }
            Event::Drop(nth, beside, below) => {
                let change =
                    self.shown(nth).zip(self.shown(beside)).and_then(|(id, beside)| self.model.drop_beside(id, beside, below));
                if let Some(change) = change {
                    self.make(change);
                }
            }
            Event::All(kind) => {
                self.save(false);
                if self.model.editor.is_none() {
                    self.make(Change::all(kind, self.model.scope.clone()));
                }
            }
            Event::Midnight => {
                // What was sent before counts as before.
                self.server.turn_day();
                let step = self.model.turn_day();
                self.follow(step);
            }
            Event::Undo => {
                if let Some(undo) = self.model.push_undo() {
                    if let Some(Change::Edit { patch, .. }) = undo.reversed() {
                        self.dropped.extend(patch.title.map(String::from));
                        self.dropped.extend(patch.notes.map(String::from));
                    }
                    self.enqueued();
                }
            }
            Event::Show(ref scope) => {
                let step = self.model.show(scope.clone());
                self.follow(step);
            }
            Event::More => {
                if self.model.more().is_some_and(|more| more.href.is_some()) {
                    let step = self.model.want(Want::More);
                    self.follow(step);
                }
            }
            Event::BeginEditing(nth) => {
                let id = self.shown(nth);
                if id.is_some() && id == self.model.editor.as_ref().map(|editor| editor.id) {
                    return;
                }
                self.save(false);
                if let Some(id) = self.shown(nth).filter(|_| self.model.editor.is_none()) {
                    let step = self.model.edit(id);
                    self.follow(step);
                }
            }
            Event::Type => {
                if let Some((id, mut fields)) = self.editor.clone() {
                    let text = self.text(id, false);
                    self.dropped.push(std::mem::replace(&mut fields.title, text));
                    self.editor = Some((id, fields));
                    self.is_typed_in[0] = true;
                }
            }
            Event::TypeNotes => {
                if let Some((id, mut fields)) = self.editor.clone()
                    && let Some(notes) = &mut fields.notes
                {
                    let text = self.text(id, true);
                    self.dropped.push(std::mem::replace(notes, text));
                    self.editor = Some((id, fields));
                    self.is_typed_in[1] = true;
                }
            }
            Event::Enter => self.save(true),
            Event::Blur => self.save(false),
            Event::Escape => {
                let typed = self.editor.take().map(|(_, fields)| fields);
                self.model.cancel(typed.as_ref());
                if let Some(Fields { title, notes, .. }) = typed {
                    self.dropped.extend(notes.into_iter().chain([title]));
                }
            }
            Event::Retry => self.retry(),
            Event::Dismiss => self.dropped.extend(
                self.model.dismiss(0).and_then(|failure| failure.typed).iter().flat_map(|text| text.lines().map(str::to_owned)),
            ),
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
            Event::News => {
                let step = self.model.want(Want::News);
                self.follow(step);
            }
            Event::RenameElsewhere(nth) => {
                let title = format!("elsewhere {}", self.server.version);
                self.server.elsewhere(nth, |stored| stored.todo.title = title);
            }
            Event::NotesElsewhere(nth) => {
                let notes = format!("elsewhere {}", self.server.version);
                self.server.elsewhere(nth, |stored| {
                    stored.notes = notes;
                    stored.todo.has_notes = true;
                });
            }
            Event::ToggleElsewhere(nth) => self.server.elsewhere(nth, Stored::toggle),
            Event::DeleteElsewhere(nth) => self.server.elsewhere(nth, |stored| stored.is_deleted = true),
            Event::AddElsewhere => {
                let id = self.new_id();
                self.server.version += 1;
                self.server.add(TodoView::new(id, "elsewhere"));
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
            self.typed.extend(change.id().zip(change.title()).map(|(id, title)| (id, false, title.as_str().to_owned())));
            self.typed.extend(change.id().zip(change.notes()).map(|(id, notes)| (id, true, notes.to_owned())));
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
                let before = self.server.page(&Scope::default(), None);
                let answer = self.send(&change, fate);
                if matches!(fate, Fate::AnswerLost) && self.planted == Planted::LostAnswerIsRefusal {
                    self.model.answered(Err(AppError::Internal));
                    self.model.listed(Ok(Some(before)), &self.boxes()).0
                } else {
                    self.model.answered(answer)
                }
            }
            Step::List(read) => {
                let reply = match fate {
                    Fate::Answered => Ok(self.server.read(&read)),
                    Fate::SignedOut => Err(AppError::SignedOut),
                    _ => Err(AppError::Unreachable),
                };
                self.is_stale |= reply.is_err();
                let (step, text) = self.model.listed(reply, &self.boxes());
                self.new_todo += text.as_deref().unwrap_or_default();
                step
            }
            Step::Notes(id) => {
                let reply = match fate {
                    Fate::Answered => self.server.notes(id),
                    Fate::SignedOut => Err(AppError::SignedOut),
                    _ => Err(AppError::Unreachable),
                };
                self.model.noted(id, reply)
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

    /// The counts are the server's, and so are the rows that the scope shows, each in its place.
    fn check_rows(&self) {
        let Self { server, model, .. } = self;
        assert_eq!(model.count, server.count(&model.scope), "the count on the page and on the server");
        let editor = model.editor.as_ref().map(|editor| editor.id);
        let shown: Vec<_> = model.shown().into_iter().filter(|todo| model.includes(todo) || Some(todo.id) != editor).collect();
        let there: Vec<_> = server.found(&model.scope).into_iter().map(|stored| &stored.todo).collect();
        if model.more().is_none() {
            assert_eq!(shown, there, "page and server");
        }
        let mut there = there.iter();
        for row in &shown {
            assert!(there.any(|other| other == row), "a row is not as on the server, or in another place: {row:?}");
        }
    }

    pub fn check(&mut self, events: &[Event]) {
        let is_alone = !events.iter().any(|event| {
            use Event::{AddElsewhere, DeleteElsewhere, NotesElsewhere, RenameElsewhere, ToggleElsewhere};
            matches!(event, AddElsewhere | DeleteElsewhere(_) | NotesElsewhere(_) | RenameElsewhere(_) | ToggleElsewhere(_))
        });
        if is_alone && !self.is_stale {
            self.check_rows();
        }
        let step = self.model.want(Want::List);
        self.follow(step);
        self.draw();
        self.settle();
        self.check_rows();

        let mut made = self.made.iter();
        for done in &self.server.done {
            assert!(made.any(|change| is_same(change, done)), "sent twice, or out of order: {done:?}");
        }
        for (at, (id, is_notes, text)) in self.typed.iter().enumerate() {
            let is_later = self.typed[at + 1..].iter().any(|(other, notes, _)| (other, notes) == (id, is_notes));
            let is_told = |failure: &Failure| failure.typed.as_ref().is_some_and(|typed| typed.lines().any(|line| line == text));
            let is_reported = self.model.failures.iter().any(is_told);
            let is_in_editor = |fields: &Fields| fields.title == *text || fields.notes.as_ref() == Some(text);
            let is_in_box = self.new_todo == *text || self.editor.as_ref().is_some_and(|(_, fields)| is_in_editor(fields));
            let is_safe = is_later || is_reported || is_in_box || self.server.texts.contains(text) || self.dropped.contains(text);
            assert!(is_safe, "lost: {text}");
        }
    }
}

/// An undo may have got its version from the server meanwhile, and an edit may have lost fields to a rejected one before it.
fn is_same(change: &Change, done: &Change) -> bool {
    match (change, done) {
        (Change::Edit { id, patch, .. }, Change::Edit { id: of, patch: done, .. }) => {
            let mut all = patch.clone();
            all.title = done.title.clone().or(all.title);
            all.notes = done.notes.clone().or(all.notes);
            id == of && all == *patch
        }
        (Change::Undo(made), Change::Undo(done)) => (&made.bulk, made.first()) == (&done.bulk, done.first()),
        _ => change == done,
    }
}

fn id(n: u128) -> TodoId {
    uuid::Uuid::from_u128(n).into()
}
