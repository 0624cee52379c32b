//! A browser's session: the cookie, and the token that only this side of it can read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;
use tower_cookies::{
    Cookie, Cookies,
    cookie::{SameSite, time},
};
use tracing::Span;

use super::{Gateway, ROOT, accepts_page, api_client::UserApi, routes::is_use};
use crate::{
    contract::{AppError, CurrentUser},
    domain::{TodoId, UnixMillis, UserId},
    server::{
        config::Origin,
        http::client_address::ClientAddress,
        identity::{AccessToken, Grant, GrantedToken, SignInError, SignUpError},
        observability::{audit::Event, logging::RequestId},
        store::StoreError,
    },
};

/// The prefix makes browsers insist on `Secure`, `HttpOnly`, `Path=/` and no `Domain`.
const COOKIE: &str = "__Host-Http-session";
/// Its name where it goes over plain http. Browsers would refuse the prefix.
const INSECURE_COOKIE: &str = "insecure-session";

/// Tell a script for how many seconds its session lasts unless it is used, and however much it is used.
const SECONDS_LEFT: HeaderName = HeaderName::from_static("holdfast-seconds-left");
const SECONDS_TO_MAX: HeaderName = HeaderName::from_static("holdfast-seconds-to-max");

/// The session of one request. Cheap to clone; all clones are the same session.
#[derive(Clone)]
pub struct Session {
    gateway: Gateway,
    cookies: Cookies,
    token: Arc<Mutex<Option<GrantedToken>>>,
    deletion: Arc<Mutex<Option<Deletion>>>,
    pub(super) request: Option<RequestId>,
    pub(super) client: ClientAddress,
    /// Whether the answer is for a page, and not for a script of one.
    for_page: bool,
    /// Whether the request is a use of the session, which renews it.
    is_use: bool,
    /// The request, for the log.
    pub(super) span: Span,
}

/// What a request deleted, for the page that offers to undo it.
#[derive(Clone, Copy)]
pub enum Deletion {
    One(TodoId),
    /// All that were deleted at this moment.
    Many(UnixMillis),
}

/// Keeps only cookies whose name is the session's to the byte. Whoever reads them later decodes `%48`, and drops whatever Unicode
/// takes for a blank: so a cookie would pass that lacks what browsers insist on for the prefix of the name.
pub async fn drop_lookalikes(State(gateway): State<Gateway>, mut request: Request, next: Next) -> Response {
    let name = gateway.cookie_name.as_bytes();
    let headers = request.headers_mut();
    let sent = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let ours = sent.map(<[u8]>::trim_ascii).filter(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"=")));
    let ours: Vec<_> = ours.filter_map(|pair| HeaderValue::from_bytes(pair).ok()).collect();
    headers.remove(header::COOKIE);
    for cookie in ours {
        headers.append(header::COOKIE, cookie);
    }
    next.run(request).await
}

/// Reads the cookie once for each request.
pub async fn open(State(gateway): State<Gateway>, cookies: Cookies, mut request: Request, next: Next) -> Response {
    let name = &*gateway.cookie_name;
    let decrypted = gateway.cookie_keys.iter().find_map(|key| cookies.private(key).get(name));
    let is_ours = decrypted.is_some();
    let token = decrypted.and_then(|cookie| {
        let grant = gateway.identity.verify(cookie.value()).ok()?;
        Some(GrantedToken { token: AccessToken::unverified(cookie.value().to_owned()), grant })
    });
    let is_refused = token.is_none() && cookies.get(name).is_some();
    let session = Session {
        gateway,
        cookies,
        token: Arc::new(Mutex::new(token)),
        deletion: Arc::default(),
        request: request.extensions().get().copied(),
        client: request.extensions().get().copied().unwrap_or_default(),
        for_page: !request.uri().path().starts_with(ROOT) || accepts_page(request.headers()),
        is_use: is_use(&request),
        span: Span::current(),
    };
    if is_refused {
        Event::AccessRefused.record();
    }
    // A cookie that does not decrypt may be the session of another site on this host, so it is not ours to drop.
    if is_refused && is_ours {
        session.refuse();
    }
    request.extensions_mut().insert(session);
    next.run(request).await
}

