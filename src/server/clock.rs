//! The only place that reads the system clocks.

use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::domain::UnixMillis;

/// A source of time; tests implement their own, so that sessions expire without waiting.
pub trait Clock: Send + Sync {
    /// The time of day, UTC.
    fn now(&self) -> UnixMillis;

    /// Monotonic time since a fixed moment.
    fn elapsed(&self) -> Duration;
}

pub struct SystemClock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only place")]
    fn now(&self) -> UnixMillis {
        // Fails closed: on a clock before 1970 or after the year 292,000,000, every token is expired.
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_millis()).ok());
        UnixMillis(millis.unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        START.elapsed()
    }
}
