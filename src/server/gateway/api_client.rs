//! A client of the REST API. It speaks HTTP to a tower service, which is the embedded API's router; a remote API would
//! be one more service.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode, Uri, header, request::Builder},
};
use jiff::Timestamp;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
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

/// Largest answer that is read, in bytes. The largest is what clearing the completed answers: as many as somebody has.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// How often a todo is looked at again that is being changed by others right now.
const ATTEMPTS: usize = 3;

/// Reaches the API, as nobody yet.
#[derive(Clone)]
pub struct ApiClient {
    service: BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>,
    /// For how long ago something was.
    clock: Arc<dyn Clock>,
}

/// Of the browser's request: its id is passed on, for one id in both log lines, and the client's address, whose attempts count.
#[derive(Clone)]
pub struct Caller {
    request: Option<RequestId>,
    pub client: ClientAddress,
    /// What a page waits for may be run elsewhere, and its lines of the log belong to the request all the same.
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
    /// With the API's own router as the service, there is no socket in between.
    #[must_use]
    pub fn new<S>(service: S, clock: Arc<dyn Clock>) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error: Into<BoxError>, Future: Send> + Clone + Send + Sync + 'static,
    {
        Self { service: BoxCloneSyncService::new(service.map_err(Into::into)), clock }
    }

