//! Server-only code. `gateway` may import `api` and `identity`; `api` may import `identity` and `store`; `identity` may import
//! `store`; the reverse is not allowed.

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod folding;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod mail_address;
pub mod matches;
pub mod observability;
mod purge;
pub mod rate_limit;
pub mod shutdown;
pub mod site;
pub mod store;
pub mod tags;
pub mod time_zone;
