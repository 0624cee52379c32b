//! Sends what was done to the server, one by one and in order, and puts right on the page what the server refuses.

use std::time::Duration;

use leptos::{ev, prelude::*, task::spawn_local};

use super::{change::Change, list::List, post::post, sign_in_again};
use crate::{
    bff,
    contract::{AppError, TodoView},
    ui::words,
};

/// After this long a row shows that it is not saved yet (ux.md B1).
const LATE: Duration = Duration::from_millis(300);
/// How long it waits before it tries again to reach the server.
const PAUSE: Duration = Duration::from_secs(4);

/// One at a time, or a change might go out twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    Idle,
    UnderWay,
    /// The server can't be reached or is too busy. It is tried again and again.
    Waiting,
    /// Nothing more goes out before the same person has signed in again.
    SignedOut,
}

/// A change that the server refused.
#[derive(Clone)]
pub struct Failure {
    text: String,
    /// What Retry does.
    change: Option<Change>,
}

impl Failure {
    /// The form of a browser without scripting failed.
    pub fn of_form(error: AppError) -> Self {
        Self { text: words::sentence(error).to_owned(), change: None }
    }
}

impl List {
    /// Begins to send what is not sent yet, unless that is being done.
    pub fn send(self) {
        match self.sending.get_untracked() {
            Sending::Idle => self.resume(),
            Sending::UnderWay | Sending::Waiting => {}
            Sending::SignedOut => sign_in_again::open(),
        }
    }

    /// Goes on after whatever kept it.
    pub fn resume(self) {
        if self.sending.get_untracked() != Sending::UnderWay {
            self.sending.set(Sending::UnderWay);
            spawn_local(self.send_all());
        }
    }

    /// Tries again as soon as the browser says that there is a network, and warns before the page is left with anything
    /// unsent.
    pub fn watch_connection(self) {
        window_event_listener(ev::online, move |_| self.resume());
        window_event_listener(ev::beforeunload, move |leave| {
            if self.unsent.with_untracked(|unsent| !unsent.is_empty()) {
                leave.prevent_default();
            }
        });
    }

    async fn send_all(self) {
        while let Some(change) = self.unsent.with_untracked(|unsent| unsent.front().cloned()) {
            let late = set_timeout_with_handle(
                {
                    let change = change.clone();
                    move || self.mark(&change, true)
                },
                LATE,
            );
            let result = change.send(self.account).await;
            drop(late.map(|late| late.clear()));
            self.mark(&change, false);
            match result {
                Err(AppError::SignedOut) => {
                    self.sending.set(Sending::SignedOut);
                    return sign_in_again::open();
                }
                Err(error) if passes(error) => {
                    self.sending.set(Sending::Waiting);
                    return set_timeout(move || self.resume(), PAUSE);
                }
                Ok(()) => {
                    self.unsent.update(|unsent| drop(unsent.pop_front()));
                    self.saved.update_value(|saved| change.apply(saved));
                }
                Err(error) => {
                    self.unsent.update(|unsent| drop(unsent.pop_front()));
                    self.give_up(change, error).await;
                }
            }
        }
        self.sending.set(Sending::Idle);
    }

    /// Shows, or no more, that a change takes long.
    fn mark(self, change: &Change, busy: bool) {
        match change.id() {
            Some(id) => {
                if let Some(row) = self.row(id).filter(|row| row.with_untracked(|row| row.busy != busy)) {
                    row.update(|row| row.busy = busy);
                }
            }
            None => self.busy.set(busy),
        }
    }

    /// Asks the server what it has. If the change is in there, only its answer was lost; else it is taken back.
    async fn give_up(self, change: Change, error: AppError) {
        let answer = post::<bff::ListTodos>(self.account, &[]).await;
        if let Some(todos) = answer.ok().and_then(|todos| serde_json::from_str::<Vec<TodoView>>(&todos).ok()) {
            self.saved.set_value(todos);
        }
        if self.saved.with_value(|saved| change.is_in(saved)) {
            return self.redraw();
        }
        if let Change::Add { id, .. } = change {
            // What was done to a todo that is not there can't be done.
            self.unsent.update(|unsent| unsent.retain(|other| other.id() != Some(id)));
        }
        self.undo.forget(|todo| change.deletes(todo));
        self.redraw();
        self.give_back(&change);
        self.failure.set(Some(self.explain(change, error)));
    }

    /// Says what failed and why.
    fn explain(self, change: Change, error: AppError) -> Failure {
        let title = |id| self.saved.with_value(|saved| saved.iter().find(|todo| todo.id == id).map(|todo| todo.title.clone()));
        let name = match &change {
            Change::Add { title, .. } => Some(title.clone()),
            other => other.id().and_then(title),
        };
        let what = match name {
            Some(title) => format!("“{title}”"),
            None => "The list".to_owned(),
        };
        let text = format!("{what} {} {}", not_done(&change), words::sentence(error));
        // Who is shown another title than they changed decides in the editor, which is open.
        let retry = error != AppError::ChangedElsewhere && error != AppError::NotFound;
        Failure { text, change: retry.then_some(change) }
    }

    /// Does once more what failed.
    fn retry(self) {
        if let Some(change) = self.failure.get_untracked().and_then(|failure| failure.change) {
            self.take_back(&change);
            match change {
                Change::Delete(_) | Change::ClearCompleted => self.remove(change),
                change => self.make(change),
            }
        }
    }
}

fn not_done(change: &Change) -> &'static str {
    match change {
        Change::Add { .. } => "was not added.",
        Change::Delete(_) => "was not deleted.",
        Change::Restore(_) => "was not restored.",
        _ => "was not changed.",
    }
}

/// Waiting helps; nobody needs to be asked.
fn passes(error: AppError) -> bool {
    matches!(error, AppError::Unreachable | AppError::Unavailable | AppError::RateLimited)
}

/// What failed, and Retry.
#[component]
pub fn FailureNotice(list: List) -> impl IntoView {
    let failure = list.failure;
    let can_retry = move || failure.with(|failure| failure.as_ref().is_some_and(|failure| failure.change.is_some()));
    view! {
        <div class="notice notice-error" role="alert" hidden=move || failure.with(Option::is_none)>
            <p>{move || failure.get().map(|failure| failure.text)}</p>
            <button class="button button-quiet" type="button" hidden=move || !can_retry() on:click=move |_| list.retry()>
                "Retry"
            </button>
        </div>
    }
}

/// Says what keeps changes from being saved.
#[component]
pub fn SendingNotice(list: List) -> impl IntoView {
    let text = move || {
        let unsent = list.unsent.with(std::collections::VecDeque::len);
        let changes = if unsent == 1 { "1 change is".to_owned() } else { format!("{unsent} changes are") };
        match list.sending.get() {
            Sending::Waiting => Some(format!("The server can't be reached. {changes} kept here and sent when it is back.")),
            Sending::SignedOut => Some(format!("Your session has ended. {changes} kept here and sent when you have signed in.")),
            Sending::Idle | Sending::UnderWay => None,
        }
    };
    view! {
        <div class="notice offline" role="status" hidden=move || text().is_none()>
            <p>{text}</p>
            <button
                class="button button-quiet"
                type="button"
                hidden=move || list.sending.get() != Sending::SignedOut
                on:click=move |_| sign_in_again::open()
            >
                "Sign in"
            </button>
        </div>
    }
}
