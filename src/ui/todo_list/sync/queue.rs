//! Sends what was done to the server, one by one and in order, as the model says.

use std::time::Duration;

use leptos::{ev, prelude::*, task::spawn_local};

use super::{
    dialog,
    post::Sender,
    send::{list, send},
};
use crate::{
    domain::{TodoId, TodoTitle, UserId},
    ui::todo_list::{
        dom::{boxes, is_broken, new_todo, note_unsaved},
        model::{Change, Model, Step},
        timer::Timer,
        words::not_done,
    },
};

/// After this long a row shows that it is not saved yet (ux.md B1).
const LATE: Duration = Duration::from_millis(300);
/// How long it waits before it tries again to reach the server, unless that has asked for more, in seconds.
const PAUSE: u32 = 4;

#[derive(Clone, Copy)]
pub struct Queue {
    pub model: RwSignal<Model>,
    /// Whose list it is.
    pub account: UserId,
    pause: Timer,
}

impl Queue {
    pub fn new(model: Model, account: UserId) -> Self {
        Self { model: RwSignal::new(model), account, pause: Timer::default() }
    }

    /// Shows a change and queues it for the server.
    pub fn make(self, change: Change) {
        if self.model.try_update_untracked(|model| model.push(change)) == Some(true) {
            // First: if anything below ends in a trap, the page can still say what is not saved.
            self.note_unsaved();
            self.tell(|model| {
                model.apply_last();
                model.send()
            });
            set_timeout(move || self.model.update(Model::grow_late), LATE);
        }
    }

    /// Goes on after whatever kept it.
    pub fn start(self) {
        self.tell(Model::start);
    }

    /// Tries again as soon as the browser says that there is a network, and warns before the page is left with anything
    /// unsent.
    pub fn watch_connection(self) {
        window_event_listener(ev::online, move |_| self.tell(Model::end_pause));
        window_event_listener(ev::beforeunload, move |leave| {
            if self.model.with_untracked(|model| !model.queue().is_empty()) {
                leave.prevent_default();
            }
        });
    }

    /// Whether nothing that somebody did or typed would be lost with the page.
    pub fn is_spare(self) -> bool {
        new_todo().is_none_or(|input| TodoTitle::is_blank(&input.value())) && self.model.with_untracked(Model::is_spare)
    }

    fn tell(self, event: impl FnOnce(&mut Model) -> Step + 'static) {
        if let Some(step) = self.model.try_update(event) {
            self.follow(step);
        }
    }

    fn follow(self, step: Step) {
        match step {
            Step::Send { .. } | Step::List => spawn_local(self.run(step)),
            Step::Pause(asked) => {
                self.pause.start(Duration::from_secs(PAUSE.max(asked).into()), move || self.tell(Model::end_pause));
            }
            Step::SignIn => dialog::open(),
            Step::Rest => {}
        }
    }

    async fn run(self, mut step: Step) {
        // What is left of the program after a trap sends nothing more.
        while !is_broken() {
            let next = match step {
                Step::Send { change, is_retry } => {
                    let answer = send(&change, Sender { account: self.account, is_retry }).await;
                    self.model.try_update(|model| model.answered(answer))
                }
                Step::List => {
                    let (todos, boxes) = (list(self.account).await, boxes());
                    self.model.try_update(|model| model.listed(todos, &boxes)).map(|(step, text)| {
                        if let (Some(text), Some(input)) = (text, new_todo()) {
                            input.set_value(&text);
                        }
                        step
                    })
                }
                step => return self.follow(step),
            };
            self.note_unsaved();
            step = next.unwrap_or(Step::Rest);
        }
    }

    /// See [`note_unsaved`].
    fn note_unsaved(self) {
        let lines = self.model.with_untracked(|model| {
            let title = |id: TodoId| model.title_of(id);
            model.queue().iter().map(|change| not_done(change, change.id().and_then(title)) + "\n").collect::<String>()
        });
        note_unsaved(&lines);
    }
}
