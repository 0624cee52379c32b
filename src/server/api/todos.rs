//! `/todos`: the caller's own todos.

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::{
    Api,
    bearer::Caller,
    error::{ApiError, Code, FieldError, refuses},
    json::{JsonBody, MergePatch},
    paging::{Filter, FilterParameters, Paging, SortParameter, fitting},
    preconditions::{AnyTag, CACHING, ListTag, Precondition, Unconditional, entity_tag, is_known},
    preference::prefers,
    wire::{
        BulkBody, CanonicalUuid, ChangedBody, CompleteMany, KeptTodoBody, MoveRequest, RestoreRequest, TodoBody, TodoInput,
        TodoUrl, UndoRequest, WholeTodoInput,
    },
};
use crate::{
    domain::{Todo, TodoId},
    server::{
        http::body::MAX_TODO_BYTES,
        store::{BulkChange, Condition, Owner, TodoCursor, TodoQuery, Write},
    },
};

/// Most todos in the answer of a bulk change, which may have changed all of a long list.
const MAX_REPRESENTED: u32 = 500;

/// List todos
///
/// By `order`, and then by `id`; with `sort=due` those with a due date, by that; with `sort=completed` the completed ones, the latest
/// first. A page also ends at 1 MiB of text. While rows come and go, the pages of one walk show each of the others exactly once.
#[utoipa::path(get, path = "/todos", operation_id = "list_todos", tag = "todos",
    params(
        FilterParameters,
        ("sort" = inline(Option<SortParameter>), Query, nullable = false, description = "In which order; `order` unless told"),
        ("limit" = Option<u32>, Query, nullable = false, description = "How many at most; 100 unless told", minimum = 1, maximum = 200),
        ("cursor" = Option<String>, Query, nullable = false, description = "From where on: part of the address in `Link`"),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the page as the client has it"),
    ),
    responses(
        (status = 200, description = "A page of the list", body = Vec<TodoBody<'static>>, headers(
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
    paging: Paging<TodoCursor>,
) -> Result<Response, ApiError> {
    let tag = ListTag::of(owner.user, &api.origin);
    let query = TodoQuery { filter: paging.filter.clone(), sort: paging.sort, after: paging.after, limit: paging.one_more() };
    let page = api.store.list_todos(owner, query, tag.known(&headers)).await?;
    Ok(paging.answer(page, &tag, &headers, |last| TodoCursor::at(paging.sort, last), text_of, TodoBody::new))
}

/// Add a todo
///
/// The server makes the id. It comes last, unless it has an `order`.
#[utoipa::path(post, path = "/todos", operation_id = "create_todo", tag = "todos",
    request_body(content = WholeTodoInput, example = json!({ "title": "buy milk" })),
    responses(
        (status = 201, description = "The new todo", body = TodoBody<'static>, headers(
            ("Location" = String, description = "Where it is"), ("ETag" = String, description = "Its entity tag"),
        )),
        refuses::TodoLimit, refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn create(
    State(api): State<Api>,
    Caller(owner): Caller,
    _: Unconditional,
    JsonBody(input): JsonBody<TodoInput, MAX_TODO_BYTES>,
) -> Result<Response, ApiError> {
    let new = input.into_new(Uuid::now_v7().into())?;
    match api.store.put_todo(owner, new, Condition::Absent, api.clock.now()).await? {
        Write::Done(todo) => Ok(created(todo, &api)),
        Write::LimitReached => Err(ApiError::TodoLimitReached),
        // A fresh version 7 UUID is unique.
        Write::NotFound | Write::InTrash | Write::Refused => Err(ApiError::Internal),
    }
}

/// Complete or reopen many todos
///
/// All that match, in one transaction. Those that are so already stay as they are. `POST /todos/undo` reverts it.
#[utoipa::path(patch, path = "/todos", operation_id = "complete_todos", tag = "todos",
    params(
        FilterParameters,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`return=representation`: with the todos that were changed"),
    ),
    request_body(content(
        (CompleteMany = "application/merge-patch+json", example = json!({ "completed": true })),
        (CompleteMany = "application/json"),
    )),
    responses(
        (status = 200, description = "They are changed", body = inline(BulkBody<'static>)),
        refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn change_many(
    State(api): State<Api>,
    Caller(owner): Caller,
    Filter(filter): Filter,
    _: Unconditional,
    headers: HeaderMap,
    MergePatch(change): MergePatch<CompleteMany>,
) -> Result<Response, ApiError> {
    let change = api.store.complete_todos(owner, change.completed, filter, api.clock.now()).await?;
    Ok(changed(&api, owner, &headers, change).await?.into_response())
}

/// Delete many todos
///
/// All that match, in one transaction. `POST /todos/undo` reverts it.
#[utoipa::path(delete, path = "/todos", operation_id = "delete_todos", tag = "todos",
    params(
        FilterParameters,
        ("Prefer" = Option<String>, Header, nullable = false, description = "`return=representation`: with the todos that were deleted"),
    ),
    responses(
        (status = 200, description = "They are deleted", body = inline(BulkBody<'static>)),
        refuses::PreconditionFailed, refuses::Validation, refuses::Caller,
    ))]
pub async fn delete_many(
    State(api): State<Api>,
    Caller(owner): Caller,
    Filter(filter): Filter,
    _: Unconditional,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let change = api.store.delete_todos(owner, filter, api.clock.now()).await?;
    Ok(changed(&api, owner, &headers, change).await?.into_response())
}

/// Undo a change of many todos
///
/// By the `version` in its answer. Todos that were changed since stay as they are; times of completion come back. What changed a
/// single todo is not undone by it.
#[utoipa::path(post, path = "/todos/undo", operation_id = "undo", tag = "todos",
    request_body(content = UndoRequest, example = json!({ "version": 12 })),
    responses(
        (status = 200, description = "How many todos were changed back", body = ChangedBody),
        refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn undo(
    State(api): State<Api>,
    Caller(owner): Caller,
    _: Unconditional,
    JsonBody(UndoRequest { version }): JsonBody<UndoRequest>,
) -> Result<Json<ChangedBody>, ApiError> {
    Ok(Json(api.store.undo(owner, version, api.clock.now()).await?.into()))
}

async fn changed<'o>(
    api: &'o Api,
    owner: Owner,
    headers: &HeaderMap,
    change: BulkChange,
) -> Result<Json<BulkBody<'o>>, ApiError> {
    if !prefers(headers, "return", "representation") {
        return Ok(Json(BulkBody::Changed(change.into())));
    }
    let mut todos = match change.changed {
        0 => Vec::new(),
        _ => api.store.changed_todos(owner, change.list_version, MAX_REPRESENTED).await?,
    };
    todos.truncate(fitting(&todos, |kept| text_of(&kept.todo)));
    Ok(Json(BulkBody::Todos(todos.into_iter().map(|kept| KeptTodoBody::new(kept, &api.origin)).collect())))
}

/// Read a todo
#[utoipa::path(get, path = "/todos/{id}", operation_id = "read_todo", tag = "todos",
    params(
        ("id" = CanonicalUuid, Path),
        ("If-None-Match" = Option<String>, Header, nullable = false, description = "The `ETag` of the todo as the client has it"),
    ),
    responses(
        (status = 200, description = "The todo", body = TodoBody<'static>, headers(("ETag" = String, description = "Its entity tag"))),
        (status = 304, description = "The todo is as the client has it", headers(("ETag" = String, description = "Its entity tag"))),
        refuses::NotFound, refuses::Caller,
    ))]
pub async fn read(
    State(api): State<Api>,
    Caller(owner): Caller,
    TodoPath(id): TodoPath,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let todo = api.store.find_todo(owner, id).await?.ok_or(ApiError::NotFound)?;
    let tag = entity_tag(todo.version);
    if is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, CACHING, [(header::ETAG, tag)]).into_response());
    }
    Ok(found(todo, &api))
}

