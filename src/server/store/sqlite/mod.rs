//! SQLite: the default, for one machine.

mod backup;
mod database;
mod file;
mod writer;

pub use self::{
    backup::{backup, restore},
    database::{Sqlite, applied_migrations},
};
