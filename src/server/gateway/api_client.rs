//! A client of the REST API over a tower service: the embedded router, or later a remote API.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode, Uri, header, request::Builder},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tower::{BoxError, Service, ServiceExt, util::BoxCloneSyncService};
use tracing::{Instrument, Span};

use super::cookie::SessionCookie;
use crate::{
    contract::{AppError, DeletedTodoView, Field, TodoView, TrashView},
    domain::{TodoId, TodoPatch, TodoTitle, UnixMillis},
    server::{
        api::{self, Code, ProblemType},
        clock::Clock,
        http::client_address::ClientAddress,
        identity::AccessToken,
        observability::logging::RequestId,
    },
};

/// Largest response body to read, in bytes. The largest is the list of cleared todos, up to all of an account.
const MAX_RESPONSE: usize = 16 * 1024 * 1024;

/// How often an edit is tried when concurrent writes change the version.
const ATTEMPTS: usize = 3;

/// Has no credentials until `as_user` adds a token.
#[derive(Clone)]
pub struct ApiClient {
    service: BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>,
    /// For [`DeletedTodoView::seconds_ago`].
    clock: Arc<dyn Clock>,
}

/// The context of the browser's request that the API call inherits: request id for the log, client address for rate limits.
#[derive(Clone)]
pub struct Caller {
    request: Option<RequestId>,
    pub client: ClientAddress,
    /// Rendering may poll the call on another task, outside the request's span.
    span: Span,
}

impl Caller {
    pub fn of<T>(request: &Request<T>) -> Self {
        let extensions = request.extensions();
        let (id, client) = (extensions.get().copied(), extensions.get().copied().unwrap_or_default());
        Self { request: id, client, span: Span::current() }
    }
}

impl ApiClient {
    /// The embedded API's router as `service` needs no socket.
    #[must_use]
    pub fn new<S>(service: S, clock: Arc<dyn Clock>) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
    {
        Self { service: BoxCloneSyncService::new(service.map_err(Into::into)), clock }
    }

    /// A successful call renews the session in `cookie`.
    pub(super) fn as_user(&self, token: AccessToken, cookie: SessionCookie, caller: Caller) -> UserApi {
        UserApi { api: self.clone(), token, cookie, caller }
    }
}

/// The API as one user.
pub struct UserApi {
    api: ApiClient,
    token: AccessToken,
    cookie: SessionCookie,
    caller: Caller,
}

impl UserApi {
    /// Follows the pagination links to the end.
    ///
    /// # Errors
    /// For all methods: [`AppError::SignedOut`], [`AppError::NotFound`], [`AppError::RateLimited`], [`AppError::Unavailable`] or
    /// [`AppError::Internal`].
    pub async fn list_todos(&self) -> Result<Vec<TodoView>, AppError> {
        let mut todos = Vec::new();
        let mut next = Some(path("/todos?limit=200"));
        while let Some(page) = next {
            let response = self.send(Request::get(page), None).await?;
            next = next_page(response.headers());
            todos.append(&mut read(response).await?);
        }
        Ok(todos)
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn read_todo(&self, id: TodoId) -> Result<TodoView, AppError> {
        read(self.send(Request::get(todo_path(id)), None).await?).await
    }

    /// Idempotent if the caller sets the id.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn add_todo(&self, id: Option<TodoId>, title: TodoTitle) -> Result<(), AppError> {
        let request = match id {
            Some(id) => Request::put(todo_path(id)).header(header::IF_NONE_MATCH, "*"),
            None => Request::post(path("/todos")),
        };
        match self.send(request, Some(json!({ "title": title.as_str() }))).await {
            // `If-None-Match: *` failed: an earlier attempt added it.
            Err(AppError::ChangedElsewhere) if id.is_some() => Ok(()),
            result => result.map(drop),
        }
    }

