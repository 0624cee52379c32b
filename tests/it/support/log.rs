//! What the program logs, as tests of this process see it. There is one listener for all of them, from before the first request:
//! each place that logs asks once who listens, and what it is told then counts for every thread.

use std::{
    cell::RefCell,
    io::{self, Write},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use tracing::{
    Event, Instrument, Level, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// Starts listening, before there is anything to be heard.
pub fn install_subscriber() {
    static LISTENING: OnceLock<()> = OnceLock::new();
    LISTENING.get_or_init(|| {
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| ThreadBuffer).with_filter(LevelFilter::INFO);
        // Statements, and all spans around them: the test's, and that of the request in it.
        let targets = [("sqlx::query", Level::DEBUG), ("holdfast", Level::INFO), ("it", Level::ERROR)];
        let targets = Targets::new().with_targets(targets);
        let subscriber = tracing_subscriber::registry().with(lines).with(StatementCounter.with_filter(targets));
        tracing::subscriber::set_global_default(subscriber).unwrap();
        // Whoever asked a moment before that was told that nobody listens.
        tracing::callsite::rebuild_interest_cache();
    });
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

/// What this test has logged so far: it and its requests have a thread of their own.
pub fn lines() -> String {
    LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
}

/// Counts what sqlx logs, for each span of [`statements_of`] by itself: it passes the span on to its own threads.
struct StatementCounter;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for StatementCounter {
    fn on_new_span(&self, _: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        context.span(id).unwrap().extensions_mut().insert(Arc::new(AtomicUsize::new(0)));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // The settings of a new connection are nobody's request.
        if event.metadata().target() == "sqlx::query" && !statement.0.starts_with("PRAGMA") {
            for span in context.event_scope(event).into_iter().flatten() {
                span.extensions().get::<Arc<AtomicUsize>>().unwrap().fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// What is said to be run.
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

/// How many SQL statements were run for it, and its answer.
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
