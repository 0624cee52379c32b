//! Pages, with what they know of the request that they answer.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::Response,
};
use leptos::{
    IntoView,
    context::{provide_context, use_context},
    nonce::Nonce,
    prelude::LeptosOptions,
};
use leptos_axum::render_app_async_with_context;

use super::plain_http::PlainHttp;
use crate::{
    server::{config::Origin, gateway::accepts_page, observability::logging::RequestId},
    ui::{self, page_context::PageContext},
};

/// Renders a page as a whole.
pub async fn render<V: IntoView + 'static>(view: impl Fn() -> V + Clone + Send + Sync + 'static, request: Request) -> Response {
    render_app_async_with_context(use_request, view)(request).await
}

/// Leptos makes a nonce of its own, but the Content-Security-Policy already names this one.
pub fn use_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(nonce) = parts.extensions.get::<Nonce>() {
        provide_context(nonce.clone());
    }
    provide_context(PageContext {
        origin: parts.extensions.get().map(|origin: &Origin| origin.as_str().to_owned()).unwrap_or_default(),
        registration: parts.extensions.get().copied().unwrap_or_default(),
        http_warning: parts.extensions.get().and_then(|plain_http: &PlainHttp| plain_http.warning(&parts.headers)),
        support_id: parts.extensions.get().map(|RequestId(id)| id.to_string()),
        form: parts.extensions.get().cloned(),
    });
}

/// Makes a page of every error that is none yet, whoever refused: the gateway, the router, a limit or a panic. Only for
/// browsers; a program gets the text.
pub async fn explain_errors(State(options): State<LeptosOptions>, request: Request, next: Next) -> Response {
    // What asks for no path of ours (CONNECT) asks for no page, whatever it accepts.
    if !accepts_page(request.headers()) || request.uri().path_and_query().is_none() {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let answer = next.run(Request::from_parts(parts.clone(), body)).await;
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_page = answer.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_error || is_page {
        return answer;
    }
    parts.method = Method::GET;
    let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let view = move || ui::failure(options.clone(), status.as_u16(), retry_after);
    let mut page = render(view, Request::from_parts(parts, Body::empty())).await;
    keep_headers(&mut page, answer, status);
    page
}

/// What the error said in its head still holds, but for what is about its text.
fn keep_headers(page: &mut Response, answer: Response, status: StatusCode) {
    *page.status_mut() = status;
    let mut headers = answer.into_parts().0.headers;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    page.headers_mut().extend(headers);
}
