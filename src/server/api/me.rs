//! `/me` and `/export`: the caller's account and all its stored data.

use axum::{
    BoxError, Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use tracing::{Instrument, Span};

use super::{
    Api,
    bearer::Caller,
    error::{ApiError, refuses},
    json::{JsonBody, MergePatch},
    preconditions::Unconditional,
    wire::{AccountBody, AccountDeletion, AccountInput, EmailChange, Export, KeptTodoBody, PasswordChange},
};
use crate::{
    domain::TodoId,
    server::{http::client_address::ClientAddress, store::Owner},
};

/// Todos in memory at once during an export; the longest take 4 MB.
const EXPORT_PAGE: u32 = 100;

/// Read the account
#[utoipa::path(get, path = "/me", operation_id = "read_account", tag = "account",
    responses((status = 200, description = "The account", body = AccountBody), refuses::Caller))]
pub async fn read(State(api): State<Api>, Caller(owner): Caller) -> Result<Json<AccountBody>, ApiError> {
    Ok(Json(api.store.read_account(owner).await?.into()))
}

/// Change the account
///
/// What is left out stays (RFC 7396).
#[utoipa::path(patch, path = "/me", operation_id = "change_account", tag = "account",
    request_body(content(
        (AccountInput = "application/merge-patch+json", example = json!({ "time_zone": "Europe/Berlin" })),
        (AccountInput = "application/json"),
    )),
    responses(
        (status = 200, description = "The account, changed", body = AccountBody),
        refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn change(
    State(api): State<Api>,
    Caller(owner): Caller,
    _: Unconditional,
    MergePatch(input): MergePatch<AccountInput>,
) -> Result<Json<AccountBody>, ApiError> {
    let account = match input.time_zone()? {
        Some(time_zone) => api.store.choose_time_zone(owner, time_zone).await?,
        None => api.store.read_account(owner).await?,
    };
    Ok(Json(account.into()))
}

/// Change the e-mail address
///
/// Sessions and tokens stay valid.
#[utoipa::path(post, path = "/me/email", operation_id = "change_email", tag = "account",
    request_body(content = EmailChange, example = json!({ "email": "ann@example.com", "password": "correct horse battery staple" })),
    responses((status = 204, description = "It is changed"), refuses::Forbidden, refuses::Body, refuses::Caller))]
pub async fn change_email(
    State(api): State<Api>,
    Caller(owner): Caller,
    from: ClientAddress,
    JsonBody(EmailChange { email, password }): JsonBody<EmailChange>,
) -> Result<StatusCode, ApiError> {
    api.identity.change_email(owner, &email, &password, from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change the password
///
/// Ends every session and every token of the account, this one too.
#[utoipa::path(post, path = "/me/password", operation_id = "change_password", tag = "account",
    request_body(content = PasswordChange, example = json!({ "current": "correct horse battery staple", "new": "a long walk by the sea" })),
    responses((status = 204, description = "It is changed"), refuses::Forbidden, refuses::Body, refuses::Caller))]
pub async fn change_password(
    State(api): State<Api>,
    Caller(owner): Caller,
    from: ClientAddress,
    JsonBody(PasswordChange { current, new }): JsonBody<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    api.identity.change_password(owner, &current, &new, from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Delete the account
///
/// With all of its todos, for good, at once.
#[utoipa::path(delete, path = "/me", operation_id = "delete_account", tag = "account",
    request_body(content = AccountDeletion, example = json!({ "password": "correct horse battery staple" })),
    responses((status = 204, description = "It is deleted"), refuses::Forbidden, refuses::Body, refuses::Caller))]
pub async fn delete(
    State(api): State<Api>,
    Caller(owner): Caller,
    from: ClientAddress,
    JsonBody(AccountDeletion { password }): JsonBody<AccountDeletion>,
) -> Result<StatusCode, ApiError> {
    api.identity.delete_account(owner, &password, from).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Export everything
///
/// A stream. If it breaks off, the JSON is not complete.
#[utoipa::path(get, path = "/export", operation_id = "export", tag = "account",
    responses(
        (status = 200, description = "Everything that is kept of the account", body = Export, headers(
            ("Content-Disposition" = String, description = "A name for the file"),
        )),
        refuses::Caller,
    ))]
pub async fn export(State(api): State<Api>, Caller(owner): Caller) -> Result<Response, ApiError> {
    let account = AccountBody::from(api.store.read_account(owner).await?);
    let account = serde_json::to_string(&account).map_err(|_| ApiError::Internal)?;
    let start = stream::iter([Ok::<_, BoxError>(format!("{{\"account\":{account},\"todos\":["))]);
    // The stream outlives the handler, but its log lines belong to the request.
    let span = Span::current();
    let todos = stream::try_unfold(Some(None), move |after| {
        let api = api.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let (text, next) = export_page(&api, owner, after).await?;
            Ok(Some((text, next.map(Some))))
        }
        .instrument(span.clone())
    });
    let body = start.chain(todos).chain(stream::iter([Ok("]}\n".to_owned())]));
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"holdfast-export.json\""),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// One page as members of a JSON array, and the cursor of the next page if there may be one.
async fn export_page(api: &Api, owner: Owner, after: Option<TodoId>) -> Result<(String, Option<TodoId>), BoxError> {
    let page = api.store.export_todos(owner, after, EXPORT_PAGE).await.map_err(|_| "the store failed")?;
    let last = page.last().map(|kept| kept.todo.id).filter(|_| page.len() == EXPORT_PAGE as usize);
    let mut text = String::new();
    for kept in page {
        let comma = if after.is_none() && text.is_empty() { "\n" } else { ",\n" };
        text += comma;
        text += &serde_json::to_string(&KeptTodoBody::new(kept, &api.origin))?;
    }
    Ok((text, last))
}
