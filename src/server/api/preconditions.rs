//! Entity tags and the conditions that name them (RFC 9110, section 13), against lost updates and needless answers.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderName,
        header::{IF_MATCH, IF_NONE_MATCH},
        request::Parts,
    },
};

use crate::server::store::Expected;

/// The strong entity tag of a todo.
pub fn entity_tag(version: i64) -> String {
    format!("\"v{version}\"")
}

/// The version that an entity tag of ours names.
fn version(tag: &str) -> Option<i64> {
    let version = tag.strip_prefix("\"v")?.strip_suffix('"')?.parse().ok()?;
    (entity_tag(version) == tag).then_some(version)
}

/// Whether the client has this representation already: then it is answered with 304.
pub fn is_known(headers: &HeaderMap, entity_tag: &str) -> bool {
    // Here the comparison is weak: proxies that compress make a weak tag out of a strong one.
    tags(headers, &IF_NONE_MATCH).is_some_and(|mut tags| tags.any(|tag| tag == "*" || tag.trim_start_matches("W/") == entity_tag))
}

/// What a write expects of the todo as it is.
pub struct Preconditions {
    /// By `If-Match`; `None` without that header. A tag that can't be ours, a weak one above all, matches nothing.
    pub if_match: Option<Expected>,
    /// By `If-None-Match`: there must be none yet. With another value than `*` it would be enough that it is a different one;
    /// but nobody can want that, and a condition that is not understood must not count as met.
    pub only_create: bool,
}

impl Preconditions {
    /// For writes to a todo that is there.
    pub fn expected(self) -> Expected {
        if self.only_create { Expected::OneOf(Vec::new()) } else { self.if_match.unwrap_or(Expected::Any) }
    }
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let if_match = tags(&parts.headers, &IF_MATCH).map(|tags| {
            let tags: Vec<_> = tags.collect();
            if tags == ["*"] { Expected::Any } else { Expected::OneOf(tags.into_iter().filter_map(version).collect()) }
        });
        Ok(Self { if_match, only_create: parts.headers.contains_key(IF_NONE_MATCH) })
    }
}

/// All members of a list that may go over several headers. Ours have no commas inside.
fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
    let values = headers.get_all(name);
    headers
        .contains_key(name)
        .then(|| values.into_iter().flat_map(|value| value.to_str().unwrap_or_default().split(',')).map(str::trim))
}

#[cfg(test)]
mod tests {
    use axum::extract::FromRequestParts;
    use axum::http::{HeaderMap, HeaderValue, Request};

    use super::{IF_MATCH, IF_NONE_MATCH, Preconditions, is_known};
    use crate::server::store::Expected;

    async fn if_match(values: &[&'static str]) -> Option<Expected> {
        let mut request = Request::new(());
        for value in values {
            request.headers_mut().append(IF_MATCH, HeaderValue::from_static(value));
        }
        Preconditions::from_request_parts(&mut request.into_parts().0, &()).await.unwrap().if_match
    }

    #[tokio::test]
    async fn if_match_names_versions() {
        let one_of = |versions: &[i64]| Some(Expected::OneOf(versions.to_vec()));
        assert_eq!(if_match(&[]).await, None);
        assert_eq!(if_match(&["*"]).await, Some(Expected::Any));
        assert_eq!(if_match(&[r#""v3""#]).await, one_of(&[3]));
        assert_eq!(if_match(&[r#""v3", "v12""#, r#""v4""#]).await, one_of(&[3, 12, 4]));
        for other in [r#"W/"v3""#, "v3", "3", "", r#""v03""#, r#""v+3""#, r#""3""#, r#""v""#, r#"*, "w""#] {
            assert_eq!(if_match(&[other]).await, one_of(&[]), "{other} matches nothing");
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
