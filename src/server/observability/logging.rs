//! Logs, and the request id that ties an answer to its lines in them.

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

/// Lines that wait to be written, at most; some 5 MB.
const LINES_WAITING: usize = 16_384;
/// Security events that wait beside them, and are no part of a flood.
const EVENTS_WAITING: usize = 4096;
/// How long the end of the program waits for the last lines.
const LONGEST_FLUSH: Duration = Duration::from_secs(1);

/// Which request this is. Always ours: one that a client sends is not believed, as it would let it write into the log.
#[derive(Clone, Copy)]
pub struct RequestId(pub Uuid);

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, else JSON.
    Auto,
    Json,
    Pretty,
}

/// Starts logging to standard output at the levels that `filter` names (the syntax of `RUST_LOG`). Panics go there as well.
/// Whoever drops the answer waits until all is written.
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

/// Below info, libraries write of what goes through them, which has cookies, tokens and passwords. None of ours writes those
/// down today; that none ever will, nobody can promise: so no `RUST_LOG` lets those lines in.
fn is_safe(line: &Metadata<'_>) -> bool {
    *line.level() <= Level::INFO || line.target().starts_with(env!("CARGO_CRATE_NAME"))
}

/// Takes the lines of the log and never makes anybody wait: they are written by a thread of its own, and lost if it can't keep up.
#[derive(Clone)]
struct Log {
    /// In the order of what happened, so there is one queue, and each kind of line has places of its own in it.
    lines: SyncSender<Message>,
    /// Lines in it that are no [`RARE`] event.
    waiting: Arc<AtomicUsize>,
    lost: Arc<AtomicU64>,
    /// Whether the next line is one.
    is_rare: bool,
}

enum Message {
    Line { text: Vec<u8>, is_rare: bool },
    End,
}

/// Waits at its end until the lines so far are written, but not for long.
pub struct Flush {
    log: Log,
    ended: Receiver<()>,
}

impl Log {
    fn start(mut output: impl Write + Send + 'static) -> (Self, Flush) {
        let (lines, queue) = sync_channel(LINES_WAITING + EVENTS_WAITING);
        let (end, ended) = sync_channel(1);
        let log = Self { lines, waiting: Arc::default(), lost: Arc::default(), is_rare: false };
        let (waiting, lost) = (Arc::clone(&log.waiting), Arc::clone(&log.lost));
        thread::spawn(move || {
            let mut told = 0;
            while let Ok(Message::Line { text, is_rare }) = queue.recv() {
                if !is_rare {
                    waiting.fetch_sub(1, Ordering::Relaxed);
                }
                // There is nowhere left to complain.
                let _ = output.write_all(&text).and_then(|()| output.flush());
                let lost = lost.load(Ordering::Relaxed);
                if lost > told {
                    tracing::warn!(lost, "the log is written too slowly: so many lines are missing since the start");
                    told = lost;
                }
            }
            let _ = end.send(());
        });
        let flush = Flush { log: log.clone(), ended };
        (log, flush)
    }
}

/// Is given one whole line at a time.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let has_place = self.is_rare || self.waiting.fetch_add(1, Ordering::Relaxed) < LINES_WAITING;
        let message = Message::Line { text: on_one_line(line), is_rare: self.is_rare };
        if !has_place || self.lines.try_send(message).is_err() {
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
            let _ = self.ended.recv_timeout(LONGEST_FLUSH);
        }
    }
}

/// JSON has no control characters but for the end of the line; in text, one that somebody sent could begin a line of its own.
fn on_one_line(line: &[u8]) -> Vec<u8> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    // Unicode has more of them than ASCII, and two line ends of its own.
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    String::from_utf8_lossy(text).replace(breaks, " ").into_bytes().into_iter().chain([b'\n']).collect()
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
    // Of the highest level, so that no filter takes the id away from a line that it lets through.
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

/// Says in every further line of this request who has sent it.
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

    use super::{EVENTS_WAITING, Event, LINES_WAITING, Log, on_one_line};

    /// Takes nothing until it is opened.
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
    fn lines_that_nobody_takes_are_counted_and_hold_nobody_up() {
        let output = Blocked::new();
        let (mut log, flush) = Log::start(output.clone());
        log.write_all(b"first\n").unwrap();
        // One of them may have been taken from the queue already.
        for _ in 0..LINES_WAITING + 100 {
            log.write_all(b"next\n").unwrap();
        }
        assert!((100..=101).contains(&log.lost.load(Ordering::Relaxed)));
        output.gate.wait();
        drop(flush);
    }

    ///
    #[test]
    fn flood_of_refusals_takes_no_place_of_what_was_done() {
        let output = Blocked::new();
        let (log, flush) = Log::start(output.clone());
        let lost = Arc::clone(&log.lost);
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(log);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!("first");
            for _ in 0..LINES_WAITING {
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
            assert_eq!(lost.load(Ordering::Relaxed), before, "those are not lost");
            // Nor do they wait without bounds.
            for _ in 0..EVENTS_WAITING {
                Event::SignedIn(user).record();
            }
            assert!(lost.load(Ordering::Relaxed) > before);
        });
        output.gate.wait();
        let is_written = |event: &str| output.written.lock().unwrap().contains(&format!("event=\"{event}\""));
        let start = Instant::now();
        while !["user_deleted", "authn_password_change", "authn_login_fail"].into_iter().all(is_written) {
            assert!(start.elapsed() < Duration::from_secs(20), "they are not written");
            thread::sleep(Duration::from_millis(10));
        }
        drop(flush);
    }

    #[test]
    fn control_characters_begin_no_line_of_their_own() {
        assert_eq!(on_one_line(b"a\r\nb\x1b[2Jc\n"), b"a  b [2Jc\n");
    }
}
