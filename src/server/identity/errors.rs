//! Errors of account operations.

use super::passwords::Busy;
use crate::{
    domain::{EmailError, PasswordError},
    server::{
        rate_limit::{Refused, TooOften},
        store::StoreError,
    },
};

#[derive(Debug)]
pub enum IdentityError {
    /// Registration is closed.
    Closed,
    Email(EmailError),
    EmailTaken,
    /// A new password breaks the rules.
    Password(PasswordError),
    /// Unknown account or wrong password: one error after the same amount of work, against enumeration (ASVS 6.3.8).
    WrongCredentials,
    /// The password confirmation of a signed-in user failed.
    WrongPassword,
    TooOften(TooOften),
    /// The hashing queue is full or too slow.
    Busy,
    Store(StoreError),
}

impl From<EmailError> for IdentityError {
    fn from(error: EmailError) -> Self {
        Self::Email(error)
    }
}

impl From<PasswordError> for IdentityError {
    fn from(error: PasswordError) -> Self {
        Self::Password(error)
    }
}

impl From<Busy> for IdentityError {
    fn from(Busy: Busy) -> Self {
        Self::Busy
    }
}

impl From<StoreError> for IdentityError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refused> for IdentityError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooOften(too_often) => Self::TooOften(too_often),
            Refused::Store(error) => Self::Store(error),
        }
    }
}
