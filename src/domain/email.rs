//! The e-mail address that identifies an account.

use super::text::is_visible;

/// The path limit of SMTP, without its angle brackets (RFC 5321, section 4.5.3.1.3).
const MAX_BYTES: usize = 254;
/// RFC 1035, section 2.3.4.
const MAX_LABEL_BYTES: usize = 63;

/// An e-mail address in normal form: trimmed, lower case, with an ASCII domain.
///
/// It is folded here and not in SQL, because SQLite and Postgres lower-case non-ASCII text differently.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailError {
    Malformed,
    TooLong,
}

impl Email {
    /// Checks the syntax only. The domain must already be ASCII: the IDNA tables are too large for WASM.
    ///
    /// # Errors
    /// [`EmailError`].
    pub fn parse(input: &str) -> Result<Self, EmailError> {
        let email = input.trim().to_lowercase();
        if email.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = email.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if is_local_part(local) && is_domain(domain) { Ok(Self(email)) } else { Err(EmailError::Malformed) }
    }

    /// Wraps an address from the store without parsing it, so that stricter rules don't lock out existing accounts.
    #[must_use]
    pub fn stored(email: String) -> Self {
        Self(email)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A `Dot-string` (RFC 5321, section 4.1.2) that may hold visible non-ASCII characters (RFC 6531). Quoted strings are
/// rejected: no browser sends them.
fn is_local_part(local: &str) -> bool {
    let is_legal = |c: char| {
        if c.is_ascii() { c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) } else { is_visible(c) }
    };
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_legal))
}

/// Follows `<input type=email>`: no trailing dot, no address literal.
fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let is_legal = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_legal && (1..=MAX_LABEL_BYTES).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    })
}

/// Redacted: logs must not hold e-mail addresses.
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
    fn malformed_address_is_refused() {
        for input in ["", " ", "ann", "@example.org", "ann@", "a@b@c", "a b@c", "a\0@c", "a@c\r\nd"] {
            assert_eq!(Email::parse(input), Err(EmailError::Malformed), "{input:?}");
        }
    }

    #[test]
    fn local_part_and_domain_accept_their_own_characters_only() {
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
    fn invisible_character_is_refused() {
        for invisible in ["\u{200b}", "\u{200d}", "\u{2060}", "\u{ad}", "\u{feff}", "\u{202e}", "\u{3164}", "\u{e0041}"] {
            for input in [format!("an{invisible}n@example.org"), format!("{invisible}ann@example.org")] {
                assert_eq!(Email::parse(&input), Err(EmailError::Malformed), "{input:?}");
            }
        }
    }

    #[test]
    fn more_than_254_bytes_are_refused() {
        let longest = format!("{}@example.org", "a".repeat(242));
        assert!(Email::parse(&longest).is_ok());
        assert_eq!(Email::parse(&format!("a{longest}")), Err(EmailError::TooLong));
    }

    #[test]
    fn debug_output_is_redacted() {
        assert!(!format!("{:?}", Email::parse("ann@example.org").unwrap()).contains("ann"));
    }
}
