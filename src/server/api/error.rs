//! The errors of the API as problem details (RFC 9457).

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{Content, HeaderBuilder, Ref, RefOr, ResponseBuilder, response},
};
use uuid::Uuid;

use super::problem_type::ProblemType;
use crate::{
    contract::Rule,
    domain::Weakness,
    server::{
        observability::{audit::Event, logging::RequestId},
        rate_limit::{Refused, TooOften},
        store::StoreError,
    },
};

/// In seconds.
const RETRY_AFTER: u32 = 5;

/// RFC 5789, section 3.1.
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");

const PROBLEM_JSON: &str = "application/problem+json";
/// The media type of a partial change (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";

#[derive(Clone, Debug)]
pub enum ApiError {
    MalformedJson,
    MalformedCursor,
    /// Without a token.
    Unauthenticated,
    /// With an invalid, expired or revoked token.
    InvalidToken,
    /// The same for an unknown e-mail and a wrong password, against user enumeration.
    WrongCredentials,
    /// A token request of a browser.
    FromBrowser,
    /// The token is valid, but the operation also needs the current password.
    WrongPassword,
    /// The same for another user's todo, so that ids do not leak.
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    TodoLimitReached,
    /// A write to a deleted todo: only a restore brings it back.
    InTrash,
    PreconditionFailed,
    PayloadTooLarge,
    UriTooLong,
    UnsupportedMediaType,
    /// Empty if the framework rejected the request without details.
    Validation(Vec<FieldError>),
    RateLimited(TooOften),
    Internal,
    Unavailable,
}

/// What is wrong with a member or a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Nothing that can be seen.
    Blank,
    ControlCharacter,
    /// A password that is easy to guess.
    Guessable,
    /// An e-mail address that no mailbox can have.
    Malformed,
    OutOfRange,
    /// A parameter that is given more than once.
    Repeated,
    /// It is missing.
    Required,
    /// The body is not an object, or has a member that is missing, repeated or not documented.
    Shape,
    /// Another todo has this id, perhaps a deleted one, or another account this e-mail address.
    Taken,
    TooLong,
    TooShort,
    /// The value is of another type than the document says.
    Type,
    /// A parameter that is not documented.
    UnknownParameter,
    UnknownTimeZone,
}

/// A member of the body, or a parameter of the query or the head, that breaks a rule. Never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The member, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub pointer: Option<Cow<'static, str>>,
    /// The name of the parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub parameter: Option<&'static str>,
    /// For programs.
    pub code: Code,
    /// Why a password is `guessable`: common, word, pattern, repeat, date, personal or simple.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "common")]
    pub weakness: Option<Weakness>,
    /// For people.
    pub detail: &'static str,
}

impl Code {
    /// The rule that a form shows; only API clients can break the others.
    #[must_use]
    pub fn rule(self) -> Option<Rule> {
        match self {
            Self::Blank => Some(Rule::Blank),
            Self::TooShort => Some(Rule::TooShort),
            Self::TooLong => Some(Rule::TooLong),
            Self::ControlCharacter => Some(Rule::ControlCharacter),
            _ => None,
        }
    }
}

impl FieldError {
    pub fn of_member(pointer: impl Into<Cow<'static, str>>, code: Code, detail: &'static str) -> Self {
        Self { pointer: Some(pointer.into()), parameter: None, code, weakness: None, detail }
    }

    pub fn of_parameter(parameter: &'static str, code: Code, detail: &'static str) -> Self {
        Self { pointer: None, parameter: Some(parameter), code, weakness: None, detail }
    }
}

