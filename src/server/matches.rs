//! Finds a folded query in a text, to mark what a search has found.

use std::ops::Range;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};

use super::folding::fold;

/// The places of a [folded](fold) query: sorted, not overlapping, on character boundaries. A match of a part of what a character
/// folds to, as of `s` in `ß`, marks the whole character.
#[must_use]
pub fn matches(text: &str, folded_query: &str) -> Vec<Range<usize>> {
    let folded = fold(text);
    if folded_query.is_empty() || !folded.contains(folded_query) {
        return Vec::new();
    }
    let found = folded.match_indices(folded_query).map(|(at, found)| at..at + found.len());
    if text.is_ascii() {
        return found.collect();
    }
    // The end of each segment, in the folded text and in the text.
    let (mut ends, mut joined) = (Vec::new(), String::new());
    for segment in segments(text) {
        joined += &fold(&text[segment.clone()]);
        ends.push((joined.len(), segment.end));
    }
    // Wrong marks would be worse than none.
    if joined != folded {
        return Vec::new();
    }
    let segment_at = |at| ends.partition_point(|(end, _)| *end <= at);
    let mut places: Vec<Range<usize>> = Vec::new();
    for Range { start, end } in found {
        let start = segment_at(start).checked_sub(1).map_or(0, |before| ends[before].1);
        let end = ends[segment_at(end - 1)].1;
        match places.last_mut() {
            // In or from the same character.
            Some(last) if start < last.end => last.end = end,
            _ => places.push(start..end),
        }
    }
    places
}

/// Parts of a text that fold independently: each is a character with all that can combine with it.
fn segments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let begins = text.char_indices().skip(1).filter(|(_, c)| begins_segment(*c)).map(|(at, _)| at);
    let mut start = 0;
    begins.chain([text.len()]).map(move |end| std::mem::replace(&mut start, end)..end)
}

/// Not if it is invisible, or combines with the character before it: a mark, a vowel or final consonant of Hangul, and what is
/// compatible with these, such as a half-width voiced sound mark.
fn begins_segment(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    let combines = |c| {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        GeneralCategoryGroup::Mark.contains(category) || matches!(c, '\u{1160}'..='\u{11ff}')
    };
    let is_invisible = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    let mut buffer = [0; 4];
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(c.encode_utf8(&mut buffer));
    !is_invisible && !decomposed.starts_with(combines)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::matches;
    use crate::server::folding::fold;

    /// The marked parts of a text.
    fn marked<'t>(text: &'t str, query: &str) -> Vec<&'t str> {
        matches(text, &fold(query)).into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn found_text_is_marked_as_it_is_spelled() {
        for (text, query, expected) in [
            ("Buy milk, MILK and oat milk", "Milk", &["milk", "MILK", "milk"][..]),
            ("aaa", "aa", &["aa"]),
            ("Die Straße", "STRASSE", &["Straße"]),
            ("STRASSE", "straße", &["STRASSE"]),
            ("Café au lait", "CAFE\u{301}", &["Café"]),
            ("ein Cafe\u{301}!", "café", &["Cafe\u{301}"]),
            ("die ﬁne Art", "FINE", &["ﬁne"]),
            ("so ＷＩＤＥ", "wide", &["ＷＩＤＥ"]),
            ("wide – so", "ＷＩＤＥ", &["wide"]),
            ("ΌΣΟΣ", "όσος", &["ΌΣΟΣ"]),
            ("İstanbul", "i\u{307}stanbul", &["İstanbul"]),
            ("मेरा हिन्दी काम", "हिन्दी", &["हिन्दी"]),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글", &["\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"]),
            ("\u{3131}\u{314f}!", "가", &["\u{3131}\u{314f}"]),
            ("ｶﾞｽ", "ガ", &["ｶﾞ"]),
            ("🎂 Kuchen 🎂", "🎂", &["🎂", "🎂"]),
            ("soft\u{ad}hyphen", "softhyphen", &["soft\u{ad}hyphen"]),
            ("Tee ☕\u{fe0f} trinken", "☕", &["☕\u{fe0f}"]),
            ("東京で東京", "東京", &["東京", "東京"]),
        ] {
            assert_eq!(marked(text, query), expected, "{text} {query}");
        }
    }

    #[test]
    fn part_of_a_character_marks_it_once() {
        for (text, query, expected) in [
            ("Straße", "s", &["S", "ß"][..]),
            ("ßß", "s", &["ß", "ß"]),
            ("ßß", "sss", &["ßß"]),
            ("sßs", "ss", &["sßs"]),
            ("ﬃ", "f", &["ﬃ"]),
            ("ﬁx", "ix", &["ﬁx"]),
            ("½ é", "1", &["½"]),
        ] {
            assert_eq!(marked(text, query), expected, "{text} {query}");
        }
    }

    #[test]
    fn other_text_is_not_marked() {
        for (text, query) in
            [("milk", ""), ("", "milk"), ("", ""), ("é", ""), ("milk", "silk"), ("é", "e"), ("e", "é"), ("한", "하")]
        {
            assert_eq!(marked(text, query), [] as [&str; 0], "{text} {query}");
        }
    }

    /// Of characters that combine, decompose, expand or vanish, and of any others.
    fn text() -> impl Strategy<Value = String> {
        let odd: Vec<char> = "aAsSiIßẞéÉﬁﬃİΣσςΌK½Ｗŉΐͅ\u{1fb7}\u{390}हिन्दीｶﾞﾟガ한글ㅎㅏㄴㄳﾡￂ🎂👩💻 \n\u{301}\u{308}\u{323}\u{345}\u{307}\u{3099}\u{93c}\u{9be}\u{9c7}\u{1100}\u{1161}\u{11ab}\u{115f}\u{1160}\u{ad}\u{200b}\u{200c}\u{200d}\u{fe0f}\u{1f3fd}\u{f71}\u{f72}\u{f73}\u{f81}\u{2126}\u{a8}\u{b4}\u{37a}\u{fdfa}"
            .chars()
            .collect();
        prop::collection::vec(prop_oneof![3 => prop::sample::select(odd), 1 => any::<char>()], 0..24).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn marks_are_exactly_what_a_search_finds(text in text(), other in text(), from in 0..24_usize, length in 1..4_usize) {
            let part: String = text.chars().skip(from).take(length).collect();
            for query in [fold(&part), fold(&other), fold(&text)] {
                let places = matches(&text, &query);
                let mut end = 0;
                for place in &places {
                    prop_assert!(end <= place.start && place.start < place.end, "{places:?}");
                    end = place.end;
                    // Slicing checks the character boundaries.
                    prop_assert!(fold(&text[place.clone()]).contains(&query), "{place:?}");
                }
                prop_assert_eq!(places.is_empty(), query.is_empty() || !fold(&text).contains(&query));
            }
        }
    }
}
