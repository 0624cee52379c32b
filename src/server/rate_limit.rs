//! How often somebody may do something: so many at once, and then one by one.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock},
    state::keyed::HashMapStateStore,
};

/// How many checks lie between two clean-ups.
const CHECKS_PER_CLEANUP: u32 = 1024;

/// Counts for each key by itself, in the memory of this process.
pub struct RateLimit<K: Hash + Eq + Clone> {
    /// `None` limits nothing.
    limiter: Option<RateLimiter<K, HashMapStateStore<K>, MonotonicClock>>,
    checks: AtomicU32,
}

/// It was done too often; it may be done again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften(pub Duration);

impl<K: Hash + Eq + Clone> RateLimit<K> {
    /// Allows `burst` at once, and one more after each `period`; or, unless `on`, everything.
    ///
    /// # Panics
    /// If one of them is zero.
    #[must_use]
    pub fn new(on: bool, burst: u32, period: Duration) -> Self {
        let burst = NonZeroU32::new(burst).expect("a burst of none would allow nothing");
        let quota = Quota::with_period(period).expect("a period of none would limit nothing").allow_burst(burst);
        let limiter = on.then(|| RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock));
        Self { limiter, checks: AtomicU32::new(0) }
    }

    /// Counts one, or refuses it.
    ///
    /// # Errors
    /// When it was too often; then it is not counted.
    pub fn check(&self, key: &K) -> Result<(), TooOften> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        // Forgets who has all of their burst again: so memory is bounded by how many can come in that time.
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_PER_CLEANUP == CHECKS_PER_CLEANUP - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter.check_key(key).map_err(|not_until| TooOften(not_until.wait_time_from(MonotonicClock.now())))
    }
}

impl TooOften {
    /// For the header `Retry-After`: whole seconds, at least one.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::{thread::sleep, time::Duration};

    use super::{RateLimit, TooOften};

    #[test]
    fn allows_a_burst_and_then_one_by_one() {
        let limit = RateLimit::new(true, 3, Duration::from_millis(100));
        for _ in 0..3 {
            assert_eq!(limit.check(&"ann"), Ok(()));
        }
        let TooOften(wait) = limit.check(&"ann").unwrap_err();
        assert!(wait <= Duration::from_millis(100));
        assert_eq!(limit.check(&"bob"), Ok(()), "each by themselves");
        sleep(wait + Duration::from_millis(1));
        assert_eq!(limit.check(&"ann"), Ok(()));
        assert!(limit.check(&"ann").is_err());
    }

    #[test]
    fn is_exact_among_threads() {
        let limit = RateLimit::new(true, 100, Duration::from_hours(1));
        let allowed: usize = std::thread::scope(|scope| {
            let attempts = || (0..100).filter(|_| limit.check(&()).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(attempts)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 100);
    }

    #[test]
    fn forgets_who_is_gone() {
        let limit = RateLimit::new(true, 1, Duration::from_millis(1));
        for key in 0..10 * super::CHECKS_PER_CLEANUP {
            assert_eq!(limit.check(&key), Ok(()));
            if key % super::CHECKS_PER_CLEANUP == 0 {
                sleep(Duration::from_millis(5));
            }
        }
        assert!(limit.limiter.unwrap().len() <= 2 * super::CHECKS_PER_CLEANUP as usize);
    }

    #[test]
    fn seconds_are_rounded_up() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(TooOften(Duration::from_millis(millis)).seconds(), seconds);
        }
    }
}
