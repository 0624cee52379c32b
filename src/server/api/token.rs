//! `/token`: bearer tokens for scripts and other front ends, never for browsers.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    Api,
    bearer::Caller,
    error::{ApiError, refuses},
    json::JsonBody,
    wire::{TokenBody, TokenRequest},
};
use crate::server::http::client_address::ClientAddress;

/// Get a token
///
/// For an account that was made on the site. Each is a session of its own, which ends after `expires_in` seconds, is not renewed, and
/// ends earlier by `DELETE /token`, a new password, or "Sign out everywhere" on the site. Not for browsers: what they send (`Origin` or
/// `Sec-Fetch-Site`) is answered with 403, so it can't be tried out on this page.
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
    let granted = api.identity.sign_in(&email, &password, None, from).await?;
    let body =
        TokenBody { access_token: granted.token().expose(), token_type: "Bearer", expires_in: granted.grant().seconds_left };
    Ok(Json(body).into_response())
}

/// End a token
///
/// For a program that is done, or whose token may have been seen. Other tokens and the sessions of browsers go on.
#[utoipa::path(delete, path = "/token", operation_id = "end_token", tag = "account",
    responses((status = 204, description = "The token is good for nothing any more"), refuses::Caller))]
pub async fn end(State(api): State<Api>, Caller(owner): Caller) -> Result<StatusCode, ApiError> {
    api.identity.sign_out(owner).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Browsers set these headers, and scripts in a page can't remove them (Fetch Metadata). Not `Sec-Fetch-Mode`, which Node's `fetch`
/// sends as well.
fn is_from_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site")
}
