//! Sends what was done to the server, one by one and in order, and puts right on the page what the server refuses.

use std::{collections::VecDeque, time::Duration};

use leptos::{ev, prelude::*, server_fn::ServerFn, task::spawn_local};

use super::{
    change::Change,
    dom::{is_broken, note_unsaved, rescue_focus},
    list::{List, title_of},
    post::{Sender, post},
    sign_in_again,
    undo::Removed,
};
use crate::{
    bff,
    contract::{AppError, TodoView},
    ui::words,
};

/// After this long a row shows that it is not saved yet (ux.md B1).
pub const LATE: Duration = Duration::from_millis(300);
/// How long it waits before it tries again to reach the server, unless that has asked for more.
const PAUSE: Duration = Duration::from_secs(4);

/// One at a time, or a change might go out twice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    Idle,
    UnderWay,
    /// The server can't be reached or is too busy, and is tried again after a pause.
    Waiting(AppError),
    /// Nothing more goes out before the same person has signed in again.
    SignedOut,
}

/// A change that the server refused.
#[derive(Clone)]
pub struct Failure {
    text: String,
    /// What Retry does.
    change: Option<Change>,
    /// What was typed is nowhere else.
    is_only_copy: bool,
}

impl Failure {
    /// The form of a browser without scripting failed.
    pub fn of_form(error: AppError) -> Self {
        Self { text: words::sentence(error).into_owned(), change: None, is_only_copy: false }
    }

    pub fn is_only_copy(&self) -> bool {
        self.is_only_copy
    }

    /// Whether it is still told of once `change` is made.
    pub fn outlives(&self, change: &Change) -> bool {
        self.is_only_copy && self.change.as_ref().is_some_and(|failed| failed.id() != change.id())
    }
}

impl List {
    /// Begins to send what is not sent yet, unless that is being done.
    pub fn send(self) {
        match self.sending.get_untracked() {
            Sending::Idle => self.resume(),
            Sending::UnderWay | Sending::Waiting(_) => {}
            Sending::SignedOut => sign_in_again::open(),
        }
    }

    /// Goes on after whatever kept it.
    pub fn resume(self) {
        let before = self.sending.get_untracked();
        if before != Sending::UnderWay {
            self.sending.set(Sending::UnderWay);
            spawn_local(self.send_all(matches!(before, Sending::Waiting(_))));
        }
    }

    /// Tries again as soon as the browser says that there is a network, and warns before the page is left with anything
    /// unsent.
    pub fn watch_connection(self) {
        window_event_listener(ev::online, move |_| self.end_pause());
        window_event_listener(ev::beforeunload, move |leave| {
            if self.unsent.with_untracked(|unsent| !unsent.is_empty()) {
                leave.prevent_default();
            }
        });
    }

    /// The first of them may be sent once more.
    async fn send_all(self, mut is_retry: bool) {
        while let Some(change) = self.unsent.with_untracked(|unsent| unsent.front().cloned()).filter(|_| !is_broken()) {
            let sender = Sender { account: self.account, is_retry };
            is_retry = false;
            match change.send(sender).await {
                Err(AppError::SignedOut) => {
                    self.sending.set(Sending::SignedOut);
                    return sign_in_again::open();
                }
                Err(error) if passes(error) => return self.wait(error),
                Ok(answer) => {
                    self.unsent.update(|unsent| drop(unsent.pop_front()));
                    self.saved.update_value(|saved| change.apply(saved));
                    match &change {
                        Change::ClearCompleted(nth) if answer.parse::<i64>().is_ok() => self.undo.date(*nth, answer),
                        // Elsewhere the trash may have been emptied, or something completed that is back now as well.
                        Change::Restore(Removed { at: Some(_), todos, .. }) if answer.parse() != Ok(todos.len()) => {
                            self.reconcile(change.clone(), AppError::NotFound).await;
                        }
                        _ => {}
                    }
                }
                Err(error) => {
                    self.unsent.update(|unsent| drop(unsent.pop_front()));
                    self.reconcile(change.clone(), error).await;
                }
            }
            self.note_unsaved();
            self.mark(&change);
        }
        self.sending.set(Sending::Idle);
    }