    /// What the API accepts renews the session in `cookie`.
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
    /// All of them, page by page.
    ///
    /// # Errors
    /// As all methods here: [`AppError::SignedOut`], [`AppError::NotFound`], [`AppError::Unavailable`] or a fault.
    pub async fn list_todos(&self) -> Result<Vec<TodoView>, AppError> {
        let mut todos = Vec::new();
        let mut next = Some(path("/todos?limit=200"));
        while let Some(page) = next {
            let answer = self.send(Request::get(page), None).await?;
            next = next_page(answer.headers());
            todos.append(&mut read(answer).await?);
        }
        Ok(todos)
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn read_todo(&self, id: TodoId) -> Result<TodoView, AppError> {
        read(self.send(Request::get(todo_path(id)), None).await?).await
    }

    /// Adding the same id again changes nothing, so that it is safe to try again.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn add_todo(&self, id: Option<TodoId>, title: TodoTitle) -> Result<(), AppError> {
        let request = match id {
            Some(id) => Request::put(todo_path(id)).header(header::IF_NONE_MATCH, "*"),
            None => Request::post(path("/todos")),
        };
        match self.send(request, Some(json!({ "title": title.as_str() }))).await {
            // The condition was that there is none of this id: it is there already.
            Err(AppError::ChangedElsewhere) if id.is_some() => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// `seen_title` is the title that the person saw, if the patch has another: a title that is neither of them by now stays, and the
    /// rest of the patch is done. Trying again after a lost answer is safe.
    ///
    /// # Errors
    /// [`AppError::ChangedElsewhere`], and see [`Self::list_todos`].
    pub async fn edit_todo(&self, id: TodoId, patch: TodoPatch, seen_title: Option<&str>) -> Result<(), AppError> {
        for _ in 0..ATTEMPTS {
            let mut request = Request::patch(todo_path(id));
            let mut body = serde_json::Map::new();
            if let Some(completed) = patch.completed {
                body.insert("completed".to_owned(), completed.into());
            }
            let mut answer = Ok(());
            if let Some(title) = &patch.title {
                let current = self.send(Request::get(todo_path(id)), None).await?;
                let version = current.headers().get(header::ETAG).cloned().ok_or_else(|| fault(&"a todo without an ETag"))?;
                let current: TodoView = read(current).await?;
                if Some(current.title.as_str()) == seen_title {
                    request = request.header(header::IF_MATCH, version);
                    body.insert("title".to_owned(), title.as_str().into());
                } else if current.title != title.as_str() {
                    answer = Err(AppError::ChangedElsewhere);
                }
            }
            if body.is_empty() {
                return answer;
            }
            match self.send(request, Some(body.into())).await {
                // Between the two requests; perhaps it was only completed.
                Err(AppError::ChangedElsewhere) => {}
                sent => return sent.and(answer),
            }
        }
        Err(AppError::ChangedElsewhere)
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn set_all_completed(&self, completed: bool) -> Result<(), AppError> {
        self.send(Request::patch(path("/todos")), Some(json!({ "completed": completed }))).await.map(drop)
    }

    /// When that was, if anything was deleted.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn clear_completed(&self) -> Result<Option<UnixMillis>, AppError> {
        #[derive(Deserialize)]
        struct Deleted {
            deleted_at: String,
        }
        let request = Request::delete(path("/todos?completed=true")).header("prefer", "return=representation");
        let answer = self.send(request, None).await?;
        // It is done, even if so many were deleted that the answer is too long to be read.
        let deleted: Vec<Deleted> = read(answer).await.unwrap_or_default();
        let moment = deleted.first().and_then(|todo| todo.deleted_at.parse::<Timestamp>().ok());
        Ok(moment.map(|moment| UnixMillis(moment.as_millisecond())))
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn delete_todo(&self, id: TodoId) -> Result<(), AppError> {
        self.send(Request::delete(todo_path(id)), None).await.map(drop)
    }

    /// As many requests as the API wants. If one fails, those before it are done, and trying all again is safe.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn restore_todos(&self, ids: &[TodoId]) -> Result<(), AppError> {
        for ids in ids.chunks(api::MAX_RESTORED) {
            self.send(Request::post(path("/todos/restore")), Some(json!({ "ids": ids }))).await?;
        }
        Ok(())
    }

    /// All that was deleted at this moment. Says how many are back by that.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for no moment of our calendar, and see [`Self::list_todos`].
    pub async fn restore_deleted(&self, UnixMillis(at): UnixMillis) -> Result<usize, AppError> {
        let moment = Timestamp::from_millisecond(at).map_err(|_| AppError::Malformed)?;
        let which = json!({ "deleted_at": moment.to_string() });
        let answer = self.send(Request::post(path("/todos/restore")), Some(which)).await?;
        // They are back, even if so many were that the answer is too long to be read.
        let back: Vec<IgnoredAny> = read(answer).await.unwrap_or_default();
        Ok(back.len())
    }

    /// A page of what was deleted, from behind `cursor` on.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for a cursor that the API did not give out, and see [`Self::list_todos`].
    pub async fn list_trash(&self, cursor: Option<&str>) -> Result<TrashView, AppError> {
        #[derive(Deserialize)]
        struct Deleted {
            #[serde(flatten)]
            todo: TodoView,
            deleted_at: String,
        }
        let page = match cursor {
            // It comes from an address, and must be no more than one parameter of another.
            Some(cursor) if !cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) => {
                return Err(AppError::Malformed);
            }
            Some(cursor) => path(&format!("/trash?cursor={cursor}")),
            None => path("/trash"),
        };
        let answer = self.send(Request::get(page), None).await?;
        let next = next_page(answer.headers()).and_then(|page| Some(page.split_once("cursor=")?.1.to_owned()));
        let deleted: Vec<Deleted> = read(answer).await?;
        let UnixMillis(now) = self.api.clock.now();
        let view = |Deleted { todo, deleted_at }| {
            let moment: Timestamp = deleted_at.parse().map_err(|error| fault(&error))?;
            // Another server's clock may be ahead of ours.
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

    /// The address of the account.
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

    /// Everything that is kept of the account, as a stream.
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
        let answer = self.api.service.clone().oneshot(request).await.map_err(|error| {
            tracing::warn!(%error, "the API is out of reach");
            AppError::Unavailable
        })?;
        match answer.status() {
            status if status.is_success() => {
                self.cookie.renew(&self.token);
                Ok(answer)
            }
            // Of a cursor, which comes from an address, and is longer there than it was in a form.
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => Err(AppError::Malformed),
            StatusCode::FORBIDDEN | StatusCode::UNPROCESSABLE_ENTITY => {
                let problem: Problem = read(answer).await?;
                Err(problem.error().unwrap_or_else(|| fault(&format_args!("the API refused it: {problem:?}"))))
            }
            // Only said to a request with a condition.
            StatusCode::PRECONDITION_FAILED => Err(AppError::ChangedElsewhere),
            StatusCode::UNAUTHORIZED => Err(AppError::SignedOut),
            // A conflict: it was deleted.
            StatusCode::NOT_FOUND | StatusCode::CONFLICT => Err(AppError::NotFound),
            StatusCode::TOO_MANY_REQUESTS => Err(AppError::RateLimited(retry_after(answer.headers()))),
            StatusCode::SERVICE_UNAVAILABLE => Err(AppError::Unavailable),
            status => Err(fault(&format_args!("the API answered {status}"))),
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

/// What the API says of a refusal whose status alone does not tell.
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
    /// As people are told. What else could be wrong was parsed before it was sent.
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

/// Seconds to wait, as the API says.
fn retry_after(headers: &HeaderMap) -> u32 {
    headers.get(header::RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok()).unwrap_or(1)
}

async fn read<T: DeserializeOwned>(answer: Response<Body>) -> Result<T, AppError> {
    let body = to_bytes(answer.into_body(), MAX_ANSWER).await.map_err(|error| fault(&error))?;
    serde_json::from_slice(&body).map_err(|error| fault(&error))
}

fn fault(cause: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%cause, "the API broke its contract");
    AppError::Internal
}
