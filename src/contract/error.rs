//! Everything that can go wrong for somebody who uses the site.

use leptos::server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::domain::{EmailError, PasswordError, TitleError, Weakness};

/// A closed set without free text: it goes to the browser, and there it can only choose among our own sentences
/// (`ui::words`). So it tells nothing of the inside, and quotes nobody. It is never part of an address: nobody can make a
/// link that shows an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// No session, or one that has expired or was ended.
    SignedOut,
    /// No account with this e-mail and password. Deliberately one answer for both.
    WrongCredentials,
    /// What was typed breaks a rule.
    #[serde(with = "invalid")]
    Invalid(Field, Rule),
    /// Not the password of the account that is signed in.
    WrongPassword,
    /// Nobody may sign up.
    RegistrationClosed,
    /// The user has as many todos as may be.
    TodoLimit,
    /// No such todo, or somebody else's.
    NotFound,
    /// It is not as the person saw it, who therefore can't mean to overwrite it.
    ChangedElsewhere,
    /// The request is not one that our pages make.
    Malformed,
    /// Done too often; waiting this many seconds helps.
    RateLimited(u32),
    /// The server is too busy or can't reach its database; trying again later helps.
    Unavailable,
    /// The browser got no answer.
    Unreachable,
    /// Something between browser and server refused the request.
    Intercepted,
    /// A fault of ours.
    Internal,
}

/// What somebody types into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Title,
    Email,
    /// One that is chosen.
    Password,
    /// The one that the account has.
    CurrentPassword,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Blank,
    TooShort,
    TooLong,
    ControlCharacter,
    Malformed,
    /// Somebody else has it.
    Taken,
    Guessable(Weakness),
}

/// All that can be invalid. On the way it is a number, its place in here: names would be 1.3 KB of WASM.
const INVALID: [(Field, Rule); 15] = [
    (Field::Title, Rule::Blank),
    (Field::Title, Rule::TooLong),
    (Field::Title, Rule::ControlCharacter),
    (Field::Email, Rule::Malformed),
    (Field::Email, Rule::TooLong),
    (Field::Email, Rule::Taken),
    (Field::Password, Rule::TooShort),
    (Field::Password, Rule::TooLong),
    (Field::Password, Rule::Guessable(Weakness::Common)),
    (Field::Password, Rule::Guessable(Weakness::Word)),
    (Field::Password, Rule::Guessable(Weakness::Pattern)),
    (Field::Password, Rule::Guessable(Weakness::Repeat)),
    (Field::Password, Rule::Guessable(Weakness::Date)),
    (Field::Password, Rule::Guessable(Weakness::Personal)),
    (Field::Password, Rule::Guessable(Weakness::Simple)),
];

mod invalid {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

    use super::{Field, INVALID, Rule};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub fn serialize<S: Serializer>(field: &Field, rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
        let place = INVALID.iter().position(|known| *known == (*field, *rule));
        place.ok_or_else(|| ser::Error::custom("no such pair"))?.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(Field, Rule), D::Error> {
        let place = u32::deserialize(deserializer)?;
        INVALID.get(place as usize).copied().ok_or_else(|| de::Error::custom("no such pair"))
    }
}

impl AppError {
    /// The field that it is about, if it is about one.
    #[must_use]
    pub fn field(self) -> Option<Field> {
        match self {
            Self::Invalid(field, _) => Some(field),
            Self::WrongPassword => Some(Field::CurrentPassword),
            _ => None,
        }
    }
}

impl From<EmailError> for AppError {
    fn from(error: EmailError) -> Self {
        let rule = match error {
            EmailError::Malformed => Rule::Malformed,
            EmailError::TooLong => Rule::TooLong,
        };
        Self::Invalid(Field::Email, rule)
    }
}

impl From<PasswordError> for AppError {
    fn from(error: PasswordError) -> Self {
        let rule = match error {
            PasswordError::TooShort => Rule::TooShort,
            PasswordError::TooLong => Rule::TooLong,
            PasswordError::Guessable(weakness) => Rule::Guessable(weakness),
        };
        Self::Invalid(Field::Password, rule)
    }
}

impl From<TitleError> for AppError {
    fn from(error: TitleError) -> Self {
        let rule = match error {
            TitleError::Blank => Rule::Blank,
            TitleError::TooLong => Rule::TooLong,
            TitleError::ControlCharacter => Rule::ControlCharacter,
        };
        Self::Invalid(Field::Title, rule)
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// Drops the framework's text, which may quote input.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::Unreachable,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::UnsupportedRequestMethod(_) => {
                Self::Malformed
            }
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AppError, EmailError, INVALID, PasswordError, TitleError, Weakness};

    #[test]
    fn every_error_reaches_the_browser() {
        use Weakness::{Common, Date, Pattern, Personal, Repeat, Simple, Word};

        let titles = [TitleError::Blank, TitleError::TooLong, TitleError::ControlCharacter].map(AppError::from);
        let emails = [EmailError::Malformed, EmailError::TooLong].map(AppError::from);
        let passwords = [PasswordError::TooShort, PasswordError::TooLong].map(AppError::from);
        let weak =
            [Common, Word, Pattern, Repeat, Date, Personal, Simple].map(|weakness| PasswordError::Guessable(weakness).into());
        let known = INVALID.map(|(field, rule)| AppError::Invalid(field, rule));
        for error in titles.into_iter().chain(emails).chain(passwords).chain(weak).chain(known) {
            let json = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<AppError>(&json).unwrap(), error, "{json}");
        }
    }
}