/// Add or replace a todo
///
/// Under an id that the client makes. With `If-None-Match: *` it only adds: then a lost answer is no reason to worry, as
/// trying again is answered with 412 if the first attempt got through. A deleted todo is not brought back.
#[utoipa::path(put, path = "/todos/{id}", operation_id = "put_todo", tag = "todos",
    params(
        ("id" = CanonicalUuid, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Only replaces, and only this version, by its `ETag`"),
        ("If-None-Match" = inline(Option<AnyTag>), Header, nullable = false, description = "`*`: only adds"),
    ),
    request_body(content = WholeTodoInput, example = json!({ "title": "buy milk", "completed": true })),
    responses(
        (status = 200, description = "The todo, replaced", body = TodoBody<'static>, headers(("ETag" = String, description = "Its entity tag"))),
        (status = 201, description = "The new todo", body = TodoBody<'static>, headers(
            ("Location" = String, description = "Where it is"), ("ETag" = String, description = "Its entity tag"),
        )),
        refuses::TodoLimit, refuses::NotFound, refuses::InTrash, refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn put(
    State(api): State<Api>,
    Caller(owner): Caller,
    TodoPath(id): TodoPath,
    Precondition(condition): Precondition,
    JsonBody(input): JsonBody<TodoInput, MAX_TODO_BYTES>,
) -> Result<Response, ApiError> {
    match api.store.put_todo(owner, input.into_new(id)?, condition, api.clock.now()).await? {
        Write::Done(todo) if todo.version == 1 => Ok(created(todo, &api)),
        Write::Done(todo) => Ok(found(todo, &api)),
        Write::LimitReached => Err(ApiError::TodoLimitReached),
        Write::InTrash => Err(ApiError::InTrash),
        Write::NotFound | Write::Refused => Err(ApiError::PreconditionFailed),
    }
}

/// Change a todo
///
/// What is left out stays (RFC 7396). Each accepted change makes a new version.
#[utoipa::path(patch, path = "/todos/{id}", operation_id = "change_todo", tag = "todos",
    params(
        ("id" = CanonicalUuid, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Only this version, by its `ETag`"),
    ),
    request_body(content(
        (TodoInput = "application/merge-patch+json", example = json!({ "completed": true })),
        (TodoInput = "application/json"),
    )),
    responses(
        (status = 200, description = "The todo, changed", body = TodoBody<'static>, headers(("ETag" = String, description = "Its entity tag"))),
        refuses::NotFound, refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn change(
    State(api): State<Api>,
    Caller(owner): Caller,
    TodoPath(id): TodoPath,
    Precondition(condition): Precondition,
    MergePatch(input): MergePatch<TodoInput, MAX_TODO_BYTES>,
) -> Result<Response, ApiError> {
    let patch = input.into_patch()?;
    let written = api.store.change_todo(owner, id, condition, patch, api.clock.now()).await?;
    Ok(found(done(written)?, &api))
}

/// Delete a todo
///
/// It can be restored.
#[utoipa::path(delete, path = "/todos/{id}", operation_id = "delete_todo", tag = "todos",
    params(
        ("id" = CanonicalUuid, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Only this version, by its `ETag`"),
    ),
    responses(
        (status = 204, description = "It is deleted"),
        refuses::NotFound, refuses::PreconditionFailed, refuses::Validation, refuses::Caller,
    ))]
pub async fn delete(
    State(api): State<Api>,
    Caller(owner): Caller,
    TodoPath(id): TodoPath,
    Precondition(condition): Precondition,
) -> Result<StatusCode, ApiError> {
    done(api.store.delete_todo(owner, id, condition, api.clock.now()).await?)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restore a deleted todo
///
/// At its old place and with its old id. One that is not deleted stays as it is, so trying again is safe.
#[utoipa::path(post, path = "/todos/{id}/restore", operation_id = "restore_todo", tag = "todos",
    params(("id" = CanonicalUuid, Path)),
    responses(
        (status = 200, description = "The todo", body = TodoBody<'static>, headers(("ETag" = String, description = "Its entity tag"))),
        refuses::NotFound, refuses::PreconditionFailed, refuses::Validation, refuses::Caller,
    ))]
pub async fn restore(
    State(api): State<Api>,
    Caller(owner): Caller,
    TodoPath(id): TodoPath,
    _: Unconditional,
) -> Result<Response, ApiError> {
    let todos = api.store.restore_todos(owner, &[id], api.clock.now()).await?;
    let todo = todos.into_iter().flatten().next().ok_or(ApiError::NotFound)?;
    Ok(found(todo, &api))
}

/// Move a todo
///
/// To the place after another one in the list, or to the first place. Its `order` changes; if there is no room, so do those of the
/// todos around it, each with a new version. A move to where it is changes nothing.
#[utoipa::path(post, path = "/todos/{id}/move", operation_id = "move_todo", tag = "todos",
    params(
        ("id" = CanonicalUuid, Path),
        ("If-Match" = Option<String>, Header, nullable = false, description = "Only this version, by its `ETag`"),
    ),
    request_body(content = MoveRequest, example = json!({ "after": null })),
    responses(
        (status = 200, description = "The todo, moved", body = TodoBody<'static>, headers(("ETag" = String, description = "Its entity tag"))),
        refuses::NotFound, refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn move_after(
    State(api): State<Api>,
    Caller(owner): Caller,
    TodoPath(id): TodoPath,
    Precondition(condition): Precondition,
    JsonBody(MoveRequest { after }): JsonBody<MoveRequest>,
) -> Result<Response, ApiError> {
    let moved = api.store.move_todo(owner, id, after, condition, api.clock.now()).await?;
    let moved =
        moved.ok_or_else(|| FieldError::of_member("/after", Code::OutOfRange, "after must be another todo of the list"))?;
    Ok(found(done(moved)?, &api))
}

/// Restore many deleted todos
///
/// All in one transaction, or none if one of them was never there. Those that are not deleted stay as they are, so trying again is
/// safe.
#[utoipa::path(post, path = "/todos/restore", operation_id = "restore_todos", tag = "todos",
    request_body(content = RestoreRequest, example = json!({ "ids": ["019aa5a2-7b1c-7def-8abc-0123456789ab"] })),
    responses(
        (status = 200, description = "The todos that are back, in the order of the list", body = Vec<TodoBody<'static>>),
        refuses::NotFound, refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn restore_many(
    State(api): State<Api>,
    Caller(owner): Caller,
    _: Unconditional,
    JsonBody(request): JsonBody<RestoreRequest>,
) -> Result<Response, ApiError> {
    let ids = request.parse()?;
    let todos = api.store.restore_todos(owner, &ids, api.clock.now()).await?.ok_or(ApiError::NotFound)?;
    let body: Vec<_> = todos.into_iter().map(|todo| TodoBody::new(todo, &api.origin)).collect();
    Ok(Json(body).into_response())
}

/// The size of the members that can be long, in bytes.
pub fn text_of(todo: &Todo) -> usize {
    todo.title.as_str().len() + todo.notes.as_str().len()
}

/// The id in the path. Text that is not an id results in 404.
pub struct TodoPath(TodoId);

impl<S: Send + Sync> FromRequestParts<S> for TodoPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.ok().and_then(|Path(id)| id.parse().ok()).map(Self).ok_or(ApiError::NotFound)
    }
}

fn done(written: Write) -> Result<Todo, ApiError> {
    match written {
        Write::Done(todo) => Ok(todo),
        Write::NotFound | Write::InTrash => Err(ApiError::NotFound),
        Write::Refused => Err(ApiError::PreconditionFailed),
        Write::LimitReached => Err(ApiError::TodoLimitReached),
    }
}

fn found(todo: Todo, api: &Api) -> Response {
    let tag = [(header::ETAG, entity_tag(todo.version))];
    (CACHING, tag, Json(TodoBody::new(todo, &api.origin))).into_response()
}

fn created(todo: Todo, api: &Api) -> Response {
    let location = [(header::LOCATION, TodoUrl(todo.id, &api.origin).to_string())];
    (StatusCode::CREATED, location, found(todo, api)).into_response()
}
