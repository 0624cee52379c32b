//! Extractors for JSON bodies, with errors of the API.

use axum::{
    extract::{FromRequest, Request},
    http::header,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

use super::error::{ApiError, Code, FieldError, MERGE_PATCH};
use crate::server::http::body::{self, BodyError};

const JSON: &str = "application/json";

/// A request body of `application/json`.
pub struct JsonBody<T, const MAX_BYTES: usize = { body::MAX_BYTES }>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + PartialSchema, const MAX_BYTES: usize> FromRequest<S> for JsonBody<T, MAX_BYTES> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(request, &[JSON], MAX_BYTES).await.map(Self)
    }
}

/// A request body of `application/merge-patch+json`, or of `application/json` as a synonym.
pub struct MergePatch<T, const MAX_BYTES: usize = { body::MAX_BYTES }>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + PartialSchema, const MAX_BYTES: usize> FromRequest<S> for MergePatch<T, MAX_BYTES> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        read(request, &[JSON, MERGE_PATCH], MAX_BYTES).await.map(Self)
    }
}

async fn read<T: DeserializeOwned + PartialSchema>(
    request: Request,
    media_types: &[&str],
    max_bytes: usize,
) -> Result<T, ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_encoded = request.headers().contains_key(header::CONTENT_ENCODING);
    if is_encoded || !media_types.iter().any(|accepted| kind.eq_ignore_ascii_case(accepted)) {
        return Err(ApiError::UnsupportedMediaType);
    }
    let body = body::read(request.into_body(), max_bytes).await.map_err(|error| match error {
        BodyError::TooLarge => ApiError::PayloadTooLarge,
        BodyError::TooSlow => ApiError::RequestTimeout,
        BodyError::Incomplete => ApiError::MalformedJson,
    })?;
    let text = std::str::from_utf8(&body).map_err(|_| ApiError::MalformedJson)?;
    // A parser may ignore a byte order mark (RFC 8259, section 8.1), which some editors write.
    parse(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Checks the syntax first: JSON that only the deserializer rejects (nesting depth, lone surrogates) is not malformed.
pub fn parse<T: DeserializeOwned + PartialSchema>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|_| ApiError::MalformedJson)?;
    // Serde also deserializes a struct from an array.
    if !text.trim_start().starts_with('{') {
        return Err(shape_error().into());
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|error| type_error::<T>(error.path()).into())
}

/// Names only documented members, and never echoes other names from the client.
fn type_error<T: PartialSchema>(path: &Path) -> FieldError {
    let schema = T::schema();
    let is_documented = |name: &str| matches!(&schema, RefOr::T(Schema::Object(object)) if object.properties.contains_key(name));
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } if is_documented(key) => pointer.extend(["/", key]),
            Segment::Seq { index } => pointer.extend(["/", &index.to_string()]),
            _ => break,
        }
    }
    if pointer.is_empty() {
        shape_error()
    } else {
        FieldError::of_member(pointer, Code::Type, "the value is not of the documented type")
    }
}

fn shape_error() -> FieldError {
    FieldError::of_member("", Code::Shape, "expected is an object with the documented members, each once, and no others")
}
