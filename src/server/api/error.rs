//! Every error of the API, as problem details (RFC 9457).

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use uuid::Uuid;

use crate::server::{store::StoreError, telemetry::RequestId};

/// How long a client should wait before it tries again, in seconds.
const RETRY_AFTER: &str = "5";

/// What went wrong, in the terms of HTTP.
#[derive(Clone, Debug)]
pub enum ApiError {
    MalformedJson,
    Unauthenticated,
    /// Deliberately one answer for an unknown e-mail and a wrong password.
    WrongCredentials,
    Forbidden,
    /// Also somebody else's: there is no telling them apart.
    NotFound,
    MethodNotAllowed,
    /// The id belongs to a deleted todo, which is not brought back by accident.
    InTrash,
    PreconditionFailed,
    PayloadTooLarge,
    UnsupportedMediaType,
    /// Which members of the body break a rule; empty if it is not of the documented shape at all.
    Validation(Vec<FieldError>),
    Internal,
    Unavailable,
}

/// A member of the body that breaks a rule. Never holds the value.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901).
    pub pointer: &'static str,
    /// For programs.
    pub code: &'static str,
    /// For people.
    pub detail: &'static str,
}

#[derive(Serialize)]
struct Problem {
    r#type: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    /// The request id, as in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl ApiError {
    /// Status, last part of the `type`, title and detail.
    fn describe(&self) -> (StatusCode, &'static str, &'static str, Option<&'static str>) {
        match self {
            Self::MalformedJson => {
                (StatusCode::BAD_REQUEST, "malformed-json", "Malformed JSON", Some("The body is not JSON (RFC 8259)."))
            }
            Self::Unauthenticated => {
                let detail = "The request needs a current token in the header Authorization: Bearer.";
                (StatusCode::UNAUTHORIZED, "unauthenticated", "Not signed in", Some(detail))
            }
            Self::WrongCredentials => {
                let detail = "No account has this e-mail and password.";
                (StatusCode::UNAUTHORIZED, "unauthenticated", "Not signed in", Some(detail))
            }
            Self::Forbidden => {
                let detail = "Tokens are not for browsers: a page signs in by its form and never sees one.";
                (StatusCode::FORBIDDEN, "forbidden", "Not allowed", Some(detail))
            }
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found", Some("There is nothing at this address.")),
            Self::MethodNotAllowed => {
                let detail = "The header Allow names the methods that this address takes.";
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed", Some(detail))
            }
            Self::InTrash => (StatusCode::CONFLICT, "in-trash", "In the trash", Some("The todo of this id was deleted.")),
            Self::PreconditionFailed => {
                let detail = "There is a todo of this id already; it is untouched.";
                (StatusCode::PRECONDITION_FAILED, "precondition-failed", "Precondition failed", Some(detail))
            }
            Self::PayloadTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "payload-too-large", "Body too large", Some("A body may have 64 KiB."))
            }
            Self::UnsupportedMediaType => {
                let detail = "The body must be application/json, and the header Content-Type must say so.";
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type", Some(detail))
            }
            Self::Validation(errors) => {
                let detail =
                    errors.first().map_or("The body's members or their types are not the documented ones.", |e| e.detail);
                (StatusCode::UNPROCESSABLE_ENTITY, "validation", "Invalid input", Some(detail))
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", None),
            Self::Unavailable => {
                let detail = "The server is busy or can't reach its database; try again later.";
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Unavailable", Some(detail))
            }
        }
    }

    /// For what the framework refuses by itself, without saying more than a status.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.is_client_error() => Self::Validation(Vec::new()),
            _ => Self::Internal,
        }
    }

    fn problem(self, request: Option<Uuid>) -> Response {
        let (status, kind, title, detail) = self.describe();
        let errors = if let Self::Validation(errors) = &self { errors.clone() } else { Vec::new() };
        let instance = request.map(|id| id.urn().to_string());
        let problem = Problem { r#type: format!("/problems/{kind}"), title, status: status.as_u16(), detail, instance, errors };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            Self::Unauthenticated | Self::WrongCredentials => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
            }
            _ => {}
        }
        response
    }
}

/// Only notes the error: [`render`] writes the body, where the request id is known.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.describe().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns every answer of 400 and above into problem details, whoever refused: a handler, an extractor, the router, a
/// limit or a panic.
pub async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0);
    let mut response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let error = response.extensions_mut().remove::<ApiError>();
    let mut problem = error.unwrap_or_else(|| ApiError::of_status(response.status())).problem(id);
    if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::SessionEnded => Self::Unauthenticated,
            StoreError::Unavailable => Self::Unavailable,
            StoreError::Broken => Self::Internal,
        }
    }
}
