//! A restartable one-shot timer.

use std::time::Duration;

use leptos::prelude::*;

/// Starts and stops increment a generation; a callback of an older generation does nothing.
#[derive(Clone, Copy, Default)]
pub struct Timer(StoredValue<u32>);

impl Timer {
    /// Replaces a pending callback.
    pub fn start(self, after: Duration, then: impl FnOnce() + 'static) {
        self.stop();
        let generation = self.0.get_value();
        let fire = move || {
            if self.0.get_value() == generation {
                then();
            }
        };
        set_timeout(fire, after);
    }

    pub fn stop(self) {
        self.0.update_value(|generation| *generation += 1);
    }
}
