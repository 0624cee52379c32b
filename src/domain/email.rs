//! An e-mail address, as the name of an account.

use super::text::is_visible;

/// Longest address that mail can carry, in bytes (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const MAX_BYTES: usize = 254;
/// Longest part of a domain between two dots, in bytes (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;

/// An e-mail address in the one form that is stored and compared: trimmed, in lower case, with its domain in ASCII.
///
/// Folding happens here and not in SQL, because SQLite and Postgres lower-case differently beyond ASCII.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailError {
    /// It can't be an address: no `@`, no domain name behind it, or a character that neither side may have.
    Malformed,
    /// Longer than 254 bytes.
    TooLong,
}

impl Email {
    /// Parses what somebody input. Only mail itself can tell whether an address exists, so this refuses just what
    /// can't be one. A domain must be in ASCII by now: the tables for others are too large for a browser.
    ///
    /// # Errors
    /// See [`EmailError`].
    pub fn parse(input: &str) -> Result<Self, EmailError> {
        let email = input.trim().to_lowercase();
        if email.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = email.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if is_local_part(local) && is_domain(domain) { Ok(Self(email)) } else { Err(EmailError::Malformed) }
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

/// A `Dot-string` of RFC 5321, section 4.1.2; beyond ASCII (RFC 6531) whatever can be seen. A quoted one is not taken: no
/// browser sends it.
fn is_local_part(local: &str) -> bool {
    let is_legal = |c: char| {
        if c.is_ascii() { c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) } else { is_visible(c) }
    };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_legal))
}

/// Labels of letters, digits and hyphens, as browsers take them: no trailing dot, no address in brackets.
fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let is_legal = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_legal && (1..=MAX_LABEL).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    })
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
        for input in ["Ann.K@Example.org", "  ann.k@example.org\u{a0}", "ann.\u{212a}@example.org"] {
            assert_eq!(Email::parse(input).unwrap().as_str(), "ann.k@example.org");
        }
    }

    #[test]
    fn refuses_what_cannot_be_an_address() {
        for input in ["", " ", "ann", "@example.org", "ann@", "a@b@c", "a b@c", "a\0@c", "a@c\r\nd"] {
            assert_eq!(Email::parse(input), Err(EmailError::Malformed), "{input:?}");
        }
    }

    #[test]
    fn takes_the_characters_of_a_mailbox_and_no_others() {
        for input in ["o'neil+todo_1@example.org", "a!#$%&'*+-/=?^_`{|}~z@example.org", "eva.é@example.org", "ann@localhost"] {
            assert_eq!(Email::parse(input).unwrap().as_str(), input);
        }
        for local in ["<ann", "ann>", "a:b", "a;b", "a,b", "a(b)", "a[b]", "a\\b", "\"ann\"", ".ann", "ann.", "a..b"] {
            assert_eq!(Email::parse(&format!("{local}@example.org")), Err(EmailError::Malformed), "{local:?}");
        }
        for domain in
            ["example.org.", ".example.org", "a..b", "-a.org", "a-.org", "a_b.org", "[127.0.0.1]", "a:25", "<b>", "bücher"]
        {
            assert_eq!(Email::parse(&format!("ann@{domain}")), Err(EmailError::Malformed), "{domain:?}");
        }
        assert_eq!(Email::parse(&format!("ann@{}.org", "a".repeat(64))), Err(EmailError::Malformed));
    }

    #[test]
    fn refuses_characters_that_nobody_sees() {
        for invisible in ["\u{200b}", "\u{200d}", "\u{2060}", "\u{ad}", "\u{feff}", "\u{202e}", "\u{3164}", "\u{e0041}"] {
            for input in [format!("an{invisible}n@example.org"), format!("{invisible}ann@example.org")] {
                assert_eq!(Email::parse(&input), Err(EmailError::Malformed), "{input:?}");
            }
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
