//! A page and a server, and anything that may happen between them, in any order.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};

use super::{Boxes, Change, Failure, Filter, Model, Removed, Sending, Step};
use crate::{
    contract::{AppError, TodoView},
    domain::{TodoId, TodoTitle},
};

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Answered,
    AnswerLost,
    RequestLost,
    Busy,
    RateLimited,
    /// By a fault of the server, before it did anything.
    Fault,
    /// The same, once it was done.
    LateFault,
    Intercepted,
    SignedOut,
}

#[derive(Clone, Debug)]
enum Event {
    Add,
    /// The number chooses among the todos that are shown.
    Toggle(usize),
    Delete(usize),
    CompleteAll,
    ReopenAll,
    ClearCompleted,
    Undo,
    BeginEditing(usize),
    /// Types over what is in the editor.
    Type,
    Enter,
    Blur,
    Escape,
    Retry,
    Dismiss,
    /// What is under way goes on.
    Exchange(Fate),
    /// A pause ends, or the person has signed in.
    Resume,
    News,
    /// In another browser.
    RenameElsewhere(usize),
    ToggleElsewhere(usize),
    DeleteElsewhere(usize),
    AddElsewhere,
}

/// A fault that the simulation has to find.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Planted {
    None,
    LostAnswerIsRefusal,
    DoubledSend,
    OutOfOrder,
}

struct Stored {
    todo: TodoView,
    place: u32,
    deleted_at: Option<i64>,
}

#[derive(Default)]
struct Server {
    todos: Vec<Stored>,
    clock: i64,
    /// Every title that it has had.
    titles: Vec<String>,
    /// What it did, but for what was sent once more because nobody heard the answer.
    done: Vec<Change>,
}

impl Server {
    fn list(&self) -> Vec<TodoView> {
        let mut there: Vec<_> = self.todos.iter().filter(|stored| stored.deleted_at.is_none()).collect();
        there.sort_by_key(|stored| stored.place);
        there.iter().map(|stored| stored.todo.clone()).collect()
    }

    fn find(&mut self, id: TodoId) -> Result<&mut Stored, AppError> {
        let stored = self.todos.iter_mut().find(|stored| stored.todo.id == id && stored.deleted_at.is_none());
        stored.ok_or(AppError::NotFound)
    }

    fn add(&mut self, id: TodoId, title: &str) {
        self.titles.push(title.to_owned());
        let todo = TodoView { id, title: title.to_owned(), completed: false };
        self.todos.push(Stored { todo, place: u32::try_from(self.todos.len()).unwrap(), deleted_at: None });
    }

    fn take(&mut self, change: &Change) -> Result<String, AppError> {
        self.clock += 1;
        let (now, mut answer) = (self.clock, "null".to_owned());
        match change {
            Change::Add { id, title } => match self.todos.iter().find(|stored| stored.todo.id == *id) {
                Some(Stored { deleted_at: Some(_), .. }) => return Err(AppError::NotFound),
                Some(_) => {}
                None => self.add(*id, title.as_str()),
            },
            Change::Edit { id, patch, seen } => {
                let stored = self.find(*id)?;
                stored.todo.completed = patch.completed.unwrap_or(stored.todo.completed);
                if let Some(title) = patch.title.as_ref().map(TodoTitle::as_str) {
                    if Some(&stored.todo.title) == seen.as_ref() {
                        title.clone_into(&mut stored.todo.title);
                        self.titles.push(title.to_owned());
                    } else if stored.todo.title != title {
                        return Err(AppError::ChangedElsewhere);
                    }
                }
            }
            Change::Delete(id) => self.find(*id)?.deleted_at = Some(now),
            Change::CompleteAll | Change::ReopenAll => {
                for stored in self.todos.iter_mut().filter(|stored| stored.deleted_at.is_none()) {
                    stored.todo.completed = *change == Change::CompleteAll;
                }
            }
            Change::ClearCompleted(_) => {
                for stored in self.todos.iter_mut().filter(|stored| stored.deleted_at.is_none() && stored.todo.completed) {
                    stored.deleted_at = Some(now);
                    answer = now.to_string();
                }
            }
            Change::Restore(Removed { at: Some(at), .. }) => {
                let at = at.parse().ok();
                let back: Vec<_> = self.todos.iter_mut().filter(|stored| stored.deleted_at == at).collect();
                answer = back.len().to_string();
                for stored in back {
                    stored.deleted_at = None;
                }
            }
            Change::Restore(removed) => {
                for deleted in &removed.todos {
                    let stored = self.todos.iter_mut().find(|stored| stored.todo.id == deleted.todo.id);
                    stored.ok_or(AppError::NotFound)?.deleted_at = None;
                }
            }
        }
        Ok(answer)
    }
}

struct World {
    planted: Planted,
    server: Server,
    model: Model,
    /// What the page has still to do.
    step: Step,
    /// The boxes of the page.
    new_todo: String,
    editor: Option<(TodoId, String)>,
    /// Whether somebody has typed in it: then it keeps that.
    is_typed_in: bool,
    /// Everything that was made by the person.
    made: Vec<Change>,
    /// What was done, and nobody heard of it.
    unheard: Option<Change>,
    /// Every title that was typed, for which todo.
    typed: Vec<(TodoId, String)>,
    /// Those that the person let go.
    dropped: Vec<String>,
    ids: u128,
    /// Whether the page can't know what the server has.
    is_misled: bool,
}

