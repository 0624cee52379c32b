//! Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, signed with HS256 and verified according to RFC 8725.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto::verify, encode};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
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
/// `{"typ":"at+jwt","alg":"HS256"}` in base64url.
const ISSUED_HEADER: &str = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiJ9";
/// Longer tokens are rejected before parsing; ours have some 500 bytes.
const MAX_BYTES: usize = 1024;
/// Tolerated clock skew between replicas, in seconds.
const CLOCK_SKEW: i64 = 5;
/// Renewal is due after this fraction (1/n) of the lifetime, so a session in constant use signs a token once a minute.
const RENEWAL_FRACTION: i64 = 30;

/// A signed token, which can't be printed or serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(Arc<str>);

impl AccessToken {
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
    /// When the token expires, in seconds since the Unix epoch.
    ends_at: i64,
}

/// An issued or verified token with its content. Only this file can make one, so it proves that the token is ours.
#[derive(Clone)]
pub struct GrantedToken {
    token: AccessToken,
    grant: Grant,
}

impl GrantedToken {
    #[must_use]
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    #[must_use]
    pub fn grant(&self) -> Grant {
        self.grant
    }
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
        Self {
            signing_key: EncodingKey::from_secret(config.secret.expose()),
            verifying_keys: config.secrets().map(|secret| DecodingKey::from_secret(secret.expose())).collect(),
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
        let token = encode(&header(), &claims, &self.signing_key).expect("signing with HMAC can't fail");
        let owner = Owner { session: Some(session), ..owner };
        let seconds = |end: i64| u32::try_from(end - iat).unwrap_or(0);
        let (seconds_left, seconds_to_max) = (seconds(claims.exp), seconds(session.auth_time + self.max));
        let grant = Grant { owner, seconds_left, seconds_to_max, is_due: false, ends_at: claims.exp };
        GrantedToken { token: AccessToken(token.into()), grant }
    }

    /// As [`Self::verify`], and keeps the token.
    pub fn accept(&self, token: &str) -> Result<GrantedToken, TokenError> {
        self.verify(token).map(|grant| GrantedToken { token: AccessToken(token.into()), grant })
    }

    /// The owner of a token. Does not verify one again that was accepted or issued during the same request.
    pub fn owner(&self, token: &str, accepted: Option<&GrantedToken>) -> Result<Owner, TokenError> {
        match accepted {
            Some(accepted) if accepted.token.expose() == token => {
                if self.now() < accepted.grant.ends_at {
                    Ok(accepted.grant.owner)
                } else {
                    Err(TokenError)
                }
            }
            _ => Ok(self.verify(token)?.owner),
        }
    }

    pub fn verify(&self, token: &str) -> Result<Grant, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError);
        }
        // The header must be exactly the issued one, without `crit`, `kid`, `jwk` or `zip`.
        if !has_our_header(token) {
            return Err(TokenError);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError)?;
        let is_signed = |key| verify(signature, message.as_bytes(), key, Algorithm::HS256).unwrap_or(false);
        if !self.verifying_keys.iter().any(is_signed) {
            return Err(TokenError);
        }
        let payload = message.split_once('.').and_then(|(_, payload)| URL_SAFE_NO_PAD.decode(payload).ok()).ok_or(TokenError)?;
        // Parsed once; `decode` of jsonwebtoken parses three times.
        let claims: Claims = parse_object(&payload).ok_or(TokenError)?;
        if claims.iss != self.issuer || claims.aud != self.audience {
            return Err(TokenError);
        }
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
            ends_at: end,
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
    let Some((header, _)) = token.split_once('.') else { return false };
    // As we write it; another order of the members is legal too.
    if header == ISSUED_HEADER {
        return true;
    }
    let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    parse_object(&header).is_some_and(|ExactHeader { typ, alg }| typ == TYPE && alg == "HS256")
}

/// Not an array, from which serde reads a struct too.
fn parse_object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok().filter(|_| json.trim_ascii_start().starts_with(b"{"))
}

fn header() -> Header {
    Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, encode};
    use serde_json::json;

    use super::{ISSUED_HEADER, has_our_header, header, hs256};

    #[test]
    fn issued_header_is_known_without_parsing() {
        hs256::install();
        let token = encode(&header(), &json!({}), &EncodingKey::from_secret(b"secret")).unwrap();
        assert!(token.starts_with(&format!("{ISSUED_HEADER}.")), "{token}");
        assert!(has_our_header(&token) && !has_our_header(ISSUED_HEADER));
    }
}
