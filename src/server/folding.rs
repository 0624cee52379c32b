//! Folds text for comparison without case. Not part of `domain`, because the Unicode tables are too large for WASM.

use icu_casemap::CaseMapperBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};

/// `NFKC_Casefold` (Unicode, section 3.13.5, R5): without case, compatibility variants and invisible characters, composed. Both
/// databases compare its bytes.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let mut folded = text.to_owned();
    loop {
        // A folded character can decompose, and a decomposed one fold, so until nothing changes.
        let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(&folded);
        let visible: String = decomposed.chars().filter(|c| !ignorable.contains(*c)).collect();
        let cased = CaseMapperBorrowed::new().fold_string(&visible);
        let next = ComposingNormalizerBorrowed::new_nfkc().normalize(&cased).into_owned();
        if next == folded {
            return folded;
        }
        folded = next;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fold;

    #[test]
    fn spellings_of_one_word_fold_alike() {
        for (one, other) in [
            ("STRASSE", "straße"),
            ("Caf\u{e9}", "CAFE\u{301}"),
            ("ＡＢＣ", "abc"),
            ("ﬁn", "FIN"),
            ("ΌΣΟΣ", "όσος"),
            ("soft\u{ad}hyphen", "softhyphen"),
            ("a\u{200b}b", "ab"),
            ("K", "\u{212a}"),
            ("\u{345}\u{391}", "\u{3b9}\u{3b1}"),
        ] {
            assert_eq!(fold(one), fold(other), "{one:?} {other:?}");
        }
        assert_ne!(fold("e"), fold("é"));
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(text in "\\PC{0,20}") {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}
