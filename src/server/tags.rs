//! Tags: the words of a title that begin with `#`.

use std::{fmt, ops::Range};

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};

use super::folding::fold;
use crate::domain::{MAX_TAGS, tag_names};

/// The name of a tag, folded: one tag has several spellings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(String);

/// Not of letters, digits, `_` and `-`, or without a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagError;

impl Tag {
    /// Parses a name without `#`.
    ///
    /// # Errors
    /// [`TagError`].
    pub fn parse(name: &str) -> Result<Self, TagError> {
        let folded = fold(name);
        let is_name = |name: &str| name.chars().all(is_tag_character) && name.contains(char::is_alphabetic);
        // A character may fold to what a name can't have.
        if is_name(name) && is_name(&folded) { Ok(Self(folded)) } else { Err(TagError) }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Marks belong to the letter before them, and the two joiners to words of some scripts (UAX 31, section 2.3).
fn is_tag_character(c: char) -> bool {
    let is_mark = || GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(c));
    c.is_alphanumeric() || matches!(c, '_' | '-' | '\u{200c}' | '\u{200d}') || (!c.is_ascii() && is_mark())
}

/// The places of all tag names in a title.
fn places(title: &str) -> impl Iterator<Item = (Range<usize>, Tag)> {
    tag_names(title, is_tag_character).filter_map(|place| Some((place.clone(), Tag::parse(&title[place]).ok()?)))
}

/// The tags of a title as spelled, each once, at most [`MAX_TAGS`].
pub fn of_title(title: &str) -> Vec<(&str, Tag)> {
    let mut tags: Vec<(&str, Tag)> = Vec::new();
    for (place, tag) in places(title) {
        if tags.len() < MAX_TAGS && tags.iter().all(|(_, known)| *known != tag) {
            tags.push((&title[place], tag));
        }
    }
    tags
}

/// The title with another name for a tag.
#[must_use]
pub fn rename(title: &str, tag: &Tag, name: &str) -> String {
    let (mut renamed, mut end) = (String::new(), 0);
    for (place, _) in places(title).filter(|(_, found)| found == tag) {
        renamed += &title[end..place.start];
        renamed += name;
        end = place.end;
    }
    renamed + &title[end..]
}

#[cfg(test)]
mod tests {
    use super::{Tag, of_title, rename};

    fn tags(title: &str) -> Vec<&str> {
        of_title(title).into_iter().map(|(spelled, _)| spelled).collect()
    }

    #[test]
    fn words_that_begin_with_a_number_sign_are_tags() {
        for (title, expected) in [
            ("buy milk #home", &["home"][..]),
            ("#büro #a1 #Heim-werken_2", &["büro", "a1", "Heim-werken_2"]),
            ("(#home), “#work”", &["home", "work"]),
            ("#home, #work.", &["home", "work"]),
            ("#cafe\u{301} #हिन्दी #می\u{200c}خواهم", &["cafe\u{301}", "हिन्दी", "می\u{200c}خواهم"]),
            ("#東京 #1a #2026-plan", &["東京", "1a", "2026-plan"]),
            ("#a#b", &["a"]),
        ] {
            assert_eq!(tags(title), expected, "{title}");
        }
    }

    #[test]
    fn other_number_signs_are_text() {
        for title in
            ["#1", "C#", "https://example.org/#home", "(https://example.org/a#b)", "#", "# home", "#-_", "a#b", "##a", "#😀"]
        {
            assert_eq!(tags(title), [] as [&str; 0], "{title}");
        }
    }

    #[test]
    fn tag_counts_once_however_it_is_spelled() {
        assert_eq!(tags("#Home #home #HOME #Straße #STRASSE"), ["Home", "Straße"]);
    }

    #[test]
    fn title_has_at_most_twenty_tags() {
        let title: Vec<_> = (0..25).map(|nth| format!("#t{nth}")).collect();
        assert_eq!(tags(&title.join(" ")).len(), 20);
    }

    #[test]
    fn renaming_replaces_each_spelling_and_nothing_else() {
        let home = Tag::parse("HOME").unwrap();
        assert_eq!(rename("#home: (#Home) #homes C#home home", &home, "house"), "#house: (#house) #homes C#home home");
        assert_eq!(rename("no tag", &home, "house"), "no tag");
    }

    #[test]
    fn name_of_a_tag_is_a_word() {
        for name in ["", "1", "a b", "#a", "a.b", "-", "a\0"] {
            assert!(Tag::parse(name).is_err(), "{name:?}");
        }
    }
}
