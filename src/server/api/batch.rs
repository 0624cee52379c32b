//! `/todos/batch`: many new todos in one request.

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{
    Api,
    bearer::Caller,
    error::{ApiError, Code, FieldError, refuses},
    json::JsonBody,
    preconditions::Unconditional,
    preference::prefers,
    state::MAX_ADDED_BYTES,
    wire::{BatchBody, BatchRequest, BatchResult, TodoBody},
};
use crate::{domain::Todo, server::store::Write};

/// Add many todos
///
/// At most 500, in one transaction. The valid ones are added, as by `POST /todos`, and the answer has the problem of each of the
/// others. An `id` is optional, and must be of no todo yet, as in a `PUT` with `If-None-Match: *`.
#[utoipa::path(post, path = "/todos/batch", operation_id = "create_todos", tag = "todos",
    params(
        ("Prefer" = Option<String>, Header, nullable = false, description = "`handling=strict`: adds all of them or, if any has a problem, none"),
    ),
    request_body(content = BatchRequest, example = json!({ "todos": [{ "title": "buy milk" }, { "title": "water the plants #home" }] })),
    responses(
        (status = 200, description = "The valid ones are added", body = BatchBody<'static>),
        refuses::PreconditionFailed, refuses::Body, refuses::Caller,
    ))]
pub async fn create(
    State(api): State<Api>,
    Caller(owner): Caller,
    _: Unconditional,
    headers: HeaderMap,
    JsonBody(request): JsonBody<BatchRequest, MAX_ADDED_BYTES>,
) -> Result<Response, ApiError> {
    let todos = request.parse()?;
    let at_least = if prefers(&headers, "handling", "strict") { todos.len() } else { 0 };
    let valid = todos.iter().filter_map(|todo| todo.as_ref().ok().cloned()).collect();
    let batch = api.store.create_todos(owner, valid, at_least, api.clock.now()).await?;
    let mut written = batch.written.into_iter();
    let created = todos.into_iter().map(|todo| todo.and_then(|_| created(written.next().ok_or(ApiError::Internal)?)));
    let created: Vec<_> = created.collect();
    if created.iter().filter(|todo| todo.is_ok()).count() < at_least {
        let errors = created.into_iter().enumerate().filter_map(|(nth, todo)| Some(errors(nth, todo.err()?)));
        return Err(ApiError::Validation(errors.flatten().collect()));
    }
    let result = |todo: Result<Todo, ApiError>| match todo {
        Ok(todo) => BatchResult::Todo(TodoBody::new(todo, &api.origin)),
        Err(error) => BatchResult::Problem(error.problem(None)),
    };
    let results = created.into_iter().map(result).collect();
    Ok(Json(BatchBody { version: batch.list_version, results }).into_response())
}

fn created(write: Write) -> Result<Todo, ApiError> {
    match write {
        Write::Done(todo) => Ok(todo),
        Write::InTrash => Err(ApiError::InTrash),
        Write::Refused => Err(ApiError::PreconditionFailed),
        Write::LimitReached => Err(ApiError::TodoLimitReached),
        Write::NotFound => Err(ApiError::NotFound),
    }
}

/// The reasons why the whole batch is refused. A todo that could have been added has none.
fn errors(nth: usize, error: ApiError) -> Vec<FieldError> {
    let (below, code, detail) = match error {
        ApiError::Validation(errors) => return errors,
        ApiError::InTrash | ApiError::PreconditionFailed => ("/id", Code::Taken, "id must be of no todo yet"),
        ApiError::TodoLimitReached => ("", Code::OutOfRange, "the account may not have so many todos"),
        _ => return Vec::new(),
    };
    vec![FieldError::of_member(format!("/todos/{nth}{below}"), code, detail)]
}
