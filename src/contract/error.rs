//! The errors that users can get.

use leptos::server_fn::{codec::JsonEncoding, error::FromServerFnError, error::ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::domain::{DueDateError, EmailError, LinesError, NotesError, PasswordError, TitleError, Weakness};

/// A closed enum without free text that selects a sentence of `ui::words`, so it discloses no internals and echoes no input. It
/// is never part of a URL, so no link can show a forged error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// No session, or an expired or revoked one.
    SignedOut,
    /// Deliberately the same for an unknown e-mail and a wrong password.
    WrongCredentials,
    #[serde(with = "invalid")]
    Invalid(Field, Rule),
    /// Not the current password of the signed-in account.
    WrongPassword,
    RegistrationClosed,
    TodoLimit,
    /// No such todo, or one of another account.
    NotFound,
    /// The precondition failed: the todo has changed since the user saw it.
    ChangedElsewhere,
    /// No page of this site sends such a request.
    Malformed,
    /// Retry after this many seconds.
    RateLimited(u32),
    /// The server is overloaded or can't reach its database; a later retry can succeed.
    Unavailable,
    /// The browser got no response from the server.
    Unreachable,
    /// An intermediary, such as a proxy, rejected the request.
    Intercepted,
    Internal,
}

/// An input field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Title,
    Notes,
    DueDate,
    Email,
    /// A new password.
    Password,
    CurrentPassword,
    /// The name of a tag.
    Tag,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Blank,
    TooShort,
    TooLong,
    ControlCharacter,
    Malformed,
    /// Another account has this e-mail.
    Taken,
    Guessable(Weakness),
    /// Of titles in one form.
    TooMany,
    /// The tag of the view does not fit behind a new title.
    NoRoom,
    /// No active todo has the tag.
    Unused,
}

/// All valid pairs. The index in this array is the wire format, because names would add 1.3 KB to the WASM.
const INVALID: [(Field, Rule); 23] = [
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
    (Field::Notes, Rule::TooLong),
    (Field::Notes, Rule::ControlCharacter),
    (Field::DueDate, Rule::Malformed),
    (Field::Title, Rule::TooMany),
    (Field::Title, Rule::NoRoom),
    (Field::Tag, Rule::Malformed),
    (Field::Tag, Rule::TooLong),
    (Field::Tag, Rule::Unused),
];

mod invalid {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

    use super::{Field, INVALID, Rule};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub fn serialize<S: Serializer>(field: &Field, rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
        let index = INVALID.iter().position(|known| *known == (*field, *rule));
        index.ok_or_else(|| ser::Error::custom("no such pair"))?.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(Field, Rule), D::Error> {
        let index = u32::deserialize(deserializer)?;
        INVALID.get(index as usize).copied().ok_or_else(|| de::Error::custom("no such pair"))
    }
}

/// The names in JSON of the errors without a number.
const NAMES: [(&str, AppError); 12] = [
    ("SignedOut", AppError::SignedOut),
    ("WrongCredentials", AppError::WrongCredentials),
    ("WrongPassword", AppError::WrongPassword),
    ("RegistrationClosed", AppError::RegistrationClosed),
    ("TodoLimit", AppError::TodoLimit),
    ("NotFound", AppError::NotFound),
    ("ChangedElsewhere", AppError::ChangedElsewhere),
    ("Malformed", AppError::Malformed),
    ("Unavailable", AppError::Unavailable),
    ("Unreachable", AppError::Unreachable),
    ("Intercepted", AppError::Intercepted),
    ("Internal", AppError::Internal),
];

impl AppError {
    /// The names in JSON of the errors with a number.
    pub const NUMBERED: [&str; 2] = ["Invalid", "RateLimited"];

    /// The inverse of the serialisation as JSON, `"name"` or `{"name": number}`, for the browser, which does without serde.
    #[must_use]
    pub fn of_wire(name: &str, number: u32) -> Option<Self> {
        match name {
            "Invalid" => INVALID.get(number as usize).map(|(field, rule)| Self::Invalid(*field, *rule)),
            "RateLimited" => Some(Self::RateLimited(number)),
            name => NAMES.iter().find(|(known, _)| *known == name).map(|(_, error)| *error),
        }
    }

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

impl From<NotesError> for AppError {
    fn from(error: NotesError) -> Self {
        let rule = match error {
            NotesError::TooLong => Rule::TooLong,
            NotesError::ControlCharacter => Rule::ControlCharacter,
        };
        Self::Invalid(Field::Notes, rule)
    }
}

impl From<DueDateError> for AppError {
    fn from(DueDateError: DueDateError) -> Self {
        Self::Invalid(Field::DueDate, Rule::Malformed)
    }
}

impl From<LinesError> for AppError {
    fn from(error: LinesError) -> Self {
        match error {
            LinesError::TooMany => Self::Invalid(Field::Title, Rule::TooMany),
            LinesError::Line(_, error) => error.into(),
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// Drops the framework's text, which may echo input.
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
    use serde_json::Value;

    use super::{AppError, EmailError, INVALID, NAMES, PasswordError, TitleError, Weakness};

    /// As the island reads it.
    fn of_wire(json: &Value) -> Option<AppError> {
        match json {
            Value::String(name) => AppError::of_wire(name, 0),
            json => AppError::NUMBERED
                .into_iter()
                .find_map(|name| AppError::of_wire(name, json.get(name)?.as_u64()?.try_into().ok()?)),
        }
    }

    #[test]
    fn every_error_reaches_the_browser() {
        use Weakness::{Common, Date, Pattern, Personal, Repeat, Simple, Word};

        let titles = [TitleError::Blank, TitleError::TooLong, TitleError::ControlCharacter].map(AppError::from);
        let emails = [EmailError::Malformed, EmailError::TooLong].map(AppError::from);
        let passwords = [PasswordError::TooShort, PasswordError::TooLong].map(AppError::from);
        let weak =
            [Common, Word, Pattern, Repeat, Date, Personal, Simple].map(|weakness| PasswordError::Guessable(weakness).into());
        let known = INVALID.map(|(field, rule)| AppError::Invalid(field, rule));
        let names = NAMES.map(|(_, error)| error).into_iter().chain([AppError::RateLimited(7)]);
        for error in titles.into_iter().chain(emails).chain(passwords).chain(weak).chain(known).chain(names) {
            let json = serde_json::to_value(error).unwrap();
            assert_eq!(of_wire(&json), Some(error), "{json}");
            assert_eq!(serde_json::from_value::<AppError>(json).unwrap(), error);
        }
    }

    #[test]
    fn only_our_own_errors_are_read() {
        for other in ["\"Other\"", "{\"Invalid\":23}", "{\"Other\":1}", "{\"NotFound\":1}", "null", "[]"] {
            assert_eq!(of_wire(&serde_json::from_str(other).unwrap()), None, "{other}");
        }
    }
}
