//! Serving: from a configuration to a listening socket, until told to stop.

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

/// Longest a client may take to send the head of a request, or to begin with the next one.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Beyond so many bytes no more is read of the head of a request, and the last read may double it. It may have 100 headers,
/// as hyper has it by itself.
const MAX_HEAD: usize = 16 * 1024;
/// Connections that may wait to be let in; as many come at once after a pause. With the 128 of the standard library the others try
/// again only after a second.
const BACKLOG: u32 = 4096;
/// Connections for metrics at once: one Prometheus needs one.
const MAX_SCRAPERS: u32 = 16;
/// How long the database may take to close, after everybody else.
const LONGEST_CLOSE: Duration = Duration::from_secs(3);
/// Files that may have to be open besides connections: the database's, and those of the site.
const OTHER_FILES: u64 = 100;

/// Serves until SIGTERM, SIGINT or SIGHUP.
///
/// # Errors
/// A sentence that says why it can't start, and what to do.
pub async fn serve(config: Config) -> Result<(), String> {
    let _flush = logging::start(config.log_filter.clone(), config.log_format);
    if !config.site_root.join("pkg").is_dir() {
        let root = config.site_root.display();
        return Err(format!("there is no built site in {root}: run `make build`, or set LEPTOS_SITE_ROOT to where it is"));
    }
    warn_of_dangers(&config);
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
        // Which port the system chose, if it was to choose one.
        let address = listener.local_addr().map_err(failed)?;
        tracing::info!("metrics are at http://{address}/metrics");
        let open = handle.clone();
        metrics.watch_connections(move || open.connection_count());
        // It ends with the program: what happens while that stops is told as well.
        tokio::spawn(self::server(listener, MAX_SCRAPERS).serve(metrics.router().into_make_service()));
    }
    Event::Started.record();
    server.serve(site.into_make_service_with_connect_info::<SocketAddr>()).await.map_err(failed)?;
    // Whoever still uses it was told to go.
    if timeout(LONGEST_CLOSE, store.close()).await.is_err() {
        tracing::warn!("the database was still in use");
    }
    Event::Stopped.record();
    Ok(())
}

/// HTTP/1.1 only: a proxy speaks HTTP/2 to browsers. To find out which one it is, hyper would wait for the first bytes for ever.
fn server(listener: TcpListener, max_connections: u32) -> Server<SocketAddr, ConnectionLimiter> {
    let mut server = Server::from_listener(listener).acceptor(ConnectionLimiter::new(max_connections)).http1_only();
    let mut http = server.http_builder().http1();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_READ_TIMEOUT).max_buf_size(MAX_HEAD);
    server
}

/// `variable` has set the address.
fn listen(variable: &str, address: SocketAddr) -> Result<TcpListener, String> {
    bind(address).map_err(|error| format!("can't listen on {address}: {error}; set {variable} to another address"))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // So that it can be started again at once.
    socket.set_reuseaddr(true)?;
    // Connections have it from here. Else the second part of an answer would wait until the client has confirmed the first, which
    // takes it 40 ms.
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn warn_of_dangers(config: &Config) {
    if !config.rate_limits {
        tracing::warn!("RATE_LIMITS is off: anyone may guess passwords as fast as this machine can check them");
    }
    match (config.origin.is_in_the_open(), config.insecure_http) {
        (true, true) => {
            tracing::warn!("INSECURE_HTTP is on: everybody in the same network can read passwords, sessions and todos");
        }
        (true, false) => tracing::warn!(
            "nobody can sign in: PUBLIC_ORIGIN is plain http, where browsers keep no session; serve by https, or set INSECURE_HTTP=true"
        ),
        (false, _) => {}
    }
    if config.origin.is_https() && config.trusted_proxies.is_empty() {
        tracing::warn!(
            "TRUSTED_PROXIES is not set, but PUBLIC_ORIGIN is https, which a proxy must speak: all people share its address, and one of \
             them can use up the limits of all"
        );
    }
    // A shell allows a thousand, and the system often a million.
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(0);
    if files < u64::from(config.max_connections) + OTHER_FILES {
        tracing::warn!(
            "the system lets this program have {files} open files, too few for MAX_CONNECTIONS={}: raise its limit (`ulimit -Hn`) \
             or lower MAX_CONNECTIONS",
            config.max_connections
        );
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::bind;

    #[tokio::test]
    async fn connections_send_at_once() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(listener.accept().await.unwrap().0.nodelay().unwrap());
    }
}
