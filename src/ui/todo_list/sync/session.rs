//! Session expiry: a notice before it, which can extend the session, and then the sign-in dialog over the page, so that no input
//! is lost (`components::SignInDialog`).

use std::{cell::Cell, time::Duration};

use leptos::{
    prelude::{document, window},
    server_fn::ServerFn,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement};

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
            dom::{find_in, is_covered, listen, rescue_focus, spawn},
            json::Json,
            model::{Model, Sending},
            timer::Timer,
        },
        words,
    },
};

/// Seconds between the notice and the expiry (ux.md S5).
const NOTICE: u32 = 120;

pub struct Session {
    queue: &'static Queue,
    is_ending: Cell<bool>,
    /// Whether use extends the session; at its maximum age, only the password does.
    can_go_on: Cell<bool>,
    /// Shows both.
    show: fn(bool, bool),
    notice: Timer,
    end: Timer,
}

impl Session {
    pub fn new(queue: &'static Queue, show: fn(bool, bool)) -> &'static Self {
        let (is_ending, can_go_on) = (Cell::default(), Cell::default());
        Box::leak(Box::new(Self { queue, is_ending, can_go_on, show, notice: Timer::default(), end: Timer::default() }))
    }

    fn set_ending(&self, is_ending: bool) {
        self.is_ending.set(is_ending);
        (self.show)(is_ending, self.can_go_on.get());
    }

    pub fn watch(&'static self, user: &CurrentUser) {
        self.schedule(user.seconds_left, user.seconds_to_max);
        listen(&["focus", "visibilitychange", "online", "pageshow", "submit"], Box::new(|event| self.handle(&event)));
    }

    fn handle(&'static self, event: &Event) {
        match &*event.type_() {
            "focus" => {
                self.queue.refresh();
                spawn(self.check(false));
            }
            // A tab can come to the front without the focus, as beside another window.
            "visibilitychange" if !document().hidden() => self.queue.refresh(),
            // Retries a check that failed offline.
            "online" if self.is_over() => spawn(self.check(false)),
            "pageshow" if is_covered() => spawn(self.restore_from_cache()),
            "submit" => {
                let form = event.target().and_then(|form| form.dyn_into::<Element>().ok());
                let is_ours = form.is_some_and(|form| form.matches("#sign-in-again [method=post]").unwrap_or(false));
                if let (true, Some(dialog)) = (is_ours, dialog()) {
                    event.prevent_default();
                    spawn(self.sign_in(dialog));
                }
            }
            _ => {}
        }
    }

    fn is_over(&self) -> bool {
        self.queue.model.with(|model| model.sending == Sending::SignedOut)
    }

    /// Starts the timers for the notice and the expiry.
    fn schedule(&'static self, seconds: u32, seconds_to_max: u32) {
        self.can_go_on.set(seconds_to_max > NOTICE);
        self.set_ending(seconds <= NOTICE);
        let in_seconds = |seconds: u32| Duration::from_secs(seconds.into());
        // Asks the server first, because another tab may have extended the session.
        if let Some(until_notice @ 1..) = seconds.checked_sub(NOTICE) {
            self.notice.start(in_seconds(until_notice), move || spawn(self.check(true)));
        }
        // One second late, so that the session has expired on the server.
        self.end.start(in_seconds(seconds + 1), move || spawn(self.check(false)));
    }

    /// Reads the session, because another tab may have signed out or in. If that fails, `is_ending` shows the notice.
    async fn check(&'static self, is_ending: bool) {
        match self.refresh(bff::ReadCurrentUser::PATH).await {
            Err(AppError::SignedOut) => self.require_sign_in(),
            Err(_) if is_ending => self.set_ending(true),
            _ => {}
        }
    }

    /// Extends the session, or opens the sign-in dialog if it can't be extended.
    pub async fn stay(&'static self) {
        if self.can_go_on.get() && self.refresh(bff::StaySignedIn::PATH).await == Err(AppError::SignedOut) {
            self.require_sign_in();
        } else if self.is_ending.get() {
            dialog::offer();
        } else {
            rescue_focus();
        }
    }

    /// Handles a restore from the back/forward cache: the page stays covered until the session is verified.
    async fn restore_from_cache(&'static self) {
        if self.queue.is_spare() {
            let _ = window().location().reload();
        } else if self.refresh(bff::ReadCurrentUser::PATH).await.is_ok() {
            uncover();
        } else {
            self.require_sign_in();
        }
    }

    /// Reads the session, restarts its timers and resumes the queue.
    async fn refresh(&'static self, path: &str) -> Result<(), AppError> {
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
    fn require_sign_in(&'static self) {
        self.set_ending(false);
        if self.queue.is_spare() {
            let _ = window().location().set_href("/sign-in?next=/todos");
        } else {
            self.queue.model.update(Model::sign_out);
            dialog::open();
        }
    }

    async fn sign_in(&'static self, dialog: HtmlDialogElement) {
        let text_box = |name: &str| find_in::<HtmlInputElement>(&dialog, &["[name=", name, "]"].concat());
        let (Some(email), Some(password)) = (text_box("email"), text_box("password")) else { return };
        let fields = [("email", email.value()), ("password", password.value())];
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
