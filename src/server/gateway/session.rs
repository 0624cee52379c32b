//! A browser's session: how it starts and ends, and the API as its user.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;

use super::{
    api_client::{ApiClient, Caller, UserApi},
    cookie::SessionCookie,
};
use crate::{
    contract::{AppError, CurrentUser, Field, Rule},
    domain::UserId,
    server::{
        identity::{Grant, GrantedToken, Identity, IdentityError},
        observability::{audit::Event, logging},
        store::StoreError,
    },
};

/// Tell a script for how many seconds its session lasts unless it is used, and however much it is used.
const SECONDS_LEFT: HeaderName = HeaderName::from_static("holdfast-seconds-left");
const SECONDS_TO_MAX: HeaderName = HeaderName::from_static("holdfast-seconds-to-max");

/// The session of one request. Cheap to clone; all clones are the same session.
#[derive(Clone)]
pub struct Session {
    identity: Arc<Identity>,
    api: ApiClient,
    cookie: SessionCookie,
    caller: Caller,
}

impl Session {
    pub(super) fn new(identity: Arc<Identity>, api: ApiClient, cookie: SessionCookie, caller: Caller) -> Self {
        Self { identity, api, cookie, caller }
    }

    /// The session of the request that a server function answers.
    ///
    /// # Errors
    /// Outside of a request of a browser, which would be a fault of ours.
    pub fn current() -> Result<Self, AppError> {
        use_context::<Parts>().and_then(|parts| parts.extensions.get().cloned()).ok_or(AppError::Internal)
    }

    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.cookie.token().is_some()
    }

    /// Whose session it is.
    pub(super) fn user_id(&self) -> Option<UserId> {
        self.grant().map(|grant| grant.owner.user)
    }

    /// Who is signed in, and for how long yet.
    ///
    /// # Errors
    /// [`AppError::SignedOut`], or that the API can't be had.
    pub async fn user(&self) -> Result<CurrentUser, AppError> {
        let email = self.api()?.read_email().await?;
        // Of the token that this may just have been renewed to.
        let Grant { owner, seconds_left, seconds_to_max, .. } = self.grant().ok_or(AppError::SignedOut)?;
        Ok(CurrentUser { id: owner.user, email, seconds_left, seconds_to_max })
    }

    /// The API as this user.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] without a token.
    pub fn api(&self) -> Result<UserApi, AppError> {
        let GrantedToken { token, .. } = self.cookie.token().ok_or(AppError::SignedOut)?;
        Ok(self.api.as_user(token, self.cookie.clone(), self.caller.clone()))
    }

    /// Makes an account and signs in to it.
    ///
    /// # Errors
    /// What is wrong with the e-mail or the password, [`AppError::RateLimited`] or [`AppError::Unavailable`].
    pub async fn sign_up(&self, email: &str, password: &str) -> Result<(), AppError> {
        let token = self.identity.sign_up(email, password, self.caller.client).await?;
        self.replace(token).await
    }

    /// Always a new session, whatever cookie came along (ASVS 7.2.4).
    ///
    /// # Errors
    /// [`AppError::WrongCredentials`], [`AppError::RateLimited`] or [`AppError::Unavailable`].
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(), AppError> {
        let token = self.identity.sign_in(email, password, self.caller.client).await?;
        self.replace(token).await
    }

    /// Ends the session that came along, for the new one to take its place. Else an answer of the old one that is on its way might
    /// bring it back.
    async fn replace(&self, token: GrantedToken) -> Result<(), AppError> {
        // One of the version before could be ended with all others only, the new one too.
        if let Some(before) = self.grant().filter(|grant| grant.owner.session.is_some()) {
            self.end_on_server(before).await?;
        }
        self.cookie.set(token);
        Ok(())
    }

    /// Whether it was over before makes no difference.
    async fn end_on_server(&self, grant: Grant) -> Result<(), StoreError> {
        match self.identity.sign_out(grant.owner).await {
            Err(StoreError::SessionEnded) => Ok(()),
            done => done,
        }
    }

    /// Gives the account another password, which ends every session of it, and starts a new one here.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], why the new one may not be chosen, or that the API can't be had.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), AppError> {
        let token = self.identity.change_password(self.identified()?.owner, current, new, self.caller.client).await;
        let token = token.map_err(refused)?;
        self.cookie.set(token);
        Ok(())
    }

    /// Deletes the account with all that belongs to it, and the session with it.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], or that the API can't be had.
    pub async fn delete_account(&self, password: &str) -> Result<(), AppError> {
        self.identity.delete_account(self.identified()?.owner, password, self.caller.client).await.map_err(refused)?;
        self.leave();
        Ok(())
    }

    /// Ends the session here and on the server. Without a session there is nothing to do.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]: then the session goes on, rather than seem ended.
    pub async fn sign_out(&self) -> Result<(), AppError> {
        if let Some(grant) = self.grant() {
            self.end_on_server(grant).await?;
        }
        self.leave();
        Ok(())
    }

    /// Ends every session of the account, this one too.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] if this session was over before: then it could end no other. And see [`Self::sign_out`].
    pub async fn sign_out_everywhere(&self) -> Result<(), AppError> {
        self.identity.sign_out_everywhere(self.identified()?.owner).await.map_err(refused)?;
        self.leave();
        Ok(())
    }

    /// Drops the session, and has the browser forget what it keeps of it.
    fn leave(&self) {
        self.cookie.drop();
        if let Some(response) = use_context::<ResponseOptions>() {
            // Not "cookies": that would hit every site of the same registrable domain. Nor "cache", which takes Chromium seconds:
            // no page may be stored.
            let stored = HeaderValue::from_static(r#""storage""#);
            response.insert_header(HeaderName::from_static("clear-site-data"), stored);
        }
    }

    /// Tells a script how long the session lasts.
    pub(super) fn add_session_times(&self, headers: &mut HeaderMap) {
        if let Some(Grant { seconds_left, seconds_to_max, .. }) = self.grant() {
            headers.insert(SECONDS_LEFT, seconds_left.into());
            headers.insert(SECONDS_TO_MAX, seconds_to_max.into());
        }
    }

    /// Drops the cookie of a session that turned out to be over. Not for scripts, see [`SessionCookie::read`].
    pub(super) fn drop_cookie(&self) {
        if self.is_signed_in() {
            self.cookie.drop();
        }
    }

    /// For what is asked of `identity` itself: the log names the user, as it does for what the API is asked.
    fn identified(&self) -> Result<Grant, AppError> {
        self.grant().inspect(|grant| logging::identify(grant.owner.user)).ok_or(AppError::SignedOut)
    }

    fn grant(&self) -> Option<Grant> {
        self.cookie.token().map(|token| token.grant)
    }
}

/// Logs, as the API does, that a session was over whose token is good yet.
fn refused(error: impl Into<AppError>) -> AppError {
    let error = error.into();
    if error == AppError::SignedOut {
        Event::AccessRefused.record();
    }
    error
}

impl From<IdentityError> for AppError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Closed => Self::RegistrationClosed,
            IdentityError::Email(error) => error.into(),
            IdentityError::EmailTaken => Self::Invalid(Field::Email, Rule::Taken),
            IdentityError::Password(error) => error.into(),
            IdentityError::WrongCredentials => Self::WrongCredentials,
            IdentityError::WrongPassword => Self::WrongPassword,
            IdentityError::TooOften(too_often) => Self::RateLimited(too_often.seconds()),
            IdentityError::Busy => Self::Unavailable,
            IdentityError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SessionEnded => Self::SignedOut,
            StoreError::Unavailable => Self::Unavailable,
            StoreError::Broken => Self::Internal,
        }
    }
}