impl Session {
    /// The session of the request that a server function answers.
    ///
    /// # Errors
    /// Outside of a request of a browser, which would be a fault of ours.
    pub fn current() -> Result<Self, AppError> {
        use_context::<Parts>().and_then(|parts| parts.extensions.get().cloned()).ok_or(AppError::Internal)
    }

    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.token().is_some()
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
        let GrantedToken { token, .. } = self.token().ok_or(AppError::SignedOut)?;
        Ok(self.gateway.api.as_user(token, self.clone()))
    }

    /// Makes an account and signs in to it.
    ///
    /// # Errors
    /// What is wrong with the e-mail or the password, [`AppError::RateLimited`] or [`AppError::Unavailable`].
    pub async fn sign_up(&self, email: &str, password: &str) -> Result<(), AppError> {
        let token = self.gateway.identity.sign_up(email, password, self.client).await?;
        self.replace(token).await
    }

    /// Always a new session, whatever cookie came along (ASVS 7.2.4).
    ///
    /// # Errors
    /// [`AppError::WrongCredentials`], [`AppError::RateLimited`] or [`AppError::Unavailable`].
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<(), AppError> {
        let token = self.gateway.identity.sign_in(email, password, self.client).await?;
        self.replace(token).await
    }

    /// Ends the session that came along, for the new one to take its place. Else an answer of the old one that is on its way might
    /// bring it back.
    async fn replace(&self, token: GrantedToken) -> Result<(), AppError> {
        // One of the version before could be ended with all others only, the new one too.
        if let Some(before) = self.grant().filter(|grant| grant.owner.session.is_some()) {
            self.end_on_server(before).await?;
        }
        self.start(token);
        Ok(())
    }

    /// Whether it was over before makes no difference.
    async fn end_on_server(&self, grant: Grant) -> Result<(), StoreError> {
        match self.gateway.identity.sign_out(grant.owner).await {
            Err(StoreError::SessionEnded) => Ok(()),
            done => done,
        }
    }

    /// Gives the account another password, which ends every session of it, and starts a new one here.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], why the new one may not be chosen, or that the API can't be had.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), AppError> {
        let grant = self.grant().ok_or(AppError::SignedOut)?;
        self.api()?.change_password(current, new).await?;
        self.start(self.gateway.identity.begin_after_new_password(grant.owner));
        Ok(())
    }

    /// Deletes the account with all that belongs to it, and the session with it.
    ///
    /// # Errors
    /// [`AppError::WrongPassword`], or that the API can't be had.
    pub async fn delete_account(&self, password: &str) -> Result<(), AppError> {
        self.api()?.delete_account(password).await?;
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
        let Grant { owner, .. } = self.grant().ok_or(AppError::SignedOut)?;
        let ended = self.gateway.identity.sign_out_everywhere(owner).await.map_err(AppError::from);
        match ended {
            Ok(()) => self.leave(),
            Err(AppError::SignedOut) => self.refuse(),
            Err(_) => {}
        }
        ended
    }

    /// Drops the session, and has the browser forget what it keeps of it.
    fn leave(&self) {
        self.end();
        if let Some(response) = use_context::<ResponseOptions>() {
            // Not "cookies": that would hit every site of the same registrable domain. Nor "cache", which takes Chromium seconds:
            // no page may be stored.
            let stored = HeaderValue::from_static(r#""storage""#);
            response.insert_header(HeaderName::from_static("clear-site-data"), stored);
        }
    }

    fn start(&self, token: GrantedToken) {
        self.set_cookie(&token);
        *lock(&self.token) = Some(token);
    }

    /// Renews the session, if this request is a use of it. To be called once the API, by the very statement that did the work, has
    /// accepted `used`: the cookie alone does not tell whether its session was ended. If the request has set or dropped the cookie
    /// meanwhile, that stands.
    pub(super) fn accepted(&self, used: &AccessToken) {
        let mut token = lock(&self.token);
        let current = token.as_ref().filter(|current| self.is_use && current.token.expose() == used.expose());
        if let Some(renewed) = current.and_then(|current| self.gateway.identity.renew(current.grant)) {
            self.set_cookie(&renewed);
            *token = Some(renewed);
        }
    }

    /// It dies with the token.
    fn set_cookie(&self, GrantedToken { token, grant }: &GrantedToken) {
        let cookie = cookie(&self.gateway, token.expose().to_owned(), grant.seconds_left);
        self.cookies.private(&self.gateway.cookie_keys[0]).add(cookie);
    }

    /// Tells a script how long the session lasts.
    pub(super) fn tell_time(&self, headers: &mut HeaderMap) {
        if let Some(Grant { seconds_left, seconds_to_max, .. }) = self.grant() {
            headers.insert(SECONDS_LEFT, seconds_left.into());
            headers.insert(SECONDS_TO_MAX, seconds_to_max.into());
        }
    }

    /// Drops token and cookie.
    fn end(&self) {
        self.cookies.remove(cookie(&self.gateway, String::new(), 0));
        *lock(&self.token) = None;
    }

    /// For a token or cookie that is no good any more. A script's answer leaves the cookie alone: it may come when another
    /// tab has signed in again, and would drop the new one. The next page drops it.
    pub(super) fn refuse(&self) {
        if self.for_page {
            self.end();
        } else {
            *lock(&self.token) = None;
        }
    }

    fn grant(&self) -> Option<Grant> {
        self.token().map(|token| token.grant)
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.gateway.clock.now()
    }

    /// Notes what was deleted.
    pub(super) fn deleted(&self, deletion: Deletion) {
        *lock(&self.deletion) = Some(deletion);
    }

    /// What was deleted in this request.
    pub(super) fn deletion(&self) -> Option<Deletion> {
        *lock(&self.deletion)
    }

    fn token(&self) -> Option<GrantedToken> {
        lock(&self.token).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one place that says what the cookie is like (ASVS 3.3.1 to 3.3.4).
fn cookie(gateway: &Gateway, value: String, seconds: u32) -> Cookie<'static> {
    Cookie::build((gateway.cookie_name.to_string(), value))
        .secure(!gateway.insecure_http)
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(time::Duration::seconds(seconds.into()))
        .build()
}

/// Browsers send a cookie to every port of its host, so the name carries the port: two sites on one host would overwrite each
/// other's session.
pub fn cookie_name(origin: &Origin, insecure_http: bool) -> String {
    let name = if insecure_http { INSECURE_COOKIE } else { COOKIE };
    origin.port().map_or_else(|| name.to_owned(), |port| format!("{name}-{port}"))
}

impl From<SignUpError> for AppError {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::Closed => Self::RegistrationClosed,
            SignUpError::Email(error) => error.into(),
            SignUpError::Password(error) => error.into(),
            SignUpError::EmailTaken => Self::EmailTaken,
            SignUpError::TooOften(too_often) => Self::RateLimited(too_often.seconds()),
            SignUpError::Busy => Self::Unavailable,
            SignUpError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for AppError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::WrongCredentials,
            SignInError::TooOften(too_often) => Self::RateLimited(too_often.seconds()),
            SignInError::Busy => Self::Unavailable,
            SignInError::Store(error) => error.into(),
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
