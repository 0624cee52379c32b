//! Deletes for good what has been in the trash for long enough, and forgets sessions that are over by themselves.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::{clock::Clock, store::Store};
use crate::domain::{DAYS_IN_TRASH, UnixMillis};

const INTERVAL: Duration = Duration::from_hours(1);
const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// At once and then every hour, until the program ends. Servers that share a database all do it; it harms nobody.
pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>) {
    tokio::spawn(async move {
        let mut turns = interval(INTERVAL);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            turns.tick().await;
            let now = clock.now().0;
            let before = UnixMillis(now - i64::from(DAYS_IN_TRASH) * MILLIS_PER_DAY);
            // If it fails, the store logs why, and the next turn makes up for it.
            if let Ok(purged @ 1..) = store.purge_todos(before).await {
                tracing::info!("purged {purged} todos that were deleted more than {DAYS_IN_TRASH} days ago");
            }
            // A day later, since clocks of replicas differ.
            let _ = store.purge_sessions(UnixMillis(now - MILLIS_PER_DAY)).await;
        }
    });
}
