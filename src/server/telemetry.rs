//! Logs, and the request id that ties an answer to its lines in them.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
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
use tracing_subscriber::{EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt};
use uuid::Uuid;

use super::{audit::Event, client_address::ClientAddress};
use crate::domain::UserId;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lines that wait to be written, at most; some 5 MB.
const LINES_WAITING: usize = 16_384;
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
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || log.clone());
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
    lines: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    End,
}

/// Waits at its end until the lines so far are written, but not for long.
pub struct Flush {
    log: Log,
    ended: Receiver<()>,
}

impl Log {
    fn start(mut output: impl Write + Send + 'static) -> (Self, Flush) {
        let (lines, waiting) = sync_channel(LINES_WAITING);
        let (end, ended) = sync_channel(1);
        let log = Self { lines, lost: Arc::default() };
        let lost = Arc::clone(&log.lost);
        thread::spawn(move || {
            let mut told = 0;
            while let Ok(Message::Line(line)) = waiting.recv() {
                // There is nowhere left to complain.
                let _ = output.write_all(&line).and_then(|()| output.flush());
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
        if self.lines.try_send(Message::Line(on_one_line(line))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
        sync::{Arc, Barrier, atomic::Ordering},
    };

    use super::{LINES_WAITING, Log, on_one_line};

    /// Takes nothing until it is opened.
    struct Blocked(Arc<Barrier>);

    impl Write for Blocked {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            if line == b"first\n" {
                self.0.wait();
            }
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_nobody_takes_are_counted_and_hold_nobody_up() {
        let gate = Arc::new(Barrier::new(2));
        let (mut log, flush) = Log::start(Blocked(gate.clone()));
        log.write_all(b"first\n").unwrap();
        // One of them may have been taken from the queue already.
        for _ in 0..LINES_WAITING + 100 {
            log.write_all(b"next\n").unwrap();
        }
        assert!((100..=101).contains(&log.lost.load(Ordering::Relaxed)));
        gate.wait();
        drop(flush);
    }

    #[test]
    fn control_characters_begin_no_line_of_their_own() {
        assert_eq!(on_one_line(b"a\r\nb\x1b[2Jc\n"), b"a  b [2Jc\n");
    }
}
