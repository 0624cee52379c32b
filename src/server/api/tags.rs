//! `/todos/summary` and `/tags`: what a client shows beside the list.

use axum::{
    Json,
    extract::{Path, State},
};

use super::{
    Api,
    bearer::Caller,
    error::{ApiError, Code, FieldError, refuses},
    json::JsonBody,
    paging::{FilterParameters, Summarised},
    preconditions::Unconditional,
    wire::{ChangedBody, NOT_A_TAG, SummaryBody, TagChange},
};
use crate::server::{store::RenamedTag, tags::Tag};

/// Count the todos
///
/// All counts are of the matching todos outside the trash; tags are those of the active ones.
#[utoipa::path(get, path = "/todos/summary", operation_id = "read_summary", tag = "todos",
    params(
        FilterParameters,
        ("today" = Option<String>, Query, format = Date, nullable = false, description = "The date of the person, to count what is due"),
        ("since" = Option<String>, Query, format = DateTime, nullable = false, description = "The begin of that day, to count what was completed since"),
    ),
    responses((status = 200, description = "The counts", body = SummaryBody), refuses::Validation, refuses::Caller))]
pub async fn summary(
    State(api): State<Api>,
    Caller(owner): Caller,
    Summarised(query): Summarised,
) -> Result<Json<SummaryBody>, ApiError> {
    let (today, since) = (query.today, query.since);
    Ok(Json(SummaryBody::new(api.store.summarise(owner, query).await?, today, since)))
}

/// Rename a tag
///
/// In the titles of all active todos, in one transaction. `POST /todos/undo` reverts it.
#[utoipa::path(put, path = "/tags/{name}", operation_id = "rename_tag", tag = "todos",
    params(("name" = String, Path, example = "home", description = "Without `#`, and without regard to case")),
    request_body(content = TagChange, example = json!({ "name": "Home" })),
    responses(
        (status = 200, description = "It is renamed", body = ChangedBody),
        refuses::NotFound, refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn rename_tag(
    State(api): State<Api>,
    Caller(owner): Caller,
    Path(tag): Path<String>,
    _: Unconditional,
    JsonBody(TagChange { name }): JsonBody<TagChange>,
) -> Result<Json<ChangedBody>, ApiError> {
    let tag = Tag::parse(&tag).map_err(|_| ApiError::NotFound)?;
    Tag::parse(&name).map_err(|_| FieldError::of_member("/name", Code::OutOfRange, NOT_A_TAG))?;
    match api.store.rename_tag(owner, tag, name, api.clock.now()).await? {
        RenamedTag::Done(change) => Ok(Json(change.into())),
        RenamedTag::NotFound => Err(ApiError::NotFound),
        RenamedTag::TooLong => {
            Err(FieldError::of_member("/name", Code::TooLong, "a title would have more than 500 characters").into())
        }
    }
}
