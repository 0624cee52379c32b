//! Query parameters of lists (filter, limit, cursor), and pages with a link to the next one (RFC 8288).

use axum::{
    Json,
    extract::{FromRequestParts, Query},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{AppendHeaders, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    error::{ApiError, Code, FieldError},
    preconditions::{CACHING, ListTag, is_known},
    wire::{NOT_A_DATE, NOT_A_TAG},
};
use crate::{
    domain::{DueDate, TodoId, TodoOrder, UnixMillis},
    server::{
        config::Origin,
        folding::fold,
        store::{Page, Sort, SummaryQuery, TodoCursor, TodoFilter, TrashCursor},
        tags::Tag,
    },
};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 200;
/// A page ends at this many bytes of text.
const MAX_PAGE: usize = 1024 * 1024;

/// The query of a list, of a bulk operation or of the summary: which todos.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only for the OpenAPI document; in code it is a TodoFilter")]
pub struct FilterParameters {
    /// Only the completed ones, or only the active ones
    #[param(nullable = false)]
    completed: Option<bool>,
    /// Only the active ones and those completed since then
    #[param(value_type = Option<String>, format = DateTime, nullable = false)]
    completed_since: Option<String>,
    /// Only those due on this date or later
    #[param(value_type = Option<String>, format = Date, nullable = false)]
    due_from: Option<String>,
    /// Only those due on this date or earlier
    #[param(value_type = Option<String>, format = Date, nullable = false)]
    due_to: Option<String>,
    /// Only the important ones, or only the others
    #[param(nullable = false)]
    important: Option<bool>,
    /// Only those with this tag, without `#` and without regard to case
    #[param(nullable = false)]
    tag: Option<String>,
    /// Only those with this text in the title or the notes, without regard to case
    #[param(nullable = false, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]*$")]
    q: Option<String>,
}

/// The value of `sort=`.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only for the OpenAPI document; in code it is a Sort")]
pub enum SortParameter {
    Order,
    Due,
    Completed,
}

const FILTERS: [&str; 7] = ["completed", "completed_since", "due_from", "due_to", "important", "tag", "q"];

/// The filter of a bulk operation.
pub struct Filter(pub TodoFilter);

/// Rejects any query.
pub struct NoParameters;

/// `?limit=`, `cursor=` and, of some lists, a filter and `sort=`. `P` is the position that the cursor encodes.
pub struct Paging<P> {
    pub filter: TodoFilter,
    pub sort: Sort,
    limit: Option<u32>,
    pub after: Option<P>,
    /// All parameters but the cursor.
    others: Parameters,
}

/// A position in a paginated list.
pub trait Position: Copy {
    const PATH: &str;
    const PARAMETERS: &[&[&'static str]];

    fn encode(self) -> Vec<u8>;
    /// `None` for bytes of another kind of position.
    fn decode(bytes: &[u8], sort: Sort) -> Option<Self>;
}

fn encode(numbers: &[i64], id: TodoId) -> Vec<u8> {
    let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    bytes.extend(Uuid::from(id).as_bytes());
    bytes
}

fn decode<const N: usize>(bytes: &[u8]) -> Option<([i64; N], TodoId)> {
    let (numbers, id) = bytes.split_at_checked(8 * N)?;
    let mut decoded = [0; N];
    for (number, bytes) in decoded.iter_mut().zip(numbers.chunks_exact(8)) {
        *number = i64::from_be_bytes(bytes.try_into().ok()?);
    }
    Some((decoded, Uuid::from_slice(id).ok().filter(|id| !id.is_nil())?.into()))
}

impl Position for TodoCursor {
    const PATH: &str = "/todos";
    const PARAMETERS: &[&[&'static str]] = &[&FILTERS, &["sort", "limit", "cursor"]];

    fn encode(self) -> Vec<u8> {
        match self {
            Self::Order(order, id) => encode(&[order.get()], id),
            Self::Due(due_on, order, id) => [due_on.to_string().as_bytes(), &encode(&[order.get()], id)].concat(),
            // One byte more than the first.
            Self::Completed(completed_at, id) => [b"c", encode(&[completed_at.0], id).as_slice()].concat(),
        }
    }

    fn decode(bytes: &[u8], sort: Sort) -> Option<Self> {
        // Not validated: stored orders may predate the current rules.
        let at_order = |bytes| decode(bytes).map(|([order], id)| (TodoOrder::stored(order), id));
        match sort {
            Sort::Order => at_order(bytes).map(|(order, id)| Self::Order(order, id)),
            Sort::Due => {
                let (due_on, rest) = bytes.split_at_checked(10)?;
                let due_on = DueDate::parse(std::str::from_utf8(due_on).ok()?).ok()?;
                at_order(rest).map(|(order, id)| Self::Due(due_on, order, id))
            }
            Sort::Completed => decode(bytes.strip_prefix(b"c")?).map(|([at], id)| Self::Completed(UnixMillis(at), id)),
        }
    }
}

impl Position for TrashCursor {
    const PATH: &str = "/trash";
    const PARAMETERS: &[&[&'static str]] = &[&["limit", "cursor"]];

    fn encode(self) -> Vec<u8> {
        encode(&[self.deleted_at.0], self.id)
    }

    fn decode(bytes: &[u8], _: Sort) -> Option<Self> {
        decode(bytes).map(|([deleted_at], id)| Self { deleted_at: UnixMillis(deleted_at), id })
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
        list: &ListTag<'o>,
        request: &HeaderMap,
        position: impl Fn(&T) -> Option<P>,
        text: fn(&T) -> usize,
        body: fn(T, &'o Origin) -> B,
    ) -> Response {
        let (origin, tag) = (list.origin, list.at(page.list_version));
        let Some(mut todos) = page.todos.filter(|_| !is_known(request, &tag)) else {
            return (StatusCode::NOT_MODIFIED, CACHING, [(header::ETAG, tag)]).into_response();
        };
        let link = self.cut(&mut todos, position, text, origin);
        let body: Vec<_> = todos.into_iter().map(|todo| body(todo, origin)).collect();
        let link = AppendHeaders(link.map(|link| (header::LINK, link)));
        (CACHING, [(header::ETAG, tag)], link, Json(body)).into_response()
    }

    fn limit(&self) -> u32 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// Truncates to the page size, and returns the `Link` to the next one.
    fn cut<T>(
        &self,
        found: &mut Vec<T>,
        position: impl Fn(&T) -> Option<P>,
        text: fn(&T) -> usize,
        origin: &Origin,
    ) -> Option<String> {
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let length = fitting(&found[..limit.min(found.len())], text);
        let more = found.len() > length;
        found.truncate(length);
        found.last().filter(|_| more).and_then(position).map(|last| self.next(last, origin))
    }

    fn next(&self, last: P, origin: &Origin) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("cursor", &BASE64_URL_SAFE_NO_PAD.encode(last.encode())).extend_pairs(&self.others.0);
        format!("<{}{}{}?{}>; rel=\"next\"", origin.as_str(), super::ROOT, P::PATH, query.finish())
    }
}

/// How many of the first ones fit into a page, at least one.
pub fn fitting<T>(todos: &[T], text: fn(&T) -> usize) -> usize {
    let mut bytes = 0;
    let is_in = |todo: &&T| {
        let is_in = bytes < MAX_PAGE;
        bytes += text(todo);
        is_in
    };
    todos.iter().take_while(is_in).count()
}

impl<S: Sync> FromRequestParts<S> for Filter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Parameters::of(parts, &[&FILTERS])?.filter().map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for NoParameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Parameters::of(parts, &[]).map(|_| Self)
    }
}

impl<S: Sync, P: Position> FromRequestParts<S> for Paging<P> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let mut parameters = Parameters::of(parts, P::PARAMETERS)?;
        let filter = parameters.filter()?;
        let sort = parameters.read("sort", Code::OutOfRange, "sort must be order, due or completed", parse_sort)?;
        let sort = sort.unwrap_or_default();
        let limit = parameters.read("limit", Code::OutOfRange, "limit must be a number from 1 to 200", parse_limit)?;
        let cursor = parameters.get("cursor").map(|text| parse_cursor(text, sort).ok_or(ApiError::MalformedCursor));
        let after = cursor.transpose()?;
        parameters.0.retain(|(name, _)| *name != "cursor");
        Ok(Self { filter, sort, limit, after, others: parameters })
    }
}

/// The query of the summary: a filter, `today=` and `since=`.
pub struct Summarised(pub SummaryQuery);

impl<S: Sync> FromRequestParts<S> for Summarised {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let parameters = Parameters::of(parts, &[&FILTERS, &["today", "since"]])?;
        let (today, since) = (parameters.date("today")?, parameters.time("since", "since must be a time by RFC 3339")?);
        Ok(Self(SummaryQuery { filter: parameters.filter()?, today, since }))
    }
}

/// The parameters of a query, each once.
struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    /// Rejects unknown parameters: a mistyped filter must not act as no filter, above all in DELETE.
    fn of(parts: &Parts, known: &[&[&'static str]]) -> Result<Self, ApiError> {
        let Query(pairs) =
            Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| ApiError::Validation(Vec::new()))?;
        let mut parameters = Self(Vec::new());
        for (name, value) in pairs {
            let Some(&name) = known.iter().copied().flatten().find(|known| **known == name) else {
                let detail = "the query has a parameter that is not documented";
                return Err(
                    FieldError { pointer: None, parameter: None, code: Code::UnknownParameter, weakness: None, detail }.into()
                );
            };
            if parameters.get(name).is_some() {
                return Err(FieldError::of_parameter(name, Code::Repeated, "a parameter may be given once").into());
            }
            parameters.0.push((name, value));
        }
        Ok(parameters)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }

    fn read<T>(
        &self,
        name: &'static str,
        code: Code,
        detail: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        let parse = |text| parse(text).ok_or_else(|| FieldError::of_parameter(name, code, detail));
        Ok(self.get(name).map(parse).transpose()?)
    }

    fn date(&self, name: &'static str) -> Result<Option<DueDate>, ApiError> {
        self.read(name, Code::OutOfRange, NOT_A_DATE, |text| DueDate::parse(text).ok())
    }

    fn time(&self, name: &'static str, detail: &'static str) -> Result<Option<UnixMillis>, ApiError> {
        self.read(name, Code::Type, detail, |text| text.parse::<Timestamp>().ok().map(|time| UnixMillis(time.as_millisecond())))
    }

    fn filter(&self) -> Result<TodoFilter, ApiError> {
        Ok(TodoFilter {
            completed: self.read("completed", Code::Type, "completed must be true or false", |text| text.parse().ok())?,
            completed_since: self.time("completed_since", "completed_since must be a time by RFC 3339")?,
            due_from: self.date("due_from")?,
            due_to: self.date("due_to")?,
            important: self.read("important", Code::Type, "important must be true or false", |text| text.parse().ok())?,
            tag: self.read("tag", Code::OutOfRange, NOT_A_TAG, |text| Tag::parse(text).ok())?,
            text: self.read("q", Code::OutOfRange, "q may have 200 characters, without control characters", parse_text)?,
        })
    }
}

/// Folds a text to search for.
fn parse_text(text: &str) -> Option<String> {
    (text.chars().count() <= 200 && !text.contains(char::is_control)).then(|| fold(text))
}

fn parse_sort(text: &str) -> Option<Sort> {
    match text {
        "order" => Some(Sort::Order),
        "due" => Some(Sort::Due),
        "completed" => Some(Sort::Completed),
        _ => None,
    }
}

fn parse_limit(text: &str) -> Option<u32> {
    text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit) && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A position instead of an offset, so that inserts and deletes do not shift the pages. Opaque, so that clients do not depend on its
/// format.
fn parse_cursor<P: Position>(text: &str, sort: Sort) -> Option<P> {
    P::decode(&BASE64_URL_SAFE_NO_PAD.decode(text).ok()?, sort)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{Position, parse_cursor};
    use crate::{
        domain::{DueDate, TodoOrder, UnixMillis},
        server::store::{Sort, TodoCursor, TrashCursor},
    };

    fn encode(position: impl Position) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(position.encode())
    }

    proptest! {
        #[test]
        fn cursor_round_trips_in_its_own_sort_only(number in any::<i64>(), id in 1..=u128::MAX, day in 1..=28) {
            let (order, at, id) = (TodoOrder::stored(number), UnixMillis(number), Uuid::from_u128(id).into());
            let due_on = DueDate::parse(&format!("2026-02-{day:02}")).unwrap();
            let of_todos = [
                (Sort::Order, TodoCursor::Order(order, id)),
                (Sort::Due, TodoCursor::Due(due_on, order, id)),
                (Sort::Completed, TodoCursor::Completed(at, id)),
            ];
            for (sort, position) in of_todos {
                for (other, _) in of_todos {
                    prop_assert_eq!(parse_cursor(&encode(position), other), Some(position).filter(|_| sort == other));
                }
            }
            let position = TrashCursor { deleted_at: at, id };
            prop_assert_eq!(parse_cursor(&encode(position), Sort::Order), Some(position));
        }

        #[test]
        fn cursor_has_one_encoding(text in "[A-Za-z0-9_=-]{0,48}") {
            if let Some(position) = parse_cursor::<TrashCursor>(&text, Sort::Order) {
                prop_assert_eq!(encode(position), text.clone());
            }
            for sort in [Sort::Order, Sort::Due, Sort::Completed] {
                if let Some(position) = parse_cursor::<TodoCursor>(&text, sort) {
                    prop_assert_eq!(encode(position), text.clone());
                }
            }
        }
    }
}
