//! Entity tags and preconditions (RFC 9110, section 13), against lost updates and needless transfers.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName,
        header::{CACHE_CONTROL, IF_MATCH, IF_NONE_MATCH, VARY},
        request::Parts,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::error::{ApiError, Code, FieldError};
use crate::{
    domain::UserId,
    server::{config::Origin, store::Condition},
};

/// For responses with an entity tag: private, and revalidated on each use.
pub const CACHING: [(HeaderName, &str); 2] = [(CACHE_CONTROL, "private, no-cache"), (VARY, "Authorization")];

/// The strong entity tag of a todo.
pub fn entity_tag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// Accepts only the canonical form of [`entity_tag`].
fn version(tag: &str) -> Option<i64> {
    let version = tag.strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()?;
    (entity_tag(version) == tag).then_some(version)
}

/// The weak entity tag of a page, because the response may be compressed. The list version decides, for this user, origin and
/// release.
pub struct ListTag(String);

impl ListTag {
    pub fn of(user: UserId, origin: &Origin) -> Self {
        let of = [user.to_string().as_str(), env!("CARGO_PKG_VERSION"), origin.as_str()].join(" ");
        Self(format!(".{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(of)[..9])))
    }

    pub fn at(&self, list_version: i64) -> String {
        format!("W/\"{list_version}{}", self.0)
    }

    /// The list version of a client's page.
    pub fn known(&self, headers: &HeaderMap) -> Option<i64> {
        let version = |tag: &str| tag.trim_start_matches("W/").strip_prefix('"')?.strip_suffix(&self.0)?.parse().ok();
        tags(headers, &IF_NONE_MATCH)?.find_map(version)
    }
}

/// Whether `If-None-Match` matches: then the response is 304.
pub fn is_known(headers: &HeaderMap, entity_tag: &str) -> bool {
    // Weak comparison, because compressing proxies weaken tags.
    let own = entity_tag.trim_start_matches("W/");
    tags(headers, &IF_NONE_MATCH).is_some_and(|mut tags| tags.any(|tag| tag == "*" || tag.trim_start_matches("W/") == own))
}

/// The precondition of a write. A weak or foreign tag matches nothing.
pub struct Precondition(pub Condition);

/// The one value of `If-None-Match` that a write may have.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only for the OpenAPI document")]
pub enum AnyTag {
    #[schema(rename = "*")]
    Any,
}

/// For writes to many todos or to a deleted one. `If-Match: *` holds; other preconditions can't be checked and fail.
pub struct Unconditional;

impl<S: Sync> FromRequestParts<S> for Precondition {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let if_match: Option<Vec<_>> = tags(&parts.headers, &IF_MATCH).map(Iterator::collect);
        let if_none_match: Option<Vec<_>> = tags(&parts.headers, &IF_NONE_MATCH).map(Iterator::collect);
        // Another value would mean any version but this one, which has no use.
        if if_none_match.as_ref().is_some_and(|tags| *tags != ["*"]) {
            let detail = "If-None-Match of a write must be *";
            return Err(FieldError::of_parameter("If-None-Match", Code::OutOfRange, detail).into());
        }
        Ok(Self(match (if_match, if_none_match) {
            (None, None) => Condition::Always,
            (None, Some(_)) => Condition::Absent,
            (Some(tags), None) if tags == ["*"] => Condition::Present,
            (Some(tags), None) => Condition::Version(tags.into_iter().filter_map(version).collect()),
            // Present and absent at once: never true.
            (Some(_), Some(_)) => Condition::Version(Vec::new()),
        }))
    }
}

impl<S: Sync> FromRequestParts<S> for Unconditional {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Precondition::from_request_parts(parts, state).await?.0 {
            Condition::Always | Condition::Present => Ok(Self),
            Condition::Absent | Condition::Version(_) => Err(ApiError::PreconditionFailed),
        }
    }
}

/// The members of a list header, which may be repeated. Our own tags contain no commas.
fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
    let values = headers.get_all(name);
    headers
        .contains_key(name)
        .then(|| values.into_iter().flat_map(|value| value.to_str().unwrap_or_default().split(',')).map(str::trim))
}

#[cfg(test)]
mod tests {
    use axum::{
        extract::FromRequestParts,
        http::{HeaderMap, HeaderName, HeaderValue, Request},
    };

    use super::{Condition, IF_MATCH, IF_NONE_MATCH, Precondition, is_known};

    async fn condition(headers: &[(HeaderName, &'static str)]) -> Option<Condition> {
        let mut request = Request::new(());
        for (name, value) in headers {
            request.headers_mut().append(name, HeaderValue::from_static(value));
        }
        Precondition::from_request_parts(&mut request.into_parts().0, &()).await.ok().map(|precondition| precondition.0)
    }

    #[tokio::test]
    async fn if_match_names_versions() {
        let versions = |versions: &[i64]| Some(Condition::Version(versions.to_vec()));
        assert_eq!(condition(&[]).await, Some(Condition::Always));
        assert_eq!(condition(&[(IF_MATCH, "*")]).await, Some(Condition::Present));
        assert_eq!(condition(&[(IF_MATCH, r#""v3""#)]).await, versions(&[3]));
        assert_eq!(condition(&[(IF_MATCH, r#""v3", "v12""#), (IF_MATCH, r#""v4""#)]).await, versions(&[3, 12, 4]));
        for other in [r#"W/"v3""#, "v3", "3", "", r#""v03""#, r#""v+3""#, r#""3""#, r#""v""#, r#"*, "w""#] {
            assert_eq!(condition(&[(IF_MATCH, other)]).await, versions(&[]), "{other} matches nothing");
        }
    }

    #[tokio::test]
    async fn if_none_match_of_a_write_is_all_or_nothing() {
        assert_eq!(condition(&[(IF_NONE_MATCH, "*")]).await, Some(Condition::Absent));
        assert_eq!(condition(&[(IF_MATCH, "*"), (IF_NONE_MATCH, "*")]).await, Some(Condition::Version(Vec::new())));
        for other in [r#""v3""#, "", r#"*, "v3""#] {
            assert_eq!(condition(&[(IF_NONE_MATCH, other)]).await, None, "{other}");
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let known = |value| is_known(&HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_static(value))]), r#""v3""#);
        for value in [r#""v3""#, r#"W/"v3""#, "*", r#""v1", "v3""#] {
            assert!(known(value), "{value}");
        }
        for value in [r#""v4""#, "v3", "", r#""v33""#] {
            assert!(!known(value), "{value}");
        }
        assert!(!is_known(&HeaderMap::new(), r#""v3""#));
    }
}
