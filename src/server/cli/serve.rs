//! `holdfast serve`: from the configuration to the drained server.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum_server::{Handle, Server};
use hyper_util::rt::TokioTimer;
use tokio::{
    net::{TcpListener, TcpSocket},
    time::timeout,
};

use crate::server::{
    clock::SystemClock,
    config::Config,
    http::connection::ConnectionLimiter,
    observability::{audit::Event, logging, metrics::Metrics},
    purge,
    shutdown::{self, Draining},
    site,
    store::{self, Role},
};

/// Also bounds the idle time of a keep-alive connection.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// The limit of a request head. The last read may double it, and hyper's default limit of 100 headers applies.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// With the 128 of the standard library, clients beyond that retry only after a second.
const BACKLOG: u32 = 4096;
/// A Prometheus server needs one.
const MAX_METRICS_CONNECTIONS: u32 = 16;
/// For the connection pools of the database, after the drain.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);
/// Open files besides connections: those of the database and of the site.
const RESERVED_FILES: u64 = 100;

/// Serves until SIGTERM, SIGINT or SIGHUP.
///
/// # Errors
/// A sentence with the cause and the remedy.
pub async fn serve(config: Config) -> Result<(), String> {
    let _flush = logging::start(config.log_filter.clone(), config.log_format);
    if !config.site_root.join("pkg").is_dir() {
        let root = config.site_root.display();
        return Err(format!("there is no built site in {root}: run `make build`, or set LEPTOS_SITE_ROOT to its folder"));
    }
    warn_about_dangerous_settings(&config);
    let (metrics, draining) = (Metrics::default(), Draining::default());
    let role = Role::Server { max_todos: config.max_todos, metrics: metrics.store.clone() };
    let store = store::connect(&config.database, role).await?;
    let listener = listen("LEPTOS_SITE_ADDR", config.address)?;
    let metrics_listener = config.metrics_address.map(|address| listen("METRICS_ADDR", address)).transpose()?;
    let clock = Arc::new(SystemClock);
    purge::start(Arc::clone(&store), clock.clone());
    let site = site::router(&config, Arc::clone(&store), clock, &metrics, draining.clone());

    let handle = Handle::new();
    shutdown::on_signal(handle.clone(), draining).map_err(|error| format!("can't listen for signals: {error}"))?;
    let failed = |error| format!("the server failed: {error}");
    let server = server(listener, config.max_connections).handle(handle.clone());
    tracing::info!("Holdfast is at {}", config.origin.as_str());
    if let Some(listener) = metrics_listener {
        // Port 0 is resolved by now.
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!("metrics are at http://{address}/metrics");
        let connections = handle.clone();
        metrics.watch_connections(move || connections.connection_count());
        // Not part of the graceful shutdown, so that the drain can be observed.
        tokio::spawn(self::server(listener, MAX_METRICS_CONNECTIONS).serve(metrics.router().into_make_service()));
    }
    Event::Started.record();
    server.serve(site.into_make_service_with_connect_info::<SocketAddr>()).await.map_err(failed)?;
    if timeout(CLOSE_TIMEOUT, store.close()).await.is_err() {
        tracing::warn!("the connection pools of the database did not close in time");
    }
    Event::Stopped.record();
    Ok(())
}

/// HTTP/1.1 only: the proxy speaks HTTP/2 to browsers, and hyper's protocol detection has no timeout.
fn server(listener: TcpListener, max_connections: u32) -> Server<SocketAddr, ConnectionLimiter> {
    let mut server = Server::from_listener(listener).acceptor(ConnectionLimiter::new(max_connections)).http1_only();
    let mut http = server.http_builder().http1();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT).max_buf_size(MAX_HEAD_BYTES);
    server
}

fn listen(variable: &str, address: SocketAddr) -> Result<TcpListener, String> {
    bind(address).map_err(|error| format!("can't listen on {address}: {error}; set {variable} to another address"))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Allows an immediate restart.
    socket.set_reuseaddr(true)?;
    // Accepted connections inherit it. With Nagle's algorithm, a second write waits for the client's delayed ACK of 40 ms.
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn warn_about_dangerous_settings(config: &Config) {
    if !config.rate_limits {
        tracing::warn!("RATE_LIMITS is off: anyone can guess passwords as fast as this machine can verify them");
    }
    match (config.origin.is_insecure(), config.insecure_http) {
        (true, true) => {
            tracing::warn!("INSECURE_HTTP is on: anyone on the network can read passwords, sessions and todos");
        }
        (true, false) => tracing::warn!(
            "nobody can sign in: PUBLIC_ORIGIN is plain http, for which browsers store no session cookie; use https, or set \
             INSECURE_HTTP=true"
        ),
        (false, _) => {}
    }
    if config.origin.is_https() && config.trusted_proxies.is_empty() {
        tracing::warn!(
            "TRUSTED_PROXIES is not set, but an https PUBLIC_ORIGIN needs a proxy: all clients share its address, and one \
             client can exhaust the rate limits of all"
        );
    }
    // The soft limit is often 1,024 where the hard limit is a million.
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(0);
    if files < u64::from(config.max_connections) + RESERVED_FILES {
        tracing::warn!(
            "MAX_CONNECTIONS={} is too high for the limit of {files} open files: lower it, or raise the limit (`ulimit -Hn`)",
            config.max_connections
        );
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::bind;

    #[tokio::test]
    async fn accepted_connections_have_nodelay() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(listener.accept().await.unwrap().0.nodelay().unwrap());
    }
}
