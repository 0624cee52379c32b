//! A password that may be chosen for an account.

use serde::{Deserialize, Serialize};

/// A password of 8 to 128 characters. There are no rules on its composition (NIST SP 800-63B, ASVS 6.2.5); whether it
/// is easy to guess is for the server to say, because the dictionary is too large for a browser.
///
/// It can't be printed or serialised.
#[derive(Clone)]
pub struct Password(String);

/// Why a text may not be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// Fewer than 8 characters.
    TooShort,
    /// More than 128 characters.
    TooLong,
    /// Common, repetitive, or made from the e-mail address.
    Guessable(Weakness),
}

/// What makes a password easy to guess, as far as it helps to find a better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weakness {
    /// Many people have chosen it, or one much like it.
    Common,
    /// A word or a name alone.
    Word,
    /// Keys that lie side by side, or a sequence such as abc.
    Pattern,
    /// The same again and again.
    Repeat,
    /// A date or a year.
    Date,
    /// Made from the e-mail address, or from our own name.
    Personal,
    /// Nothing that has a name; it is just too little.
    Simple,
}

impl Password {
    /// Fewest characters (Unicode code points).
    pub const MIN_CHARS: usize = 8;
    /// Most characters (Unicode code points): bounds what one request can make the server hash.
    pub const MAX_CHARS: usize = 128;

    /// Takes the text exactly as input: blanks count, nothing is trimmed or folded.
    ///
    /// # Errors
    /// See [`PasswordError`]; never [`PasswordError::Guessable`].
    pub fn parse(input: &str) -> Result<Self, PasswordError> {
        match input.chars().take(Self::MAX_CHARS + 1).count() {
            0..Self::MIN_CHARS => Err(PasswordError::TooShort),
            Self::MIN_CHARS..=Self::MAX_CHARS => Ok(Self(input.to_owned())),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// The password itself, for hashing and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Password, PasswordError};

    #[test]
    fn counts_characters_not_bytes() {
        assert_eq!(Password::parse(&"é".repeat(7)).unwrap_err(), PasswordError::TooShort);
        assert!(Password::parse(&"é".repeat(8)).is_ok());
        assert!(Password::parse(&"é".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"é".repeat(129)).unwrap_err(), PasswordError::TooLong);
    }

    #[test]
    fn keeps_blanks_as_typed() {
        assert_eq!(Password::parse("  pass word  ").unwrap().expose(), "  pass word  ");
    }

    #[test]
    fn is_not_shown_by_debug() {
        assert!(!format!("{:?}", Password::parse("open sesame").unwrap()).contains("sesame"));
    }
}
