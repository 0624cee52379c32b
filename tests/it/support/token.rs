//! Tokens read and signed with the test secret.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use super::SECRET;

pub fn claims(token: &str) -> Value {
    jsonwebtoken::dangerous::insecure_decode(token).unwrap().claims
}

pub fn sign(claims: &Value) -> String {
    let header = Header { typ: Some("at+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    encode(&header, claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

/// The token as the previous version signs it, without session claims.
pub fn of_version_before(token: &str) -> String {
    let mut claims = claims(token);
    for claim in ["sid", "auth_time"] {
        claims.as_object_mut().unwrap().remove(claim);
    }
    sign(&claims)
}
