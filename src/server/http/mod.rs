//! HTTP as such: connections, bodies, request targets, client addresses and the headers of every answer. May import `config`.

pub mod body;
pub mod client_address;
pub mod connection;
pub mod request_target;
pub mod security_headers;
