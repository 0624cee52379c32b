//! `POST /token`: a bearer token for scripts and other front ends, never for a browser.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use super::{
    Api,
    error::{ApiError, refuses},
    json::JsonBody,
    wire::{TokenBody, TokenRequest},
};
use crate::server::{client_address::ClientAddress, identity::SignInError};

/// Get a token
///
/// For an account that was made on the site. Not for browsers: what they send (`Origin` or `Sec-Fetch-Site`) is answered with
/// 403, so it can't be tried out on this page.
#[utoipa::path(post, path = "/token", operation_id = "get_token", tag = "account", security(()),
    request_body(content = TokenRequest, example = json!({ "email": "ann@example.org", "password": "correct horse battery staple" })),
    responses(
        (status = 200, description = "A token, and for how many seconds it is good", body = TokenBody),
        refuses::WrongCredentials, refuses::Forbidden, refuses::Body, refuses::Anyone,
    ))]
pub async fn issue(
    State(api): State<Api>,
    from: ClientAddress,
    headers: HeaderMap,
    body: Result<JsonBody<TokenRequest>, ApiError>,
) -> Result<Response, ApiError> {
    if is_from_browser(&headers) {
        return Err(ApiError::FromBrowser);
    }
    let JsonBody(TokenRequest { email, password }) = body?;
    let token = api.identity.sign_in(&email, &password, from).await?;
    let body = TokenBody { access_token: token.expose(), token_type: "Bearer", expires_in: api.identity.session_ttl().as_secs() };
    Ok(Json(body).into_response())
}

/// Browsers add these themselves, and scripts in a page can't take them away (Fetch Metadata): so no page can get a
/// token, not even by accident. Programs send the other headers of this kind as well: Node's `fetch` sends `Sec-Fetch-Mode`.
fn is_from_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::WrongCredentials,
            SignInError::TooOften(too_often) => Self::RateLimited(too_often),
            SignInError::Busy => Self::Unavailable,
            SignInError::Store(error) => error.into(),
        }
    }
}
