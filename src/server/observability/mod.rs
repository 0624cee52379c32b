//! What the program tells of itself: logs, security events, metrics and health. May import `domain`, `http` and `store`.

pub mod audit;
pub mod health;
pub mod json_lines;
mod log_queue;
pub mod logging;
pub mod metrics;
