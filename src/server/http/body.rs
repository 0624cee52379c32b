//! Reading the body of a request: no more than so much, and no longer than so long.

use std::{error::Error, time::Duration};

use axum::body::{Body, Bytes, to_bytes};
use http_body_util::LengthLimitError;
use tokio::time::timeout;

/// Largest body that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// How long a body may take to come, as a whole: the slowest that is let through is a modem of 56 kbit/s.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    TooLarge,
    TooSlow,
    /// The client went away, or sent less than it announced.
    BrokenOff,
}

/// The whole body.
///
/// # Errors
/// See [`BodyError`].
pub async fn read(body: Body) -> Result<Bytes, BodyError> {
    let read = timeout(READ_TIMEOUT, to_bytes(body, MAX_BYTES)).await.map_err(|_| BodyError::TooSlow)?;
    let is_too_large = |error: &axum::Error| error.source().is_some_and(<dyn Error>::is::<LengthLimitError>);
    read.map_err(|error| if is_too_large(&error) { BodyError::TooLarge } else { BodyError::BrokenOff })
}
