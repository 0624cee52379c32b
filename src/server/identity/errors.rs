//! Why an account was not made, proven, changed or deleted.

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
    /// Nobody may sign up.
    Closed,
    Email(EmailError),
    EmailTaken,
    /// A password that may not be chosen.
    Password(PasswordError),
    /// No such account, or not its password; deliberately one answer, after the same work (ASVS 6.3.8).
    WrongCredentials,
    /// Somebody who is signed in could not confirm it by the password.
    WrongPassword,
    TooOften(TooOften),
    /// Too many passwords are being hashed.
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
