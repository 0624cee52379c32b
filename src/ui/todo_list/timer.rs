//! Something that is done after a while, unless it is put off or called off.

use std::time::Duration;

use leptos::prelude::*;

/// Counts its starts and stops: only what the last of them wants is done.
#[derive(Clone, Copy, Default)]
pub struct Timer(StoredValue<u32>);

impl Timer {
    /// In place of whatever was to be done.
    pub fn start(self, after: Duration, then: impl FnOnce() + 'static) {
        self.stop();
        let turn = self.0.get_value();
        let ring = move || {
            if self.0.get_value() == turn {
                then();
            }
        };
        set_timeout(ring, after);
    }

    pub fn stop(self) {
        self.0.update_value(|turn| *turn += 1);
    }
}
