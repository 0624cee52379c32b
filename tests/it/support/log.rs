//! Log lines and SQL statements per test, collected by one global subscriber. It is installed before the first request, because
//! tracing caches the interest of each callsite for all threads.

use std::{
    cell::RefCell,
    io::{self, Write},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use holdfast::server::observability::json_lines::JsonLines;
use tracing::{
    Event, Instrument, Level, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

pub fn install_subscriber() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| ThreadBuffer).with_filter(LevelFilter::INFO);
        // SQL statements with the spans of the request and of the test around them.
        let targets = [("sqlx::query", Level::DEBUG), ("holdfast", Level::INFO), ("it", Level::ERROR)];
        let targets = Targets::new().with_targets(targets);
        let subscriber = tracing_subscriber::registry().with(lines).with(StatementCounter.with_filter(targets));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        // Another thread may have cached "no interest" in the meantime.
        tracing::callsite::rebuild_interest_cache();
    });
}

/// Makes this thread log as in production, to nowhere, until the guard is dropped.
pub fn like_production() -> DefaultGuard {
    let lines = tracing_subscriber::fmt::layer().fmt_fields(JsonLines).event_format(JsonLines).with_writer(io::sink);
    tracing::subscriber::set_default(tracing_subscriber::registry().with(lines.with_filter(LevelFilter::INFO)))
}

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThreadBuffer;

impl Write for ThreadBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log lines of this test so far. A test and its requests share one thread.
pub fn lines() -> String {
    LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
}

/// Counts the statements per span of [`statements_of`], because sqlx logs on its own threads within that span.
struct StatementCounter;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for StatementCounter {
    fn on_new_span(&self, _: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        context.span(id).unwrap().extensions_mut().insert(Arc::new(AtomicUsize::new(0)));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // The PRAGMAs of a new connection belong to no request.
        if event.metadata().target() == "sqlx::query" && !statement.0.starts_with("PRAGMA") {
            for span in context.event_scope(event).into_iter().flatten() {
                span.extensions().get::<Arc<AtomicUsize>>().unwrap().fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

#[derive(Default)]
struct Statement(String);

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Runs the future and counts its SQL statements.
pub async fn statements_of<T>(work: impl Future<Output = T>) -> (usize, T) {
    let span = tracing::error_span!("counted");
    let answer = work.instrument(span.clone()).await;
    let mut count = 0;
    span.with_subscriber(|(id, subscriber)| {
        let registry = subscriber.downcast_ref::<Registry>().unwrap();
        let span = LookupSpan::span(registry, id).unwrap();
        count = span.extensions().get::<Arc<AtomicUsize>>().unwrap().load(Ordering::SeqCst);
    });
    (count, answer)
}
