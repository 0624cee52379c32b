//! Visibility of characters.

/// False for white space, control, default-ignorable and format characters, and for the blank glyphs U+2800, U+13441, U+13442,
/// U+16FE4 and U+1D159. The list is written out because the Unicode tables are too large for WASM; a test compares the two.
#[must_use]
pub fn is_visible(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{13430}'..='\u{13442}'
            | '\u{16fe4}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    !is_invisible && !c.is_whitespace() && !c.is_control()
}

#[cfg(test)]
mod tests {
    use icu_properties::{
        CodePointMapData, CodePointSetData,
        props::{DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark},
    };

    use super::is_visible;

    #[test]
    fn only_ignorable_format_control_and_blank_characters_are_invisible() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        // Visible format characters: they enclose the digits that follow.
        let enclosing = CodePointSetData::new::<PrependedConcatenationMark>();
        let category = CodePointMapData::<GeneralCategory>::new();
        let blank = ['\u{2800}', '\u{13440}', '\u{13441}', '\u{13442}', '\u{16fe4}', '\u{1d159}'];
        for c in '\0'..=char::MAX {
            let is_format = category.get(c) == GeneralCategory::Format && !enclosing.contains(c);
            let is_invisible = ignorable.contains(c) || is_format || blank.contains(&c) || c.is_whitespace() || c.is_control();
            assert_eq!(is_visible(c), !is_invisible, "U+{:04X}", u32::from(c));
        }
    }
}
