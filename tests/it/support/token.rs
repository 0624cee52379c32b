//! Tokens, read and made as nobody can who has not the secret.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use super::SECRET;

/// What a token says.
pub fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode(token).unwrap().claims
}

/// A token that says this.
pub fn sign(claims: &Value) -> String {
    let header = Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// The same token, as the version before this one signs it: it knows no sessions.
pub fn of_version_before(token: &str) -> String {
    let mut claims = claims(token);
    for claim in ["sid", "auth_time"] {
        claims.as_object_mut().unwrap().remove(claim);
    }
    sign(&claims)
}
