//! The query of a list: which todos, how many, from where on. And the link to the next page (RFC 8288).

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::error::{ApiError, Code, FieldError};
use crate::{
    domain::TodoOrder,
    server::{
        config::Origin,
        store::{Page, Place},
    },
};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 200;

/// `?completed=true` or `false`: which todos an operation on many is for.
pub struct Filter(pub Option<bool>);

/// `?completed=`, `limit=` and `cursor=`: which page of the list.
pub struct Paging {
    completed: Option<bool>,
    limit: Option<u32>,
    after: Option<Place>,
}

impl Paging {
    /// With one todo more than was asked for, which tells whether there is a next page.
    pub fn page(&self) -> Page {
        Page { completed: self.completed, after: self.after, limit: self.limit() + 1 }
    }

    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// The `Link` to what comes behind `last`.
    pub fn next(&self, last: Place, origin: &Origin) -> String {
        let completed = self.completed.map(|completed| format!("&completed={completed}")).unwrap_or_default();
        let limit = self.limit.map(|limit| format!("&limit={limit}")).unwrap_or_default();
        let url = format!("{}{}/todos?cursor={}{completed}{limit}", origin.as_str(), super::ROOT, cursor(last));
        format!("<{url}>; rel=\"next\"")
    }
}

impl<S: Sync> FromRequestParts<S> for Filter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let parameters = parameters(parts, &["completed"])?;
        parameters.get("completed").map(|text| parse_completed(text)).transpose().map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for Paging {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let parameters = parameters(parts, &["completed", "limit", "cursor"])?;
        Ok(Self {
            completed: parameters.get("completed").map(|text| parse_completed(text)).transpose()?,
            limit: parameters.get("limit").map(|text| parse_limit(text)).transpose()?,
            after: parameters.get("cursor").map(|text| parse_cursor(text).ok_or(ApiError::MalformedCursor)).transpose()?,
        })
    }
}

/// Refuses parameters that are not `known`: a mistyped filter must not turn into none, least of all for DELETE.
fn parameters(parts: &Parts, known: &[&'static str]) -> Result<HashMap<&'static str, String>, ApiError> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| ApiError::Validation(Vec::new()))?;
    let mut parameters = HashMap::new();
    for (name, value) in pairs {
        let Some(&name) = known.iter().find(|known| **known == name) else {
            let detail = "the query has a parameter that is not documented";
            return Err(
                FieldError { pointer: None, parameter: None, code: Code::UnknownParameter, weakness: None, detail }.into()
            );
        };
        if parameters.insert(name, value).is_some() {
            return Err(FieldError::of_parameter(name, Code::Repeated, "a parameter may be given once").into());
        }
    }
    Ok(parameters)
}

fn parse_completed(text: &str) -> Result<bool, ApiError> {
    text.parse().map_err(|_| FieldError::of_parameter("completed", Code::Type, "completed must be true or false").into())
}

fn parse_limit(text: &str) -> Result<u32, ApiError> {
    let limit =
        text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit) && text.bytes().all(|byte| byte.is_ascii_digit()));
    limit.ok_or_else(|| FieldError::of_parameter("limit", Code::OutOfRange, "limit must be a number from 1 to 200").into())
}

/// A place and not a count, so that rows which come and go move nothing else to another page. Opaque, so that nobody
/// builds on it.
fn cursor(place: Place) -> String {
    let mut bytes = place.order.get().to_be_bytes().to_vec();
    bytes.extend(Uuid::from(place.id).as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn parse_cursor(text: &str) -> Option<Place> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (order, id) = bytes.split_first_chunk()?;
    let id = Uuid::from_slice(id).ok().filter(|id| !id.is_nil())?;
    Some(Place { order: TodoOrder::parse(i64::from_be_bytes(*order)).ok()?, id: id.into() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{cursor, parse_cursor};
    use crate::{domain::TodoOrder, server::store::Place};

    proptest! {
        #[test]
        fn cursor_leads_back_to_its_place(order in -TodoOrder::MAX..=TodoOrder::MAX, id in 1..=u128::MAX) {
            let place = Place { order: TodoOrder::parse(order).unwrap(), id: Uuid::from_u128(id).into() };
            prop_assert_eq!(parse_cursor(&cursor(place)), Some(place));
        }

        #[test]
        fn text_is_a_cursor_only_in_the_very_form_that_was_given_out(text in "[A-Za-z0-9_=-]{0,40}") {
            if let Some(place) = parse_cursor(&text) {
                prop_assert_eq!(cursor(place), text);
            }
        }
    }
}
