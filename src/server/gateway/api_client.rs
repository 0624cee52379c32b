//! A client of the REST API over a tower service: the embedded router, or later a remote API.

use std::{ops::Range, sync::Arc};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header, request::Builder},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tower::{BoxError, Service, ServiceExt, util::BoxCloneSyncService};
use tracing::{Instrument, Span};

use super::{cookie::SessionCookie, local_path::encoded};
use crate::{
    contract::{
        AppError, DeletedTodoView, Field, Filter, PageInfo, Rule, Scope, TodoPage, TodoView, TrashView, View, ViewCounts,
    },
    domain::{DueDate, TodoId, TodoNotes, TodoPatch, TodoTitle, UnixMillis},
    server::{
        api::{self, Code, ProblemType},
        clock::Clock,
        folding::fold,
        http::client_address::ClientAddress,
        identity::GrantedToken,
        matches::matches,
        observability::logging::RequestId,
        tags::Tag,
        time_zone::{Day, TimeZone},
    },
};

/// Largest response body to read, in bytes. The largest is a page of the list.
const MAX_RESPONSE: usize = 4 * 1024 * 1024;

/// How often an edit or a page is tried when concurrent writes change the version.
const ATTEMPTS: usize = 3;

/// A part of the list.
#[derive(Default)]
pub struct ListQuery {
    pub scope: Scope,
    /// A cursor.
    pub after: Option<String>,
    /// Also these todos, if they are not in the page.
    pub others: Vec<TodoId>,
}

impl ListQuery {
    /// The parameters of the API.
    fn parameters(&self, day: &Day) -> Result<String, AppError> {
        let Self { scope, after, .. } = self;
        let mut parameters = format!("&limit={}{}", TodoPage::SIZE, of_view(scope, day)?);
        match scope.filter {
            Filter::All => parameters += &completed_since(day),
            Filter::Active => parameters += "&completed=false",
            Filter::Completed => parameters += "&completed=true&sort=completed",
        }
        if scope.is_by_date() {
            parameters += "&sort=due";
        }
        match after {
            Some(after) if is_cursor(after) => Ok(format!("{parameters}&cursor={after}")),
            Some(_) => Err(AppError::Malformed),
            None => Ok(parameters),
        }
    }
}

/// The API's filters for the todos of a view and a search.
fn of_view(scope: &Scope, day: &Day) -> Result<String, AppError> {
    let mut filters = match &scope.view {
        View::Todos => String::new(),
        View::Today => format!("&due_to={}", day.date),
        View::Scheduled => "&due_from=1970-01-01".to_owned(),
        View::Important => "&important=true".to_owned(),
        View::Tag(name) => {
            Tag::parse(name).map_err(|_| AppError::Malformed)?;
            format!("&tag={}", encoded(name))
        }
    };
    if !scope.text.is_empty() {
        filters += "&q=";
        filters += &encoded(&scope.text);
    }
    Ok(filters)
}

fn completed_since(day: &Day) -> String {
    format!("&completed_since={}", encoded(&timestamp(day.begins).to_string()))
}

fn timestamp(UnixMillis(at): UnixMillis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX)
}

/// The name of a tag that was typed with or without `#`.
pub fn tag_name(typed: &str) -> &str {
    let typed = typed.trim();
    typed.strip_prefix('#').unwrap_or(typed)
}

#[derive(Deserialize)]
pub struct Account {
    pub email: String,
    pub time_zone: String,
}

impl Account {
    fn day(&self, now: UnixMillis) -> Day {
        TimeZone::parse(&self.time_zone).unwrap_or_default().day(now)
    }
}

/// Counts of todos outside of the trash.
#[derive(Deserialize)]
struct Summary {
    active: usize,
    completed: usize,
    /// Today.
    completed_since: usize,
    overdue: usize,
    due_today: usize,
    scheduled: usize,
    important: usize,
    tags: Vec<TagCount>,
    version: i64,
}

