//! Reads request bodies with a size limit and a timeout.

use std::{error::Error, time::Duration};

use axum::body::{Body, Bytes, to_bytes};
use http_body_util::LengthLimitError;
use tokio::time::timeout;

/// The usual limit of the size.
pub const MAX_BYTES: usize = 64 * 1024;
/// For a todo: notes of 10,000 characters take up to 120,000 bytes, escaped.
pub const MAX_TODO_BYTES: usize = 256 * 1024;
/// For the whole body: at the usual limit, a modem of 56 kbit/s is just fast enough.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    TooLarge,
    TooSlow,
    /// The client disconnected, or sent less than `Content-Length`.
    Incomplete,
}

/// # Errors
/// [`BodyError`].
pub async fn read(body: Body, max_bytes: usize) -> Result<Bytes, BodyError> {
    let read = timeout(READ_TIMEOUT, to_bytes(body, max_bytes)).await.map_err(|_| BodyError::TooSlow)?;
    let is_too_large = |error: &axum::Error| error.source().is_some_and(<dyn Error>::is::<LengthLimitError>);
    read.map_err(|error| if is_too_large(&error) { BodyError::TooLarge } else { BodyError::Incomplete })
}
