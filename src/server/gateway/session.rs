//! A browser's session: sign-in, sign-out, and access to the API as the session's user.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, request::Parts};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;

use super::{
    api_client::{Account, ApiClient, Caller, ListQuery, UserApi},
    cookie::SessionCookie,
};
use crate::{
    contract::{AccountView, AppError, CurrentUser, Field, Rule, TodoPage},
    domain::UserId,
    server::{
        identity::{Grant, GrantedToken, Identity, IdentityError},
        observability::{audit::Event, logging},
        store::StoreError,
        time_zone::TimeZone,
    },
};

/// Seconds until the session expires when idle, and at its maximum age.
const SECONDS_LEFT: HeaderName = HeaderName::from_static("holdfast-seconds-left");
const SECONDS_TO_MAX: HeaderName = HeaderName::from_static("holdfast-seconds-to-max");

/// The session of one request, shared by all clones.
#[derive(Clone)]
pub struct Session(Arc<Shared>);

struct Shared {
    identity: Arc<Identity>,
    api: ApiClient,
    cookie: SessionCookie,
    caller: Caller,
}

impl Session {
    pub(super) fn new(identity: Arc<Identity>, api: ApiClient, cookie: SessionCookie, caller: Caller) -> Self {
        Self(Arc::new(Shared { identity, api, cookie, caller }))
    }

