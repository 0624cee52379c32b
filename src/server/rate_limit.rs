//! How often somebody may do something: so many at once, and then one by one.

use std::{
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sha2::{Digest, Sha256};

use super::{
    clock::Clock,
    config::Secret,
    store::{Store, StoreError},
};

/// Different keys that are told apart. Bounds memory, at half a MiB for a limit, whoever comes from wherever: beyond it, and
/// by chance before, two keys share what they may do. So a flood of new keys makes limits stricter, and never looser.
const SLOTS: usize = 1 << 16;
/// The same for a limit that is counted in the store, as bits of its slots' numbers.
const SHARED_BITS: u32 = 18;

/// Counts for each key by itself.
pub struct RateLimit {
    slots: Slots,
    clock: Arc<dyn Clock>,
    period: Duration,
    /// How far ahead of now a slot may be and still be let through.
    tolerance: Duration,
}

/// For each slot when all of its burst is there again (the generic cell rate algorithm).
enum Slots {
    /// Limits nothing.
    None,
    /// For this process, in nanoseconds by the clock that never jumps.
    Memory {
        slots: Box<[AtomicU64]>,
        /// Keyed at random, so that nobody can choose whom to share a slot with. And no key is kept.
        hasher: RandomState,
    },
    /// For all servers that share the store, by the time of day.
    Store {
        store: Arc<dyn Store>,
        /// All of them must come to the same slot; and nobody else to a key.
        hasher: KeyedHasher,
    },
}

/// Why [`RateLimit::check`] counted nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    TooOften(TooOften),
    /// It can't be counted, and so may not be done.
    Store(StoreError),
}

/// It was done too often; it may be done again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften(pub Duration);

impl RateLimit {
    /// Allows `burst` at once, and one more after each `period`, in this process.
    ///
    /// # Panics
    /// If one of them is zero, or the product is more than centuries.
    #[must_use]
    pub fn new(burst: u32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self::on(Slots::Memory { slots, hasher: RandomState::new() }, burst, period, clock)
    }

    /// As [`Self::new`], in all processes that share the store and the secret. `name` tells it from other limits.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn shared(
        name: &'static str,
        burst: u32,
        period: Duration,
        clock: Arc<dyn Clock>,
        store: Arc<dyn Store>,
        secret: &Secret,
    ) -> Self {
        Self::on(Slots::Store { store, hasher: KeyedHasher::new(name, secret) }, burst, period, clock)
    }

    /// Allows everything.
    #[must_use]
    pub fn none(clock: Arc<dyn Clock>) -> Self {
        Self::on(Slots::None, 1, Duration::MAX, clock)
    }

    fn on(slots: Slots, burst: u32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        assert!(burst > 0 && !period.is_zero(), "none at once would allow nothing, and no period limit nothing");
        Self { slots, clock, period, tolerance: period * (burst - 1) }
    }

    /// Counts one, or refuses it.
    ///
    /// # Errors
    /// When it was too often, or can't be known; then it is not counted.
    pub async fn check(&self, key: &(impl Hash + Sync)) -> Result<(), Refused> {
        match &self.slots {
            Slots::None => Ok(()),
            Slots::Memory { slots, hasher } => self.check_in(slot(slots, hasher, key)).map_err(Refused::TooOften),
            Slots::Store { store, hasher } => {
                let permit = store.take_turn(hasher.slot(key), self.period, self.tolerance, self.clock.now()).await;
                permit.map_err(Refused::Store)?.map_err(|wait| Refused::TooOften(TooOften(wait)))
            }
        }
    }

    fn check_in(&self, slot: &AtomicU64) -> Result<(), TooOften> {
        let (now, period, tolerance) = (nanos(self.clock.elapsed()), nanos(self.period), nanos(self.tolerance));
        // In one step, so that of many at once exactly as many get through as may.
        let counted = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full| {
            let full = full.max(now);
            (full - now <= tolerance).then(|| full + period)
        });
        counted.map(drop).map_err(|full| TooOften(Duration::from_nanos(full - now - tolerance)))
    }

    /// Refunds a [`Self::check`] when a later limit rejects the request, so that repeated attempts use up nothing that others share.
    pub async fn refund(&self, key: &(impl Hash + Sync)) {
        match &self.slots {
            Slots::None => {}
            Slots::Memory { slots, hasher } => {
                slot(slots, hasher, key).fetch_sub(nanos(self.period), Ordering::Relaxed);
            }
            // The store has logged what failed. Then the limit is stricter than it should be, for one period.
            Slots::Store { store, hasher } => drop(store.return_turn(hasher.slot(key), self.period).await),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
fn slot<'s>(slots: &'s [AtomicU64], hasher: &RandomState, key: &impl Hash) -> &'s AtomicU64 {
    &slots[hasher.hash_one(key) as usize % SLOTS]
}

