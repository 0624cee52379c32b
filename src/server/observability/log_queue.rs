//! The queue of log lines: requests never wait for the output.

use std::{
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, sync_channel},
    },
    thread,
    time::Duration,
};

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

use super::audit::RARE;

/// Capacity for ordinary lines, about 5 MB.
const LINE_CAPACITY: usize = 16_384;
/// Capacity for security events that a flood does not contain.
const EVENT_CAPACITY: usize = 4096;
/// The pause after each write, in which lines gather: waking the thread for each line would cost more than the line.
const PAUSE: Duration = Duration::from_millis(5);
/// Memory kept from one write to the next, in bytes.
const KEPT_BUFFER: usize = 256 * 1024;
/// How long shutdown waits for the last lines.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// A non-blocking writer: a separate thread writes the lines, and lines are dropped if it can't keep up.
#[derive(Clone)]
pub struct Log(Arc<Queue>);

struct Queue {
    lines: Mutex<Lines>,
    /// Wakes the writing thread.
    changed: Condvar,
}

/// The lines that are not yet written, in order.
#[derive(Default)]
struct Lines {
    /// Without those that the thread is writing.
    text: Vec<u8>,
    waiting: Waiting,
    /// The total since the start.
    lost: u64,
    /// Whether the thread waits for a line.
    is_idle: bool,
    has_ended: bool,
}

/// The number of lines of each kind, which have a capacity each.
#[derive(Clone, Copy, Default)]
struct Waiting {
    ordinary: usize,
    /// [`RARE`] events.
    rare: usize,
}

/// Flushes the log on drop, with a timeout.
pub struct Flush {
    log: Log,
    ended: Receiver<()>,
}

impl Log {
    pub fn start(output: impl Write + Send + 'static) -> (Self, Flush) {
        let log = Self(Arc::new(Queue { lines: Mutex::default(), changed: Condvar::new() }));
        let (end, ended) = sync_channel(1);
        let queue = log.clone();
        thread::spawn(move || {
            queue.write_to(output);
            let _ = end.send(());
        });
        let flush = Flush { log: log.clone(), ended };
        (log, flush)
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8], is_rare: bool) {
        let mut lines = self.lock();
        let Waiting { ordinary, rare } = &mut lines.waiting;
        let (count, capacity) = if is_rare { (rare, EVENT_CAPACITY) } else { (ordinary, LINE_CAPACITY) };
        if *count == capacity {
            lines.lost += 1;
            return;
        }
        *count += 1;
        append_on_one_line(&mut lines.text, line);
        if std::mem::take(&mut lines.is_idle) {
            self.0.changed.notify_one();
        }
    }

    /// Writes until the end.
    fn write_to(&self, mut output: impl Write) {
        let (mut text, mut reported) = (Vec::new(), 0);
        loop {
            let mut lines = self.lock();
            while lines.text.is_empty() && !lines.has_ended {
                lines.is_idle = true;
                lines = self.0.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
            }
            if lines.text.is_empty() {
                return;
            }
            std::mem::swap(&mut text, &mut lines.text);
            let written = lines.waiting;
            drop(lines);
            // There is no other output for this error.
            let _ = output.write_all(&text).and_then(|()| output.flush());
            text.clear();
            text.shrink_to(KEPT_BUFFER);

            let mut lines = self.lock();
            lines.waiting.ordinary -= written.ordinary;
            lines.waiting.rare -= written.rare;
            let lost = lines.lost;
            drop(self.0.changed.wait_timeout_while(lines, PAUSE, |lines| !lines.has_ended));
            if lost > reported {
                tracing::warn!(lost, "log output is too slow: lines were dropped (total since the start)");
                reported = lost;
            }
        }
    }
}

/// Each call writes one whole line.
pub struct LineWriter<'l> {
    log: &'l Log,
    is_rare: bool,
}

impl Write for LineWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.log.push(line, self.is_rare);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Log {
    type Writer = LineWriter<'l>;

    fn make_writer(&'l self) -> LineWriter<'l> {
        LineWriter { log: self, is_rare: false }
    }

    fn make_writer_for(&'l self, line: &Metadata<'_>) -> LineWriter<'l> {
        LineWriter { log: self, is_rare: line.name() == RARE }
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        self.log.lock().has_ended = true;
        self.log.0.changed.notify_one();
        let _ = self.ended.recv_timeout(FLUSH_TIMEOUT);
    }
}

/// Prevents log injection in the pretty format, where control characters of input would start new lines. JSON escapes those of ASCII.
fn append_on_one_line(text: &mut Vec<u8>, line: &[u8]) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    // Without an early exit, so that it is vectorised.
    if line.iter().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~')) {
        text.extend_from_slice(line);
    } else {
        // Includes the control characters and the two line separators of Unicode.
        let is_break = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
        text.extend_from_slice(String::from_utf8_lossy(line).replace(is_break, " ").as_bytes());
    }
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Barrier, Mutex},
        thread,
        time::{Duration, Instant},
    };

    use tracing_subscriber::layer::SubscriberExt;
    use uuid::Uuid;

    use super::{EVENT_CAPACITY, LINE_CAPACITY, Log, append_on_one_line};
    use crate::server::observability::audit::Event;

    /// An output that blocks at the lines with the first one until the gate opens.
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
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            let text = str::from_utf8(lines).unwrap();
            if text.contains("first\n") {
                self.gate.wait();
            }
            self.written.lock().unwrap().push_str(text);
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn dropped_lines_are_counted_and_do_not_block() {
        let output = Blocked::new();
        let (log, flush) = Log::start(output.clone());
        log.push(b"first\n", false);
        for _ in 0..LINE_CAPACITY + 100 {
            log.push(b"next\n", false);
        }
        assert_eq!(log.lock().lost, 101);
        output.gate.wait();
        drop(flush);
    }

    ///
    #[test]
    fn flood_of_refusals_does_not_displace_rare_events() {
        let output = Blocked::new();
        let (log, flush) = Log::start(output.clone());
        let queue = log.clone();
        let lost = || queue.lock().lost;
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
            let before = lost();
            for event in [Event::UserDeleted(user), Event::PasswordChanged(user), Event::WrongPassword(None)] {
                event.record();
            }
            assert_eq!(lost(), before, "rare events are not dropped");
            // Their capacity is bounded as well.
            for _ in 0..EVENT_CAPACITY {
                Event::SignedIn(user).record();
            }
            assert!(lost() > before);
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
        let mut text = b"before\n".to_vec();
        for line in ["plain\n", "a\r\nb\x1b[2Jc\n", "\u{9b}2J\u{85}\u{2028}d\u{e9}\n"] {
            append_on_one_line(&mut text, line.as_bytes());
        }
        assert_eq!(String::from_utf8(text).unwrap(), "before\nplain\na  b [2Jc\n 2J  d\u{e9}\n");
    }
}
