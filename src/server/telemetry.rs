//! Logs, and the request id that ties an answer to its line in them.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use tracing_subscriber::EnvFilter;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Which request this is. Always ours: one that a client sends is not believed, as it would let it write into the log.
#[derive(Clone, Copy)]
pub struct RequestId(pub Uuid);

/// Starts logging to standard output at the levels that `filter` names (the syntax of `RUST_LOG`).
pub fn start(filter: EnvFilter) {
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).init();
}

/// For a command that ends: what goes wrong, beside what it prints.
pub fn start_for_commands() {
    tracing_subscriber::fmt().with_env_filter("warn").with_target(false).with_writer(std::io::stderr).init();
}

fn header_value(id: Uuid) -> HeaderValue {
    HeaderValue::try_from(id.to_string()).expect("a UUID is legal in a header")
}

/// Gives each request an id, says it in the answer, and logs one line. The query is left out: it may hold what
/// somebody typed.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    request.extensions_mut().insert(RequestId(id));
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    async {
        let mut response = next.run(request).await;
        tracing::info!(status = response.status().as_u16());
        response.headers_mut().insert(REQUEST_ID, header_value(id));
        response
    }
    .instrument(span)
    .await
}
