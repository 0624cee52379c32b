//! Logging, and the request id that links a response to its log lines.

use std::io::{self, IsTerminal};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use tracing::{Level, Metadata, Span, field};
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};
use uuid::{Uuid, fmt::Hyphenated};

use super::{
    audit::{Event, REQUEST},
    json_lines::JsonLines,
    log_queue::{Flush, Log},
};
use crate::{domain::UserId, server::http::client_address::ClientAddress};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Always generated here: a client could inject text into the log by its own id.
#[derive(Clone, Copy)]
pub struct RequestId(pub Uuid);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, otherwise JSON.
    Auto,
    Json,
    Pretty,
}

/// Starts logging of events and panics to standard output, at the levels of `filter` (the syntax of `RUST_LOG`).
/// Dropping the returned guard flushes the log.
#[must_use]
pub fn start(filter: EnvFilter, format: LogFormat) -> Flush {
    let (log, flush) = Log::start(io::stdout());
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(log);
    let is_pretty = format == LogFormat::Pretty || (format == LogFormat::Auto && io::stdout().is_terminal());
    let lines = if is_pretty { lines.boxed() } else { lines.fmt_fields(JsonLines).event_format(JsonLines).boxed() };
    tracing_subscriber::registry().with(lines).with(filter).with(filter_fn(is_safe)).init();
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(field::display);
        tracing::error!(at, "panicked: {}", panic.payload_as_str().unwrap_or("without a text"));
    }));
    flush
}

/// Drops debug and trace lines of libraries whatever `RUST_LOG` says: a library may log cookies, tokens or passwords there, even if
/// none of the current ones does.
fn is_safe(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().starts_with(env!("CARGO_CRATE_NAME"))
}

/// For subcommands: warnings and errors to standard error.
pub fn start_for_commands() {
    tracing_subscriber::fmt().with_env_filter("warn").with_target(false).with_writer(std::io::stderr).init();
}

/// The id of one request, and the span of its log lines.
pub struct RequestLog {
    id: Uuid,
    span: Span,
}

impl RequestLog {
    /// Assigns the id. The span omits the query, which may contain user input.
    pub fn begin(request: &mut Request, client: ClientAddress) -> Self {
        let id = Uuid::now_v7();
        request.extensions_mut().insert(RequestId(id));
        // At error level, so that a filter never removes the id from a line that passes.
        let (method, path, client) = (request.method().as_str(), request.uri().path(), field::display(client.ip()));
        let span = tracing::error_span!(REQUEST, %id, method, path, client, user = field::Empty);
        Self { id, span }
    }

    #[must_use]
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Logs one line, which a refusal shares, and returns the id in a header.
    ///
    /// # Panics
    /// Never: a UUID is legal in a header.
    pub fn answered(self, response: &mut Response) {
        let status = response.status();
        let (refusal, by_status) = (Event::take_refusal(&self.span), Event::of_status(status));
        self.span.in_scope(|| {
            if let (Some(_), Some(second)) = (refusal, by_status) {
                second.log();
            }
            if let Some(event) = refusal.or(by_status) {
                event.log_answer(status);
            } else {
                tracing::info!(status = status.as_u16(), "answered");
            }
        });
        let mut buffer = [0; Hyphenated::LENGTH];
        let id = HeaderValue::from_str(self.id.hyphenated().encode_lower(&mut buffer)).expect("a UUID is legal in a header");
        response.headers_mut().insert(REQUEST_ID, id);
    }
}

/// A client must not suppress a refusal by disconnecting.
impl Drop for RequestLog {
    fn drop(&mut self) {
        if let Some(refusal) = Event::take_refusal(&self.span) {
            self.span.in_scope(|| refusal.log());
        }
    }
}

/// Adds the user to all further log lines of this request.
pub fn identify(user: UserId) {
    Span::current().record("user", field::display(user));
}

#[cfg(test)]
mod tests {
    use axum::{extract::Request, http::StatusCode, response::IntoResponse};
    use serde_json::Value;
    use uuid::Uuid;

    use super::{ClientAddress, Event, RequestLog};
    use crate::server::observability::json_lines::tests::lines_of;

    /// The level, event and status of each line of one request; without an answer its client disconnects.
    fn lines(events: &[Event], answer: Option<StatusCode>) -> Vec<(String, Value, Value)> {
        let lines = lines_of(|| {
            let log = RequestLog::begin(&mut Request::default(), ClientAddress::default());
            log.span().in_scope(|| events.iter().for_each(|event| event.record()));
            if let Some(status) = answer {
                log.answered(&mut status.into_response());
            }
        });
        let parts = |line: Value| (line["level"].as_str().unwrap().to_owned(), line["event"].clone(), line["status"].clone());
        lines.into_iter().map(parts).collect()
    }

    fn line(level: &str, event: Option<&str>, status: Option<u16>) -> (String, Value, Value) {
        (level.to_owned(), event.into(), status.into())
    }

    ///
    #[test]
    fn refusal_is_in_the_line_of_its_answer() {
        assert_eq!(lines(&[], Some(StatusCode::OK)), [line("INFO", None, Some(200))]);
        for (event, status, level, name) in [
            (Some(Event::AccessRefused), 401, "WARN", "authz_fail"),
            (Some(Event::CrossSite), 403, "WARN", "malicious_csrf"),
            (None, 429, "WARN", "excess_rate_limit_exceeded"),
            (None, 422, "INFO", "input_validation_fail"),
        ] {
            let answer = StatusCode::from_u16(status).unwrap();
            assert_eq!(lines(event.as_slice(), Some(answer)), [line(level, Some(name), Some(status))]);
        }
    }

    ///
    #[test]
    fn no_event_is_lost_if_there_are_two_or_no_answer() {
        let refused = Event::AccessRefused;
        let both = [line("INFO", Some("input_validation_fail"), None), line("WARN", Some("authz_fail"), Some(400))];
        assert_eq!(lines(&[refused], Some(StatusCode::BAD_REQUEST)), both);
        let both = [line("WARN", Some("malicious_csrf"), None), line("WARN", Some("authz_fail"), Some(403))];
        assert_eq!(lines(&[refused, Event::CrossSite], Some(StatusCode::FORBIDDEN)), both);
        assert_eq!(lines(&[refused], None), [line("WARN", Some("authz_fail"), None)]);
        let rare = Event::SignedIn(Uuid::nil().into());
        let both = [line("INFO", Some("authn_login_success"), None), line("INFO", None, Some(303))];
        assert_eq!(lines(&[rare], Some(StatusCode::SEE_OTHER)), both);
    }
}
