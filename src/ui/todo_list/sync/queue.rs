//! Sends the queued changes in order, one request at a time, as the model decides.

use std::time::Duration;

use web_sys::Event;

use super::{
    dialog,
    post::Sender,
    send::{list, notes, send},
};
use crate::{
    domain::{TodoId, TodoTitle, UserId},
    ui::todo_list::{
        dom::{boxes, is_broken, is_covered, listen, new_todo, note_unsaved, set_timeout, spawn},
        model::{Change, Model, Step, Want},
        state::State,
        timer::Timer,
        words::not_done,
    },
};

/// A row shows a pending save after this time (ux.md B1).
const LATE: Duration = Duration::from_millis(300);
/// Minimum pause before a retry, in seconds; `Retry-After` can extend it.
const RETRY_PAUSE: u32 = 4;

pub struct Queue {
    pub model: State,
    pub account: UserId,
    pause: Timer,
    midnight: Timer,
}

impl Queue {
    pub fn new(model: Model, account: UserId) -> Self {
        Self { model: State::new(model), account, pause: Timer::default(), midnight: Timer::default() }
    }

    /// Applies a change optimistically and queues it.
    pub fn make(&'static self, change: Change) {
        if self.model.update(|model| model.push(change)) {
            self.apply_last();
        }
    }

    /// Undoes the latest change that can be undone. Returns what undoes it.
    pub fn undo(&'static self) -> Option<Change> {
        let undo = self.model.update(Model::push_undo)?;
        self.apply_last();
        Some(undo)
    }

    fn apply_last(&'static self) {
        // Before anything that can trap, so that the page can still list the unsaved changes.
        self.note_unsaved();
        self.dispatch(|model| {
            model.apply_last();
            model.send()
        });
        set_timeout(LATE, Box::new(|| self.model.update(Model::grow_late)));
    }

    /// Turns the dates of the page at midnight.
    pub fn watch_day(&'static self) {
        let seconds = self.model.with(|model| model.seconds_of_today);
        self.midnight.start(Duration::from_secs(seconds.into()), move || {
            self.dispatch(Model::turn_day);
            self.watch_day();
        });
    }

    /// Resumes sending.
    pub fn start(&'static self) {
        self.dispatch(Model::start);
    }

    /// Retries when the browser is online again, and warns before a page with unsent changes is left.
    pub fn watch_connection(&'static self) {
        listen(&["online"], Box::new(|_| self.dispatch(Model::end_pause)));
        let warn = |leave: Event| {
            if self.model.with(|model| !model.queue().is_empty()) {
                leave.prevent_default();
            }
        };
        listen(&["beforeunload"], Box::new(warn));
    }

    /// Whether leaving the page loses no change and no input.
    pub fn is_spare(&self) -> bool {
        new_todo().is_none_or(|input| TodoTitle::is_blank(&input.value())) && self.model.with(Model::is_spare)
    }

    /// Reads the list if it has changed elsewhere, unless input or a change would get in its way. A covered page reloads.
    pub fn refresh(&'static self) {
        if self.is_spare() && !is_covered() {
            self.dispatch(|model| model.want(Want::News));
        }
    }

    pub fn dispatch(&'static self, event: impl FnOnce(&mut Model) -> Step) {
        self.follow(self.model.update(event));
    }

    fn follow(&'static self, step: Step) {
        match step {
            Step::Send { .. } | Step::List(_) | Step::Notes(_) => spawn(self.run(step)),
            Step::Pause(seconds) => {
                self.pause.start(Duration::from_secs(RETRY_PAUSE.max(seconds).into()), move || self.dispatch(Model::end_pause));
            }
            Step::SignIn => dialog::open(),
            Step::Rest => {}
        }
    }

    async fn run(&'static self, mut step: Step) {
        while !is_broken() {
            step = match step {
                Step::Send { change, is_retry } => {
                    let result = send(&change, Sender { account: self.account, is_retry }).await;
                    self.model.update(|model| model.answered(result))
                }
                Step::List(read) => {
                    let (page, boxes) = (list(&read, self.account).await, boxes());
                    let is_new = matches!(page, Ok(Some(_)));
                    let (step, text) = self.model.update(|model| model.listed(page, &boxes));
                    if is_new {
                        self.watch_day();
                    }
                    if let (Some(text), Some(input)) = (text, new_todo()) {
                        input.set_value(&text);
                    }
                    step
                }
                Step::Notes(id) => {
                    let notes = notes(id, self.account).await;
                    self.model.update(|model| model.noted(id, notes))
                }
                step => return self.follow(step),
            };
            self.note_unsaved();
        }
    }

    /// See [`note_unsaved`].
    fn note_unsaved(&self) {
        let lines = self.model.with(|model| {
            let title = |id: TodoId| model.title_of(id);
            model.queue().iter().map(|change| not_done(change, change.id().and_then(title)) + "\n").collect::<String>()
        });
        note_unsaved(&lines);
    }
}