    /// `seen_title` is the title on the page when the edit began: a new title replaces only that one, and the rest of the patch
    /// applies in any case. Idempotent.
    ///
    /// # Errors
    /// [`AppError::ChangedElsewhere`], and see [`Self::list_todos`].
    pub async fn edit_todo(&self, id: TodoId, mut patch: TodoPatch, seen_title: Option<&str>) -> Result<(), AppError> {
        let mut title_result = Ok(());
        for _ in 0..ATTEMPTS {
            let mut request = Request::patch(todo_path(id));
            if let Some(title) = &patch.title {
                let current = self.send(Request::get(todo_path(id)), None).await?;
                let version = current.headers().get(header::ETAG).cloned().ok_or_else(|| fault(&"a todo without an ETag"))?;
                let current: TodoView = read(current).await?;
                if Some(current.title.as_str()) == seen_title {
                    request = request.header(header::IF_MATCH, version);
                } else {
                    if current.title != title.as_str() {
                        title_result = Err(AppError::ChangedElsewhere);
                    }
                    patch.title = None;
                }
            }
            if patch == TodoPatch::default() {
                return title_result;
            }
            match self.send(request, Some(json!(patch))).await {
                // The version changed between the two requests, perhaps without a change of the title: retry.
                Err(AppError::ChangedElsewhere) => {}
                sent => return sent.and(title_result),
            }
        }
        Err(AppError::ChangedElsewhere)
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn set_all_completed(&self, completed: bool) -> Result<(), AppError> {
        self.send(Request::patch(path("/todos")), Some(json!({ "completed": completed }))).await.map(drop)
    }

    /// Returns the list version of the deletion, or `None` if there was nothing to delete.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn clear_completed(&self) -> Result<Option<i64>, AppError> {
        let changed: Changed = read(self.send(Request::delete(path("/todos?completed=true")), None).await?).await?;
        Ok(Some(changed.version).filter(|_| changed.changed > 0))
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn delete_todo(&self, id: TodoId) -> Result<(), AppError> {
        self.send(Request::delete(todo_path(id)), None).await.map(drop)
    }

    /// Sends batches. If one fails, the earlier ones are committed, and a retry of all is safe.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn restore_todos(&self, ids: &[TodoId]) -> Result<(), AppError> {
        for ids in ids.chunks(api::MAX_RESTORED) {
            self.send(Request::post(path("/todos/restore")), Some(json!({ "ids": ids }))).await?;
        }
        Ok(())
    }

