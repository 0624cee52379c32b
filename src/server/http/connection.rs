//! Connections: how many there may be at once, and how long a client may keep an answer waiting.

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

/// How long a client may keep an answer waiting that it does not take. What it takes makes up for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// How fast it has to take one in the long run, in bytes a second: the answer is in memory until then, and one of a hundred
/// megabytes for no more than three hours.
const SLOWEST: u32 = 10_000;

/// How long no further warning is logged of connections without a permit.
const QUIET: Duration = Duration::from_mins(1);

/// Accepts connections while there are permits. Those beyond are closed at once: one that waits costs as much.
#[derive(Clone)]
pub struct ConnectionLimiter {
    permits: Arc<Semaphore>,
    /// When the last warning was logged that there are none.
    warned: Arc<Mutex<Option<Instant>>>,
}

impl ConnectionLimiter {
    pub fn new(max_connections: u32) -> Self {
        let permits = usize::try_from(max_connections).unwrap_or(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), warned: Arc::default() }
    }

    /// Whether to log a warning now: one for a flood, and not one for each connection of it.
    fn warning_is_due(&self) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = warned.is_none_or(|warned| warned.elapsed() >= QUIET);
        if is_due {
            *warned = Some(Instant::now());
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
            if self.warning_is_due() {
                tracing::warn!("there are as many connections as MAX_CONNECTIONS allows: further ones are closed at once");
            }
            return ready(Err(io::Error::other("there are too many connections")));
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(PATIENCE));
        let connection = Connection { stream: Box::pin(stream), patience: PATIENCE, waiting_since: None, _permit: permit };
        ready(Ok((connection, service)))
    }
}

/// A connection, which holds its permit until it ends.
pub struct Connection<I> {
    stream: Pin<Box<TimeoutStream<I>>>,
    /// How much longer the client may keep an answer waiting.
    patience: Duration,
    waiting_since: Option<Instant>,
    _permit: OwnedSemaphorePermit,
}

impl<I: AsyncRead + AsyncWrite> Connection<I> {
    /// Takes what was waited for these bytes from the patience, and adds to it for each of them.
    fn written(&mut self, bytes: usize) {
        let waited = self.waiting_since.take().map_or(Duration::ZERO, |since| since.elapsed());
        let earned = Duration::from_secs(bytes as u64) / SLOWEST;
        self.patience = (self.patience.saturating_sub(waited) + earned).min(PATIENCE);
        self.stream.as_mut().set_write_timeout_pinned(Some(self.patience));
    }

    fn watch(&mut self, write: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &write {
            Poll::Pending => drop(self.waiting_since.get_or_insert_with(Instant::now)),
            Poll::Ready(Ok(bytes)) => self.written(*bytes),
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
        self.watch(write)
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
        self.watch(write)
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

    #[tokio::test]
    async fn r_15_place_is_free_again_when_a_connection_ends() {
        let limiter = ConnectionLimiter::new(2);
        let (first, second) = (connect(&limiter).await, connect(&limiter).await);
        assert!(first.is_some() && second.is_some() && connect(&limiter).await.is_none());
        drop(first);
        let third = connect(&limiter).await;
        assert!(third.is_some() && connect(&limiter).await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_77_flood_of_connections_is_told_once_a_minute() {
        let limiter = ConnectionLimiter::new(1);
        let mut warnings = 0;
        for _ in 0..120 {
            warnings += u32::from(limiter.clone().warning_is_due());
            sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(warnings, 2);
    }

    /// Sends what takes a minute at the slowest, to a client that takes as much as this and then pauses. Tells after how many
    /// seconds it was sent, or the client dropped.
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

    #[tokio::test(start_paused = true)]
    async fn r_14_client_that_does_not_read_is_dropped() {
        assert_eq!(send(10_000, 1_000_000).await, Err((ErrorKind::TimedOut, 30)));
    }

    #[tokio::test(start_paused = true)]
    async fn r_14_client_that_reads_a_little_now_and_then_is_dropped() {
        for (taken, pause, dropped) in [(10, 1, 30), (1000, 1, 33), (10_000, 10, 33), (10_000, 29, 31)] {
            assert_eq!(send(taken, pause).await, Err((ErrorKind::TimedOut, dropped)), "{taken} bytes each {pause} s");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn r_14_client_that_reads_slowly_gets_all_of_it() {
        for (taken, pause) in [(10_000, 1), (200_000, 20), (10_000, 0)] {
            assert!(send(taken, pause).await.is_ok(), "{taken} bytes each {pause} s");
        }
    }
}
