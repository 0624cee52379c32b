//! HTTP plumbing: connections, bodies, request targets, client addresses and response headers. May import `config`.

pub mod body;
pub mod client_address;
pub mod compression;
pub mod connection;
pub mod containment;
pub mod request_target;
pub mod security_headers;
