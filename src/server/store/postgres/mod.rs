//! Postgres: where one machine is not enough. Any number of servers share one database.

mod connect;
mod database;

pub use self::{connect::applied_migrations, database::Postgres};
