//! Password strength check.

use zxcvbn::feedback::Warning;

use crate::domain::{Email, Password, PasswordError, Weakness};

/// Characters per call of zxcvbn, whose run time is superlinear and controlled by the client. A password is at least as hard to
/// guess as any chunk of it.
const CHUNK_CHARS: usize = 40;

/// Lowest accepted zxcvbn score, "safely unguessable" according to its authors.
const MIN_SCORE: zxcvbn::Score = zxcvbn::Score::Three;

/// Rejects guessable passwords, including the e-mail address and the product name (ASVS 6.2.4, 6.2.11).
pub fn check(password: &Password, email: &Email) -> Result<(), PasswordError> {
    let email = email.as_str();
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let (readable, _) = idna::domain_to_unicode(domain);
    let personal = [email, local, domain, &readable, "holdfast"];
    let letters: Vec<_> = password.expose().chars().collect();
    let mut guesses = letters.chunks(CHUNK_CHARS).map(|chunk| zxcvbn::zxcvbn(&String::from_iter(chunk), &personal)).peekable();
    let warning = guesses.peek().and_then(|guess| guess.feedback()?.warning());
    if guesses.any(|guess| guess.score() >= MIN_SCORE) {
        return Ok(());
    }
    let text = password.expose().to_lowercase();
    Err(PasswordError::Guessable(match warning {
        Some(warning) => weakness(warning),
        // zxcvbn has no warning for matches of user inputs.
        None if personal.iter().any(|own| own.len() > 2 && text.contains(own)) => Weakness::Personal,
        None => Weakness::Simple,
    }))
}

fn weakness(warning: Warning) -> Weakness {
    match warning {
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Weakness::Common,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Weakness::Word,
        Warning::StraightRowsOfKeysAreEasyToGuess
        | Warning::ShortKeyboardPatternsAreEasyToGuess
        | Warning::SequencesLikeAbcAreEasyToGuess => Weakness::Pattern,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => Weakness::Repeat,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Weakness::Date,
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_CHARS, check};
    use crate::domain::{Email, Password, PasswordError, Weakness};

    const GOOD: &str = "correct horse battery staple";

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[test]
    fn guessable_passwords_are_rejected_with_the_reason() {
        let email = Email::parse("ann.smith@example.org").unwrap();
        for (weak, weakness) in [
            ("password1234", Weakness::Common),
            ("P4ssw0rd", Weakness::Common),
            ("photography", Weakness::Word),
            ("qwertyuiop[]", Weakness::Pattern),
            ("abcdefghijkl", Weakness::Pattern),
            ("passwordpassword", Weakness::Repeat),
            ("aaaaaaaaaaaa", Weakness::Repeat),
            ("21.11.2026", Weakness::Date),
            ("holdfast", Weakness::Personal),
            ("ann.smith@example.org", Weakness::Personal),
            ("Example.org", Weakness::Personal),
            ("x7#k!q2v", Weakness::Simple),
        ] {
            assert_eq!(check(&password(weak), &email).unwrap_err(), PasswordError::Guessable(weakness), "{weak}");
        }
        for weak in ["123456789012345", "holdfastholdfast"] {
            assert!(check(&password(weak), &email).is_err(), "{weak}");
        }
        assert!(check(&password(GOOD), &email).is_ok());
    }

    #[test]
    fn domain_is_personal_in_unicode_and_in_punycode() {
        let email = Email::parse("kim@xn--grnewlder-z2a4x.example").unwrap();
        for weak in ["gr\u{fc}new\u{e4}lder.example", "xn--grnewlder-z2a4x.example"] {
            let refused = check(&password(weak), &email).unwrap_err();
            assert_eq!(refused, PasswordError::Guessable(Weakness::Personal), "{weak}");
        }
    }

    #[test]
    fn long_password_scores_as_its_strongest_chunk() {
        let dull = "a".repeat(CHUNK_CHARS);
        for (long, is_hard) in [
            (format!("{dull}{GOOD}"), true),
            (format!("{GOOD}{dull}"), true),
            (format!("{dull}password1234"), false),
            ("a".repeat(Password::MAX_CHARS), false),
        ] {
            assert_eq!(check(&password(&long), &Email::parse("ann.smith@example.org").unwrap()).is_ok(), is_hard, "{long}");
        }
    }
}
