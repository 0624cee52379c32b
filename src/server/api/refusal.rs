//! Errors of `identity` as errors of the API.

use super::error::{ApiError, Code, FieldError};
use crate::{
    domain::{EmailError, PasswordError, Weakness},
    server::identity::IdentityError,
};

impl From<IdentityError> for ApiError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Email(error) => invalid_email(error),
            IdentityError::EmailTaken => {
                FieldError::of_member("/email", Code::Taken, "email is the address of another account").into()
            }
            IdentityError::Password(error) => invalid_password(error),
            IdentityError::WrongCredentials => Self::WrongCredentials,
            IdentityError::WrongPassword => Self::WrongPassword,
            IdentityError::TooOften(too_often) => Self::RateLimited(too_often),
            IdentityError::Busy => Self::Unavailable,
            IdentityError::Store(error) => error.into(),
            // Only a sign-up returns it, and the API has none.
            IdentityError::Closed => Self::Internal,
        }
    }
}

fn invalid_email(error: EmailError) -> ApiError {
    match error {
        EmailError::Malformed => FieldError::of_member("/email", Code::Malformed, "email must be an e-mail address").into(),
        EmailError::TooLong => FieldError::of_member("/email", Code::TooLong, "email may have 254 bytes").into(),
    }
}

fn invalid_password(error: PasswordError) -> ApiError {
    match error {
        PasswordError::TooShort => FieldError::of_member("/new", Code::TooShort, "new must have 8 characters or more").into(),
        PasswordError::TooLong => FieldError::of_member("/new", Code::TooLong, "new may have 128 characters").into(),
        PasswordError::Guessable(weakness) => {
            let error = FieldError::of_member("/new", Code::Guessable, guessable(weakness));
            FieldError { weakness: Some(weakness), ..error }.into()
        }
    }
}

fn guessable(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Common => "new is easy to guess: it is a common password, or much like one",
        Weakness::Word => "new is easy to guess: it is hardly more than a word or a name",
        Weakness::Pattern => "new is easy to guess: it is a row of keys or a sequence",
        Weakness::Repeat => "new is easy to guess: it repeats itself",
        Weakness::Date => "new is easy to guess: it is hardly more than a date or a year",
        Weakness::Personal => "new is easy to guess: it is made from the e-mail address or the name of this site",
        Weakness::Simple => "new is easy to guess",
    }
}
