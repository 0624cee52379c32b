//! Persists accounts and todos. May import `domain`, the text and time rules of the server, and `metrics` to record; all SQL is in
//! this module.

mod batch;
mod changes;
mod columns;
mod connect;
mod copy;
mod database;
mod derived;
mod error;
mod labels;
mod migrations;
mod moving;
mod postgres;
mod query;
mod rename;
mod sql_store;
mod sqlite;
mod statement;
mod summary;
#[cfg(test)]
mod tests;
mod todos;
mod traits;
mod types;
mod upkeep;
mod url;
mod users;

pub use self::{
    connect::{Role, connect, migration_status},
    copy::copy,
    error::StoreError,
    migrations::{Migration, MigrationState},
    query::{Sort, SummaryQuery, TodoCursor, TodoFilter, TodoQuery, TrashCursor},
    sqlite::{backup, restore},
    traits::{Store, TodoStore, UserStore},
    types::{
        Account, Batch, BulkChange, ChangeEmail, Condition, CreateUser, KeptTodo, NewTodo, NewUser, Owner, Page, RenamedTag,
        Schema, SessionClaims, Summary, TagCount, UserChange, UserSummary, Write,
    },
    url::{DatabaseUrl, check_path},
};
