//! Rate limits: a burst, then one per period (the generic cell rate algorithm, GCRA).

use std::{
    hash::{BuildHasher, Hash, Hasher, RandomState},
    sync::{
        Arc, OnceLock,
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

/// Bounds the memory of a limit to half a MiB. It is allocated in [`CHUNKS`], since most limits of most servers see few keys. Keys that collide share a slot, so a flood of new keys makes the limit stricter,
/// never looser.
const SLOTS: usize = 1 << 16;
const CHUNKS: usize = 1 << 10;
/// The number of slots of a limit in the store, as bits of the slot number.
const SHARED_BITS: u32 = 18;

/// Counts each key separately.
pub struct RateLimit {
    slots: Slots,
    clock: Arc<dyn Clock>,
    period: Duration,
    /// How far a slot may be ahead of now.
    tolerance: Duration,
}

/// The theoretical arrival time (TAT) of each slot: when its full burst is available again.
enum Slots {
    None,
    /// For this process, in nanoseconds of the monotonic clock.
    Memory {
        slots: Box<[Chunk]>,
        /// Randomly keyed, so that an attacker can't choose a collision.
        hasher: RandomState,
    },
    /// For all replicas of the store, by the time of day.
    Store {
        store: Arc<dyn Store>,
        /// Keyed by the shared secret: replicas agree on the slot, and a slot does not reveal its key.
        hasher: KeyedHasher,
    },
}

type Chunk = OnceLock<Box<[AtomicU64; SLOTS / CHUNKS]>>;

/// The error of [`RateLimit::check`]; nothing was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    TooOften(TooOften),
    /// Fails closed: the check could not be counted.
    Store(StoreError),
}

/// The time until a retry is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften(pub Duration);

impl RateLimit {
    /// Allows `burst` checks at once, and one more per `period`, in this process.
    ///
    /// # Panics
    /// If `burst` or `period` is zero, or their product overflows.
    #[must_use]
    pub fn new(burst: u32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        let slots = (0..CHUNKS).map(|_| Chunk::new()).collect();
        Self::on(Slots::Memory { slots, hasher: RandomState::new() }, burst, period, clock)
    }

    /// Same as [`Self::new`], across all replicas. `name` distinguishes limits.
    ///
    /// # Panics
    /// Same as [`Self::new`].
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

    #[must_use]
    pub fn none(clock: Arc<dyn Clock>) -> Self {
        Self::on(Slots::None, 1, Duration::MAX, clock)
    }

    fn on(slots: Slots, burst: u32, period: Duration, clock: Arc<dyn Clock>) -> Self {
        assert!(burst > 0 && !period.is_zero(), "burst and period must not be zero");
        Self { slots, clock, period, tolerance: period * (burst - 1) }
    }

    /// Counts one use of `key`.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn check(&self, key: &(impl Hash + Sync)) -> Result<(), Refused> {
        match &self.slots {
            Slots::None => Ok(()),
            Slots::Memory { slots, hasher } => self.check_slot(slot(slots, hasher, key)).map_err(Refused::TooOften),
            Slots::Store { store, hasher } => {
                let counted = store.take_permit(hasher.slot(key), self.period, self.tolerance, self.clock.now()).await;
                counted.map_err(Refused::Store)?.map_err(|wait| Refused::TooOften(TooOften(wait)))
            }
        }
    }

    fn check_slot(&self, slot: &AtomicU64) -> Result<(), TooOften> {
        let (now, period, tolerance) = (nanos(self.clock.elapsed()), nanos(self.period), nanos(self.tolerance));
        // Atomic, so that concurrent checks never exceed the limit.
        let counted = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tat| {
            let tat = tat.max(now);
            (tat - now <= tolerance).then(|| tat + period)
        });
        counted.map(drop).map_err(|tat| TooOften(Duration::from_nanos(tat - now - tolerance)))
    }

    /// Refunds a [`Self::check`] when a later limit rejects the request.
    pub async fn refund(&self, key: &(impl Hash + Sync)) {
        match &self.slots {
            Slots::None => {}
            Slots::Memory { slots, hasher } => {
                slot(slots, hasher, key).fetch_sub(nanos(self.period), Ordering::Relaxed);
            }
            // The store logs an error. Without the refund, the limit is too strict for one period.
            Slots::Store { store, hasher } => drop(store.refund_permit(hasher.slot(key), self.period).await),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "any bits of the hash serve")]