#[derive(Deserialize)]
struct TagCount {
    name: String,
    todos: usize,
}

impl From<Summary> for ViewCounts {
    fn from(Summary { overdue, due_today, scheduled, important, mut tags, .. }: Summary) -> Self {
        if tags.len() > Self::MAX_TAGS {
            let mut most: Vec<_> = tags.iter().map(|tag| tag.todos).collect();
            most.sort_unstable_by(|one, other| other.cmp(one));
            tags.retain(|tag| tag.todos >= most[Self::MAX_TAGS - 1]);
            tags.truncate(Self::MAX_TAGS);
        }
        let tags = tags.into_iter().map(|TagCount { name, todos }| (name, todos)).collect();
        Self { due: overdue + due_today, scheduled, important, tags }
    }
}

/// A todo as the API sends it.
#[derive(Deserialize)]
struct ApiTodo {
    id: TodoId,
    title: String,
    notes: String,
    due_on: Option<DueDate>,
    important: bool,
    completed: bool,
    order: i64,
    /// RFC 3339.
    completed_at: Option<String>,
}

impl ApiTodo {
    fn view(self, begin_of_today: UnixMillis) -> TodoView {
        let Self { id, title, notes, due_on, important, completed, order: _, completed_at } = self;
        let completed_at = completed_at.and_then(|at| at.parse::<Timestamp>().ok());
        let is_earlier = completed_at.is_some_and(|at| at.as_millisecond() < begin_of_today.0);
        TodoView { id, title, has_notes: !notes.is_empty(), due_on, important, completed, is_earlier, marks: Vec::new() }
    }
}

impl From<ApiTodo> for TodoView {
    fn from(todo: ApiTodo) -> Self {
        todo.view(UnixMillis(i64::MIN))
    }
}

/// The fields that an edit replaces, as the user saw them.
#[derive(Default)]
pub struct Seen {
    pub title: Option<String>,
    /// [`TodoNotes::digest`]
    pub notes: Option<String>,
    pub due_on: Option<Option<DueDate>>,
}

impl Seen {
    /// Removes from the patch what the user has left as it was, what the todo has already, and what somebody else has changed. Returns
    /// whether there was any of the latter.
    fn remove_conflicts(&self, patch: &mut TodoPatch, ApiTodo { title, notes, due_on, .. }: &ApiTodo) -> bool {
        let of_title = settle(&mut patch.title, |new| new.as_str().to_owned(), self.title.as_ref(), title);
        let digest = TodoNotes::digest(notes);
        let of_notes = settle(&mut patch.notes, |new| TodoNotes::digest(new.as_str()), self.notes.as_ref(), &digest);
        let of_date = settle(&mut patch.due_on, |new| *new, self.due_on.as_ref(), due_on);
        of_title | of_notes | of_date
    }
}

/// Keeps a new value only if it replaces the one that was seen. Returns whether it is in conflict.
fn settle<T, V: PartialEq>(field: &mut Option<T>, value: impl FnOnce(&T) -> V, seen: Option<&V>, current: &V) -> bool {
    let Some(new) = field.as_ref().map(value).filter(|new| new == current || seen != Some(current)) else { return false };
    *field = None;
    new != *current && seen != Some(&new)
}

struct ListPage {
    todos: Vec<ApiTodo>,
    next: Option<String>,
    tag: String,
    version: i64,
}

/// The result of a bulk operation.
#[derive(Deserialize)]
struct Changed {
    changed: usize,
    version: i64,
}

impl Changed {
    fn version(self) -> Option<i64> {
        (self.changed > 0).then_some(self.version)
    }
}

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
    pub(super) fn as_user(&self, granted: GrantedToken, cookie: SessionCookie, caller: Caller) -> UserApi {
        UserApi { api: self.clone(), granted, cookie, caller }
    }
}

/// The API as one user.
pub struct UserApi {
    api: ApiClient,
    granted: GrantedToken,
    cookie: SessionCookie,
    caller: Caller,
}

