//! Authentication by `Authorization: Bearer` only (RFC 6750). The API ignores cookies.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{Api, error::ApiError};
use crate::server::{observability::logging, store::Owner};

/// Verifies the token before the body is read. The gateway hands on a token that it has verified, as an extension of its own request: no
/// request of a client has one.
pub async fn authenticate(State(api): State<Api>, mut request: Request, next: Next) -> Result<Response, ApiError> {
    let token = bearer_token(request.headers()).ok_or(ApiError::Unauthenticated)?;
    let owner = api.identity.owner(token, request.extensions().get()).map_err(|_| ApiError::InvalidToken)?;
    logging::identify(owner.user);
    api.calls.check(&owner.user).await.inspect_err(|_| api.refusals.api_call.count())?;
    request.extensions_mut().insert(Caller(owner));
    Ok(next.run(request).await)
}

/// Rejects a repeated header as ambiguous.
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    // One or more spaces (RFC 9110, section 11.4).
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
}

/// The owner of the verified token.
#[derive(Clone, Copy)]
pub struct Caller(pub Owner);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().copied().ok_or(ApiError::Unauthenticated)
    }
}
