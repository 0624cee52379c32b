//! `/trash`: the caller's deleted todos, until they are purged.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{
    Api,
    bearer::Caller,
    error::{ApiError, refuses},
    paging::{NoParameters, Paging},
    preconditions::{ListTag, Unconditional},
    todos::text_of,
    wire::KeptTodoBody,
};
use crate::server::store::TrashCursor;

/// List the trash
///
/// What was deleted last comes first; what one deletion deleted goes by `id`, the largest first. `POST /todos/restore` brings back
/// any of it.
#[utoipa::path(get, path = "/trash", operation_id = "list_trash", tag = "todos",
    params(
        ("limit" = Option<u32>, Query, nullable = false, description = "How many at most; 100 unless told", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, nullable = false, description = "From where on: part of the address in `Link`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the page as the client has it"),
    ),
    responses(
        (status = 200, description = "A page of the trash", body = Vec<KeptTodoBody<'static>>, headers(
            ("ETag" = String, description = "Of this page"),
            ("Link" = String, description = "The next page, with rel=\"next\", if there is one"),
        )),
        (status = 304, description = "The page is as the client has it", headers(
            ("ETag" = String, description = "Of this page"),
        )),
        refuses::Cursor, refuses::Validation, refuses::Caller,
    ))]
pub async fn list(
    State(api): State<Api>,
    Caller(owner): Caller,
    headers: HeaderMap,
    paging: Paging<TrashCursor>,
) -> Result<Response, ApiError> {
    let tag = ListTag::of(owner.user, &api.origin);
    let page = api.store.list_trash(owner, paging.after, paging.one_more(), tag.known(&headers)).await?;
    Ok(paging.answer(page, &tag, &headers, TrashCursor::at, |kept| text_of(&kept.todo), KeptTodoBody::new))
}

/// Empty the trash
///
/// Deletes for good all that is in it.
#[utoipa::path(delete, path = "/trash", operation_id = "empty_trash", tag = "todos",
    responses(
        (status = 204, description = "It is empty"),
        refuses::PreconditionFailed, refuses::Validation, refuses::Caller,
    ))]
pub async fn empty(
    State(api): State<Api>,
    Caller(owner): Caller,
    _: NoParameters,
    _: Unconditional,
) -> Result<StatusCode, ApiError> {
    api.store.empty_trash(owner).await?;
    Ok(StatusCode::NO_CONTENT)
}
