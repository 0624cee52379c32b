//! Serving: from a configuration to a listening socket, until told to stop.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum_server::Handle;
use hyper_util::rt::TokioTimer;

use super::{clock::SystemClock, config::Config, shutdown, site, store, telemetry};

/// Longest a client may take to send the head of a request.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// A sentence that says why it can't start, and what to do.
pub async fn serve(config: Config) -> Result<(), String> {
    telemetry::start(config.log_filter.clone());
    if !config.site_root.join("pkg").is_dir() {
        let root = config.site_root.display();
        return Err(format!("there is no built site in {root}: run `make build`, or set LEPTOS_SITE_ROOT to where it is"));
    }
    if !config.rate_limits {
        tracing::warn!("RATE_LIMITS is off: anyone may guess passwords as fast as this machine can check them");
    }
    let store = store::connect(&config.database, config.max_todos).await?;
    let listener = TcpListener::bind(config.address)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .map_err(|error| format!("can't listen on {}: {error}; set LEPTOS_SITE_ADDR to another address", config.address))?;
    let site = site::router(&config, store, Arc::new(SystemClock));

    let handle = Handle::new();
    shutdown::on_signal(handle.clone()).map_err(|error| format!("can't listen for signals: {error}"))?;
    let failed = |error| format!("the server failed: {error}");
    let mut server = axum_server::from_tcp(listener).map_err(failed)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT);
    tracing::info!("Holdfast is at {}", config.origin.as_str());
    server.serve(site.into_make_service_with_connect_info::<SocketAddr>()).await.map_err(failed)?;
    tracing::info!("stopped");
    Ok(())
}