impl UserApi {
    /// A page and the account that it belongs to, read at the same version of the list, or `None` if the entity tag is current.
    ///
    /// # Errors
    /// For all methods: [`AppError::SignedOut`], [`AppError::NotFound`], [`AppError::RateLimited`], [`AppError::Unavailable`] or
    /// [`AppError::Internal`]. [`AppError::Malformed`] for a cursor that the API did not issue.
    pub async fn list_todos(&self, query: &ListQuery, tag: Option<&str>) -> Result<Option<(Account, TodoPage)>, AppError> {
        let scope = &query.scope;
        let part = [&*scope.query(), ";", query.after.as_deref().unwrap_or_default()].concat();
        let now = self.api.clock.now();
        if let Some(tag) = tag.and_then(|tag| api_tag(tag, &part, now))
            && self.list_page("&limit=1", Some(&tag)).await?.is_none()
        {
            return Ok(None);
        }
        let account = self.read_account().await?;
        let day = account.day(now);
        let (parameters, view) = (query.parameters(&day)?, of_view(scope, &day)?);
        for attempt in 1.. {
            let list =
                async { self.list_page(&parameters, None).await?.ok_or_else(|| fault(&"a 304 to an unconditional request")) };
            let of_view = async { if view.is_empty() { Ok(None) } else { self.summarise(&view, &day).await.map(Some) } };
            let (list, all, of_view) = tokio::try_join!(list, self.summarise("", &day), of_view)?;
            let ListPage { todos, next, tag, version } = list;
            let is_torn = version != all.version || of_view.as_ref().is_some_and(|of_view| of_view.version != version);
            if is_torn && attempt < ATTEMPTS {
                continue;
            }
            let Summary { active, completed, completed_since, .. } = *of_view.as_ref().unwrap_or(&all);
            let folded = fold(&scope.text);
            let view = |todo: ApiTodo| {
                let todo = todo.view(day.begins);
                let marks = matches(&todo.title, &folded).into_iter().flat_map(|Range { start, end }| [start, end]).collect();
                TodoView { marks, ..todo }
            };
            let others = self.read_others(&query.others, &todos, scope.filter).await?.into_iter().map(view).collect();
            let info = PageInfo {
                active,
                completed: completed_since,
                earlier: completed.saturating_sub(completed_since),
                views: all.into(),
                next,
                tag: own_tag(&tag, &part, day.ends),
                today: day.date,
                seconds_of_today: day.seconds_left(now),
            };
            return Ok(Some((account, TodoPage { todos: todos.into_iter().map(view).collect(), others, info })));
        }
        Err(AppError::Internal)
    }

    /// The counts of all todos, or of those that match.
    async fn summarise(&self, filters: &str, day: &Day) -> Result<Summary, AppError> {
        let since = encoded(&timestamp(day.begins).to_string());
        read(self.send(Request::get(path(&format!("/todos/summary?today={}&since={since}{filters}", day.date))), None).await?)
            .await
    }

