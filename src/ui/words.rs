//! Error texts for users: what happened, and what to do.

use std::borrow::Cow;

use crate::{
    contract::{AppError, Field, Rule},
    domain::Weakness,
    ui::page_context::HttpWarning,
};

pub fn sentence(error: AppError) -> Cow<'static, str> {
    let sentence = match error {
        AppError::SignedOut => "Your session has ended. Please sign in again.",
        AppError::WrongCredentials => "The e-mail or the password is wrong. Check both and try again.",
        AppError::Invalid(field, rule) => invalid(field, rule),
        AppError::WrongPassword => "This is not your password. Check it and try again.",
        AppError::RegistrationClosed => "Sign-up is closed here. Ask whoever runs this server for an account.",
        AppError::TodoLimit => "You have as many todos as this server lets one person have. Delete some, and try again.",
        AppError::NotFound => "This todo is not there any more. It may have been deleted elsewhere.",
        AppError::ChangedElsewhere => "This todo was changed elsewhere. Nothing was overwritten; look at it and try again.",
        AppError::Malformed => "The page sent something that the server does not understand. Reload it and try again.",
        AppError::RateLimited(seconds) => {
            return ["That was too often. Please wait and try again in ", &time(seconds), "."].concat().into();
        }
        AppError::Unavailable => {
            "The server is busy. If you changed something, we couldn't confirm that it was saved: reload to check."
        }
        AppError::Unreachable => "The server can't be reached. Check your connection and try again.",
        AppError::Intercepted => "Something between you and the server refused this. Reload the page and try again.",
        AppError::Internal => {
            "Something went wrong on the server. If you changed something, we couldn't confirm that it was saved: reload to check."
        }
    };
    sentence.into()
}

fn invalid(field: Field, rule: Rule) -> &'static str {
    match (field, rule) {
        (Field::Email, Rule::TooLong) => "This e-mail address is too long.",
        (Field::Password, Rule::TooLong) => "This password is too long. Use at most 128 characters.",
        (_, Rule::Blank) => "Type what is to be done first.",
        (_, Rule::TooShort) => "This password is too short. Use at least 8 characters.",
        (_, Rule::TooLong) => "This is too long. A todo may have 500 characters.",
        (_, Rule::ControlCharacter) => "This has invisible characters that can't be saved. Type it by hand.",
        (_, Rule::Malformed) => "This is not an e-mail address. It looks like name@example.org.",
        (_, Rule::Taken) => "There is an account with this e-mail already. Sign in instead.",
        (_, Rule::Guessable(weakness)) => guessable(weakness),
    }
}

/// The request after a sign-in came without the session cookie.
pub const COOKIE_REFUSED: &str =
    "Your browser didn't keep the cookie that says you are signed in. Allow cookies for this site, then sign in again.";

/// Like [`sentence`], for an error that is known to have changed nothing.
pub fn reason(error: AppError) -> Cow<'static, str> {
    if error == AppError::Internal { "Something went wrong on the server. Try again later.".into() } else { sentence(error) }
}

/// A waiting time, rounded up.
pub fn time(seconds: u32) -> String {
    match (seconds, seconds.div_ceil(60)) {
        (..=1, _) => "a second".to_owned(),
        (..=90, _) => seconds.to_string() + " seconds",
        (_, minutes) => minutes.to_string() + " minutes",
    }
}

/// The effect of plain HTTP for the user, and the fix for the operator.
pub fn about_http(warning: HttpWarning) -> (&'static str, Option<&'static str>) {
    match warning {
        HttpWarning::Elsewhere => (
            "This is not the address of this site.",
            Some(
                "set PUBLIC_ORIGIN to the address that people type into the browser. Signing in needs HTTPS there, by a proxy with \
                 TLS in front of it. If you have to do without, set INSECURE_HTTP=true as well; then everybody in the same network \
                 can read along.",
            ),
        ),
        HttpWarning::HttpsNeeded => (
            "Signing in needs HTTPS. This site is at plain http, where your browser will not keep you signed in.",
            Some(
                "put a proxy with TLS in front of it, and set PUBLIC_ORIGIN to the address with https. If you have to do without, \
                 set INSECURE_HTTP=true; then everybody in the same network can read along.",
            ),
        ),
        HttpWarning::InTheOpen => {
            ("This connection is not encrypted. Everybody in the same network can read your password and your todos.", None)
        }
    }
}

fn guessable(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Common => "This is a common password, or much like one. Three or four unrelated words are better.",
        Weakness::Word => "A word or a name alone is easy to guess. Add two or three words that have nothing to do with it.",
        Weakness::Pattern => "Rows of keys and sequences like abc are easy to guess. Three or four unrelated words are better.",
        Weakness::Repeat => "Repeats like aaa or abcabc are easy to guess. Use other words instead of the same again.",
        Weakness::Date => "Dates and years are easy to guess. Three or four unrelated words are better.",
        Weakness::Personal => {
            "Your e-mail and the name of this site are tried first. Use words that have nothing to do with them."
        }
        Weakness::Simple => "This password is easy to guess. Add another word or two; uncommon ones are better.",
    }
}

pub const PASSWORD_RULES: &str = "At least 8 characters, and hard to guess: three or four unrelated words are good.";

/// Heading and sentence of the error page for an HTTP status.
pub fn failure(status: u16) -> (&'static str, &'static str) {
    match status {
        403 => {
            ("Not allowed", "This was not sent by a page of this site, so nothing was done. Open the site itself and try again.")
        }
        404 => ("Not found", "There is no page at this address. It may have been mistyped, or the page is gone."),
        405 => ("Not possible", "There is something at this address, but it can't be used in this way. Nothing was changed."),
        408 => ("Too slow", "What was sent did not arrive in time. Nothing was changed; try again."),
        413 => ("Too large", "What was sent is too large. Nothing was changed; send less at once."),
        414 => ("Too long", "This address is longer than any of this site. It may have been pasted twice; shorten it."),
        429 => ("Too often", "That was too often. Wait a little before you try again."),
        503 | 504 => (
            "Not available",
            "The server is busy, or can't reach its database. We couldn't confirm that what you changed was saved: look before \
             you try again.",
        ),
        400..500 => ("Not understood", "What was sent has no meaning here, or did not arrive as a whole. Nothing was changed."),
        _ => (
            "Something went wrong",
            "A fault of the server kept it from answering. We couldn't confirm that what you changed was saved: look before \
             you try again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{AppError, failure, sentence};

    /// A write may have been committed although its response was lost, after a time-out for example.
    #[test]
    fn no_sentence_claims_an_unknown_outcome() {
        let errors = [AppError::Unavailable, AppError::Unreachable, AppError::Internal, AppError::RateLimited(5)];
        let pages = [429, 500, 502, 503, 504].map(|status| failure(status).1);
        for text in errors.map(sentence).iter().map(AsRef::as_ref).chain(pages) {
            let text: &str = text;
            assert!(!text.to_lowercase().contains("nothing was"), "{text}");
        }
    }
}
