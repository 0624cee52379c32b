//! The state of the handlers.

use std::{ops::Deref, sync::Arc, time::Duration};

use crate::server::{
    clock::Clock,
    config::{Config, Origin},
    identity::Identity,
    observability::metrics::{Metrics, Refusals},
    rate_limit::RateLimit,
    store::Store,
};

/// The base path of the API.
pub const ROOT: &str = "/api/v1";

/// Most ids in one restore request; a round number below the limit of the body size.
pub const MAX_RESTORED: usize = 1000;

/// Most todos in one request that adds many.
pub const MAX_ADDED: usize = 500;
/// The limit of that request's body.
pub const MAX_ADDED_BYTES: usize = 2 * 1024 * 1024;

/// Requests of one user in a burst; far more than any page sends.
const CALL_BURST: u32 = 1000;
/// The time in which one request is refilled.
const CALL_PERIOD: Duration = Duration::from_millis(10);

#[derive(Clone)]
pub struct Api(Arc<Shared>);

pub struct Shared {
    pub(super) identity: Arc<Identity>,
    /// Per user.
    pub(super) calls: RateLimit,
    pub(super) refusals: Refusals,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    /// For absolute URLs in responses; `Host` is not trusted.
    pub(super) origin: Origin,
}

impl Api {
    #[must_use]
    pub fn new(
        config: &Config,
        identity: Arc<Identity>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Self {
        // Counts per server process: a counter in the store would cost as much load as it saves.
        let calls = if config.rate_limits {
            RateLimit::new(CALL_BURST, CALL_PERIOD, Arc::clone(&clock))
        } else {
            RateLimit::none(Arc::clone(&clock))
        };
        let refusals = metrics.refusals.clone();
        Self(Arc::new(Shared { identity, calls, refusals, store, clock, origin: config.origin.clone() }))
    }
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
