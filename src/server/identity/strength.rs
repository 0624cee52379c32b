//! How hard a password is to guess.

use zxcvbn::feedback::Warning;

use crate::domain::{Email, Password, PasswordError, Weakness};

/// Characters that zxcvbn is given at once. Its work grows much faster than what it looks at, and it is anybody's to choose; and a
/// password is at least as hard to guess as a piece of it.
const LONGEST_PIECE: usize = 40;

/// Lowest zxcvbn score that is accepted: "safely unguessable" by its authors' words.
const MIN_SCORE: zxcvbn::Score = zxcvbn::Score::Three;

/// Refuses what is easy to guess, the e-mail address and our own name included (ASVS 6.2.4, 6.2.11).
pub fn check(password: &Password, email: &Email) -> Result<(), PasswordError> {
    let email = email.as_str();
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    // As its owner reads it.
    let (readable, _) = idna::domain_to_unicode(domain);
    let personal = [email, local, domain, &readable, "holdfast"];
    let letters: Vec<_> = password.expose().chars().collect();
    let mut guesses = letters.chunks(LONGEST_PIECE).map(|piece| zxcvbn::zxcvbn(&String::from_iter(piece), &personal)).peekable();
    let warning = guesses.peek().and_then(|guess| guess.feedback()?.warning());
    if guesses.any(|guess| guess.score() >= MIN_SCORE) {
        return Ok(());
    }
    let text = password.expose().to_lowercase();
    Err(PasswordError::Guessable(match warning {
        Some(warning) => weakness(warning),
        // About what it is told as ours, zxcvbn has no warning.
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
    use super::{LONGEST_PIECE, check};
    use crate::domain::{Email, Password, PasswordError, Weakness};

    const GOOD: &str = "correct horse battery staple";

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[test]
    fn guessable_passwords_are_refused_with_what_makes_them_so() {
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
    fn domain_is_personal_as_its_owner_reads_it_and_as_it_is_stored() {
        let email = Email::parse("kim@xn--grnewlder-z2a4x.example").unwrap();
        for weak in ["gr\u{fc}new\u{e4}lder.example", "xn--grnewlder-z2a4x.example"] {
            let refused = check(&password(weak), &email).unwrap_err();
            assert_eq!(refused, PasswordError::Guessable(Weakness::Personal), "{weak}");
        }
    }

    #[test]
    fn long_password_is_as_hard_to_guess_as_its_hardest_piece() {
        let dull = "a".repeat(LONGEST_PIECE);
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
