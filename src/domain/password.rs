//! The password of an account.

use serde::{Deserialize, Serialize};

/// A password of 8 to 128 characters, without composition rules (NIST SP 800-63B, ASVS 6.2.5). The server checks its
/// strength, because the dictionary is too large for WASM.
#[derive(Clone)]
pub struct Password(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    TooShort,
    TooLong,
    /// Common, repetitive, or made from the e-mail address.
    Guessable(Weakness),
}

/// The weakness to explain to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weakness {
    /// A common password, or similar to one.
    Common,
    /// A single word or name.
    Word,
    /// Adjacent keys, or a sequence such as abc.
    Pattern,
    Repeat,
    Date,
    /// Derived from the e-mail address or the name of the site.
    Personal,
    /// Too little entropy, without a more specific weakness.
    Simple,
}

impl Password {
    /// In Unicode code points.
    pub const MIN_CHARS: usize = 8;
    /// In Unicode code points; bounds the input of the hash.
    pub const MAX_CHARS: usize = 128;

    /// Keeps the text unchanged: white space counts, and nothing is trimmed or folded.
    ///
    /// # Errors
    /// [`PasswordError`], except [`PasswordError::Guessable`].
    pub fn parse(input: &str) -> Result<Self, PasswordError> {
        match input.chars().take(Self::MAX_CHARS + 1).count() {
            0..Self::MIN_CHARS => Err(PasswordError::TooShort),
            Self::MIN_CHARS..=Self::MAX_CHARS => Ok(Self(input.to_owned())),
            _ => Err(PasswordError::TooLong),
        }
    }

    /// For hashing only.
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
    fn debug_output_is_redacted() {
        assert!(!format!("{:?}", Password::parse("open sesame").unwrap()).contains("sesame"));
    }
}
