//! Why an account was not made, proven or changed.

use crate::{
    domain::{EmailError, PasswordError},
    server::{
        rate_limit::{Refused, TooOften},
        store::StoreError,
    },
};

/// Why nobody was signed up.
#[derive(Debug)]
pub enum SignUpError {
    /// Nobody may.
    Closed,
    Email(EmailError),
    Password(PasswordError),
    EmailTaken,
    TooOften(TooOften),
    Busy,
    Store(StoreError),
}

/// Why nobody was signed in.
#[derive(Debug)]
pub enum SignInError {
    /// No such account, or not its password; deliberately one answer, after the same work (ASVS 6.3.8).
    WrongCredentials,
    TooOften(TooOften),
    Busy,
    Store(StoreError),
}

/// Why somebody who is signed in could not confirm it by the password, or what was to follow was not done.
#[derive(Debug)]
pub enum ConfirmError {
    WrongPassword,
    TooOften(TooOften),
    Busy,
    Store(StoreError),
}

/// Why a password was not changed.
#[derive(Debug)]
pub enum ChangePasswordError {
    Confirm(ConfirmError),
    /// The new one may not be chosen.
    New(PasswordError),
}

macro_rules! from_refused {
    ($($error:ident),*) => {
        $(impl From<Refused> for $error {
            fn from(refused: Refused) -> Self {
                match refused {
                    Refused::TooOften(too_often) => Self::TooOften(too_often),
                    Refused::Store(error) => Self::Store(error),
                }
            }
        })*
    };
}

from_refused!(SignUpError, SignInError, ConfirmError);
