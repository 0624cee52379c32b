//! Confines the faults of a handler to its request. As functions and not as layers: a layer of a router clones and boxes all those below it
//! for each request.

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tokio::time::timeout;

/// Answers a panic with 500. The panic hook has logged it.
pub async fn catch_panic(work: impl Future<Output = Response>) -> Response {
    let failed = (StatusCode::INTERNAL_SERVER_ERROR, "The server has a fault.\n");
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| failed.into_response())
}

/// As [`catch_panic`], and drops `work` after `limit`, with 503.
pub async fn contain(limit: Duration, work: impl Future<Output = Response>) -> Response {
    timeout(limit, catch_panic(work)).await.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}
