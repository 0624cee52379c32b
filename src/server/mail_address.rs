//! Normalises e-mail addresses. Not part of `domain`, because the Unicode and IDNA tables are too large for WASM.

use icu_normalizer::ComposingNormalizerBorrowed;
use idna::AsciiDenyList;

use crate::domain::{Email, EmailError, is_visible};

/// Composes the text (NFC, RFC 8265, section 3.3), because keyboards differ in the code points of é. Then it converts the domain
/// to ASCII as browsers do (UTS 46, by the URL standard).
///
/// # Errors
/// [`EmailError`].
pub fn parse(input: &str) -> Result<Email, EmailError> {
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(input);
    let Some((local, domain)) = composed.trim().rsplit_once('@') else { return Err(EmailError::Malformed) };
    // UTS 46 would silently drop most invisible characters. It has rules of its own for the two joiners.
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
            // A full-width letter, the ideographic full stop, and ß, which IDNA 2008 no longer maps to ss.
            ("kim@\u{ff42}\u{fc}cher\u{3002}example", "kim@xn--bcher-kva.example"),
            ("kim@stra\u{df}e.example", "kim@xn--strae-oqa.example"),
            ("e\u{301}va@example.org", "\u{e9}va@example.org"),
            ("kim@example.org", "kim@example.org"),
            // Persian needs the zero-width non-joiner.
            ("kim@\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.example", "kim@xn--mgba3gch31f060k.example"),
        ] {
            let email = parse(input).unwrap();
            assert_eq!(email.as_str(), stored, "{input:?}");
            assert_eq!(parse(stored).unwrap(), email, "the stored form is stable");
        }
    }

    #[test]
    fn domain_with_invisible_or_illegal_characters_is_refused() {
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
