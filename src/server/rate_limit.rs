//! How often somebody may do something: so many at once, and then one by one.
//!
//! Each process counts by itself, in memory. Where replicas share a database, limits that must hold for all of them belong
//! into the [`Store`](super::store::Store), as a statement that does what [`RateLimit::check`] does; only who asks for it
//! (`identity::attempts`) would notice.

use std::{
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::clock::Clock;

/// Different keys that are told apart. Bounds memory, at half a MiB for a limit, whoever comes from wherever: beyond it, and
/// by chance before, two keys share what they may do. So a flood of new keys makes limits stricter, and never looser.
const SLOTS: usize = 1 << 16;

/// Counts for each key by itself.
pub struct RateLimit {
    /// For each slot when all of its burst is there again, in nanoseconds by the clock (the generic cell rate algorithm).
    /// `None` limits nothing.
    slots: Option<Box<[AtomicU64]>>,
    /// Keyed at random, so that nobody can choose whom to share a slot with. And no key is kept.
    hasher: RandomState,
    clock: Arc<dyn Clock>,
    /// In nanoseconds.
    period: u64,
    /// How far ahead of now a slot may be and still be let through; in nanoseconds.
    tolerance: u64,
}

/// It was done too often; it may be done again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften(pub Duration);

impl RateLimit {
    /// Allows `burst` at once, and one more after each `period`; or, unless `on`, everything.
    ///
    /// # Panics
    /// If one of them is zero, or the product is more than centuries.
    #[must_use]
    pub fn new(on: bool, burst: u32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        assert!(burst > 0 && !period.is_zero(), "none at once would allow nothing, and no period limit nothing");
        let slots = on.then(|| (0..SLOTS).map(|_| AtomicU64::new(0)).collect());
        let tolerance = nanos(period * (burst - 1));
        Self { slots, hasher: RandomState::new(), clock, period: nanos(period), tolerance }
    }

    /// Counts one, or refuses it.
    ///
    /// # Errors
    /// When it was too often; then it is not counted.
    pub fn check(&self, key: &impl Hash) -> Result<(), TooOften> {
        let Some(slot) = self.slot(key) else { return Ok(()) };
        let now = nanos(self.clock.elapsed());
        // In one step, so that of many at once exactly as many get through as may.
        let counted = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full| {
            let full = full.max(now);
            (full - now <= self.tolerance).then(|| full + self.period)
        });
        counted.map(drop).map_err(|full| TooOften(Duration::from_nanos(full - now - self.tolerance)))
    }

    /// Takes back what [`Self::check`] counted, for what another limit refused then: so that who goes on all the same takes
    /// nothing away, from others neither.
    pub fn give_back(&self, key: &impl Hash) {
        if let Some(slot) = self.slot(key) {
            slot.fetch_sub(self.period, Ordering::Relaxed);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
    fn slot(&self, key: &impl Hash) -> Option<&AtomicU64> {
        Some(&self.slots.as_ref()?[self.hasher.hash_one(key) as usize % SLOTS])
    }
}

/// Enough for five centuries.
fn nanos(time: Duration) -> u64 {
    time.as_nanos().try_into().expect("no process runs for centuries")
}

impl TooOften {
    /// For the header `Retry-After`: whole seconds, at least one.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0.as_millis().div_ceil(1000).max(1).try_into().unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv6Addr,
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        },
        time::Duration,
    };

    use super::{RateLimit, SLOTS, TooOften};
    use crate::{domain::UnixMillis, server::clock::Clock};

    /// Stands still unless told to go on, in seconds.
    #[derive(Default)]
    struct TestClock(AtomicU64);

    impl Clock for TestClock {
        fn now(&self) -> UnixMillis {
            unreachable!("the time of day may jump")
        }

        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    impl TestClock {
        fn wait(&self, seconds: u64) {
            self.0.fetch_add(seconds, Ordering::Relaxed);
        }
    }

    fn limit(on: bool, burst: u32) -> RateLimit {
        RateLimit::new(on, burst, Duration::from_mins(1), Arc::new(TestClock::default()))
    }

    #[test]
    fn allows_a_burst_and_then_one_by_one() {
        let clock = Arc::new(TestClock::default());
        let limit = RateLimit::new(true, 3, Duration::from_mins(1), clock.clone());
        for _ in 0..3 {
            assert_eq!(limit.check(&"ann"), Ok(()));
        }
        clock.wait(20);
        assert_eq!(limit.check(&"ann"), Err(TooOften(Duration::from_secs(40))));
        assert_eq!(limit.check(&"bob"), Ok(()), "each by themselves");
        clock.wait(40);
        assert_eq!(limit.check(&"ann"), Ok(()));
        assert_eq!(limit.check(&"ann"), Err(TooOften(Duration::from_mins(1))));
        // Long after, it is as if nothing had been; refusals were not counted.
        clock.wait(24 * 60 * 60);
        assert_eq!([(); 4].map(|()| limit.check(&"ann").is_ok()), [true, true, true, false]);
    }

    #[test]
    fn a_32_is_exact_among_threads() {
        let limit = limit(true, 100);
        let allowed: usize = std::thread::scope(|scope| {
            let attempts = || (0..100).filter(|_| limit.check(&()).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(attempts)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 100);
    }

    /// However many networks a flood comes from, it gets no more than the slots have, and takes no more memory.
    #[test]
    fn a_32_flood_of_new_keys_is_bounded() {
        let limit = limit(true, 2);
        let networks = (0..8 * SLOTS as u128).map(|network| Ipv6Addr::from_bits(network << 64));
        let allowed = networks.filter(|network| limit.check(network).is_ok()).count();
        assert!(allowed <= 2 * SLOTS && allowed > SLOTS, "{allowed}");
    }

    #[test]
    fn switched_off_it_limits_nothing() {
        let limit = limit(false, 1);
        assert!((0..1000).all(|_| limit.check(&()).is_ok()));
    }

    #[test]
    fn seconds_are_rounded_up() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(TooOften(Duration::from_millis(millis)).seconds(), seconds);
        }
    }
}
