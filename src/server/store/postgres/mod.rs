//! Postgres, for several servers on one database.

mod connect;
mod database;

pub use self::{connect::applied_migrations, database::Postgres};
