//! Logging, and the request id that links a response to its log lines.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Duration,
};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Level, Metadata, Span, field};
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};
use uuid::Uuid;

use super::audit::{Event, RARE};
use crate::{domain::UserId, server::http::client_address::ClientAddress};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Capacity of the queue for ordinary lines, about 5 MB.
const LINE_CAPACITY: usize = 16_384;
/// Reserved capacity for security events that a flood does not contain.
const EVENT_CAPACITY: usize = 4096;
/// How long shutdown waits for the last lines.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

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
    let lines = if is_pretty { lines.boxed() } else { lines.json().flatten_event(true).with_span_list(false).boxed() };
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

/// A non-blocking writer: a separate thread writes the lines, and lines are dropped if it can't keep up.
#[derive(Clone)]
struct Log {
    /// One queue keeps the order; each kind of line has its own capacity in it.
    lines: SyncSender<Message>,
    /// Queued lines other than [`RARE`] events.
    waiting: Arc<AtomicUsize>,
    lost: Arc<AtomicU64>,
    /// Whether the next line is a [`RARE`] event.
    is_rare: bool,
}

enum Message {
    Line { text: Vec<u8>, is_rare: bool },
    End,
}

/// Flushes the log on drop, with a timeout.
pub struct Flush {
    log: Log,
    ended: Receiver<()>,
}

impl Log {
    fn start(mut output: impl Write + Send + 'static) -> (Self, Flush) {
        let (lines, queue) = sync_channel(LINE_CAPACITY + EVENT_CAPACITY);
        let (end, ended) = sync_channel(1);
        let log = Self { lines, waiting: Arc::default(), lost: Arc::default(), is_rare: false };
        let (waiting, lost) = (Arc::clone(&log.waiting), Arc::clone(&log.lost));
        thread::spawn(move || {
            let mut reported = 0;
            while let Ok(Message::Line { text, is_rare }) = queue.recv() {
                if !is_rare {
                    waiting.fetch_sub(1, Ordering::Relaxed);
                }
                // There is no other output for this error.
                let _ = output.write_all(&text).and_then(|()| output.flush());
                let lost = lost.load(Ordering::Relaxed);
                if lost > reported {
                    tracing::warn!(lost, "log output is too slow: lines were dropped (total since the start)");
                    reported = lost;
                }
            }
            let _ = end.send(());
        });
        let flush = Flush { log: log.clone(), ended };
        (log, flush)
    }
}

/// Each call writes one whole line.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let has_room = self.is_rare || self.waiting.fetch_add(1, Ordering::Relaxed) < LINE_CAPACITY;
        let message = Message::Line { text: on_one_line(line), is_rare: self.is_rare };
        if !has_room || self.lines.try_send(message).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            if !self.is_rare {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }

    fn make_writer_for(&self, line: &Metadata<'_>) -> Self {
        Self { is_rare: line.name() == RARE, ..self.clone() }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        if self.log.lines.try_send(Message::End).is_ok() {
            let _ = self.ended.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// Prevents log injection in the pretty format, where control characters of input would start new lines. JSON escapes them.
fn on_one_line(line: &[u8]) -> Vec<u8> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    // Includes the control characters and the two line separators of Unicode.
    let is_break = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    String::from_utf8_lossy(text).replace(is_break, " ").into_bytes().into_iter().chain([b'\n']).collect()
}

/// For subcommands: warnings and errors to standard error.
pub fn start_for_commands() {
    tracing_subscriber::fmt().with_env_filter("warn").with_target(false).with_writer(std::io::stderr).init();
}

fn header_value(id: Uuid) -> HeaderValue {
    HeaderValue::try_from(id.to_string()).expect("a UUID is legal in a header")
}

/// Assigns an id to each request, returns it in a header, and logs one line. Omits the query, which may contain user input.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    request.extensions_mut().insert(RequestId(id));
    // A span at error level, so that a filter never removes the id from a line that passes.
    let (method, path) = (request.method(), request.uri().path());
    let client = request.extensions().get().map(|client: &ClientAddress| field::display(client.ip()));
    let span = tracing::error_span!("request", %id, %method, path, client, user = field::Empty);
    async {
        let mut response = next.run(request).await;
        let status = response.status();
        if let Some(event) = Event::of_status(status) {
            event.record();
        }
        tracing::info!(status = status.as_u16(), "answered");
        response.headers_mut().insert(REQUEST_ID, header_value(id));
        response
    }
    .instrument(span)
    .await
}

/// Adds the user to all further log lines of this request.
pub fn identify(user: UserId) {
    Span::current().record("user", field::display(user));
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Barrier, Mutex, atomic::Ordering},
        thread,
        time::{Duration, Instant},
    };

    use tracing_subscriber::layer::SubscriberExt;
    use uuid::Uuid;

    use super::{EVENT_CAPACITY, Event, LINE_CAPACITY, Log, on_one_line};

    /// An output that blocks at the first line until the gate opens.
    #[derive(Clone)]
    struct Blocked {
        gate: Arc<Barrier>,
        written: Arc<Mutex<String>>,
    }

    impl Blocked {
        fn new() -> Self {
            Self { gate: Arc::new(Barrier::new(2)), written: Arc::default() }
        }
    }

    impl Write for Blocked {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            if line.ends_with(b"first\n") {
                self.gate.wait();
            }
            self.written.lock().unwrap().push_str(str::from_utf8(line).unwrap());
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn dropped_lines_are_counted_and_do_not_block() {
        let output = Blocked::new();
        let (mut log, flush) = Log::start(output.clone());
        log.write_all(b"first\n").unwrap();
        // The writer may have taken one of them already.
        for _ in 0..LINE_CAPACITY + 100 {
            log.write_all(b"next\n").unwrap();
        }
        assert!((100..=101).contains(&log.lost.load(Ordering::Relaxed)));
        output.gate.wait();
        drop(flush);
    }

    ///
    #[test]
    fn flood_of_refusals_does_not_displace_rare_events() {
        let output = Blocked::new();
        let (log, flush) = Log::start(output.clone());
        let lost = Arc::clone(&log.lost);
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(log);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!("first");
            for _ in 0..LINE_CAPACITY {
                for refusal in [Event::AccessRefused, Event::TooOften, Event::CrossSite, Event::InputRefused] {
                    refusal.record();
                }
                Event::TooManyPasswords(None).record();
            }
            let user = Uuid::from_u128(7).into();
            let before = lost.load(Ordering::Relaxed);
            for event in [Event::UserDeleted(user), Event::PasswordChanged(user), Event::WrongPassword(None)] {
                event.record();
            }
            assert_eq!(lost.load(Ordering::Relaxed), before, "rare events are not dropped");
            // Their capacity is bounded as well.
            for _ in 0..EVENT_CAPACITY {
                Event::SignedIn(user).record();
            }
            assert!(lost.load(Ordering::Relaxed) > before);
        });
        output.gate.wait();
        let is_written = |event: &str| output.written.lock().unwrap().contains(&format!("event=\"{event}\""));
        let start = Instant::now();
        while !["user_deleted", "authn_password_change", "authn_login_fail"].into_iter().all(is_written) {
            assert!(start.elapsed() < Duration::from_secs(20), "rare events are not written");
            thread::sleep(Duration::from_millis(10));
        }
        drop(flush);
    }

    #[test]
    fn control_characters_cannot_start_a_log_line() {
        assert_eq!(on_one_line(b"a\r\nb\x1b[2Jc\n"), b"a  b [2Jc\n");
    }
}
