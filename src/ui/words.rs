//! Error texts for users: what happened, and what to do.

use std::borrow::Cow;

use crate::{
    contract::{AppError, Field, Rule},
    domain::Weakness,
    ui::page_context::HttpWarning,
};

pub fn sentence(error: AppError) -> Cow<'static, str> {
    let sentence = match error {
        AppError::SignedOut => "Your session has ended. Sign in again.",
        AppError::WrongCredentials => "Wrong e-mail or password.",
        AppError::Invalid(field, rule) => invalid(field, rule),
        AppError::WrongPassword => "That’s not your current password. Try again.",
        AppError::RegistrationClosed => "Sign-up is closed here. Ask whoever runs this server for an account.",
        AppError::TodoLimit => "You’ve reached this server’s limit of todos. Delete some and try again.",
        AppError::NotFound => "This todo no longer exists; it may have been deleted in another tab.",
        AppError::ChangedElsewhere => {
            "This todo was changed somewhere else, so your edit wasn’t saved. Look at it and try again."
        }
        AppError::Malformed => "The server didn’t understand this page. Reload it and try again.",
        AppError::RateLimited(seconds) => {
            return ["Too many attempts; try again in ", &time(seconds), "."].concat().into();
        }
        AppError::Unavailable => {
            "The server is busy. If you changed something, we couldn’t confirm that it was saved: reload to check."
        }
        AppError::Unreachable => "The server can’t be reached. Check your connection and try again.",
        AppError::Intercepted => "Something between you and the server blocked this. Reload the page and try again.",
        AppError::Internal => {
            "Something went wrong on the server. If you changed something, we couldn’t confirm that it was saved: reload to check."
        }
    };
    sentence.into()
}

fn invalid(field: Field, rule: Rule) -> &'static str {
    match (field, rule) {
        (Field::Email, Rule::TooLong) => "This e-mail address is too long.",
        (Field::Password, Rule::TooLong) => "This password is too long. Use at most 128 characters.",
        (Field::Notes, Rule::TooLong) => "Notes can be up to 10,000 characters.",
        (Field::Tag, Rule::TooLong) => "A title with this tag would be longer than 500 characters.",
        (_, Rule::Unused) => "No active todo has this tag.",
        (Field::Tag, _) => "Use one word: letters, digits, - and _.",
        (_, Rule::NoRoom) => "This is too long for the tag of this view to fit behind it.",
        (Field::DueDate, _) => "This isn’t a date. It should look like 2026-12-31.",
        (_, Rule::Blank) => "Type what needs to be done first.",
        (_, Rule::TooShort) => "This password is too short. Use at least 8 characters.",
        (_, Rule::TooLong) => "Todos can be up to 500 characters.",
        (_, Rule::ControlCharacter) => "This has invisible characters that can’t be saved. Type it by hand.",
        (_, Rule::TooMany) => "You can add up to 500 todos at once. Remove some lines.",
        (_, Rule::Malformed) => "This isn’t an e-mail address. It should look like name@example.org.",
        (_, Rule::Taken) => "There’s already an account with this e-mail. Sign in instead.",
        (_, Rule::Guessable(weakness)) => guessable(weakness),
    }
}

/// Like [`sentence`], for the new e-mail of an account: nobody would sign in to the other one.
pub fn of_new_email(error: AppError) -> Cow<'static, str> {
    match error {
        AppError::Invalid(Field::Email, Rule::Taken) => "Another account has this e-mail. Use a different one.".into(),
        error => sentence(error),
    }
}

/// The result of a form of the account page.
pub fn done(what: &str) -> Option<&'static str> {
    match what {
        "email" => Some("Your e-mail is changed. Use it the next time you sign in."),
        "password" => Some("Your password is changed. Every other browser and program has been signed out."),
        "time-zone" => Some("Your time zone is saved."),
        _ => None,
    }
}

/// Like [`sentence`], for a line of several.
pub fn of_line(line: usize, error: AppError) -> String {
    format!("Line {line}: {}", sentence(error))
}

pub const SIGNED_IN_AGAIN: &str = "You’re signed in again. What you typed is back, but not saved yet.";

/// The request after a sign-in came without the session cookie.
pub const COOKIE_REFUSED: &str =
    "Your browser didn’t keep the cookie that keeps you signed in. Allow cookies for this site, then sign in again.";

/// On the pages for visitors.
pub const WHAT_THIS_IS: &str = "A calm todo list, kept on your own server.";

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
        Weakness::Common => "This password is too common. Three or four unrelated words are better.",
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
            ("Not allowed", "This didn’t come from a page of this site, so nothing was done. Open the site itself and try again.")
        }
        404 => ("Not found", "There’s no page at this address. It may be mistyped, or the page is gone."),
        405 => ("Not possible", "This address can’t be used this way. Nothing was changed."),
        408 => ("Too slow", "Your request didn’t arrive in time. Nothing was changed; try again."),
        413 => ("Too large", "Your request is too large. Nothing was changed; send less at once."),
        414 => ("Too long", "This address is longer than any on this site. It may have been pasted twice."),
        429 => ("Too many requests", "You’ve done this too often. Wait a little and try again."),
        503 | 504 => (
            "Not available",
            "The server is busy, or can't reach its database. We couldn't confirm that your changes were saved: check before you \
             try again.",
        ),
        400..500 => ("Not understood", "The server didn’t understand your request, or it was cut short. Nothing was changed."),
        _ => (
            "Something went wrong",
            "The server failed to answer. We couldn’t confirm that your changes were saved: check before you try again.",
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
