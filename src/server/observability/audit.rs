//! Security events, by the names of the OWASP Logging Vocabulary: the one place that writes them into the log.
//!
//! When and in which request something happened, the line of the log says by itself. Who is told by id: an address is
//! nowhere in the log, and of somebody who has no account there is nothing to tell.

use axum::http::StatusCode;
use tracing::field::display;

use crate::domain::UserId;

/// Names the places in the log's queue that are kept for events of which there can be no flood: each is something done, or a
/// password that was hashed. Refusals cost nobody anything, so those go with the other lines.
pub const RARE: &str = "rare security event";

#[derive(Clone, Copy)]
pub enum Event {
    Started,
    Stopped,
    UserCreated(UserId),
    UserDeleted(UserId),
    SignedIn(UserId),
    /// A wrong password, with the account if there is one; also where somebody signed in has to confirm by it.
    WrongPassword(Option<UserId>),
    /// The password of one account is tried too often; with the account where its user does so. Who signs in is refused before
    /// anybody looks for an account.
    TooManyPasswords(Option<UserId>),
    SignedOut(UserId),
    PasswordChanged(UserId),
    /// There is no token, or a token or a cookie is not good (any more); or a page asked for a token; or somebody signs up where
    /// that is closed.
    AccessRefused,
    /// Something unsafe that no page of ours has sent.
    CrossSite,
    /// Whatever was done too often.
    TooOften,
    /// What was sent breaks a rule.
    InputRefused,
}

impl Event {
    /// What the status alone tells, whoever refused.
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

    /// Writes it into the log.
    pub fn record(self) {
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
            | Self::UserDeleted(user)
            | Self::SignedIn(user)
            | Self::SignedOut(user)
            | Self::PasswordChanged(user) => Some(user),
            Self::WrongPassword(user) | Self::TooManyPasswords(user) => user,
            _ => None,
        }
    }
}
