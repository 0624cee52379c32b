//! The one place that reads the clocks.

use std::{
    sync::LazyLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::domain::UnixMillis;

/// Tells the time; tests bring their own, to let sessions expire without waiting.
pub trait Clock: Send + Sync {
    /// Now, UTC.
    fn now(&self) -> UnixMillis;

    /// Since a moment in the past that stays the same. Unlike the time of day it never jumps.
    fn elapsed(&self) -> Duration;
}

/// The machine's clocks.
pub struct SystemClock;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> UnixMillis {
        // A clock set before 1970 or beyond the year 292,000,000 is a broken machine: then every token counts as expired.
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_millis()).ok());
        UnixMillis(millis.unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        START.elapsed()
    }
}
