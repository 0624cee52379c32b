//! The tags of a title for the page: where they are, without the tables of Unicode, which are too large for WASM. Which tags a todo
//! has is decided by the server (`server::tags`), whose rule this one follows but for rare characters.

use std::ops::Range;

use super::TodoTitle;

/// Of one todo; further ones are plain text.
pub const MAX_TAGS: usize = 20;

/// The places of what may be the names of tags, without `#`. A tag begins a word, perhaps after an opening bracket or quotation mark,
/// which leaves out `C#` and the fragments of addresses.
pub fn tag_names(title: &str, is_character: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    title.split_inclusive(char::is_whitespace).filter_map(move |word| {
        let start = at;
        at += word.len();
        let name = word.trim_start_matches(['(', '[', '{', '"', '\'', '«', '“', '„', '‘', '‚']).strip_prefix('#')?;
        let start = start + word.len() - name.len();
        let length = name.find(|c| !is_character(c)).unwrap_or(name.len());
        Some(start..start + length)
    })
}

/// The places of the tags in a title, `#` included.
pub fn tags_of(title: &str) -> impl Iterator<Item = Range<usize>> {
    let is_letter = |c: char| c.is_ascii_alphabetic() || !c.is_ascii();
    let names = tag_names(title, is_tag_character).filter(move |name| title[name.clone()].contains(is_letter));
    names.map(|name| name.start - 1..name.end).take(MAX_TAGS)
}

/// Whether a title has a tag of this name, without `#` and in any case of ASCII letters.
#[must_use]
pub fn has_tag(title: &str, name: &str) -> bool {
    tags_of(title).any(|place| title[place.start + 1..place.end].eq_ignore_ascii_case(name))
}

/// The title with a tag at its end, unless it has it. `None` if it would be too long.
#[must_use]
pub fn with_tag(title: TodoTitle, name: &str) -> Option<TodoTitle> {
    if has_tag(title.as_str(), name) { Some(title) } else { TodoTitle::parse(&[title.as_str(), " #", name].concat()).ok() }
}

/// Beyond ASCII, all but the ranges of punctuation and symbols.
fn is_tag_character(c: char) -> bool {
    match c {
        '_' | '-' | '\u{200c}' | '\u{200d}' | 'ª' | 'µ' | 'º' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        c => !matches!(
            c,
            '\u{80}'..='¿'
                | '×'
                | '÷'
                | '\u{2000}'..='\u{206f}'
                | '\u{20a0}'..='\u{20cf}'
                | '\u{2190}'..='\u{2bff}'
                | '\u{3000}'..='\u{3004}'
                | '\u{3008}'..='\u{3020}'
                | '\u{30fb}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fe10}'..='\u{fe1f}'
                | '\u{fe30}'..='\u{fe6f}'
                | '\u{ff01}'..='\u{ff0f}'
                | '\u{ff1a}'..='\u{ff20}'
                | '\u{ff3b}'..='\u{ff40}'
                | '\u{ff5b}'..='\u{ff65}'
                | '\u{1f000}'..='\u{1faff}'
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{TodoTitle, has_tag, tags_of, with_tag};
    use crate::server::tags;

    #[test]
    fn tags_are_those_of_the_server() {
        for title in [
            "buy milk #home",
            "#büro #a1 #Heim-werken_2",
            "(#home), “#work”",
            "#home, #work. #x! #y… #z—z #p，q #日本語。",
            "#cafe\u{301} #हिन्दी #می\u{200c}خواهم #ไทย์",
            "#東京 #1a #2026-plan #1 C# https://example.org/#home # home #-_ a#b ##a #😀 #a😀",
            "#a#b #€ #5€ #ªb",
        ] {
            let found: Vec<_> = tags_of(title).map(|place| &title[place]).collect();
            let expected: Vec<_> = tags::of_title(title).into_iter().map(|(name, _)| format!("#{name}")).collect();
            assert_eq!(found, expected, "{title}");
        }
    }

    #[test]
    fn tag_is_appended_where_it_is_missing_and_fits() {
        let title = |text: &str| TodoTitle::parse(text).unwrap();
        assert_eq!(with_tag(title("tap"), "home").unwrap().as_str(), "tap #home");
        assert_eq!(with_tag(title("#Home tap"), "home").unwrap().as_str(), "#Home tap");
        assert_eq!(with_tag(title("#homes"), "home").unwrap().as_str(), "#homes #home");
        assert!(with_tag(title(&"a".repeat(494)), "home").is_some());
        assert!(with_tag(title(&"a".repeat(495)), "home").is_none());
        assert!(has_tag("(#HOME)", "home") && !has_tag("home", "home"));
    }
}
