//! Session expiry: a notice before it, which can extend the session, and then the sign-in dialog over the page, so that no input
//! is lost (`components::SignInDialog`).

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
            dom::{find_in, is_covered, rescue_focus},
            json::Json,
            model::{Model, Sending},
            timer::Timer,
        },
        words,
    },
};

/// Seconds between the notice and the expiry (ux.md S5).
const NOTICE: u32 = 120;

#[derive(Clone, Copy)]
pub struct Session {
    queue: Queue,
    pub is_ending: RwSignal<bool>,
    /// Whether use extends the session; at its maximum age, only the password does.
    pub can_go_on: RwSignal<bool>,
    notice: Timer,
    end: Timer,
}

impl Session {
    pub fn new(queue: Queue) -> Self {
        let (is_ending, can_go_on) = (RwSignal::new(false), RwSignal::new(false));
        Self { queue, is_ending, can_go_on, notice: Timer::default(), end: Timer::default() }
    }

    pub fn watch(self, user: &CurrentUser) {
        self.schedule(user.seconds_left, user.seconds_to_max);
        window_event_listener(ev::focus, move |_| {
            self.queue.refresh();
            spawn_local(self.check(false));
        });
        // A tab can come to the front without the focus, as beside another window.
        window_event_listener(ev::visibilitychange, move |_| {
            if !document().hidden() {
                self.queue.refresh();
            }
        });
        // Retries a check that failed offline.
        window_event_listener(ev::online, move |_| {
            if self.is_over() {
                spawn_local(self.check(false));
            }
        });
        window_event_listener(ev::pageshow, move |_| {
            if is_covered() {
                spawn_local(self.restore_from_cache());
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

    fn is_over(self) -> bool {
        self.queue.model.with_untracked(|model| model.sending == Sending::SignedOut)
    }

    /// Starts the timers for the notice and the expiry.
    fn schedule(self, seconds: u32, seconds_to_max: u32) {
        self.is_ending.set(seconds <= NOTICE);
        self.can_go_on.set(seconds_to_max > NOTICE);
        let in_seconds = |seconds: u32| Duration::from_secs(seconds.into());
        // Asks the server first, because another tab may have extended the session.
        if let Some(until_notice @ 1..) = seconds.checked_sub(NOTICE) {
            self.notice.start(in_seconds(until_notice), move || spawn_local(self.check(true)));
        }
        // One second late, so that the session has expired on the server.
        self.end.start(in_seconds(seconds + 1), move || spawn_local(self.check(false)));
    }

    /// Reads the session, because another tab may have signed out or in. If that fails, `is_ending` shows the notice.
    async fn check(self, is_ending: bool) {
        match self.refresh(bff::ReadCurrentUser::PATH).await {
            Err(AppError::SignedOut) => self.require_sign_in(),
            Err(_) if is_ending => self.is_ending.set(true),
            _ => {}
        }
    }

    /// Extends the session, or opens the sign-in dialog if it can't be extended.
    pub async fn stay(self) {
        if self.can_go_on.get_untracked() && self.refresh(bff::StaySignedIn::PATH).await == Err(AppError::SignedOut) {
            self.require_sign_in();
        } else if self.is_ending.get_untracked() {
            dialog::offer();
        } else {
            rescue_focus();
        }
    }

    /// Handles a restore from the back/forward cache: the page stays covered until the session is verified.
    async fn restore_from_cache(self) {
        if self.queue.is_spare() {
            let _ = window().location().reload();
        } else if self.refresh(bff::ReadCurrentUser::PATH).await.is_ok() {
            uncover();
        } else {
            self.require_sign_in();
        }
    }

    /// Reads the session, restarts its timers and resumes the queue.
    async fn refresh(self, path: &str) -> Result<(), AppError> {
        let user = post(path, self.queue.account.into(), &[]).await?;
        if let Some(user) = Json::parse(&user).and_then(|json| json.user()) {
            self.schedule(user.seconds_left, user.seconds_to_max);
        }
        if self.is_over() {
            close();
            self.queue.start();
        }
        Ok(())
    }

    /// Leaves for the sign-in page, or opens the dialog if changes or input would be lost.
    fn require_sign_in(self) {
        self.is_ending.set(false);
        if self.queue.is_spare() {
            let _ = window().location().set_href("/sign-in?next=/todos");
        } else {
            self.queue.model.update(Model::sign_out);
            dialog::open();
        }
    }

    async fn sign_in(self, dialog: HtmlDialogElement) {
        let text_box = |name: &str| find_in::<HtmlInputElement>(&dialog, &["[name=", name, "]"].concat());
        let (Some(email), Some(password)) = (text_box("email"), text_box("password")) else { return };
        let fields = [("email", email.value()), ("password", password.value())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let result = post(bff::SignIn::PATH, self.queue.account.into(), &fields).await;
        let message = match result {
            // Only the next request shows whether the browser has stored the cookie.
            Ok(_) if self.refresh(bff::ReadCurrentUser::PATH).await == Err(AppError::SignedOut) => {
                Some(words::COOKIE_REFUSED.into())
            }
            Ok(_) => None,
            Err(error) => Some(words::sentence(error)),
        };
        if let Some(alert) = find_in::<HtmlElement>(&dialog, "[role=alert]") {
            alert.set_hidden(message.is_none());
            alert.set_text_content(message.as_deref());
        }
        if message.is_some() {
            password.select();
        } else {
            password.set_value("");
            close();
            self.queue.start();
            rescue_focus();
        }
    }
}