fn slot<'s>(slots: &'s [Chunk], hasher: &RandomState, key: &impl Hash) -> &'s AtomicU64 {
    let hash = hasher.hash_one(key) as usize;
    let chunk = slots[hash / (SLOTS / CHUNKS) % CHUNKS].get_or_init(|| Box::new([const { AtomicU64::new(0) }; SLOTS / CHUNKS]));
    &chunk[hash % chunk.len()]
}

/// A keyed hash that is stable across processes.
#[derive(Clone)]
struct KeyedHasher(Sha256);

impl KeyedHasher {
    fn new(name: &'static str, secret: &Secret) -> Self {
        let mut key = Sha256::new_with_prefix(b"holdfast rate limit\0");
        key.update(secret.expose());
        key.update(name);
        Self(key)
    }

    /// The upper bits identify the limit, so that limits never share a slot: a limit with a short period would take the TAT of a
    /// longer one for a clock that was set back, and discard it.
    #[expect(clippy::cast_possible_wrap, reason = "the sign bit is cleared")]
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

fn nanos(time: Duration) -> u64 {
    time.as_nanos().try_into().expect("a u64 holds five centuries")
}

impl TooOften {
    /// The value of `Retry-After`: whole seconds, at least one.
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

    /// Advances by [`Self::wait`] only; in seconds.
    #[derive(Default)]
    struct TestClock(AtomicU64);

    impl Clock for TestClock {
        fn now(&self) -> UnixMillis {
            unreachable!("limits in memory use the monotonic clock")
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
        assert_eq!(limit.check(&"bob").await, Ok(()), "keys are separate");
        clock.wait(40);
        assert_eq!(limit.check(&"ann").await, Ok(()));
        assert_eq!(limit.check(&"ann").await, too_often(60));
        limit.refund(&"ann").await;
        assert_eq!(limit.check(&"ann").await, Ok(()));
        // The full burst is available again, and refusals were not counted.
        clock.wait(24 * 60 * 60);
        for expected in [Ok(()), Ok(()), Ok(()), too_often(60)] {
            assert_eq!(limit.check(&"ann").await, expected);
        }
    }

    ///
    #[test]
    fn is_exact_among_threads() {
        let limit = limit(100);
        let allowed: usize = std::thread::scope(|scope| {
            let attempts = || (0..100).filter(|_| block_on(limit.check(&())).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(attempts)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(allowed, 100);
    }

    ///
    #[test]
    fn flood_of_new_keys_is_bounded() {
        let limit = limit(2);
        let networks = (0..8 * SLOTS as u128).map(|network| Ipv6Addr::from_bits(network << 64));
        let allowed = networks.filter(|network| block_on(limit.check(network)).is_ok()).count();
        assert!(allowed <= 2 * SLOTS && allowed > SLOTS, "{allowed}");
    }

    ///
    #[test]
    fn limits_that_share_a_table_share_no_slot() {
        let secret = Secret::parse("a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP").ok().unwrap();
        let mut owners = BTreeMap::new();
        for name in ["from address for account", "from address", "of account", "confirmations", "sign-ups", "sign-ups from site"]
        {
            let before = owners.len();
            for key in 0..10_000 {
                let slot = KeyedHasher::new(name, &secret).slot(&key);
                let owner = owners.insert(slot, name);
                assert!(owner.is_none_or(|owner| owner == name), "slot {slot} belongs to {name} and {owner:?}");
            }
            assert!(owners.len() - before > 9_000, "{name} has {} slots for 10000 keys", owners.len() - before);
        }
    }

    #[test]
    fn disabled_limit_allows_everything() {
        let limit = RateLimit::none(Arc::new(TestClock::default()));
        assert!((0..1000).all(|_| block_on(limit.check(&())).is_ok()));
    }

    #[test]
    fn retry_after_is_rounded_up_to_whole_seconds() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(TooOften(Duration::from_millis(millis)).seconds(), seconds);
        }
    }
}
