//! Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, signed with HS256 and verified according to RFC 8725.

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

/// The header's `typ` (RFC 9068, section 2.1), which distinguishes access tokens from other JWTs with the same key.
const TYPE: &str = "at+jwt";
/// Longer tokens are rejected before parsing; ours have some 500 bytes.
const MAX_BYTES: usize = 1024;
/// Tolerated clock skew between replicas, in seconds.
const CLOCK_SKEW: i64 = 5;
/// Renewal is due after this fraction (1/n) of the lifetime, so a session in constant use signs a token once a minute.
const RENEWAL_FRACTION: i64 = 30;

/// A signed token, which can't be printed or serialised.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// Wraps a received token, to be checked by [`super::Identity::verify`].
    #[must_use]
    pub fn unverified(token: String) -> Self {
        Self(token)
    }

    /// The raw token, for an `Authorization` header or the encrypted cookie.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The content of a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub owner: Owner,
    /// Remaining lifetime of the token; at least one.
    pub seconds_left: u32,
    /// Remaining lifetime of the session with renewals; for a token without a session, that of the token.
    pub seconds_to_max: u32,
    /// Whether the next use renews the token.
    pub is_due: bool,
}

/// An issued or verified token with its content.
#[derive(Clone)]
pub struct GrantedToken {
    pub token: AccessToken,
    pub grant: Grant,
}

/// The token is foreign, altered or expired. The cause is withheld, since it would only help an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenError;

/// The only accepted header. jsonwebtoken's own type can't distinguish null members from missing ones.
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
    /// The user's token epoch at signing, which "Sign out everywhere" and a password change increment.
    ver: i64,
    /// The session (OIDC Front-Channel Logout 1.0, section 3). Tokens of the previous version lack this claim and the next.
    #[serde(default, deserialize_with = "present")]
    sid: Option<SessionId>,
    /// Time of the password check (OIDC Core 1.0, section 2).
    #[serde(default, deserialize_with = "present")]
    auth_time: Option<i64>,
    /// Seconds since the Unix epoch, like `exp`.
    iat: i64,
    exp: i64,
    jti: String,
    /// Not before: never issued, but enforced if present (RFC 7519, section 4.1.5).
    #[serde(default, skip_serializing)]
    nbf: Option<i64>,
}

/// Rejects null for an optional claim.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Issues, renews and verifies tokens.
pub struct Tokens {
    signing_key: EncodingKey,
    /// The current key first.
    verifying_keys: Vec<DecodingKey>,
    validation: Validation,
    issuer: String,
    audience: String,
    /// Maximum lifetimes of a token and of a session, in seconds.
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
        // `Claims` requires `exp`, and `verify` compares it with the injected clock, without leeway.
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

    /// Issues the first token of a new session.
    pub fn begin(&self, owner: Owner) -> GrantedToken {
        let session = SessionClaims { sid: SessionId::from(Uuid::now_v7()), auth_time: self.now() };
        self.issue(owner, session)
    }

    /// Issues another token of the same session if renewal is due.
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
        // The header must be exactly the issued one, without `crit`, `kid`, `jwk` or `zip`.
        if !has_our_header(token) {
            return Err(TokenError);
        }
        let mut keys = self.verifying_keys.iter();
        let claims = keys.find_map(|key| decode::<Claims>(token, key, &self.validation).ok()).ok_or(TokenError)?.claims;
        let now = self.now();
        // A lifetime beyond the limit is rejected despite a valid signature (ASVS 9.2.1).
        let lifetime = claims.exp.checked_sub(claims.iat).ok_or(TokenError)?;
        let has_begun = claims.iat.max(claims.nbf.unwrap_or(i64::MIN)) <= now + CLOCK_SKEW;
        let session = match (claims.sid, claims.auth_time) {
            (Some(sid), Some(auth_time)) if auth_time <= claims.iat => Some(SessionClaims { sid, auth_time }),
            (None, None) => None,
            _ => return Err(TokenError),
        };
        // A token signed before `SESSION_MAX` was lowered may have a later `exp`.
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
            is_due: session.is_some() && (now - claims.iat) * RENEWAL_FRACTION > lifetime,
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