/// Why a request was refused (RFC 9457).
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Which kind of problem: the address of a page that explains it.
    r#type: String,
    /// The same for all problems of this type.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What was wrong with this request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    detail: Option<&'static str>,
    /// The id of this request, as in the header x-request-id and in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    instance: Option<String>,
    /// Which members or parameters break a rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl ApiError {
    /// Of a part of the body: its errors point into that part.
    pub fn within(self, pointer: &str) -> Self {
        let Self::Validation(mut errors) = self else { return self };
        for error in &mut errors {
            error.pointer = error.pointer.take().map(|below| format!("{pointer}{below}").into());
        }
        Self::Validation(errors)
    }

    fn problem_type(&self) -> ProblemType {
        match self {
            Self::MalformedJson => ProblemType::MalformedJson,
            Self::MalformedCursor => ProblemType::MalformedCursor,
            Self::Unauthenticated | Self::InvalidToken | Self::WrongCredentials => ProblemType::Unauthenticated,
            Self::FromBrowser | Self::WrongPassword => ProblemType::Forbidden,
            Self::NotFound => ProblemType::NotFound,
            Self::MethodNotAllowed => ProblemType::MethodNotAllowed,
            Self::RequestTimeout => ProblemType::RequestTimeout,
            Self::TodoLimitReached => ProblemType::TodoLimitReached,
            Self::InTrash => ProblemType::InTrash,
            Self::PreconditionFailed => ProblemType::PreconditionFailed,
            Self::PayloadTooLarge => ProblemType::PayloadTooLarge,
            Self::UriTooLong => ProblemType::UriTooLong,
            Self::UnsupportedMediaType => ProblemType::UnsupportedMediaType,
            Self::Validation(_) => ProblemType::Validation,
            Self::RateLimited(_) => ProblemType::RateLimited,
            Self::Internal => ProblemType::Internal,
            Self::Unavailable => ProblemType::Unavailable,
        }
    }

    fn detail(&self) -> Option<&'static str> {
        Some(match self {
            Self::MalformedJson => "The body is not JSON (RFC 8259).",
            Self::MalformedCursor => "The cursor is not one that this API gave out.",
            Self::Unauthenticated | Self::InvalidToken => {
                "The request needs a current token in the header Authorization: Bearer."
            }
            Self::WrongCredentials => "No account has this e-mail and password.",
            Self::FromBrowser => "Tokens are not for browsers: a page signs in by its form and never sees one.",
            Self::WrongPassword => "This is not the password of the account.",
            Self::NotFound => "There is nothing at this address.",
            Self::MethodNotAllowed => "The header Allow names the methods that this address takes.",
            Self::RequestTimeout => "The body of the request did not come within 10 seconds.",
            Self::TodoLimitReached => "The account has as many todos as this server lets one have.",
            Self::InTrash => "The todo of this id was deleted.",
            Self::PreconditionFailed => "The todo is not as If-Match or If-None-Match expects it; it is untouched.",
            Self::PayloadTooLarge => "A body may have 64 KiB, one with a todo 256 KiB, and one with many new todos 2 MiB.",
            Self::UriTooLong => "A path and its query may have 8 KiB.",
            Self::UnsupportedMediaType => "The body must be JSON, and the header Content-Type must say so.",
            Self::Validation(errors) => {
                errors.first().map_or("The body's members or their types are not the documented ones.", |e| e.detail)
            }
            Self::RateLimited(_) => "That was too often; the header Retry-After has the seconds to wait.",
            Self::Internal => return None,
            Self::Unavailable => "The server is busy or can't reach its database; try again later.",
        })
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem_type().text().status).expect("each problem type has a legal status")
    }

    /// For rejections by the framework, which have only a status.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::URI_TOO_LONG => Self::UriTooLong,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::Validation(Vec::new()),
            _ => Self::Internal,
        }
    }

    /// `instance` is the id of the request.
    pub fn problem(self, instance: Option<Uuid>) -> Problem {
        let (problem_type, detail) = (self.problem_type(), self.detail());
        Problem {
            r#type: problem_type.path(),
            title: problem_type.text().title,
            status: problem_type.text().status,
            detail,
            instance: instance.map(|id| id.urn().to_string()),
            errors: if let Self::Validation(errors) = self { errors } else { Vec::new() },
        }
    }

    fn response(self, request: Option<Uuid>) -> Response {
        let status = self.status();
        let retry_after = match self {
            Self::RateLimited(too_often) => Some(too_often.seconds()),
            Self::Unavailable => Some(RETRY_AFTER),
            _ => None,
        };
        // RFC 6750, section 3: an error code only if the request had a token.
        let challenge = match self {
            Self::Unauthenticated | Self::WrongCredentials => Some("Bearer realm=\"holdfast\""),
            Self::InvalidToken => Some("Bearer realm=\"holdfast\", error=\"invalid_token\""),
            _ => None,
        };
        let mut response = (status, Json(self.problem(request))).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// Stores the error as an extension: [`Rendering`] knows the request id and writes the body.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a response of 400 and above says of its request.
pub struct Rendering {
    id: Option<Uuid>,
    method: Method,
}

impl Rendering {
    pub fn of(request: &Request) -> Self {
        let id = request.extensions().get().map(|RequestId(id)| *id);
        Self { id, method: request.method().clone() }
    }

    /// Renders every response of 400 and above as problem details, whether of a handler, an extractor, the router, a limit or a panic.
    /// It also handles OPTIONS, whose methods come from the `Allow` of the router's 405.
    pub fn finish(self, mut response: Response) -> Response {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
            return response;
        }
        let allow = response.headers_mut().remove(header::ALLOW);
        let mut rendered = if self.method == Method::OPTIONS && status == StatusCode::METHOD_NOT_ALLOWED {
            StatusCode::NO_CONTENT.into_response()
        } else {
            let error = response.extensions_mut().remove::<ApiError>();
            if let Some(ApiError::Unauthenticated | ApiError::InvalidToken | ApiError::FromBrowser) = error {
                Event::AccessRefused.record();
            }
            error.unwrap_or_else(|| ApiError::of_status(status)).response(self.id)
        };
        let takes_patch = allow.as_ref().is_some_and(|allow| allow.as_bytes().windows(5).any(|word| word == b"PATCH"));
        if let Some(Ok(allow)) = allow.as_ref().map(HeaderValue::to_str) {
            let allow = HeaderValue::try_from(format!("{allow},OPTIONS")).expect("a legal header with a legal suffix");
            rendered.headers_mut().insert(header::ALLOW, allow);
        }
        if takes_patch || (self.method == Method::PATCH && rendered.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE) {
            rendered.headers_mut().insert(ACCEPT_PATCH, HeaderValue::from_static(MERGE_PATCH));
        }
        rendered
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::Validation(vec![error])
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooOften(too_often) => Self::RateLimited(too_often),
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SessionEnded => Self::InvalidToken,
            StoreError::Unavailable => Self::Unavailable,
            StoreError::Broken => Self::Internal,
        }
    }
}

