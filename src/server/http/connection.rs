//! Limits concurrent connections, and drops clients that read responses too slowly.

use std::{
    future::{Ready, ready},
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_io_timeout::TimeoutStream;

/// The time for which a client may block writes. Bytes that it reads earn time back, up to this maximum.
const WRITE_BUDGET: Duration = Duration::from_secs(30);

/// The minimum sustained read rate. It bounds how long a response stays in memory: a hundred megabytes for three hours at most.
const MIN_BYTES_PER_SECOND: u32 = 10_000;

const WARN_INTERVAL: Duration = Duration::from_mins(1);

/// Closes connections beyond the limit immediately: a queued connection would cost as much as an open one.
#[derive(Clone)]
pub struct ConnectionLimiter {
    permits: Arc<Semaphore>,
    last_warned_at: Arc<Mutex<Option<Instant>>>,
}

impl ConnectionLimiter {
    pub fn new(max_connections: u32) -> Self {
        let permits = usize::try_from(max_connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), last_warned_at: Arc::default() }
    }

    /// Throttles the warning during a flood.
    fn should_warn(&self) -> bool {
        let mut last_warned_at = self.last_warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last_warned_at.is_none_or(|at| at.elapsed() >= WARN_INTERVAL);
        if is_due {
            *last_warned_at = Some(Instant::now());
        }
        is_due
    }
}

impl<I: AsyncRead + AsyncWrite, S> Accept<I, S> for ConnectionLimiter {
    type Stream = Connection<I>;
    type Service = S;
    type Future = Ready<io::Result<(Connection<I>, S)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            if self.should_warn() {
                tracing::warn!("MAX_CONNECTIONS is reached: new connections are closed");
            }
            return ready(Err(io::Error::other("too many connections")));
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_BUDGET));
        let connection =
            Connection { stream: Box::pin(stream), write_budget: WRITE_BUDGET, blocked_since: None, _permit: permit };
        ready(Ok((connection, service)))
    }
}

/// A connection that holds a permit until it is dropped.
pub struct Connection<I> {
    stream: Pin<Box<TimeoutStream<I>>>,
    /// The remaining time for blocked writes.
    write_budget: Duration,
    blocked_since: Option<Instant>,
    _permit: OwnedSemaphorePermit,
}

impl<I: AsyncRead + AsyncWrite> Connection<I> {
    /// Charges the blocked time to the write budget, and credits the bytes.
    fn settle(&mut self, bytes: usize) {
        let waited = self.blocked_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        let earned = Duration::from_secs(bytes as u64) / MIN_BYTES_PER_SECOND;
        self.write_budget = (self.write_budget.saturating_sub(waited) + earned).min(WRITE_BUDGET);
        self.stream.as_mut().set_write_timeout_pinned(Some(self.write_budget));
    }

    fn track(&mut self, write: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &write {
            Poll::Pending => drop(self.blocked_since.get_or_insert_with(Instant::now)),
            Poll::Ready(Ok(bytes)) => self.settle(*bytes),
            Poll::Ready(Err(_)) => {}
        }
        write
    }
}

impl<I: AsyncRead + AsyncWrite> AsyncRead for Connection<I> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(context, buffer)
    }
}

impl<I: AsyncRead + AsyncWrite> AsyncWrite for Connection<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let write = self.stream.as_mut().poll_write(context, bytes);
        self.track(write)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let write = self.stream.as_mut().poll_write_vectored(context, bytes);
        self.track(write)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, time::Duration};

    use axum_server::accept::Accept;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::{Instant, sleep},
    };

    use super::{Connection, ConnectionLimiter};

    async fn connect(limiter: &ConnectionLimiter) -> Option<(Connection<DuplexStream>, DuplexStream)> {
        let (ours, theirs) = duplex(10_000);
        limiter.accept(ours, ()).await.ok().map(|(connection, ())| (connection, theirs))
    }

    ///
    #[tokio::test]
    async fn closed_connection_releases_its_permit() {
        let limiter = ConnectionLimiter::new(2);
        let (first, second) = (connect(&limiter).await, connect(&limiter).await);
        assert!(first.is_some() && second.is_some() && connect(&limiter).await.is_none());
        drop(first);
        let third = connect(&limiter).await;
        assert!(third.is_some() && connect(&limiter).await.is_none());
    }

    ///
    #[tokio::test(start_paused = true)]
    async fn flood_of_connections_is_told_once_a_minute() {
        let limiter = ConnectionLimiter::new(1);
        let mut warnings = 0;
        for _ in 0..120 {
            warnings += u32::from(limiter.clone().should_warn());
            sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(warnings, 2);
    }

    /// Sends a minute's worth at the minimum rate, to a client that reads `taken` bytes after each pause. Returns the
    /// seconds until the end, or until the client was dropped.
    async fn send(taken: usize, pause: u64) -> Result<u64, (ErrorKind, u64)> {
        let (mut ours, mut theirs) = connect(&ConnectionLimiter::new(1)).await.unwrap();
        let reader = tokio::spawn(async move {
            let mut buffer = vec![0; taken];
            loop {
                sleep(Duration::from_secs(pause)).await;
                theirs.read_exact(&mut buffer).await.unwrap();
            }
        });
        let start = Instant::now();
        let sent = ours.write_all(&vec![0; 600_000]).await;
        reader.abort();
        sent.map(|()| start.elapsed().as_secs()).map_err(|error| (error.kind(), start.elapsed().as_secs()))
    }

    ///
    #[tokio::test(start_paused = true)]
    async fn client_that_does_not_read_is_dropped() {
        assert_eq!(send(10_000, 1_000_000).await, Err((ErrorKind::TimedOut, 30)));
    }

    ///
    #[tokio::test(start_paused = true)]
    async fn client_that_reads_below_the_minimum_rate_is_dropped() {
        for (taken, pause, dropped) in [(10, 1, 30), (1000, 1, 33), (10_000, 10, 33), (10_000, 29, 31)] {
            assert_eq!(send(taken, pause).await, Err((ErrorKind::TimedOut, dropped)), "{taken} bytes each {pause} s");
        }
    }

    ///
    #[tokio::test(start_paused = true)]
    async fn client_that_reads_at_the_minimum_rate_gets_everything() {
        for (taken, pause) in [(10_000, 1), (200_000, 20), (10_000, 0)] {
            assert!(send(taken, pause).await.is_ok(), "{taken} bytes each {pause} s");
        }
    }
}
