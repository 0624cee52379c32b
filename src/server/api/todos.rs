//! `/todos`: the caller's own todos, and nobody else's.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::{
    Api,
    bearer::Caller,
    error::ApiError,
    json::JsonBody,
    wire::{self, TodoBody, TodoInput},
};
use crate::{
    domain::{Todo, TodoId},
    server::store::CreateTodo,
};

/// A body is the caller's alone, and must be asked for again each time.
const CACHING: [(header::HeaderName, &str); 2] = [(header::CACHE_CONTROL, "private, no-cache"), (header::VARY, "Authorization")];

pub async fn list(State(api): State<Api>, Caller(owner): Caller) -> Result<impl IntoResponse, ApiError> {
    let todos = api.store.list_todos(owner).await?;
    let bodies: Vec<_> = todos.into_iter().map(|todo| TodoBody::new(todo, &api.origin)).collect();
    Ok((CACHING, Json(bodies)))
}

pub async fn create(
    State(api): State<Api>,
    Caller(owner): Caller,
    JsonBody(input): JsonBody<TodoInput>,
) -> Result<Response, ApiError> {
    let new = input.into_new(Uuid::now_v7().into())?;
    match api.store.create_todo(owner, new, api.clock.now()).await? {
        CreateTodo::Created(todo) => Ok(created(todo, &api)),
        // Two version 7 UUIDs of one server are never the same.
        CreateTodo::IdTaken => Err(ApiError::Internal),
    }
}

pub async fn read(State(api): State<Api>, Caller(owner): Caller, Path(id): Path<String>) -> Result<Response, ApiError> {
    let todo = api.store.find_todo(owner, parse(&id)?).await?.ok_or(ApiError::NotFound)?;
    Ok(found(todo, &api))
}

/// With `If-None-Match: *` it only creates, so that a client which makes the id can safely try again.
pub async fn put(
    State(api): State<Api>,
    Caller(owner): Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    JsonBody(input): JsonBody<TodoInput>,
) -> Result<Response, ApiError> {
    let new = input.into_new(parse(&id)?)?;
    let only_create = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == "*");
    if !only_create && let Some(todo) = api.store.change_todo(owner, new.id, new.as_change(), api.clock.now()).await? {
        return Ok(found(todo, &api));
    }
    let id = new.id;
    match api.store.create_todo(owner, new, api.clock.now()).await? {
        CreateTodo::Created(todo) => Ok(created(todo, &api)),
        CreateTodo::IdTaken if api.store.find_todo(owner, id).await?.is_some() => Err(ApiError::PreconditionFailed),
        CreateTodo::IdTaken => Err(ApiError::InTrash),
    }
}

pub async fn change(
    State(api): State<Api>,
    Caller(owner): Caller,
    Path(id): Path<String>,
    JsonBody(input): JsonBody<TodoInput>,
) -> Result<Response, ApiError> {
    let todo = api.store.change_todo(owner, parse(&id)?, input.into_change()?, api.clock.now()).await?;
    Ok(found(todo.ok_or(ApiError::NotFound)?, &api))
}

pub async fn delete(State(api): State<Api>, Caller(owner): Caller, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let deleted = api.store.delete_todo(owner, parse(&id)?, api.clock.now()).await?;
    if deleted { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

/// What is no id names no todo.
fn parse(id: &str) -> Result<TodoId, ApiError> {
    id.parse().map_err(|_| ApiError::NotFound)
}

fn found(todo: Todo, api: &Api) -> Response {
    let etag = [(header::ETAG, format!("\"v{}\"", todo.version))];
    (CACHING, etag, Json(TodoBody::new(todo, &api.origin))).into_response()
}

fn created(todo: Todo, api: &Api) -> Response {
    let location = [(header::LOCATION, wire::url(todo.id, &api.origin))];
    (StatusCode::CREATED, location, found(todo, api)).into_response()
}
