//! A restartable one-shot timer.

use std::{cell::Cell, time::Duration};

use super::dom::set_timeout;

/// Starts and stops increment a generation; a callback of an older generation does nothing.
#[derive(Default)]
pub struct Timer(Cell<u32>);

impl Timer {
    /// Replaces a pending callback.
    pub fn start(&'static self, after: Duration, then: impl FnOnce() + 'static) {
        self.stop();
        let generation = self.0.get();
        let fire = move || {
            if self.0.get() == generation {
                then();
            }
        };
        set_timeout(after, Box::new(fire));
    }

    pub fn stop(&self) {
        self.0.set(self.0.get() + 1);
    }
}
