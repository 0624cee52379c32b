//! Purges expired trash and expired entries of the session denylist, and derives what the release before has not derived.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::{clock::Clock, store::Store};
use crate::domain::{DAYS_IN_TRASH, UnixMillis};

const INTERVAL: Duration = Duration::from_hours(1);
const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// Purges at start and then every hour. The purge is idempotent, so replicas need no coordination.
pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>) {
    tokio::spawn(async move {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let now = clock.now().0;
            let before = UnixMillis(now - i64::from(DAYS_IN_TRASH) * MILLIS_PER_DAY);
            // The store logs an error, and the next tick retries.
            if let Ok(purged @ 1..) = store.purge_todos(before).await {
                tracing::info!("purged {purged} todos that were deleted more than {DAYS_IN_TRASH} days ago");
            }
            if let Ok(derived @ 1..) = store.derive_todos().await {
                tracing::info!("prepared {derived} todos for tags and search");
            }
            // The extra day allows for clock skew between replicas.
            let _ = store.purge_sessions(UnixMillis(now - MILLIS_PER_DAY)).await;
        }
    });
}