    /// Reverts the change of many todos that made this list version, and returns their number.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn undo(&self, version: i64) -> Result<usize, AppError> {
        let response = self.send(Request::post(path("/todos/undo")), Some(json!({ "version": version }))).await?;
        read(response).await.map(|changed: Changed| changed.changed)
    }

    /// The page of the trash after `cursor`.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for a cursor that the API did not issue, and see [`Self::list_todos`].
    pub async fn list_trash(&self, cursor: Option<&str>) -> Result<TrashView, AppError> {
        #[derive(Deserialize)]
        struct Deleted {
            #[serde(flatten)]
            todo: TodoView,
            deleted_at: String,
        }
        let page = match cursor {
            // The cursor comes from the page URL: it must not inject further parameters.
            Some(cursor) if !cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) => {
                return Err(AppError::Malformed);
            }
            Some(cursor) => path(&format!("/trash?cursor={cursor}")),
            None => path("/trash"),
        };
        let response = self.send(Request::get(page), None).await?;
        let next = next_page(response.headers()).and_then(|page| Some(page.split_once("cursor=")?.1.to_owned()));
        let deleted: Vec<Deleted> = read(response).await?;
        let UnixMillis(now) = self.api.clock.now();
        let view = |Deleted { todo, deleted_at }| {
            let moment: Timestamp = deleted_at.parse().map_err(|error| fault(&error))?;
            // Clocks of several servers may differ.
            let seconds_ago = u64::try_from((now - moment.as_millisecond()) / 1000).unwrap_or(0);
            Ok(DeletedTodoView { todo, deleted_at, seconds_ago })
        };
        Ok(TrashView { todos: deleted.into_iter().map(view).collect::<Result<_, AppError>>()?, next })
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn empty_trash(&self) -> Result<(), AppError> {
        self.send(Request::delete(path("/trash")), None).await.map(drop)
    }

    /// The e-mail address of the account.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn read_email(&self) -> Result<String, AppError> {
        #[derive(Deserialize)]
        struct Account {
            email: String,
        }
        read(self.send(Request::get(path("/me")), None).await?).await.map(|account: Account| account.email)
    }

    /// All stored data of the account, as a stream.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn export(&self) -> Result<Response<Body>, AppError> {
        self.send(Request::get(path("/export")), None).await
    }

    async fn send(&self, request: Builder, body: Option<Value>) -> Result<Response<Body>, AppError> {
        self.exchange(request, body).instrument(self.caller.span.clone()).await
    }

    async fn exchange(&self, request: Builder, body: Option<Value>) -> Result<Response<Body>, AppError> {
        let bearer = format!("Bearer {}", self.token.expose());
        let mut request = request.header(header::AUTHORIZATION, bearer).extension(self.caller.client);
        if let Some(id) = self.caller.request {
            request = request.extension(id);
        }
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).map_err(|error| fault(&error))?;
        let response = self.api.service.clone().oneshot(request).await.map_err(|error| {
            tracing::warn!(%error, "the API is unreachable");
            AppError::Unavailable
        })?;
        match response.status() {
            status if status.is_success() => {
                self.cookie.renew(&self.token);
                Ok(response)
            }
            // A malformed or oversized cursor from the page URL.
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => Err(AppError::Malformed),
            StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY => {
                let problem: Problem = read(response).await?;
                Err(problem.error().unwrap_or_else(|| fault(&format_args!("the API rejected the request: {problem:?}"))))
            }
            // Only requests with a precondition get this status.
            StatusCode::PRECONDITION_FAILED => Err(AppError::ChangedElsewhere),
            StatusCode::UNAUTHORIZED => Err(AppError::SignedOut),
            // A conflict: the todo is in the trash.
            StatusCode::NOT_FOUND | StatusCode::CONFLICT => Err(AppError::NotFound),
            StatusCode::TOO_MANY_REQUESTS => Err(AppError::RateLimited(retry_after(response.headers()))),
            StatusCode::SERVICE_UNAVAILABLE => Err(AppError::Unavailable),
            status => Err(fault(&format_args!("the API responded with {status}"))),
        }
    }
}

fn path(resource: &str) -> String {
    format!("{}{resource}", api::ROOT)
}

fn todo_path(id: TodoId) -> String {
    path(&format!("/todos/{id}"))
}

/// The path of the page that the API links as the next one (RFC 8288).
fn next_page(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(header::LINK)?.to_str().ok()?;
    let url: Uri = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?.parse().ok()?;
    url.path_and_query().map(ToString::to_string)
}

/// The answer to a change of many todos.
#[derive(Deserialize)]
struct Changed {
    changed: usize,
    version: i64,
}

/// Problem details, read where the status alone is ambiguous.
#[derive(Debug, Deserialize)]
struct Problem {
    r#type: ProblemType,
    #[serde(default)]
    errors: Vec<BrokenRule>,
}

#[derive(Debug, Deserialize)]
struct BrokenRule {
    pointer: Option<String>,
    code: Code,
}

impl Problem {
    /// Covers only the rules that parsing did not check before the request was sent.
    fn error(&self) -> Option<AppError> {
        match (self.r#type, self.errors.as_slice()) {
            (ProblemType::TodoLimitReached, _) => Some(AppError::TodoLimit),
            (ProblemType::Validation, [BrokenRule { pointer: Some(pointer), code }]) if pointer == "/title" => {
                Some(AppError::Invalid(Field::Title, code.rule()?))
            }
            _ => None,
        }
    }
}

/// In seconds.
fn retry_after(headers: &HeaderMap) -> u32 {
    headers.get(header::RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok()).unwrap_or(1)
}

async fn read<T: DeserializeOwned>(response: Response<Body>) -> Result<T, AppError> {
    let body = to_bytes(response.into_body(), MAX_RESPONSE).await.map_err(|error| fault(&error))?;
    serde_json::from_slice(&body).map_err(|error| fault(&error))
}

fn fault(cause: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%cause, "the API broke its contract");
    AppError::Internal
}