    /// Like [`Self::list_todos`], with the following pages up to so many todos.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn list_many(&self, mut query: ListQuery, todos: usize) -> Result<(Account, TodoPage), AppError> {
        let (account, mut page) = self.list_todos(&query, None).await?.ok_or(AppError::Internal)?;
        let day = account.day(self.api.clock.now());
        while page.todos.len() < todos && page.info.next.is_some() {
            query.after = page.info.next.take();
            let parameters = query.parameters(&day)?;
            let ListPage { todos, next, .. } = self.list_page(&parameters, None).await?.ok_or(AppError::Internal)?;
            page.todos.extend(todos.into_iter().map(|todo| todo.view(day.begins)));
            page.info.next = next;
        }
        Ok((account, page))
    }

    /// `None` if the entity tag of the API is current.
    async fn list_page(&self, part: &str, tag: Option<&str>) -> Result<Option<ListPage>, AppError> {
        let mut request = Request::get(path(&format!("/todos?{}", part.trim_start_matches('&'))));
        if let Some(tag) = tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let response = self.send(request, None).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
        let (tag, version) =
            tag.and_then(|tag| Some((tag.to_owned(), list_version(tag)?))).ok_or_else(|| fault(&"a list without a version"))?;
        let next = next_cursor(response.headers());
        Ok(Some(ListPage { todos: read(response).await?, next, tag, version }))
    }

    /// The named todos that exist and are not in the page, in the order of the list.
    async fn read_others(&self, ids: &[TodoId], page: &[ApiTodo], filter: Filter) -> Result<Vec<ApiTodo>, AppError> {
        let mut others: Vec<ApiTodo> = Vec::new();
        for id in ids.iter().filter(|id| page.iter().all(|todo| todo.id != **id)) {
            match self.read(*id).await {
                Ok((todo, _)) => others.push(todo),
                Err(AppError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        if filter == Filter::Completed {
            others.sort_by(|one, other| (&other.completed_at, other.id).cmp(&(&one.completed_at, one.id)));
        } else {
            others.sort_by_key(|other| (other.order, other.id));
        }
        Ok(others)
    }

    /// With its entity tag.
    async fn read(&self, id: TodoId) -> Result<(ApiTodo, HeaderValue), AppError> {
        let response = self.send(Request::get(todo_path(id)), None).await?;
        let tag = response.headers().get(header::ETAG).cloned().ok_or_else(|| fault(&"a todo without an ETag"))?;
        Ok((read(response).await?, tag))
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn read_todo(&self, id: TodoId) -> Result<TodoView, AppError> {
        self.read(id).await.map(|(todo, _)| todo.into())
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn read_notes(&self, id: TodoId) -> Result<String, AppError> {
        self.read(id).await.map(|(todo, _)| todo.notes)
    }

    /// Idempotent if the caller sets the id.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn add_todo(
        &self,
        id: Option<TodoId>,
        title: TodoTitle,
        due_on: Option<DueDate>,
        important: bool,
    ) -> Result<(), AppError> {
        let request = match id {
            Some(id) => Request::put(todo_path(id)).header(header::IF_NONE_MATCH, "*"),
            None => Request::post(path("/todos")),
        };
        match self.send(request, Some(json!({ "title": title, "due_on": due_on, "important": important }))).await {
            // `If-None-Match: *` failed: an earlier attempt added it.
            Err(AppError::ChangedElsewhere) if id.is_some() => Ok(()),
            result => result.map(drop),
        }
    }

    /// Adds all of them or none.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn add_todos(&self, titles: Vec<TodoTitle>) -> Result<(), AppError> {
        if titles.is_empty() {
            return Ok(());
        }
        let todos: Vec<_> = titles.iter().map(|title| json!({ "title": title })).collect();
        let request = Request::post(path("/todos/batch")).header("prefer", "handling=strict");
        self.send(request, Some(json!({ "todos": todos }))).await.map(drop)
    }

    /// Replaces only what the user has seen: a field that was changed since is a conflict and stays, and the rest of the patch applies
    /// in any case. Idempotent.
    ///
    /// # Errors
    /// [`AppError::ChangedElsewhere`] for a conflict, and see [`Self::list_todos`].
    pub async fn edit_todo(&self, id: TodoId, mut patch: TodoPatch, seen: Seen) -> Result<(), AppError> {
        let mut is_conflict = false;
        for _ in 0..ATTEMPTS {
            let mut request = Request::patch(todo_path(id));
            let has_condition = patch.title.is_some() || patch.notes.is_some() || patch.due_on.is_some();
            // An edit of nothing fails like any other for a missing todo or an ended session.
            if has_condition || patch == TodoPatch::default() {
                let (current, version) = self.read(id).await?;
                is_conflict |= seen.remove_conflicts(&mut patch, &current);
                request = request.header(header::IF_MATCH, version);
            }
            let result = if is_conflict { Err(AppError::ChangedElsewhere) } else { Ok(()) };
            if patch == TodoPatch::default() {
                return result;
            }
            match self.send(request, Some(json!(patch))).await {
                // The version changed between the two requests, perhaps without a change of these fields: retry.
                Err(AppError::ChangedElsewhere) => {}
                sent => return sent.and(result),
            }
        }
        Err(AppError::ChangedElsewhere)
    }

    /// Moves a todo behind another one, or to the start.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if either is not there, and see [`Self::list_todos`].
    pub async fn move_todo(&self, id: TodoId, after: Option<TodoId>) -> Result<(), AppError> {
        let request = Request::post(path(&format!("/todos/{id}/move")));
        self.send(request, Some(json!({ "after": after }))).await.map(drop)
    }

    /// Returns the version of the list that this change made, if it changed any todo.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for a tag that can't be one, and see [`Self::list_todos`].
    pub async fn set_all_completed(&self, scope: &Scope, completed: bool) -> Result<Option<i64>, AppError> {
        let request = Request::patch(self.all_of(scope, !completed).await?);
        self.change_many(request, Some(json!({ "completed": completed }))).await.map(Changed::version)
    }

    /// See [`Self::set_all_completed`].
    ///
    /// # Errors
    /// See [`Self::set_all_completed`].
    pub async fn clear_completed(&self, scope: &Scope) -> Result<Option<i64>, AppError> {
        self.change_many(Request::delete(self.all_of(scope, true).await?), None).await.map(Changed::version)
    }

    /// URL of the completed or active todos of a scope. What is out of the way is left alone.
    async fn all_of(&self, scope: &Scope, completed: bool) -> Result<String, AppError> {
        let is_of_today = completed && scope.filter != Filter::Completed;
        let now = self.api.clock.now();
        let day = if is_of_today || scope.view == View::Today {
            self.read_account().await?.day(now)
        } else {
            TimeZone::default().day(now)
        };
        let since = if is_of_today { completed_since(&day) } else { String::new() };
        Ok(path(&format!("/todos?completed={completed}{since}{}", of_view(scope, &day)?)))
    }

    /// Returns the version of the list that this change made.
    ///
    /// # Errors
    /// [`AppError::Invalid`], and see [`Self::list_todos`].
    pub async fn rename_tag(&self, tag: &str, name: &str) -> Result<i64, AppError> {
        let request = Request::put(path(&format!("/tags/{}", encoded(tag))));
        match self.change_many(request, Some(json!({ "name": tag_name(name) }))).await {
            Err(AppError::NotFound) => Err(AppError::Invalid(Field::Tag, Rule::Unused)),
            result => result.map(|Changed { version, .. }| version),
        }
    }

    /// Undoes the bulk change that made this version of the list, and returns the number of todos that this call changed.
    ///
    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn undo_change(&self, version: i64) -> Result<usize, AppError> {
        let request = Request::post(path("/todos/undo"));
        self.change_many(request, Some(json!({ "version": version }))).await.map(|Changed { changed, .. }| changed)
    }

    async fn change_many(&self, request: Builder, body: Option<Value>) -> Result<Changed, AppError> {
        read(self.send(request, body).await?).await
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

    /// The page of the trash after `cursor`.
    ///
    /// # Errors
    /// [`AppError::Malformed`] for a cursor that the API did not issue, and see [`Self::list_todos`].
    pub async fn list_trash(&self, cursor: Option<&str>) -> Result<TrashView, AppError> {
        #[derive(Deserialize)]
        struct Deleted {
            #[serde(flatten)]
            todo: ApiTodo,
            deleted_at: String,
        }
        let page = match cursor {
            Some(cursor) if !is_cursor(cursor) => return Err(AppError::Malformed),
            Some(cursor) => path(&format!("/trash?cursor={cursor}")),
            None => path("/trash"),
        };
        let response = self.send(Request::get(page), None).await?;
        let next = next_cursor(response.headers());
        let deleted: Vec<Deleted> = read(response).await?;
        let UnixMillis(now) = self.api.clock.now();
        let view = |Deleted { todo, deleted_at }| {
            let moment: Timestamp = deleted_at.parse().map_err(|error| fault(&error))?;
            // Clocks of several servers may differ.
            let seconds_ago = u64::try_from((now - moment.as_millisecond()) / 1000).unwrap_or(0);
            Ok(DeletedTodoView { todo: todo.into(), deleted_at, seconds_ago })
        };
        Ok(TrashView { todos: deleted.into_iter().map(view).collect::<Result<_, AppError>>()?, next })
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn empty_trash(&self) -> Result<(), AppError> {
        self.send(Request::delete(path("/trash")), None).await.map(drop)
    }

    /// # Errors
    /// See [`Self::list_todos`].
    pub async fn read_account(&self) -> Result<Account, AppError> {
        read(self.send(Request::get(path("/me")), None).await?).await
    }

    /// # Errors
    /// [`AppError::Malformed`] for a name that the API does not know, and see [`Self::list_todos`].
    pub async fn choose_time_zone(&self, time_zone: &str) -> Result<(), AppError> {
        self.send(Request::patch(path("/me")), Some(json!({ "time_zone": time_zone }))).await.map(drop)
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
        let bearer = format!("Bearer {}", self.granted.token().expose());
        let mut request = request.header(header::AUTHORIZATION, bearer).extension(self.caller.client);
        // The embedded API need not verify the token again. A remote one gets only the header.
        request = request.extension(self.granted.clone());
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
            status if status.is_success() || status == StatusCode::NOT_MODIFIED => {
                self.cookie.renew(self.granted.token());
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

/// The cursor of the page that the API links as the next one (RFC 8288).
fn next_cursor(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(header::LINK)?.to_str().ok()?;
    let url: Uri = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?.parse().ok()?;
    url.query()?.split('&').find_map(|pair| pair.strip_prefix("cursor=")).map(str::to_owned)
}

/// A cursor comes from the URL of a page: it must not inject further parameters.
fn is_cursor(cursor: &str) -> bool {
    cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The entity tag of the API's list begins with the list version, before a dot.
fn list_version(tag: &str) -> Option<i64> {
    tag.strip_prefix("W/\"")?.split_once('.')?.0.parse().ok()
}

/// The entity tag for the browser: that of the API, which covers user, list version and release, with the query and the time at which
/// the user's day ends, in milliseconds.
fn own_tag(api_tag: &str, query: &str, UnixMillis(day_ends): UnixMillis) -> String {
    format!("{}{query};{day_ends}\"", api_tag.trim_end_matches('"'))
}

/// The entity tag of the API in one of [`own_tag`], unless the day has ended.
fn api_tag(tag: &str, query: &str, UnixMillis(now): UnixMillis) -> Option<String> {
    let (rest, day_ends) = tag.strip_suffix('"')?.rsplit_once(';')?;
    if day_ends.parse::<i64>().ok()? <= now {
        return None;
    }
    Some([rest.strip_suffix(query)?, "\""].concat())
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
            (ProblemType::Validation, [BrokenRule { pointer: Some(pointer), code }]) if pointer == "/name" => {
                Some(AppError::Invalid(Field::Tag, if *code == Code::TooLong { Rule::TooLong } else { Rule::Malformed }))
            }
            // The todo to move behind is not there any more.
            (ProblemType::Validation, [BrokenRule { pointer: Some(pointer), .. }]) if pointer == "/after" => {
                Some(AppError::NotFound)
            }
            (ProblemType::Validation, [BrokenRule { pointer: Some(pointer), code }, ..]) => match code {
                Code::UnknownTimeZone => Some(AppError::Malformed),
                // Of a batch, which gets 422 for every reason.
                Code::OutOfRange if pointer.starts_with("/todos/") => Some(AppError::TodoLimit),
                _ => None,
            },
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
