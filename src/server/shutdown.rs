//! Graceful shutdown: SIGTERM, SIGINT or SIGHUP starts a drain with a deadline; a second SIGTERM or SIGINT ends it. The exit code
//! is 0 in both cases.

use std::{
    fs,
    future::pending,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum_server::Handle;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// Whether the drain has begun. Clones share the state.
#[derive(Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Spawns a task that waits for the signals and stops the server of `handle`.
///
/// # Errors
/// If a signal handler can't be installed.
pub fn on_signal(handle: Handle<SocketAddr>, draining: Draining) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
    tokio::spawn(async move {
        let mut next_signal = async || tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} };
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => pending().await,
            }
        };
        tokio::select! { () = next_signal() => {}, () = hung_up => {} }
        draining.begin();
        tracing::info!("stopping: requests in flight have {} s to finish", DRAIN_DEADLINE.as_secs());
        // No deadline here, so that the remaining connections are counted before they are closed.
        handle.graceful_shutdown(None);
        tokio::select! {
            () = next_signal() => tracing::warn!("stopping at once"),
            () = sleep(DRAIN_DEADLINE) => {}
        }
        let connections = handle.connection_count();
        if connections > 0 {
            tracing::warn!(connections, "closed connections that did not finish in time");
        }
        handle.shutdown();
    });
    Ok(())
}

/// Whether SIGHUP is ignored, as under `nohup`: a handler would undo that. Known on Linux only.
fn is_hangup_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is signal 1, SIGHUP.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
