//! Ending well: on SIGTERM, SIGINT or SIGHUP requests in flight get a while to finish; a second SIGTERM or SIGINT ends at once.
//! Either way the program did as it was told, and its exit code is 0.

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

/// How long requests in flight may take to finish.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// Whether the program was told to stop. Clones tell the same.
#[derive(Clone, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// For good.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Waits for the signals and stops the server behind `handle`.
///
/// # Errors
/// When the signals can't be listened for.
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
        // Without a deadline of its own: who is still there is counted before anybody is closed.
        handle.graceful_shutdown(None);
        tokio::select! {
            () = next_signal() => tracing::warn!("stopping at once"),
            () = sleep(DRAIN_DEADLINE) => {}
        }
        let connections = handle.connection_count();
        if connections > 0 {
            tracing::warn!(connections, "closed connections whose clients had not come to an end");
        }
        handle.shutdown();
    });
    Ok(())
}

/// Whether `nohup` started it, which has a program go on when its terminal is closed: to listen for the signal would end that.
/// Only Linux tells.
fn is_hangup_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // A bit for each signal, from 1 on; SIGHUP is the first.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
