//! What people read when something is wrong. One sentence says what happened, another what to do.

use crate::contract::AppError;

/// The sentence for an error.
pub fn sentence(error: AppError) -> &'static str {
    match error {
        AppError::SignedOut => "Your session has ended. Please sign in again.",
        AppError::WrongCredentials => "The e-mail or the password is wrong. Check both and try again.",
        AppError::EmailMalformed => "This is not an e-mail address. It looks like name@example.org.",
        AppError::EmailTooLong => "This e-mail address is too long.",
        AppError::EmailTaken => "There is an account with this e-mail already. Sign in instead.",
        AppError::PasswordTooShort => "This password is too short. Use at least 8 characters.",
        AppError::PasswordTooLong => "This password is too long. Use at most 128 characters.",
        AppError::PasswordGuessable => "This password is easy to guess. Three or four unrelated words make a good one.",
        AppError::TitleBlank => "Type what is to be done first.",
        AppError::TitleTooLong => "This is too long. A todo may have 500 characters.",
        AppError::TitleControlCharacter => "This has invisible characters that can't be saved. Type it by hand.",
        AppError::NotFound => "This todo is not there any more. It may have been deleted elsewhere.",
        AppError::ChangedElsewhere => "This todo was changed elsewhere. Nothing was overwritten; look at it and try again.",
        AppError::Malformed => "The page sent something that the server does not understand. Reload it and try again.",
        AppError::RateLimited => "That was too often. Nothing was changed; wait a little and try again.",
        AppError::Unavailable => "The server is busy. Nothing was changed; try again in a moment.",
        AppError::Unreachable => "The server can't be reached. Check your connection and try again.",
        AppError::Internal => "Something went wrong on the server. Nothing was changed; try again later.",
    }
}
