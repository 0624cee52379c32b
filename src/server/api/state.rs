//! What the handlers work with.

use std::{sync::Arc, time::Duration};

use crate::server::{
    clock::Clock,
    config::{Config, Origin},
    identity::Identity,
    observability::metrics::{Metrics, Refusals},
    rate_limit::RateLimit,
    store::Store,
};

/// Where the API lives.
pub const ROOT: &str = "/api/v1";

/// Most todos that one request restores by their ids. Some more would fit into a body; a round number is easier to keep to.
pub const MAX_RESTORED: usize = 1000;

/// Requests that one user may send at once; far more than any page does.
const CALLS_AT_ONCE: u32 = 1000;
/// After which time there may be one more.
const CALL_PERIOD: Duration = Duration::from_millis(10);

#[derive(Clone)]
pub struct Api {
    pub(super) identity: Arc<Identity>,
    /// How often each user may call.
    pub(super) calls: Arc<RateLimit>,
    pub(super) refusals: Refusals,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    /// For the absolute URLs in answers; a request's `Host` is not believed.
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
        // Each server counts by itself: this protects the server, and counting in the store would cost what it is to save.
        let calls = if config.rate_limits {
            RateLimit::new(CALLS_AT_ONCE, CALL_PERIOD, Arc::clone(&clock))
        } else {
            RateLimit::none(Arc::clone(&clock))
        };
        let refusals = metrics.refusals.clone();
        Self { identity, calls: Arc::new(calls), refusals, store, clock, origin: config.origin.clone() }
    }
}
