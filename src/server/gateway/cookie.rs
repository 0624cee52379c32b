//! The session cookie: name, attributes, and the encrypted token in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use tower_cookies::{
    Cookie, Cookies, Key,
    cookie::{SameSite, time},
};

use crate::server::{
    config::{Config, Origin},
    identity::{AccessToken, GrantedToken, Identity},
    observability::audit::Event,
};

/// The prefix makes browsers enforce `Secure`, `HttpOnly`, `Path=/` and no `Domain`.
const COOKIE: &str = "__Host-Http-session";
/// For plain HTTP, where browsers reject the prefix.
const INSECURE_COOKIE: &str = "insecure-session";

#[derive(Clone)]
pub struct CookieFormat {
    name: Arc<str>,
    /// The current key comes first.
    keys: Arc<[Key]>,
    is_secure: bool,
}

impl CookieFormat {
    pub fn new(config: &Config) -> Self {
        let name = cookie_name(&config.origin, config.insecure_http).into();
        // HKDF, so that cookie encryption and token signing use different keys.
        let keys = config.secrets().map(|secret| Key::derive_from(secret.expose())).collect();
        Self { name, keys, is_secure: !config.insecure_http }
    }

    /// Keeps only cookies whose name equals the session cookie's byte for byte. The cookie parser decodes `%48` and trims Unicode white
    /// space, so a lookalike would bypass the attributes that browsers enforce for the prefix.
    pub fn drop_lookalikes(&self, headers: &mut HeaderMap) {
        let name = self.name.as_bytes();
        let sent = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
        let ours = sent.map(<[u8]>::trim_ascii).filter(|pair| pair.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"=")));
        let ours: Vec<_> = ours.filter_map(|pair| HeaderValue::from_bytes(pair).ok()).collect();
        headers.remove(header::COOKIE);
        for cookie in ours {
            headers.append(header::COOKIE, cookie);
        }
    }

    /// Sets all attributes (ASVS 3.3.1 to 3.3.4).
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

/// Cookies ignore the port, so the name contains it: two sites on one host would overwrite each other's session.
fn cookie_name(origin: &Origin, insecure_http: bool) -> String {
    let name = if insecure_http { INSECURE_COOKIE } else { COOKIE };
    origin.port().map_or_else(|| name.to_owned(), |port| format!("{name}-{port}"))
}

/// The session cookie of one request and its response, shared by all clones. A cell, because server functions that run while a page
/// renders return only HTML.
#[derive(Clone)]
pub struct SessionCookie {
    format: CookieFormat,
    jar: Cookies,
    identity: Arc<Identity>,
    /// Whether the request renews the session.
    is_use: bool,
    token: Arc<Mutex<Option<GrantedToken>>>,
}

impl SessionCookie {
    /// Only a response for a page (`is_for_page`) drops an invalid cookie. A response to a script may arrive after another tab has signed
    /// in again, and would drop the new cookie.
    pub fn read(format: CookieFormat, jar: Cookies, identity: Arc<Identity>, is_use: bool, is_for_page: bool) -> Self {
        let decrypted = format.keys.iter().find_map(|key| jar.private(key).get(&format.name));
        let is_ours = decrypted.is_some();
        let token = decrypted.and_then(|cookie| identity.accept(cookie.value()).ok());
        let is_refused = token.is_none() && jar.get(&format.name).is_some();
        let cookie = Self { format, jar, identity, is_use, token: Arc::new(Mutex::new(token)) };
        if is_refused {
            Event::AccessRefused.record();
        }
        // A cookie that does not decrypt may belong to another site on this host.
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

    /// Renews the session unless the request has set or dropped the cookie meanwhile. Call it only after the API has accepted `used`:
    /// the cookie alone does not show that a session was revoked.
    pub fn renew(&self, used: &AccessToken) {
        let mut token = self.lock();
        let current = token.as_ref().filter(|current| self.is_use && current.token() == used);
        if let Some(renewed) = current.and_then(|current| self.identity.renew(current.grant())) {
            self.send(&renewed);
            *token = Some(renewed);
        }
    }

    /// The cookie expires together with the token.
    fn send(&self, granted: &GrantedToken) {
        let cookie = self.format.cookie(granted.token().expose().to_owned(), granted.grant().seconds_left);
        self.jar.private(&self.format.keys[0]).add(cookie);
    }

    fn lock(&self) -> MutexGuard<'_, Option<GrantedToken>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