impl World {
    fn new(planted: Planted) -> Self {
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
            unheard: None,
            typed: Vec::new(),
            dropped: Vec::new(),
            ids: 3,
            is_misled: false,
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

    /// As the page does once the model has changed.
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

    /// The id of a todo that is shown.
    fn shown(&self, nth: usize) -> Option<TodoId> {
        let todos = &self.model.todos;
        todos.get(nth.checked_rem(todos.len())?).map(|todo| todo.id)
    }

    fn stored(&mut self, nth: usize) -> Option<&mut Stored> {
        let mut there: Vec<_> = self.server.todos.iter_mut().filter(|stored| stored.deleted_at.is_none()).collect();
        let nth = nth.checked_rem(there.len())?;
        Some(there.swap_remove(nth))
    }

    fn happen(&mut self, event: &Event) {
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
            // Else it is what the page has asked for.
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
        // By saving, it may be gone.
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
                self.is_misled |= todos.is_none();
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
            if self.unheard.take().as_ref() != Some(change) {
                self.server.done.push(change.clone());
            }
        }
        match fate {
            Fate::Answered => answer,
            Fate::AnswerLost => {
                self.unheard = Some(change.clone());
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

    /// Lets everything come to rest.
    fn settle(&mut self) {
        for _ in 0..1000 {
            match self.step {
                Step::Rest => return assert!(self.model.queue().is_empty() && self.model.sending == Sending::Idle),
                Step::Pause(_) | Step::SignIn => self.happen(&Event::Resume),
                _ => self.happen(&Event::Exchange(Fate::Answered)),
            }
        }
        panic!("it never ends");
    }

    fn check(&mut self, events: &[Event]) {
        let is_alone = !events.iter().any(|event| {
            use Event::{AddElsewhere, DeleteElsewhere, RenameElsewhere, ToggleElsewhere};
            matches!(event, AddElsewhere | DeleteElsewhere(_) | RenameElsewhere(_) | ToggleElsewhere(_))
        });
        if is_alone && !self.is_misled {
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
            let is_told = self.model.failures.iter().any(|failure| failure.typed.as_ref() == Some(text));
            let is_in_box = self.new_todo == *text || self.editor.as_ref().is_some_and(|(_, typed)| typed == text);
            let is_safe = is_later || is_told || is_in_box || self.server.titles.contains(text) || self.dropped.contains(text);
            assert!(is_safe, "lost: {text}");
        }
    }
}

/// What restores may have been told meanwhile when that was deleted.
fn is_same(change: &Change, done: &Change) -> bool {
    match (change, done) {
        (Change::Restore(made), Change::Restore(done)) => made.first() == done.first(),
        _ => change == done,
    }
}

fn id(n: u128) -> TodoId {
    uuid::Uuid::from_u128(n).into()
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Answered),
        2 => Just(Fate::AnswerLost),
        1 => Just(Fate::RequestLost),
        1 => Just(Fate::Busy),
        1 => Just(Fate::RateLimited),
        1 => Just(Fate::Fault),
        1 => Just(Fate::LateFault),
        1 => Just(Fate::Intercepted),
        1 => Just(Fate::SignedOut),
    ]
}

fn events(with_others: bool) -> impl Strategy<Value = Vec<Event>> {
    let nth = || 0..8_usize;
    let own = prop_oneof![
        3 => Just(Event::Add),
        2 => nth().prop_map(Event::Toggle),
        2 => nth().prop_map(Event::Delete),
        1 => Just(Event::CompleteAll),
        1 => Just(Event::ReopenAll),
        1 => Just(Event::ClearCompleted),
        2 => Just(Event::Undo),
        3 => nth().prop_map(Event::BeginEditing),
        4 => Just(Event::Type),
        2 => Just(Event::Enter),
        1 => Just(Event::Blur),
        1 => Just(Event::Escape),
        1 => Just(Event::Retry),
        1 => Just(Event::Dismiss),
        8 => fates().prop_map(Event::Exchange),
        4 => Just(Event::Resume),
        1 => Just(Event::News),
    ];
    let others = prop_oneof![
        2 => nth().prop_map(Event::RenameElsewhere),
        1 => nth().prop_map(Event::ToggleElsewhere),
        1 => nth().prop_map(Event::DeleteElsewhere),
        1 => Just(Event::AddElsewhere),
    ];
    vec(prop_oneof![5 => own, u32::from(with_others) => others], 0..40)
}

fn simulate(events: &[Event], planted: Planted) {
    let mut world = World::new(planted);
    for event in events {
        world.happen(event);
    }
    world.settle();
    world.check(events);
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn page_and_server_end_equal_with_nothing_lost_or_sent_twice(events in events(false)) {
        simulate(&events, Planted::None);
    }

    #[test]
    fn nor_is_anything_when_others_change_the_list_meanwhile(events in events(true)) {
        simulate(&events, Planted::None);
    }
}

#[test]
fn simulation_finds_a_lost_answer_taken_for_a_refusal_a_doubled_send_and_a_change_out_of_order() {
    for planted in [Planted::LostAnswerIsRefusal, Planted::DoubledSend, Planted::OutOfOrder] {
        let config = Config { failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let found = runner.run(&events(false), |events| {
            simulate(&events, planted);
            Ok(())
        });
        assert!(matches!(found, Err(TestError::Fail(..))), "{planted:?}");
    }
}