    /// The session of the current server function call.
    ///
    /// # Errors
    /// [`AppError::Internal`] outside of a request of a browser.
    pub fn current() -> Result<Self, AppError> {
        use_context::<Parts>().and_then(|parts| parts.extensions.get().cloned()).ok_or(AppError::Internal)
    }

    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.0.cookie.token().is_some()
    }

    pub(super) fn user_id(&self) -> Option<UserId> {
        self.grant().map(|grant| grant.owner.user)
    }

    /// The signed-in user and the remaining lifetime of the session.
    ///
    /// # Errors
    /// [`AppError::SignedOut`], or an error of the API.
    pub async fn user(&self) -> Result<CurrentUser, AppError> {
        self.current_user(self.api()?.read_account().await?)
    }

    /// The account with its settings.
    ///
    /// # Errors
    /// [`AppError::SignedOut`], or an error of the API.
    pub async fn account(&self) -> Result<AccountView, AppError> {
        let Account { email, time_zone, .. } = self.api()?.read_account().await?;
        let mut time_zones = TimeZone::names();
        // A newer release may have stored a name that this one does not know.
        if !time_zones.contains(&time_zone) {
            time_zones.push(time_zone.clone());
        }
        Ok(AccountView { email, time_zone, time_zones })
    }

    /// A page of the list, and the signed-in user.
    ///
    /// # Errors
    /// [`AppError::SignedOut`], or an error of the API.
    pub async fn list_todos(&self, query: ListQuery) -> Result<(CurrentUser, TodoPage), AppError> {
        let (account, page) = self.api()?.list_todos(&query, None).await?.ok_or(AppError::Internal)?;
        Ok((self.current_user(account)?, page))
    }

    /// Like [`Self::list_todos`], with so many todos.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn list_many(&self, query: ListQuery, todos: usize) -> Result<(CurrentUser, TodoPage), AppError> {
        let (account, page) = self.api()?.list_many(query, todos).await?;
        Ok((self.current_user(account)?, page))
    }

    fn current_user(&self, Account { email, .. }: Account) -> Result<CurrentUser, AppError> {
        // After the call, which may have renewed the token.
        let Grant { owner, seconds_left, seconds_to_max, .. } = self.grant().ok_or(AppError::SignedOut)?;
        Ok(CurrentUser { id: owner.user, email, seconds_left, seconds_to_max })
    }

    /// The API as this user.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] without a token.
    pub fn api(&self) -> Result<UserApi, AppError> {
        let granted = self.0.cookie.token().ok_or(AppError::SignedOut)?;
        Ok(self.0.api.as_user(granted, self.0.cookie.clone(), self.0.caller.clone()))
    }

    /// Creates an account and signs in to it. An unknown time zone is ignored.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::RegistrationClosed`], [`AppError::RateLimited`] or [`AppError::Unavailable`].
    pub async fn sign_up(&self, email: &str, password: &str, time_zone: Option<&str>) -> Result<(), AppError> {
        let time_zone = time_zone.and_then(|name| TimeZone::parse(name).ok());
        let token = self.0.identity.sign_up(email, password, time_zone, self.0.caller.client).await?;
        self.replace(token).await
    }

    /// Always starts a new session, whatever cookie the request has (ASVS 7.2.4). An unknown time zone is ignored.
    ///
    /// # Errors
    /// [`AppError::WrongCredentials`], [`AppError::RateLimited`] or [`AppError::Unavailable`].
    pub async fn sign_in(&self, email: &str, password: &str, time_zone: Option<&str>) -> Result<(), AppError> {
        let time_zone = time_zone.and_then(|name| TimeZone::parse(name).ok());
        let token = self.0.identity.sign_in(email, password, time_zone, self.0.caller.client).await?;
        self.replace(token).await
    }

    /// Ends the old session first: otherwise a late response of the old session could set its cookie again.
    async fn replace(&self, token: GrantedToken) -> Result<(), AppError> {
        // A token of the previous release has no session id: ending it would end all sessions, the new one too.
        if let Some(before) = self.grant().filter(|grant| grant.owner.session.is_some()) {
            self.end_on_server(before).await?;
        }
        self.0.cookie.set(token);
        Ok(())
    }

    /// Idempotent.
    async fn end_on_server(&self, grant: Grant) -> Result<(), StoreError> {
        match self.0.identity.sign_out(grant.owner).await {
            Err(StoreError::SessionEnded) => Ok(()),
            done => done,
        }
    }

    /// Keeps all sessions.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], [`AppError::Invalid`] for the e-mail, [`AppError::RateLimited`] or an error of the store.
    pub async fn change_email(&self, email: &str, password: &str) -> Result<(), AppError> {
        let owner = self.identified()?.owner;
        self.0.identity.change_email(owner, email, password, self.0.caller.client).await.map_err(log_refusal)
    }

    /// Changes the password, which ends all sessions of the account, and starts a new session.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], [`AppError::Invalid`] for the new password, [`AppError::RateLimited`] or an error of the store.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), AppError> {
        let token = self.0.identity.change_password(self.identified()?.owner, current, new, self.0.caller.client).await;
        let token = token.map_err(log_refusal)?;
        self.0.cookie.set(token);
        Ok(())
    }

    /// Deletes the account with all its data, and ends the session.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], [`AppError::RateLimited`] or an error of the store.
    pub async fn delete_account(&self, password: &str) -> Result<(), AppError> {
        self.0.identity.delete_account(self.identified()?.owner, password, self.0.caller.client).await.map_err(log_refusal)?;
        self.leave();
        Ok(())
    }

    /// Ends the session here and on the server. Idempotent.
    ///
    /// # Errors
    /// [`AppError::Unavailable`]: the session continues and keeps its cookie.
    pub async fn sign_out(&self) -> Result<(), AppError> {
        if let Some(grant) = self.grant() {
            self.end_on_server(grant).await?;
        }
        self.leave();
        Ok(())
    }

    /// Ends all sessions of the account, including this one.
    ///
    /// # Errors
    /// [`AppError::SignedOut`] if this session has ended: it can no longer end others. And see [`Self::sign_out`].
    pub async fn sign_out_everywhere(&self) -> Result<(), AppError> {
        self.0.identity.sign_out_everywhere(self.identified()?.owner).await.map_err(log_refusal)?;
        self.leave();
        Ok(())
    }

    /// Drops the cookie, and clears the storage of the browser.
    fn leave(&self) {
        self.0.cookie.drop();
        if let Some(response) = use_context::<ResponseOptions>() {
            // Not "cookies", which affects all sites of the registrable domain. Not "cache", which takes Chromium seconds; `no-store` does
            // the same.
            let stored = HeaderValue::from_static(r#""storage""#);
            response.insert_header(HeaderName::from_static("clear-site-data"), stored);
        }
    }

    /// For scripts.
    pub(super) fn add_session_times(&self, headers: &mut HeaderMap) {
        if let Some(Grant { seconds_left, seconds_to_max, .. }) = self.grant() {
            headers.insert(SECONDS_LEFT, seconds_left.into());
            headers.insert(SECONDS_TO_MAX, seconds_to_max.into());
        }
    }

    /// Drops the cookie of an ended session. Not in responses to scripts, see [`SessionCookie::read`].
    pub(super) fn drop_cookie(&self) {
        if self.is_signed_in() {
            self.0.cookie.drop();
        }
    }

    /// For direct calls of `identity`: records the user in the log, as the API does.
    fn identified(&self) -> Result<Grant, AppError> {
        self.grant().inspect(|grant| logging::identify(grant.owner.user)).ok_or(AppError::SignedOut)
    }

    fn grant(&self) -> Option<Grant> {
        self.0.cookie.token().map(|token| token.grant())
    }
}

/// Logs, as the API does, an ended session with an unexpired token.
fn log_refusal(error: impl Into<AppError>) -> AppError {
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
