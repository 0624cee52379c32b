//! Accounts and authentication by password or token. No HTTP; may import `domain`, `store` and the sibling modules listed in
//! `tests/it/architecture.rs`.

mod accounts;
mod attempts;
mod errors;
mod hs256;
mod job_queue;
mod passwords;
mod strength;
mod tokens;

pub use self::{
    accounts::Identity,
    errors::IdentityError,
    passwords::hash_new_password,
    tokens::{AccessToken, Grant, GrantedToken, TokenError},
};
