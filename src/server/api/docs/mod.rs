//! The OpenAPI document of the API, and a page that renders it.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use utoipa::{
    OpenApi,
    openapi::{
        self,
        security::{Http, HttpAuthScheme, SecurityScheme},
        server::Server,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::Config;

use super::{
    ROOT,
    error::{ApiError, FieldError, Problem},
};

/// Swagger UI embeds its icons as data URLs in its stylesheet.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                   form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdfast",
        description = "Your own todos, as JSON. Get a token from `POST /token` (with a program: no browser gets one), and send it \
                       as `Authorization: Bearer …`.\n\nErrors (400 and above) are `application/problem+json` (RFC 9457).",
        license(name = "MIT or Apache-2.0"),
        contact(),
    ),
    tags(
        (name = "todos", description = "The caller's own todos. Another user's todo answers 404, as if it didn't exist."),
        (name = "account", description = "Tokens, and the account itself. An account is made on the site."),
        (name = "documentation", description = "No token is needed."),
    ),
    components(schemas(Problem, FieldError)),
    security(("bearer" = [])),
)]
struct Base;

/// A document without operations, which the routes add.
pub fn base() -> openapi::OpenApi {
    let mut document = Base::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document.servers = Some(vec![Server::new(ROOT)]);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    document.components.get_or_insert_default().add_security_scheme("bearer", bearer);
    document
}

/// The assets of the page, which are not in the document.
pub const FILE: &str = "/docs/{file}";

pub fn router() -> OpenApiRouter<Bytes> {
    OpenApiRouter::new().routes(routes!(document)).routes(routes!(page)).route(FILE, get(file))
}

/// The OpenAPI document
#[utoipa::path(get, path = "/openapi.json", operation_id = "read_document", tag = "documentation", security(()),
    responses((status = 200, description = "This document (OpenAPI 3.1)", body = Value)))]
async fn document(State(document): State<Bytes>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// This documentation as a page
#[utoipa::path(get, path = "/docs", operation_id = "read_documentation", tag = "documentation", security(()),
    responses((status = 200, description = "A page that shows the document and tries it out", body = String, content_type = "text/html")))]
async fn page() -> Response {
    ([(header::CONTENT_SECURITY_POLICY, CSP)], Html(include_str!("page.html"))).into_response()
}

/// The assets of the page. Swagger UI is embedded in the binary, so no CDN is needed.
async fn file(Path(name): Path<String>) -> Result<Response, ApiError> {
    const START: &[u8] = include_bytes!("start.js");
    const STYLE: &[u8] = include_bytes!("docs.css");
    let (kind, bytes) = match name.as_str() {
        "start.js" => ("text/javascript", Cow::Borrowed(START)),
        "swagger-ui-bundle.js" => ("text/javascript", swagger_ui(&name)?),
        "docs.css" => ("text/css", Cow::Borrowed(STYLE)),
        "swagger-ui.css" => ("text/css", swagger_ui(&name)?),
        _ => return Err(ApiError::NotFound),
    };
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], bytes).into_response())
}

fn swagger_ui(name: &str) -> Result<Cow<'static, [u8]>, ApiError> {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::from("openapi.json"))).ok().flatten();
    file.map(|file| file.bytes).ok_or(ApiError::Internal)
}