    fn wait(self, error: AppError) {
        self.sending.set(Sending::Waiting(error));
        let asked = if let AppError::RateLimited(seconds) = error { Duration::from_secs(seconds.into()) } else { PAUSE };
        self.pause.start(PAUSE.max(asked), move || self.end_pause());
    }

    /// The session may have ended meanwhile.
    fn end_pause(self) {
        if matches!(self.sending.get_untracked(), Sending::Waiting(_)) {
            self.resume();
        }
    }

    /// See [`note_unsaved`].
    pub fn note_unsaved(self) {
        let line = |change: &Change| {
            let title = change.id().and_then(|id| self.title_of(id));
            not_done(change, title.as_deref()) + "\n"
        };
        note_unsaved(&self.unsent.with_untracked(|unsent| unsent.iter().map(line).collect::<String>()));
    }

    /// Shows what is not saved yet.
    pub fn mark_late(self) {
        self.unsent.with_untracked(|unsent| unsent.iter().for_each(|change| self.mark(change)));
    }

    /// Shows whether what the change is about is not saved yet.
    fn mark(self, change: &Change) {
        let busy = self.unsent.with_untracked(|unsent| unsent.iter().any(|other| other.id() == change.id()));
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
    async fn reconcile(self, change: Change, error: AppError) {
        let title = change.id().and_then(|id| self.saved.with_value(|saved| title_of(saved, id)));
        let answer = post(bff::ListTodos::PATH, self.account.into(), &[]).await;
        let todos = answer.ok().and_then(|todos| serde_json::from_str::<Vec<TodoView>>(&todos).ok());
        let reason = if todos.is_some() { words::reason(error) } else { words::sentence(error) };
        if let Some(todos) = todos {
            self.saved.set_value(todos);
        }
        if self.saved.with_value(|saved| change.is_in(saved)) {
            return self.redraw();
        }
        let change = self.with_last_title(change);
        self.undo.forget(|todo| change.deletes(todo) && self.saved.with_value(|saved| title_of(saved, todo.id).is_some()));
        self.redraw();
        let text = format!("{} {reason}", not_done(&change, title.as_deref()));
        let is_only_copy = !self.give_back(&change);
        // Who is shown another title than they changed decides in the editor, which is open.
        let retry = error != AppError::ChangedElsewhere && error != AppError::NotFound;
        let change = (retry || is_only_copy).then_some(change);
        self.failures.update(|failures| failures.push(Failure { text, change, is_only_copy }));
    }

    /// If a title can't be saved, those that were typed for the same todo after it can't either: the last of them counts. And
    /// what was done to a todo that is not there can't be done.
    fn with_last_title(self, change: Change) -> Change {
        let is_added = matches!(change, Change::Add { .. });
        let mut last = None;
        self.unsent.update(|unsent| {
            unsent.retain(|later| match later {
                Change::Rename { id, title, .. } if change.id() == Some(*id) => {
                    last = Some(title.clone());
                    false
                }
                later => !(is_added && later.id() == change.id()),
            });
        });
        match (change, last) {
            (Change::Add { id, .. }, Some(title)) => Change::Add { id, title },
            (Change::Rename { id, was, .. }, Some(title)) => Change::Rename { id, was, title },
            (change, _) => change,
        }
    }

    /// Does once more what failed.
    fn retry(self, nth: usize) {
        let failure = self.failures.try_update(|failures| (nth < failures.len()).then(|| failures.remove(nth))).flatten();
        if let Some(change) = failure.and_then(|failure| failure.change) {
            self.take_back(&change);
            match change {
                Change::ClearCompleted(_) => self.clear_completed(),
                Change::Delete(_) => self.remove(change),
                change => self.make(change),
            }
        }
    }

    fn dismiss(self, nth: usize) {
        self.failures.update(|failures| drop((nth < failures.len()).then(|| failures.remove(nth))));
        rescue_focus();
    }
}

/// Waiting helps; nobody needs to be asked.
fn passes(error: AppError) -> bool {
    matches!(error, AppError::Unreachable | AppError::Unavailable | AppError::RateLimited(_))
}

/// `title` is that of the todo before.
fn not_done(change: &Change, title: Option<&str>) -> String {
    let todo = |done: &str| {
        [title.map_or_else(|| "The todo".to_owned(), quoted), " was not ".to_owned(), done.to_owned(), ".".to_owned()].concat()
    };
    match change {
        Change::Add { title, .. } => quoted(title) + " was not added.",
        Change::Rename { was, title, .. } => quoted(was) + " was not changed to " + &quoted(title) + ".",
        Change::Complete(_) => todo("completed"),
        Change::Reopen(_) => todo("reopened"),
        Change::Delete(_) => todo("deleted"),
        Change::CompleteAll | Change::ReopenAll | Change::ClearCompleted(_) => "The list was not changed.".to_owned(),
        Change::Restore(Removed { at: Some(_), .. }) => "Not all that was deleted was restored.".to_owned(),
        Change::Restore(_) => "What was deleted was not restored.".to_owned(),
    }
}

/// A title within a sentence of ours. The characters that isolate it (UAX #9) do what `<bdi>` does, with less code: one that is written
/// from right to left leaves the words around it where they are.
pub fn quoted(title: &str) -> String {
    ["“\u{2068}", title, "\u{2069}”"].concat()
}

/// What failed, with Retry.
#[component]
pub fn Failures(list: List) -> impl IntoView {
    let failure = move |(nth, Failure { text, change, .. }): (usize, Failure)| {
        let retry = change.map(|_| {
            view! { <button class="button button-quiet" type="button" on:click=move |_| list.retry(nth)>"Retry"</button> }
        });
        view! {
            <div class="notice notice-error">
                <p>{text}</p>
                {retry}
                <button class="button button-quiet" type="button" on:click=move |_| list.dismiss(nth)>"Dismiss"</button>
            </div>
        }
    };
    view! {
        <div class="failures" role="alert" hidden=move || list.failures.with(Vec::is_empty)>
            {move || list.failures.get().into_iter().enumerate().map(failure).collect_view()}
        </div>
    }
}

/// Says what keeps changes from being saved.
#[component]
pub fn SendingNotice(list: List) -> impl IntoView {
    let text = move || {
        let Sending::Waiting(error) = list.sending.get() else { return None };
        let why = if error == AppError::Unreachable { "The server can't be reached." } else { "The server is busy." };
        let changes = match list.unsent.with(VecDeque::len) {
            1 => "1 change is".to_owned(),
            unsent => format!("{unsent} changes are"),
        };
        Some(format!("{why} {changes} kept here and sent as soon as possible."))
    };
    view! { <p class="notice offline" role="status" hidden=move || text().is_none()>{text}</p> }
}

#[cfg(test)]
mod tests {
    use super::{Change, not_done};
    use crate::domain::TodoId;

    #[test]
    fn each_title_stands_between_our_words_and_is_no_part_of_them() {
        let id: TodoId = "019aa5a2-7b1c-7def-8abc-0123456789ab".parse().unwrap();
        let change = Change::Rename { id, was: "\u{202e}was".to_owned(), title: "is".to_owned() };
        assert_eq!(not_done(&change, None), "“\u{2068}\u{202e}was\u{2069}” was not changed to “\u{2068}is\u{2069}”.");
        assert_eq!(not_done(&Change::Complete(id), Some("milk")), "“\u{2068}milk\u{2069}” was not completed.");
        assert_eq!(not_done(&Change::Delete(id), None), "The todo was not deleted.");
    }
}
