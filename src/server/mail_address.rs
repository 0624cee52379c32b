//! One spelling for an e-mail address, however it was input. Here and not in `domain`, because the tables are too large for a
//! browser.

use icu_normalizer::ComposingNormalizerBorrowed;
use idna::AsciiDenyList;

use crate::domain::{Email, EmailError, is_visible};

/// The address of an account. Composed first (NFC, RFC 8265, section 3.3): one keyboard types é as one code point and another
/// as two. Then the domain becomes what a browser sends for it (UTS 46, by the URL standard): `bücher` and `xn--bcher-kva` are
/// one domain.
///
/// # Errors
/// Why it can be none.
pub fn parse(input: &str) -> Result<Email, EmailError> {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(input);
    let Some((local, domain)) = composed.trim().rsplit_once('@') else { return Err(EmailError::Malformed) };
    // UTS 46 drops most of what is invisible. It has rules for the two joiners, which some languages need.
    if domain.contains(|c: char| !is_visible(c) && c != '\u{200c}' && c != '\u{200d}') {
        return Err(EmailError::Malformed);
    }
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::URL).map_err(|_| EmailError::Malformed)?;
    Email::parse(&format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn address_is_one_however_its_domain_is_written() {
        for (input, stored) in [
            ("kim@b\u{fc}cher.example", "kim@xn--bcher-kva.example"),
            ("kim@bu\u{308}cher.example", "kim@xn--bcher-kva.example"),
            (" Kim@B\u{dc}CHER.example\n", "kim@xn--bcher-kva.example"),
            ("kim@XN--BCHER-KVA.example", "kim@xn--bcher-kva.example"),
            // Full-width letters, the full stop of Chinese, and ß, which is no ss any more.
            ("kim@\u{ff42}\u{fc}cher\u{3002}example", "kim@xn--bcher-kva.example"),
            ("kim@stra\u{df}e.example", "kim@xn--strae-oqa.example"),
            ("e\u{301}va@example.org", "\u{e9}va@example.org"),
            ("kim@example.org", "kim@example.org"),
            // Persian needs the zero-width non-joiner.
            ("kim@\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.example", "kim@xn--mgba3gch31f060k.example"),
        ] {
            let email = parse(input).unwrap();
            assert_eq!(email.as_str(), stored, "{input:?}");
            assert_eq!(parse(stored).unwrap(), email, "what is stored stays as it is");
        }
    }

    #[test]
    fn domain_with_what_nobody_sees_or_with_other_than_letters_is_refused() {
        for domain in [
            "b\u{fc}\u{200b}cher.example",
            "exam\u{ad}ple.org",
            "\u{2060}example.org",
            "\u{202e}example.org",
            "a\u{200d}b.example",
            "b\u{fc}cher.example.",
            "b\u{fc}cher.example\u{3002}",
            "xn--a.example",
            "xn--.example",
            "<b>\u{fc}cher.example",
            "b\u{fc}cher:25",
            "b\u{fc}_cher.example",
            "",
        ] {
            assert!(parse(&format!("kim@{domain}")).is_err(), "{domain:?}");
        }
        assert!(parse("b\u{fc}cher.example").is_err());
    }
}