/// The errors that a handler documents in its `responses(…)`, such as `refuses::NotFound`.
pub mod refuses {
    use super::{BTreeMap, IntoResponses, ProblemType, RefOr, documented, response::Response};

    macro_rules! refusals {
        ($($(#[$doc:meta])* $name:ident: $($problem:ident)+;)+) => { $(
            $(#[$doc])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [$(ProblemType::$problem),+].into_iter().map(documented).collect()
                }
            }
        )+ };
    }

    refusals! {
        /// Errors of every request.
        Anyone: UriTooLong RateLimited Internal Unavailable;
        /// Errors of every request with a token.
        Caller: Unauthenticated UriTooLong RateLimited Internal Unavailable;
        /// Errors of every request with a body.
        Body: MalformedJson RequestTimeout PayloadTooLarge UnsupportedMediaType Validation;
        Cursor: MalformedCursor;
        WrongCredentials: Unauthenticated;
        Forbidden: Forbidden;
        TodoLimit: TodoLimitReached;
        NotFound: NotFound;
        InTrash: InTrash;
        PreconditionFailed: PreconditionFailed;
        Validation: Validation;
    }
}

fn documented(problem: ProblemType) -> (String, RefOr<response::Response>) {
    let text = problem.text();
    let mut example = serde_json::json!({
        "type": problem.path(), "title": text.title, "status": text.status,
        "instance": "urn:uuid:019aa5a2-7b1c-7def-8abc-0123456789ab",
    });
    if problem == ProblemType::Validation {
        let error = FieldError::of_member("/title", Code::Blank, "title must have a character that can be seen");
        example["detail"] = error.detail.into();
        example["errors"] = serde_json::json!([error]);
    }
    let mut content = Content::new(Some(Ref::from_schema_name(Problem::name())));
    content.example = Some(example);
    let text_header =
        |description: &str| HeaderBuilder::new().schema(Some(String::schema())).description(Some(description)).build();
    let response = ResponseBuilder::new().description(text.meaning).content(PROBLEM_JSON, content);
    let response = match problem {
        ProblemType::Unauthenticated => response.header("WWW-Authenticate", text_header("Bearer (RFC 6750)")),
        ProblemType::UnsupportedMediaType => {
            response.header("Accept-Patch", text_header("What a PATCH takes (RFC 5789); only of a PATCH"))
        }
        ProblemType::RateLimited | ProblemType::Unavailable => response.header("Retry-After", text_header("Seconds to wait")),
        _ => response,
    };
    (text.status.to_string(), response.build().into())
}
