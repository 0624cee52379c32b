//! Accounts: who somebody is, proven by a password or by a token. No HTTP; may import `domain` and `store`,
//! and what stands beside this folder as far as `tests/it/architecture.rs` lists it.

mod accounts;
mod attempts;
mod errors;
mod hs256;
mod passwords;
mod strength;
mod tokens;

pub use self::{
    accounts::Identity,
    errors::IdentityError,
    passwords::hash_new_password,
    tokens::{AccessToken, Grant, GrantedToken, TokenError},
};
