//! JSON bodies in, with our own errors.

use axum::{
    Json,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// A request body of `application/json` or another JSON type, such as merge patch.
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    /// The framework's own texts quote the body; ours don't.
    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(_)) => Err(ApiError::Validation(Vec::new())),
            Err(JsonRejection::JsonSyntaxError(_)) => Err(ApiError::MalformedJson),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::UnsupportedMediaType),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(ApiError::PayloadTooLarge),
            // The client went away or sent less than it announced.
            Err(_) => Err(ApiError::MalformedJson),
        }
    }
}
