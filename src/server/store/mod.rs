//! Persists accounts and todos. May import `domain`, and `metrics` to record; all SQL is in this module.

mod batch;
mod columns;
mod connect;
mod copy;
mod database;
mod error;
mod labels;
mod migrations;
mod moving;
mod postgres;
mod query;
mod sql_store;
mod sqlite;
mod statement;
#[cfg(test)]
mod tests;
mod todos;
mod traits;
mod types;
mod url;
mod users;

pub use self::{
    connect::{Role, connect, migration_status},
    copy::copy,
    error::StoreError,
    migrations::{Migration, MigrationState},
    query::{TodoCursor, TodoFilter, TodoQuery, TrashCursor},
    sqlite::{backup, restore},
    traits::{Store, TodoStore, UserStore},
    types::{
        Account, Batch, BulkChange, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, Schema, SessionClaims,
        UserChange, UserSummary, Write,
    },
    url::{DatabaseUrl, check_path},
};
