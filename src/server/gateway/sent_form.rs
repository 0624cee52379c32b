//! A form that was sent without scripting, and the page that answers it.

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
    guard::show_page,
    local_path::LocalPath,
    routes::{Function, SessionUse, home},
    session::Session,
};
use crate::{
    bff::{
        self,
        paths::{ROOT, SIGN_IN, SIGNED_IN, TRASH},
    },
    contract::AppError,
    domain::{TodoId, TodoTitle},
    server::config::Origin,
    ui::page_context::UnfinishedForm,
};

/// Largest result of a server function that says what was deleted, in bytes.
const MAX_RESULT: usize = 64;

pub struct SentForm {
    /// The request without its body. A page that is asked for with it has the same session, nonce and request id.
    parts: Parts,
    function: Option<&'static Function>,
    form: UnfinishedForm,
    /// The page that the form was on.
    page: LocalPath,
}

impl SentForm {
    /// A body that is no form has no fields.
    pub async fn read(origin: &Origin, function: Option<&'static Function>, parts: &Parts, body: Bytes) -> Self {
        let request = Request::from_parts(parts.clone(), Body::from(body));
        let fields = request.extract().await.map_or_else(|_| Vec::new(), |Form(fields)| fields);
        let form = UnfinishedForm::new(parts.uri.path(), &fields);
        let page = came_from(origin, function, &parts.headers);
        Self { parts: parts.clone(), function, form, page }
    }

    /// Shows the page of the form once more, with what was typed and what is wrong with it.
    pub async fn show_again(self, error: AppError, session: &Session, next: Next) -> Response {
        let mut page = self.reopened();
        if error == AppError::SignedOut {
            page = LocalPath::parse(&page.behind(SIGN_IN)).unwrap_or_else(|| LocalPath::of_ours(SIGN_IN));
        }
        let answer = self.show(&page, Some(error), session, next).await;
        // A page that leads elsewhere, or could not be made, speaks for itself.
        if answer.status() == StatusCode::OK { with_status(error, answer) } else { answer }
    }

    /// The page with the box open that was typed into, or with the offer to undo that was taken.
    fn reopened(&self) -> LocalPath {
        let page = &self.page;
        if page.path() == TRASH {
            return page.without(&["restored"]);
        }
        let Some((parameter, field)) = self.function.and_then(|function| function.reopens) else { return page.clone() };
        // A form that completes a todo has no box.
        if self.function.is_some_and(Function::is::<bff::EditTodo>) && self.form.field("title").is_none() {
            return page.clone();
        }
        // An id or a number; whatever else was sent is nothing for an address.
        let is_plain = |value: &&str| value.len() <= 36 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let page = page.without(&[parameter]);
        match field.and_then(|field| self.form.field(field)).filter(is_plain) {
            Some(value) => page.with(parameter, value),
            None => page,
        }
    }

    /// Leads to the page that the function chose, or back to the form's.
    pub async fn finish(self, answer: Response, session: &Session, next: Next) -> Response {
        if !answer.status().is_success() {
            return answer;
        }
        let (mut head, body) = answer.into_parts();
        let chosen = head.headers.get(header::LOCATION).and_then(|chosen| LocalPath::parse(chosen.to_str().ok()?));
        let to = match chosen {
            Some(chosen) => chosen,
            None => self.back(body).await,
        };
        let is_draft = self.function.is_some_and(Function::is::<bff::SignIn>)
            && !TodoTitle::is_blank(self.form.field("draft").unwrap_or_default());
        if is_draft {
            return self.show(&to, None, session, next).await;
        }
        let starts = self.function.is_some_and(|function| function.session == SessionUse::Starts);
        let to = if starts { to.behind(SIGNED_IN) } else { to.as_str().to_owned() };
        // 303 says that it is to be fetched by GET; and by a path alone one stays on the name that one typed.
        head.status = StatusCode::SEE_OTHER;
        head.headers.insert(header::LOCATION, HeaderValue::try_from(to).expect("a local path is legal in a header"));
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, HeaderName::from_static("serverfnredirect")] {
            head.headers.remove(name);
        }
        // The browser follows; the body would only repeat the result.
        Response::from_parts(head, Body::empty())
    }

    /// The page that the form was on. What is done is neither to be edited any more nor to be undone, but for what was deleted.
    async fn back(&self, result: Body) -> LocalPath {
        let page = self.page.without(&["edit", "deleted", "cleared", "restored"]);
        let id = |field| self.form.field(field)?.parse::<TodoId>().ok();
        let Some(function) = self.function else { return page };
        if let Some((parameter, field)) = function.undo {
            let result = to_bytes(result, MAX_RESULT).await.unwrap_or_default();
            let deleted: Option<i64> = serde_json::from_slice(&result).unwrap_or_default();
            return match (deleted, field.map(id)) {
                (Some(_), Some(Some(id))) => page.with(parameter, &id.to_string()),
                (Some(moment), None) => page.with(parameter, &moment.to_string()),
                _ => page,
            };
        }
        match id("ids[0]") {
            // In the trash one does not see it come back.
            Some(id) if page.path() == TRASH && function.is::<bff::RestoreTodos>() => page.with("restored", &id.to_string()),
            _ => page,
        }
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

/// The page that the form was on. What the form before it has done was told then.
fn came_from(origin: &Origin, function: Option<&Function>, headers: &HeaderMap) -> LocalPath {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let page = match referer.and_then(|referer| LocalPath::parse(origin.local_part(referer)?)) {
        // A form's answer stands at the address of its function, which is no page.
        Some(sent_to) if sent_to.as_str().starts_with(ROOT) => home(function, Some(&sent_to)),
        Some(page) if page.is_page() => page,
        _ => home(function, None),
    };
    page.without(&["done"])
}
