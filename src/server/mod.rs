//! Everything that runs on the server only. `gateway` may use `api` and `identity`; `api` may use `identity` and
//! `store`; `identity` may use `store`; none may look the other way.

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod mail_address;
pub mod observability;
mod purge;
pub mod rate_limit;
pub mod shutdown;
pub mod site;
pub mod store;
