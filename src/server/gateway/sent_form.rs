//! A form that was sent without scripting, and the page that answers it.

use axum::{
    Form, RequestExt,
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};

use super::{
    Gateway, LocalPath, ROOT,
    answer::{SIGNED_IN, show_page},
    function::{home, with_status},
    session::{Deletion, Session},
};
use crate::{
    contract::{AppError, UnfinishedForm},
    domain::{TodoId, TodoTitle, UnixMillis},
};

/// The page that restores what is not on it any more then.
const TRASH: &str = "/trash";

pub struct SentForm {
    /// The request without its body. A page that is asked for with it has the same session, nonce and request id.
    parts: Parts,
    form: UnfinishedForm,
    /// The page that the form was on.
    page: LocalPath,
}

impl SentForm {
    /// A body that is no form has no fields.
    pub async fn read(gateway: &Gateway, parts: &Parts, body: Bytes) -> Self {
        let request = Request::from_parts(parts.clone(), Body::from(body));
        let fields = request.extract().await.map_or_else(|_| Vec::new(), |Form(fields)| fields);
        let form = UnfinishedForm::new(parts.uri.path(), None, &fields);
        let page = came_from(gateway, &parts.headers, &form);
        Self { parts: parts.clone(), form, page }
    }

    /// Shows the page of the form once more, with what was typed and what is wrong with it.
    pub async fn show_again(self, error: AppError, session: &Session, next: Next) -> Response {
        let page = match error {
            AppError::SignedOut => {
                LocalPath::parse(&self.page.behind_sign_in()).unwrap_or_else(|| LocalPath::of_ours("/sign-in"))
            }
            _ => self.page.clone(),
        };
        let answer = self.show(&page, Some(error), session, next).await;
        // A page that leads elsewhere, or could not be made, speaks for itself.
        if answer.status() == StatusCode::OK { with_status(error, answer) } else { answer }
    }

    /// Leads to the page that the function chose, or back to the form's.
    pub async fn finish(self, mut answer: Response, session: &Session, next: Next) -> Response {
        if !answer.status().is_success() {
            return answer;
        }
        let chosen = answer.headers().get(header::LOCATION).and_then(|chosen| LocalPath::parse(chosen.to_str().ok()?));
        let to = chosen.unwrap_or_else(|| self.back(session.deletion()));
        if self.form.function.strip_prefix(ROOT) == Some("/sign_in")
            && !TodoTitle::is_blank(self.form.field("draft").unwrap_or_default())
        {
            return self.show(&to, None, session, next).await;
        }
        let to = match self.form.function.strip_prefix(ROOT) {
            Some("/sign_in" | "/sign_up") => to.behind(SIGNED_IN),
            _ => to.as_str().to_owned(),
        };
        // 303 says that it is to be fetched by GET; and by a path alone one stays on the name that one typed.
        *answer.status_mut() = StatusCode::SEE_OTHER;
        let to = HeaderValue::try_from(to).expect("a local path is legal in a header");
        answer.headers_mut().insert(header::LOCATION, to);
        // The browser follows; the body would only repeat the result.
        *answer.body_mut() = Body::empty();
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, HeaderName::from_static("serverfnredirect")] {
            answer.headers_mut().remove(name);
        }
        answer
    }

    /// The page that the form was on. What is done is neither to be edited any more nor to be undone, but for what was deleted.
    fn back(&self, deletion: Option<Deletion>) -> LocalPath {
        let page = self.page.without(&["edit", "deleted", "cleared", "restored"]);
        match deletion {
            Some(Deletion::One(id)) => page.with("deleted", &id.to_string()),
            Some(Deletion::Many(UnixMillis(at))) => page.with("cleared", &at.to_string()),
            None => match restored(&self.form) {
                // In the trash one does not see it come back.
                Some(id) if page.path() == TRASH => page.with("restored", &id.to_string()),
                _ => page,
            },
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

/// The todo that the form restores, as its button for one does.
fn restored(form: &UnfinishedForm) -> Option<TodoId> {
    let id = form.field("ids[0]").filter(|_| form.function.strip_prefix(ROOT) == Some("/restore_todos"));
    id.and_then(|id| id.parse().ok())
}

/// The page that the form was on, with the box open that was typed into, or with the offer to undo that was taken.
fn came_from(gateway: &Gateway, headers: &HeaderMap, form: &UnfinishedForm) -> LocalPath {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let page = referer.and_then(|referer| LocalPath::parse(gateway.origin.local_part(referer)?));
    let page = match page {
        // A form's answer stands at the address of its function, which is no page.
        Some(sent_to) if sent_to.as_str().starts_with(ROOT) => home(&form.function, Some(&sent_to)),
        Some(page) if page.is_page() => page,
        _ => home(&form.function, None),
    };
    // What the form before has done was told then.
    let page = page.without(&["done"]);
    let (parameter, value) = match form.function.strip_prefix(ROOT) {
        Some("/add_todo") => return page.without(&["edit"]),
        Some("/edit_todo") if form.field("title").is_some() => ("edit", form.field("id")),
        Some("/restore_todos") if page.path() == TRASH => return page.without(&["restored"]),
        Some("/restore_todos") => ("deleted", form.field("ids[0]")),
        Some("/restore_cleared") => ("cleared", form.field("at")),
        _ => return page,
    };
    // An id or a number; whatever else was sent is nothing for an address.
    let is_plain = |value: &&str| value.len() <= 36 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let page = page.without(&[parameter]);
    match value.filter(is_plain) {
        Some(value) => page.with(parameter, value),
        None => page,
    }
}
