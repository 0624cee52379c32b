//! Rendering of pages, with context from the request.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use leptos::{
    IntoView,
    context::{provide_context, use_context},
    nonce::Nonce,
    prelude::LeptosOptions,
};
use leptos_axum::render_app_async_with_context;

use super::{assets, plain_http::PlainHttp};
use crate::{
    domain::Registration,
    server::{
        config::Origin,
        gateway::{Session, accepts_page},
        http::{containment::contain, request_target::is_too_long},
        observability::logging::RequestId,
    },
    ui::{
        self,
        page_context::{Assets, PageContext},
    },
};

/// For pages and server functions; calls of the API have a shorter timeout.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The same for all pages.
pub struct PageSettings {
    pub options: LeptosOptions,
    pub assets: Assets,
    pub origin: Origin,
    pub registration: Registration,
    pub plain_http: PlainHttp,
}

/// Renders without streaming.
pub async fn render<V: IntoView + 'static>(view: impl Fn() -> V + Clone + Send + Sync + 'static, request: Request) -> Response {
    render_app_async_with_context(use_request, view)(request).await
}

/// Replaces the nonce of Leptos by the one in the Content-Security-Policy.
pub fn use_request() {
    let Some(parts) = use_context::<Parts>() else { return };
    if let Some(nonce) = parts.extensions.get::<Nonce>() {
        provide_context(nonce.clone());
    }
    let settings = parts.extensions.get::<Arc<PageSettings>>();
    provide_context(PageContext {
        origin: settings.map(|settings| settings.origin.as_str().to_owned()).unwrap_or_default(),
        assets: settings.map(|settings| assets::latest(&settings.assets, &settings.options)).unwrap_or_default(),
        registration: settings.map(|settings| settings.registration).unwrap_or_default(),
        is_signed_in: parts.extensions.get().is_some_and(Session::is_signed_in),
        http_warning: settings.and_then(|settings| settings.plain_http.warning(&parts.headers)),
        support_id: parts.extensions.get().map(|RequestId(id)| id.to_string()),
        form: parts.extensions.get().cloned(),
    });
}

/// Confines faults, and renders a page for every error of the gateway, the router, a limit or a panic. Only for browsers; other clients
/// get plain text.
pub async fn frame(State(settings): State<Arc<PageSettings>>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(settings.registration);
    request.extensions_mut().insert(Arc::clone(&settings));
    // A request without a path (CONNECT) gets no page.
    if !accepts_page(request.headers()) || request.uri().path_and_query().is_none() {
        return answer(request, next).await;
    }
    let (mut parts, body) = request.into_parts();
    let response = answer(Request::from_parts(parts.clone(), body), next).await;
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_error || is_page {
        return response;
    }
    parts.method = Method::GET;
    if let Some(session) = response.extensions().get::<Session>() {
        parts.extensions.insert(session.clone());
    }
    let retry_after = response.headers().get(header::RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let view = move || ui::failure(settings.options.clone(), status.as_u16(), retry_after);
    let mut page = render(view, Request::from_parts(parts, Body::empty())).await;
    keep_headers(&mut page, response, status);
    page
}

async fn answer(request: Request, next: Next) -> Response {
    if is_too_long(request.uri()) {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    contain(TIMEOUT, next.run(request)).await
}

/// Copies the status and headers of the error, except those that describe its body.
fn keep_headers(page: &mut Response, error: Response, status: StatusCode) {
    *page.status_mut() = status;
    let mut headers = error.into_parts().0.headers;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        headers.remove(name);
    }
    page.headers_mut().extend(headers);
}
