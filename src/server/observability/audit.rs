//! Logs security events under the names of the OWASP Logging Vocabulary.
//!
//! Users are identified by id: the log holds no e-mail address, and nothing about people without an account.

use axum::http::StatusCode;
use tracing::{Span, field::display};
use tracing_subscriber::{
    Registry,
    registry::{ExtensionsMut, LookupSpan},
};

use crate::domain::UserId;

/// Marks events with a reserved share of the log queue. They can't flood it, because each follows a change or a password hash;
/// refusals are cheap, so they share the queue with other lines.
pub const RARE: &str = "rare security event";

/// The span of a request, whose last line says how it was answered.
pub const REQUEST: &str = "request";

#[derive(Clone, Copy)]
pub enum Event {
    Started,
    Stopped,
    UserCreated(UserId),
    EmailChanged(UserId),
    UserDeleted(UserId),
    SignedIn(UserId),
    /// At sign-in, with the account if there is one, or at a confirmation.
    WrongPassword(Option<UserId>),
    /// The attempt limit of an account. The user is known at a confirmation only: sign-in is refused before the lookup.
    TooManyPasswords(Option<UserId>),
    SignedOut(UserId),
    PasswordChanged(UserId),
    /// A missing or invalid token or cookie, a token request from a page, or a sign-up while registration is closed.
    AccessRefused,
    /// An unsafe request from another origin.
    CrossSite,
    /// Any rate limit.
    TooOften,
    InputRefused,
}

/// A refusal in the extensions of a request's span.
struct Refusal(Event);

fn in_extensions<T>(span: &Span, work: impl FnOnce(&mut ExtensionsMut<'_>) -> T) -> Option<T> {
    let work = |(id, subscriber): (&tracing::Id, &tracing::Dispatch)| {
        let registry = subscriber.downcast_ref::<Registry>()?;
        Some(work(&mut registry.span(id)?.extensions_mut()))
    };
    span.with_subscriber(work).flatten()
}

impl Event {
    /// The event that a response status implies.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Option<Self> {
        match status {
            StatusCode::TOO_MANY_REQUESTS => Some(Self::TooOften),
            StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::URI_TOO_LONG
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => Some(Self::InputRefused),
            _ => None,
        }
    }

    /// Logs the event: a refusal with the answer to its request, so that a flood costs one line each, and others at once.
    pub fn record(self) {
        let is_refusal = matches!(self, Self::AccessRefused | Self::CrossSite | Self::TooOften | Self::InputRefused);
        if !is_refusal || !self.defer() {
            self.log();
        }
    }

    /// Leaves the event to [`Self::take_refusal`], unless there is no request or it has one already.
    fn defer(self) -> bool {
        let span = Span::current();
        let is_of_request = span.metadata().is_some_and(|metadata| metadata.name() == REQUEST);
        is_of_request
            && in_extensions(&span, |extensions| {
                let is_first = extensions.get_mut::<Refusal>().is_none();
                if is_first {
                    extensions.insert(Refusal(self));
                }
                is_first
            })
            .unwrap_or(false)
    }

    /// The refusal that was recorded in the span of a request. Its line is then due.
    pub fn take_refusal(request: &Span) -> Option<Self> {
        in_extensions(request, |extensions| extensions.remove().map(|Refusal(event)| event)).flatten()
    }

    /// The line of a refusal and its answer in one.
    pub fn log_answer(self, status: StatusCode) {
        let (event, status) = (self.name(), status.as_u16());
        if let Self::InputRefused = self {
            tracing::info!(event, status, "answered");
        } else {
            tracing::warn!(event, status, "answered");
        }
    }

    pub fn log(self) {
        let event = self.name();
        let user = self.user().map(display);
        match self {
            Self::TooManyPasswords(_) | Self::AccessRefused | Self::CrossSite | Self::TooOften => tracing::warn!(event, user),
            Self::InputRefused => tracing::info!(event, user),
            Self::WrongPassword(_) => tracing::warn!(name: RARE, event, user),
            _ => tracing::info!(name: RARE, event, user),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Started => "sys_startup",
            Self::Stopped => "sys_shutdown",
            Self::UserCreated(_) => "user_created",
            Self::EmailChanged(_) => "user_updated",
            Self::UserDeleted(_) => "user_deleted",
            Self::SignedIn(_) => "authn_login_success",
            Self::WrongPassword(_) => "authn_login_fail",
            Self::TooManyPasswords(_) => "authn_login_fail_max",
            Self::SignedOut(_) => "session_logout",
            Self::PasswordChanged(_) => "authn_password_change",
            Self::AccessRefused => "authz_fail",
            Self::CrossSite => "malicious_csrf",
            Self::TooOften => "excess_rate_limit_exceeded",
            Self::InputRefused => "input_validation_fail",
        }
    }

    fn user(self) -> Option<UserId> {
        match self {
            Self::UserCreated(user)
            | Self::EmailChanged(user)
            | Self::UserDeleted(user)
            | Self::SignedIn(user)
            | Self::SignedOut(user)
            | Self::PasswordChanged(user) => Some(user),
            Self::WrongPassword(user) | Self::TooManyPasswords(user) => user,
            _ => None,
        }
    }
}
