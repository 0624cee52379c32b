//! A form sent without scripting, and the page or redirect that responds to it.

use axum::{
    Form, RequestExt,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{
    answer::with_status,
    api_client::tag_name,
    guard::show_page,
    local_path::{LocalPath, encoded},
    routes::{Function, OFFERS, SessionUse, home},
    session::Session,
};
use crate::{
    bff::{
        self,
        paths::{ROOT, SIGN_IN, SIGNED_IN, TODOS, TRASH},
    },
    contract::AppError,
    domain::{TodoId, TodoTitle},
    server::config::Origin,
    ui::page_context::UnfinishedForm,
};

/// Largest result of a change that can be undone, in bytes.
const MAX_RESULT: usize = 64;

pub struct SentForm {
    /// Rendering a page from these keeps the session, nonce and request id.
    parts: Parts,
    function: Option<&'static Function>,
    form: UnfinishedForm,
    /// The page with the form.
    page: LocalPath,
}

impl SentForm {
    /// A body that is not a form has no fields.
    pub async fn read(origin: &Origin, function: Option<&'static Function>, parts: &Parts, body: Bytes) -> Self {
        let request = Request::from_parts(parts.clone(), Body::from(body));
        let fields = request.extract().await.map_or_else(|_| Vec::new(), |Form(fields)| fields);
        let form = UnfinishedForm::new(parts.uri.path(), &fields);
        let page = page_of_form(origin, function, &parts.headers);
        Self { parts: parts.clone(), function, form, page }
    }

    /// Renders the page again with the input and the error.
    pub async fn show_error(self, error: AppError, session: &Session, next: Next) -> Response {
        let mut page = self.reopened();
        if error == AppError::SignedOut {
            page = LocalPath::parse(&page.as_next_of(SIGN_IN)).unwrap_or_else(|| LocalPath::from_static(SIGN_IN));
        }
        let response = self.show(&page, Some(error), session, next).await;
        // A redirect or a failed page keeps its own status.
        if response.status() == StatusCode::OK { with_status(error, response) } else { response }
    }

    /// The page with the input or the undo offer open again.
    fn reopened(&self) -> LocalPath {
        let page = &self.page;
        if page.path() == TRASH {
            return page.without(&["restored"]);
        }
        let Some((parameter, field)) = self.function.and_then(|function| function.reopens) else { return page.clone() };
        // A form that completes a todo has no input.
        if self.function.is_some_and(Function::is::<bff::EditTodo>) && self.form.field("title").is_none() {
            return page.clone();
        }
        // An id or a number: anything else must not get into the URL.
        let is_plain = |value: &&str| value.len() <= 36 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let page = page.without(&[parameter]);
        match field.and_then(|field| self.form.field(field)).filter(is_plain) {
            Some(value) => page.with(parameter, value),
            None => page,
        }
    }

    /// Redirects to the target of the function, or back to the page with the form.
    pub async fn finish(self, response: Response, session: &Session, next: Next) -> Response {
        if !response.status().is_success() {
            return response;
        }
        let (mut head, body) = response.into_parts();
        let location = head.headers.get(header::LOCATION).and_then(|location| LocalPath::parse(location.to_str().ok()?));
        let to = match location {
            Some(location) => location,
            None => self.back(body).await,
        };
        let is_draft = self.function.is_some_and(Function::is::<bff::SignIn>)
            && !TodoTitle::is_blank(self.form.field("draft").unwrap_or_default());
        if is_draft {
            return self.show(&to, None, session, next).await;
        }
        let starts = self.function.is_some_and(|function| function.session == SessionUse::Starts);
        let to = if starts { to.as_next_of(SIGNED_IN) } else { to.as_str().to_owned() };
        // 303 makes the browser use GET, and a path without a host keeps the host that the browser used.
        head.status = StatusCode::SEE_OTHER;
        head.headers.insert(header::LOCATION, HeaderValue::try_from(to).expect("a local path is legal in a header"));
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, HeaderName::from_static("serverfnredirect")] {
            head.headers.remove(name);
        }
        Response::from_parts(head, Body::empty())
    }

    /// The page with the form, without an open edit or an old undo offer, with a new one, and at the row of the todo.
    async fn back(&self, result: Body) -> LocalPath {
        let page = self.page.without(&["restored"]).without(&OFFERS);
        // A row may move several times.
        let mut page = if self.form.field("move_after").is_some() { page } else { page.without(&["edit"]) };
        let Some(function) = self.function else { return page };
        if let Some(name) = self.form.field("name").filter(|_| function.is::<bff::RenameTag>()) {
            page = page.without(&["tag"]).with("tag", &encoded(tag_name(name)));
        }
        let offer = self.offer(function, result).await;
        let is_deleted = matches!(offer, Some(("deleted", _)));
        let row = function.row.and_then(|field| self.id(field)).filter(|_| !is_deleted);
        let page = offer.map_or_else(|| page.clone(), |(parameter, value)| page.with(parameter, &value));
        match row {
            // The restored todo is not visible in the trash, so the page names it.
            Some(id) if page.path() == TRASH => page.with("restored", &id.to_string()),
            // The label in the row (`ui::todo_list`).
            Some(id) if page.path() == TODOS => page.at(&format!("t-{id}")),
            _ => page,
        }
    }

    /// The query parameter that makes the page offer undo.
    async fn offer(&self, function: &Function, result: Body) -> Option<(&'static str, String)> {
        let (parameter, field) = function.undo?;
        let result = to_bytes(result, MAX_RESULT).await.unwrap_or_default();
        let result: Option<i64> = serde_json::from_slice(&result).unwrap_or_default();
        match field {
            Some(field) => {
                let parameter = result.map(|_| parameter).or_else(|| self.toggled())?;
                Some((parameter, self.id(field)?.to_string()))
            }
            None => Some((parameter, result?.to_string())),
        }
    }

    /// The parameter for a todo that was completed or reopened, but not by an undo: its URL has the offer.
    fn toggled(&self) -> Option<&'static str> {
        let sent_to = self.parts.uri.path_and_query().and_then(|sent_to| LocalPath::parse(sent_to.as_str()))?;
        let is_undo = OFFERS.iter().any(|offer| sent_to.parameter(offer).is_some());
        match self.form.field("completed").filter(|_| !is_undo && self.form.field("title").is_none())? {
            "true" => Some("completed"),
            _ => Some("reopened"),
        }
    }

    fn id(&self, field: &str) -> Option<TodoId> {
        self.form.field(field)?.parse().ok()
    }

    async fn show(self, page: &LocalPath, error: Option<AppError>, session: &Session, next: Next) -> Response {
        let Self { mut parts, mut form, .. } = self;
        form.error = error;
        parts.method = Method::GET;
        parts.uri = page.to_uri();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
            parts.headers.remove(name);
        }
        parts.extensions.insert(form);
        show_page(session, Request::from_parts(parts, Body::empty()), next).await
    }
}

/// The page with the form, without the message about the previous form.
fn page_of_form(origin: &Origin, function: Option<&Function>, headers: &HeaderMap) -> LocalPath {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let page = match referer.and_then(|referer| LocalPath::parse(origin.local_part(referer)?)) {
        // The page of a failed form is at the URL of the function.
        Some(sent_to) if sent_to.as_str().starts_with(ROOT) => home(function, Some(&sent_to)),
        Some(page) if page.is_page() => page,
        _ => home(function, None),
    };
    page.without(&["done"])
}
