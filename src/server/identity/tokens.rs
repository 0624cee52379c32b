//! Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, signed with HS256 and verified by RFC 8725.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use super::hs256;
use crate::{
    domain::SessionId,
    server::{
        clock::Clock,
        config::Config,
        store::{Owner, SessionClaims},
    },
};

/// The header's `typ` (RFC 9068, section 2.1): keeps other JWTs under the same key from passing as access tokens.
const TYPE: &str = "at+jwt";
/// Ours have some 500 bytes; anything over this is refused before it is parsed.
const MAX_BYTES: usize = 1024;
/// How far another replica's clock may be ahead of ours, in seconds.
const CLOCK_SKEW: i64 = 5;
/// A token that has had less than this part of its life is not renewed: so one that is used all the time is signed once a minute.
const RENEWED_AFTER: i64 = 30;

/// A signed token. Can't be printed or serialised.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// Takes a token as it came; whether it is any good, [`super::Identity::verify`] tells.
    #[must_use]
    pub fn unverified(token: String) -> Self {
        Self(token)
    }

    /// The token itself, for an `Authorization` header or the encrypted cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What a good token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub owner: Owner,
    /// How long it is good yet; at least one.
    pub seconds_left: u32,
    /// How long its session can be renewed yet; a token without a session has only its own life.
    pub seconds_to_max: u32,
    /// Whether a use of the session renews it.
    pub is_due: bool,
}

/// A token that was issued or verified, with what it says.
#[derive(Clone)]
pub struct GrantedToken {
    pub token: AccessToken,
    pub grant: Grant,
}

/// The token is not one of ours, was tampered with or has expired. There is no saying which: only an attacker would
/// want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenError;

/// All that may be in a header. jsonwebtoken's own type can't tell a member that is null from one that is missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExactHeader {
    typ: String,
    alg: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// The user's token epoch when it was signed; signing out everywhere and a new password raise the epoch.
    ver: i64,
    /// The session (OIDC Front-Channel Logout 1.0, section 3). Tokens of the version before have neither this nor the next.
    #[serde(default, deserialize_with = "present")]
    sid: Option<SessionId>,
    /// When the password was typed (OIDC Core 1.0, section 2).
    #[serde(default, deserialize_with = "present")]
    auth_time: Option<i64>,
    /// Seconds since the Unix epoch, like `exp`.
    iat: i64,
    exp: i64,
    jti: String,
    /// Not before. None of ours has it; where it is, it counts (RFC 7519, section 4.1.5).
    #[serde(default, skip_serializing)]
    nbf: Option<i64>,
}

/// What is there must be a value: null is no way to leave it out.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Issues, renews and verifies tokens.
pub struct Tokens {
    signing_key: EncodingKey,
    /// The current one first.
    verifying_keys: Vec<DecodingKey>,
    validation: Validation,
    issuer: String,
    audience: String,
    /// How long a token is good, and how long a session; in seconds.
    ttl: i64,
    max: i64,
    clock: Arc<dyn Clock>,
}

impl Tokens {
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Self {
        hs256::install();
        let issuer = config.origin.as_str().to_owned();
        let audience = format!("{issuer}/api/v1");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[&audience]);
        // Required all the same, by `Claims`; compared in `verify`, with our own clock and without leeway.
        validation.validate_exp = false;
        Self {
            signing_key: EncodingKey::from_secret(config.secret.expose()),
            verifying_keys: config.secrets().map(|secret| DecodingKey::from_secret(secret.expose())).collect(),
            validation,
            issuer,
            audience,
            ttl: whole_seconds(config.session_ttl),
            max: whole_seconds(config.session_max),
            clock,
        }
    }

    /// For a session that begins now.
    pub fn begin(&self, owner: Owner) -> GrantedToken {
        let session = SessionClaims { sid: SessionId::from(Uuid::now_v7()), auth_time: self.now() };
        self.issue(owner, session)
    }

    /// Another token of the same session, if this one is due for it.
    pub fn renew(&self, Grant { owner, is_due, .. }: Grant) -> Option<GrantedToken> {
        Some(self.issue(owner, owner.session.filter(|_| is_due)?))
    }

    fn issue(&self, owner: Owner, session: SessionClaims) -> GrantedToken {
        let iat = self.now();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: owner.user.to_string(),
            ver: owner.token_epoch,
            sid: Some(session.sid),
            auth_time: Some(session.auth_time),
            iat,
            exp: (iat + self.ttl).min(session.auth_time + self.max),
            jti: Uuid::new_v4().to_string(),
            nbf: None,
        };
        let token = AccessToken(encode(&header(), &claims, &self.signing_key).expect("signing with HMAC can't fail"));
        let owner = Owner { session: Some(session), ..owner };
        let seconds = |end: i64| u32::try_from(end - iat).unwrap_or(0);
        let (seconds_left, seconds_to_max) = (seconds(claims.exp), seconds(session.auth_time + self.max));
        GrantedToken { token, grant: Grant { owner, seconds_left, seconds_to_max, is_due: false } }
    }

    pub fn verify(&self, token: &str) -> Result<Grant, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError);
        }
        // Nothing is taken from the header: it must be the one that we write, without `crit`, `kid`, `jwk` or `zip`.
        if !has_our_header(token) {
            return Err(TokenError);
        }
        let mut keys = self.verifying_keys.iter();
        let claims = keys.find_map(|key| decode::<Claims>(token, key, &self.validation).ok()).ok_or(TokenError)?.claims;
        let now = self.now();
        // A lifetime beyond ours is refused even if correctly signed (ASVS 9.2.1).
        let lifetime = claims.exp.checked_sub(claims.iat).ok_or(TokenError)?;
        let has_begun = claims.iat.max(claims.nbf.unwrap_or(i64::MIN)) <= now + CLOCK_SKEW;
        let session = match (claims.sid, claims.auth_time) {
            (Some(sid), Some(auth_time)) if auth_time <= claims.iat => Some(SessionClaims { sid, auth_time }),
            (None, None) => None,
            _ => return Err(TokenError),
        };
        // What was signed before `SESSION_MAX` was lowered may say a later end.
        let end_of_session = session.map_or(claims.exp, |session| session.auth_time.saturating_add(self.max));
        let end = claims.exp.min(end_of_session);
        if now >= end || !has_begun || lifetime > self.ttl {
            return Err(TokenError);
        }
        let user = claims.sub.parse().map_err(|_| TokenError)?;
        let seconds = |end: i64| u32::try_from(end - now).map_err(|_| TokenError);
        Ok(Grant {
            owner: Owner { user, token_epoch: claims.ver, session },
            seconds_left: seconds(end)?,
            seconds_to_max: seconds(end_of_session)?,
            is_due: session.is_some() && (now - claims.iat) * RENEWED_AFTER > lifetime,
        })
    }

    fn now(&self) -> i64 {
        self.clock.now().0 / 1000
    }
}

fn whole_seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).expect("a session lasts 30 days at most")
}

fn has_our_header(token: &str) -> bool {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).unwrap_or_default();
    serde_json::from_slice(&header).is_ok_and(|ExactHeader { typ, alg }| typ == TYPE && alg == "HS256")
}

fn header() -> Header {
    Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) }
}
