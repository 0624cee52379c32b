//! Everything that runs on the server only. `gateway` may use `api` and `identity`; `api` may use `identity` and
//! `store`; `identity` may use `store`; none may look the other way. All may use what stands beside them in this folder.

pub mod api;
pub mod audit;
pub mod body;
pub mod client_address;
pub mod clock;
pub mod config;
mod connection;
mod env_file;
pub mod gateway;
pub mod headers;
mod health;
pub mod identity;
pub mod mail_address;
pub mod metrics;
pub mod operator;
mod page;
mod plain_http;
pub mod probe;
mod purge;
pub mod rate_limit;
pub mod secret;
mod serve;
pub mod shutdown;
pub mod site;
pub mod store;
mod target;
pub mod telemetry;
pub mod upkeep;
mod well_known;

pub use serve::serve;
