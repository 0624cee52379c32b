//! The end of the session: a notice before it comes, by which it goes on while it may; and then a dialog over the page, so that
//! nothing typed is lost. The dialog and its form are in the page already (`components::SignInDialog`); here they are opened and sent.

use std::time::Duration;

use leptos::{ev, prelude::*, server_fn::ServerFn, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, HtmlInputElement};

use super::{
    dialog::{self, close, dialog, uncover},
    post::post,
    queue::Queue,
};
use crate::{
    bff,
    contract::{AppError, CurrentUser},
    ui::{
        todo_list::{
            dom::{is_covered, rescue_focus},
            model::{Model, Sending},
            timer::Timer,
        },
        words,
    },
};

/// This long before the end of the session the notice comes (ux.md S5), in seconds.
const NOTICE: u32 = 120;

/// How long the session lasts yet.
#[derive(Clone, Copy)]
pub struct Session {
    queue: Queue,
    pub is_ending: RwSignal<bool>,
    /// Whether a use of it lets it go on; else only the password does.
    pub can_go_on: RwSignal<bool>,
    notice: Timer,
    end: Timer,
}

impl Session {
    pub fn new(queue: Queue) -> Self {
        let (is_ending, can_go_on) = (RwSignal::new(false), RwSignal::new(false));
        Self { queue, is_ending, can_go_on, notice: Timer::default(), end: Timer::default() }
    }

    /// Keeps an eye on it.
    pub fn watch(self, user: &CurrentUser) {
        self.lasts(user.seconds_left, user.seconds_to_max);
        window_event_listener(ev::focus, move |_| spawn_local(self.check(false)));
        // What could not be asked is asked once there is a network again.
        window_event_listener(ev::online, move |_| {
            if self.is_over() {
                spawn_local(self.check(false));
            }
        });
        window_event_listener(ev::pageshow, move |_| {
            if is_covered() {
                spawn_local(self.come_back());
            }
        });
        window_event_listener(ev::submit, move |submit| {
            let form = submit.target().and_then(|form| form.dyn_into::<Element>().ok());
            let is_ours = form.is_some_and(|form| form.matches("#sign-in-again [method=post]").unwrap_or(false));
            if let (true, Some(dialog)) = (is_ours, dialog()) {
                submit.prevent_default();
                spawn_local(self.sign_in(dialog));
            }
        });
    }

    /// Whether changes wait for the password.
    fn is_over(self) -> bool {
        self.queue.model.with_untracked(|model| model.sending == Sending::SignedOut)
    }

    /// Sets the clocks for the notice and for the end.
    fn lasts(self, seconds: u32, seconds_to_max: u32) {
        self.is_ending.set(seconds <= NOTICE);
        self.can_go_on.set(seconds_to_max > NOTICE);
        let in_seconds = |seconds: u32| Duration::from_secs(seconds.into());
        // Another tab may have used the session meanwhile.
        if let Some(until_notice @ 1..) = seconds.checked_sub(NOTICE) {
            self.notice.start(in_seconds(until_notice), move || spawn_local(self.check(true)));
        }
        // A second later than the server, which then says so for sure.
        self.end.start(in_seconds(seconds + 1), move || spawn_local(self.check(false)));
    }

    /// Asks the server: another tab may have signed out, or in again. It may be time for the notice, as far as this tab knows.
    async fn check(self, is_ending: bool) {
        match self.ask(bff::ReadCurrentUser::PATH).await {
            Err(AppError::SignedOut) => self.give_way(),
            Err(_) if is_ending => self.is_ending.set(true),
            _ => {}
        }
    }

    /// Lets the session go on if it may, or else asks for the password.
    pub async fn stay(self) {
        if self.can_go_on.get_untracked() && self.ask(bff::StaySignedIn::PATH).await == Err(AppError::SignedOut) {
            self.give_way();
        } else if self.is_ending.get_untracked() {
            dialog::offer();
        } else {
            rescue_focus();
        }
    }

    /// The page is back as it was left (back/forward cache), and stays covered until it is known whose session it is.
    async fn come_back(self) {
        if self.queue.is_spare() {
            let _ = window().location().reload();
        } else if self.ask(bff::ReadCurrentUser::PATH).await.is_ok() {
            uncover();
        } else {
            self.give_way();
        }
    }

    /// Whether the session goes on, and for how long.
    async fn ask(self, path: &str) -> Result<(), AppError> {
        let user = post(path, self.queue.account.into(), &[]).await?;
        if let Ok(user) = serde_json::from_str::<CurrentUser>(&user) {
            self.lasts(user.seconds_left, user.seconds_to_max);
        }
        if self.is_over() {
            close();
            self.queue.start();
        }
        Ok(())
    }

    /// Leaves the page, which nobody shall read any more; but not with anything that would be lost.
    fn give_way(self) {
        self.is_ending.set(false);
        if self.queue.is_spare() {
            let _ = window().location().set_href("/sign-in?next=/todos");
        } else {
            self.queue.model.update(Model::sign_out);
            dialog::open();
        }
    }

    /// Sends the form of the dialog.
    async fn sign_in(self, dialog: HtmlDialogElement) {
        let text_box = |name: &str| dialog.query_selector(&format!("[name={name}]")).ok()??.dyn_into::<HtmlInputElement>().ok();
        let (Some(email), Some(password)) = (text_box("email"), text_box("password")) else { return };
        let fields = [("email", email.value()), ("password", password.value())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let answer = post(bff::SignIn::PATH, self.queue.account.into(), &fields).await;
        let trouble = match answer {
            // Only the next request shows whether the browser has kept the cookie.
            Ok(_) if self.ask(bff::ReadCurrentUser::PATH).await == Err(AppError::SignedOut) => Some(words::COOKIE_REFUSED.into()),
            Ok(_) => None,
            Err(error) => Some(words::sentence(error)),
        };
        if let Some(alert) =
            dialog.query_selector("[role=alert]").ok().flatten().and_then(|alert| alert.dyn_into::<HtmlElement>().ok())
        {
            alert.set_hidden(trouble.is_none());
            alert.set_text_content(trouble.as_deref());
        }
        if trouble.is_some() {
            password.select();
        } else {
            password.set_value("");
            close();
            self.queue.start();
            rescue_focus();
        }
    }
}
