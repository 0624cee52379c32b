//! Query parameters of lists (filter, limit, cursor), and pages with a link to the next one (RFC 8288).

use std::collections::HashMap;

use axum::{
    Json,
    extract::{FromRequestParts, Query},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use uuid::Uuid;

use super::{
    error::{ApiError, Code, FieldError},
    preconditions::{CACHING, ListTag, is_known},
};
use crate::{
    domain::{TodoId, TodoOrder, UnixMillis},
    server::{
        config::Origin,
        store::{Page, TodoCursor, TodoFilter, TrashCursor},
    },
};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 200;

/// `?completed=true` or `false` of a bulk operation.
pub struct Filter(pub TodoFilter);

/// Rejects any query.
pub struct NoParameters;

/// `?limit=`, `cursor=` and, of some lists, `completed=`. `P` is the position that the cursor encodes.
pub struct Paging<P> {
    pub filter: TodoFilter,
    limit: Option<u32>,
    pub after: Option<P>,
}

/// A position in a paginated list: a sort key, which may repeat, and an id as the tie-breaker.
pub trait Position: Copy {
    const PATH: &str;
    const PARAMETERS: &[&'static str];

    fn of(number: i64, id: TodoId) -> Self;
    fn numbers(self) -> (i64, TodoId);
}

impl Position for TodoCursor {
    const PATH: &str = "/todos";
    const PARAMETERS: &[&'static str] = &["completed", "limit", "cursor"];

    fn of(number: i64, id: TodoId) -> Self {
        // Not validated: stored orders may predate the current rules.
        Self { order: TodoOrder::stored(number), id }
    }

    fn numbers(self) -> (i64, TodoId) {
        (self.order.get(), self.id)
    }
}

impl Position for TrashCursor {
    const PATH: &str = "/trash";
    const PARAMETERS: &[&'static str] = &["limit", "cursor"];

    fn of(number: i64, id: TodoId) -> Self {
        Self { deleted_at: UnixMillis(number), id }
    }

    fn numbers(self) -> (i64, TodoId) {
        (self.deleted_at.0, self.id)
    }
}

impl<P: Position> Paging<P> {
    /// The limit of the store query: one more than the page size shows whether there is a next page.
    pub fn one_more(&self) -> u32 {
        self.limit() + 1
    }

    /// The page with a link to the next one, or 304.
    pub fn answer<'o, T, B: Serialize>(
        &self,
        page: Page<T>,
        tag: &ListTag,
        request: &HeaderMap,
        origin: &'o Origin,
        (position, body): (fn(&T) -> Option<P>, fn(T, &'o Origin) -> B),
    ) -> Result<Response, ApiError> {
        let tag = tag.at(page.list_version);
        let Some(mut todos) = page.todos.filter(|_| !is_known(request, &tag)) else {
            return Ok((StatusCode::NOT_MODIFIED, CACHING, [(header::ETAG, tag)]).into_response());
        };
        let link = self.cut(&mut todos, position, origin);
        let body: Vec<_> = todos.into_iter().map(|todo| body(todo, origin)).collect();
        let link = AppendHeaders(link.map(|link| (header::LINK, link)));
        Ok((CACHING, [(header::ETAG, tag)], link, Json(body)).into_response())
    }

    fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// Truncates to the page size, and returns the `Link` to the next page.
    fn cut<T>(&self, found: &mut Vec<T>, position: fn(&T) -> Option<P>, origin: &Origin) -> Option<String> {
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        found.last().filter(|_| more).and_then(position).map(|last| self.next(last, origin))
    }

    fn next(&self, last: P, origin: &Origin) -> String {
        let completed = self.filter.completed.map(|completed| format!("&completed={completed}")).unwrap_or_default();
        let limit = self.limit.map(|limit| format!("&limit={limit}")).unwrap_or_default();
        let url = format!("{}{}{}?cursor={}{completed}{limit}", origin.as_str(), super::ROOT, P::PATH, encode_cursor(last));
        format!("<{url}>; rel=\"next\"")
    }
}

impl<S: Sync> FromRequestParts<S> for Filter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parse_filter(&parameters(parts, &["completed"])?).map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parameters(parts, &[]).map(|_| Self)
    }
}

impl<S: Sync, P: Position> FromRequestParts<S> for Paging<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let parameters = parameters(parts, P::PARAMETERS)?;
        Ok(Self {
            filter: parse_filter(&parameters)?,
            limit: parameters.get("limit").map(|text| parse_limit(text)).transpose()?,
            after: parameters.get("cursor").map(|text| parse_cursor(text).ok_or(ApiError::MalformedCursor)).transpose()?,
        })
    }
}

/// Rejects unknown parameters: a mistyped filter must not act as no filter, above all in DELETE.
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

fn parse_filter(parameters: &HashMap<&'static str, String>) -> Result<TodoFilter, ApiError> {
    let completed = parameters.get("completed").map(|text| text.parse()).transpose();
    let completed =
        completed.map_err(|_| FieldError::of_parameter("completed", Code::Type, "completed must be true or false"))?;
    Ok(TodoFilter { completed })
}

fn parse_limit(text: &str) -> Result<u32, ApiError> {
    let limit =
        text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit) && text.bytes().all(|byte| byte.is_ascii_digit()));
    limit.ok_or_else(|| FieldError::of_parameter("limit", Code::OutOfRange, "limit must be a number from 1 to 200").into())
}

/// Encodes a position instead of an offset, so that inserts and deletes do not shift the pages. Opaque, so that clients do not
/// depend on its format.
fn encode_cursor(position: impl Position) -> String {
    let (number, id) = position.numbers();
    let mut bytes = number.to_be_bytes().to_vec();
    bytes.extend(Uuid::from(id).as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn parse_cursor<P: Position>(text: &str) -> Option<P> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (number, id) = bytes.split_first_chunk()?;
    let id = Uuid::from_slice(id).ok().filter(|id| !id.is_nil())?;
    Some(P::of(i64::from_be_bytes(*number), id.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{encode_cursor, parse_cursor};
    use crate::{
        domain::{TodoOrder, UnixMillis},
        server::store::{TodoCursor, TrashCursor},
    };

    proptest! {
        #[test]
        fn todo_cursor_round_trips(order in any::<i64>(), id in 1..=u128::MAX) {
            let position = TodoCursor { order: TodoOrder::stored(order), id: Uuid::from_u128(id).into() };
            prop_assert_eq!(parse_cursor(&encode_cursor(position)), Some(position));
        }

        #[test]
        fn trash_cursor_round_trips(deleted_at in any::<i64>(), id in 1..=u128::MAX) {
            let position = TrashCursor { deleted_at: UnixMillis(deleted_at), id: Uuid::from_u128(id).into() };
            prop_assert_eq!(parse_cursor(&encode_cursor(position)), Some(position));
        }

        #[test]
        fn cursor_has_one_encoding(text in "[A-Za-z0-9_=-]{0,40}") {
            if let Some(position) = parse_cursor::<TrashCursor>(&text) {
                prop_assert_eq!(encode_cursor(position), text);
            }
        }
    }
}
