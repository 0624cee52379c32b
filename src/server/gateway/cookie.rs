//! The session's cookie: its name, its attributes, its encryption, and the token in it, which only this side can read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tower_cookies::{
    Cookie, Cookies, Key,
    cookie::{SameSite, time},
};

use crate::server::{
    config::{Config, Origin},
    identity::{AccessToken, GrantedToken, Identity},
    observability::audit::Event,
};

/// The prefix makes browsers insist on `Secure`, `HttpOnly`, `Path=/` and no `Domain`.
const COOKIE: &str = "__Host-Http-session";
/// Its name where it goes over plain http. Browsers would refuse the prefix.
const INSECURE_COOKIE: &str = "insecure-session";

/// How the cookie is named, encrypted and sent.
#[derive(Clone)]
pub struct CookieFormat {
    name: Arc<str>,
    /// The current one first.
    keys: Arc<[Key]>,
    is_secure: bool,
}

impl CookieFormat {
    pub fn new(config: &Config) -> Self {
        let name = cookie_name(&config.origin, config.insecure_http).into();
        // By HKDF, so that the key that encrypts cookies is not the one that signs tokens.
        let keys = config.secrets().map(|secret| Key::derive_from(secret.expose())).collect();
        Self { name, keys, is_secure: !config.insecure_http }
    }

    /// The one place that says what the cookie is like (ASVS 3.3.1 to 3.3.4).
    fn cookie(&self, value: String, seconds: u32) -> Cookie<'static> {
        Cookie::build((self.name.to_string(), value))
            .secure(self.is_secure)
            .http_only(true)
            .same_site(SameSite::Strict)
            .path("/")
            .max_age(time::Duration::seconds(seconds.into()))
            .build()
    }
}

/// Browsers send a cookie to every port of its host, so the name carries the port: two sites on one host would overwrite each
/// other's session.
fn cookie_name(origin: &Origin, insecure_http: bool) -> String {
    let name = if insecure_http { INSECURE_COOKIE } else { COOKIE };
    origin.port().map_or_else(|| name.to_owned(), |port| format!("{name}-{port}"))
}

/// Keeps only cookies whose name is the session's to the byte. Whoever reads them later decodes `%48`, and drops whatever Unicode
/// takes for a blank: so a cookie would pass that lacks what browsers insist on for the prefix of the name.
pub async fn drop_lookalikes(State(format): State<CookieFormat>, mut request: Request, next: Next) -> Response {
    let name = format.name.as_bytes();
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

/// The cookie of one request, as its answer will leave it; all clones are the same. It is a cell, because Leptos runs the functions of
/// a page while it renders, and returns nothing of them but HTML.
#[derive(Clone)]
pub struct SessionCookie {
    format: CookieFormat,
    jar: Cookies,
    identity: Arc<Identity>,
    /// Whether the request is a use of the session, which renews it.
    is_use: bool,
    token: Arc<Mutex<Option<GrantedToken>>>,
}

impl SessionCookie {
    /// `is_for_page` tells the answers that may drop a cookie that is no good any more. One to a script may not: it may come when another
    /// tab has signed in again, and would drop the new cookie. The next page drops it.
    pub fn read(format: CookieFormat, jar: Cookies, identity: Arc<Identity>, is_use: bool, is_for_page: bool) -> Self {
        let decrypted = format.keys.iter().find_map(|key| jar.private(key).get(&format.name));
        let is_ours = decrypted.is_some();
        let token = decrypted.and_then(|cookie| {
            let grant = identity.verify(cookie.value()).ok()?;
            Some(GrantedToken { token: AccessToken::unverified(cookie.value().to_owned()), grant })
        });
        let is_refused = token.is_none() && jar.get(&format.name).is_some();
        let cookie = Self { format, jar, identity, is_use, token: Arc::new(Mutex::new(token)) };
        if is_refused {
            Event::AccessRefused.record();
        }
        // One that does not decrypt may be the session of another site on this host, so it is not ours to drop.
        if is_refused && is_ours && is_for_page {
            cookie.drop();
        }
        cookie
    }

    pub fn token(&self) -> Option<GrantedToken> {
        self.lock().clone()
    }

    pub fn set(&self, token: GrantedToken) {
        self.send(&token);
        *self.lock() = Some(token);
    }

    pub fn drop(&self) {
        self.jar.remove(self.format.cookie(String::new(), 0));
        *self.lock() = None;
    }

    /// Renews the session, if this request is a use of it. To be called once the API, by the very statement that did the work, has
    /// accepted `used`: the cookie alone does not tell whether its session was ended. If the request has set or dropped the cookie
    /// meanwhile, that stands.
    pub fn renew(&self, used: &AccessToken) {
        let mut token = self.lock();
        let current = token.as_ref().filter(|current| self.is_use && current.token.expose() == used.expose());
        if let Some(renewed) = current.and_then(|current| self.identity.renew(current.grant)) {
            self.send(&renewed);
            *token = Some(renewed);
        }
    }

    /// It dies with the token.
    fn send(&self, GrantedToken { token, grant }: &GrantedToken) {
        self.jar.private(&self.format.keys[0]).add(self.format.cookie(token.expose().to_owned(), grant.seconds_left));
    }

    fn lock(&self) -> MutexGuard<'_, Option<GrantedToken>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
