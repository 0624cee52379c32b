//! An e-mail address, as the name of an account.

/// Longest address that mail can carry, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_BYTES: usize = 254;

/// An e-mail address in the one form that is stored and compared: trimmed and in lower case.
///
/// Folding happens here and not in SQL, because SQLite and Postgres lower-case differently beyond ASCII.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailError {
    /// It can't be an address: no `@`, an empty side, white space or control characters.
    Malformed,
    /// Longer than 254 bytes.
    TooLong,
}

impl Email {
    /// Parses what somebody typed. Only mail itself can tell whether an address exists, so this refuses just what
    /// can't be one.
    ///
    /// # Errors
    /// See [`EmailError`].
    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let email = typed.trim().to_lowercase();
        if email.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = email.rsplit_once('@').ok_or(EmailError::Malformed)?;
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if local.is_empty() || local.contains('@') || domain.is_empty() || email.contains(odd) {
            return Err(EmailError::Malformed);
        }
        Ok(Self(email))
    }

    /// One that the store has: it was parsed by the rules of its day, and names its account when they get tighter.
    #[must_use]
    pub fn stored(email: String) -> Self {
        Self(email)
    }

    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Logs never hold an address in clear, so neither does `Debug`.
impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Email, EmailError};

    #[test]
    fn is_trimmed_and_lower_cased_beyond_ascii() {
        // U+212A is the Kelvin sign, whose lower case is a plain k.
        for typed in ["Ann.K@Example.org", "  ann.k@example.org\u{a0}", "ann.\u{212a}@example.org"] {
            assert_eq!(Email::parse(typed).unwrap().as_str(), "ann.k@example.org");
        }
    }

    #[test]
    fn refuses_what_cannot_be_an_address() {
        for typed in ["", " ", "ann", "@example.org", "ann@", "a@b@c", "a b@c", "a\0@c", "a@c\r\nd"] {
            assert_eq!(Email::parse(typed), Err(EmailError::Malformed), "{typed:?}");
        }
    }

    #[test]
    fn refuses_more_than_254_bytes() {
        let longest = format!("{}@example.org", "a".repeat(242));
        assert!(Email::parse(&longest).is_ok());
        assert_eq!(Email::parse(&format!("a{longest}")), Err(EmailError::TooLong));
    }

    #[test]
    fn is_not_shown_by_debug() {
        assert!(!format!("{:?}", Email::parse("ann@example.org").unwrap()).contains("ann"));
    }
}