/// A hash that is the same in each process that has the key.
#[derive(Clone)]
struct KeyedHasher(Sha256);

impl KeyedHasher {
    fn new(name: &'static str, secret: &Secret) -> Self {
        let mut key = Sha256::new_with_prefix(b"holdfast rate limit\0");
        key.update(secret.expose());
        key.update(name);
        Self(key)
    }

    /// The upper bits are the limit's own, so that no limits share a slot: what a longer one has counted there would look to a
    /// shorter one like a clock that has gone back, and be forgotten.
    #[expect(clippy::cast_possible_wrap, reason = "the sign bit is none of them")]
    fn slot(&self, key: &impl Hash) -> i64 {
        let mut hasher = self.clone();
        key.hash(&mut hasher);
        let (of_limit, of_key) = (self.finish() << SHARED_BITS, hasher.finish() & ((1 << SHARED_BITS) - 1));
        ((of_limit | of_key) & !(1 << 63)) as i64
    }
}

impl Hasher for KeyedHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
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
        collections::BTreeMap,
        net::Ipv6Addr,
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        },
        time::Duration,
    };

    use futures::executor::block_on;

    use super::{KeyedHasher, RateLimit, Refused, SLOTS, TooOften};
    use crate::{
        domain::UnixMillis,
        server::{clock::Clock, config::Secret},
    };

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

    fn limit(burst: u32) -> RateLimit {
        RateLimit::new(burst, Duration::from_mins(1), Arc::new(TestClock::default()))
    }

    fn too_often(seconds: u64) -> Result<(), Refused> {
        Err(Refused::TooOften(TooOften(Duration::from_secs(seconds))))
    }

    #[tokio::test]
    async fn allows_a_burst_and_then_one_by_one() {
        let clock = Arc::new(TestClock::default());
        let limit = RateLimit::new(3, Duration::from_mins(1), clock.clone());
        for _ in 0..3 {
            assert_eq!(limit.check(&"ann").await, Ok(()));
        }
        clock.wait(20);
        assert_eq!(limit.check(&"ann").await, too_often(40));
        assert_eq!(limit.check(&"bob").await, Ok(()), "each by themselves");
        clock.wait(40);
        assert_eq!(limit.check(&"ann").await, Ok(()));
        assert_eq!(limit.check(&"ann").await, too_often(60));
        limit.refund(&"ann").await;
        assert_eq!(limit.check(&"ann").await, Ok(()));
        // Long after, it is as if nothing had been; refusals were not counted.
        clock.wait(24 * 60 * 60);
        for expected in [Ok(()), Ok(()), Ok(()), too_often(60)] {
            assert_eq!(limit.check(&"ann").await, expected);
        }
    }

    #[test]
    fn a_32_is_exact_among_threads() {
        let limit = limit(100);
        let allowed: usize = std::thread::scope(|scope| {
            let attempts = || (0..100).filter(|_| block_on(limit.check(&())).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(attempts)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 100);
    }

    /// However many networks a flood comes from, it gets no more than the slots have, and takes no more memory.
    #[test]
    fn a_32_flood_of_new_keys_is_bounded() {
        let limit = limit(2);
        let networks = (0..8 * SLOTS as u128).map(|network| Ipv6Addr::from_bits(network << 64));
        let allowed = networks.filter(|network| block_on(limit.check(network)).is_ok()).count();
        assert!(allowed <= 2 * SLOTS && allowed > SLOTS, "{allowed}");
    }

    #[test]
    fn a_32_limits_that_share_a_table_share_no_slot() {
        let secret = Secret::parse("a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP").ok().unwrap();
        let mut owners = BTreeMap::new();
        for name in ["from address for account", "from address", "of account", "confirmations", "sign-ups", "sign-ups from site"]
        {
            let before = owners.len();
            for key in 0..10_000 {
                let slot = KeyedHasher::new(name, &secret).slot(&key);
                let owner = owners.insert(slot, name);
                assert!(owner.is_none_or(|owner| owner == name), "slot {slot} is of {name} and of {owner:?}");
            }
            assert!(owners.len() - before > 9_000, "{name} has {} slots for 10000 keys", owners.len() - before);
        }
    }

    #[test]
    fn switched_off_it_limits_nothing() {
        let limit = RateLimit::none(Arc::new(TestClock::default()));
        assert!((0..1000).all(|_| block_on(limit.check(&())).is_ok()));
    }

    #[test]
    fn seconds_are_rounded_up() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(TooOften(Duration::from_millis(millis)).seconds(), seconds);
        }
    }
}
