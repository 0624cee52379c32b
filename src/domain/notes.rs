//! The notes of a todo.

use serde::Serialize;

/// Plain text of at most 10,000 characters, possibly empty, with LF as its line break and without white space at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TodoNotes(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotesError {
    TooLong,
    /// Other than a line break or a tab.
    ControlCharacter,
}

impl TodoNotes {
    /// In Unicode code points.
    pub const MAX_CHARS: usize = 10_000;

    /// Replaces each line break, CR LF above all, which forms send, by LF.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn parse(input: &str) -> Result<Self, NotesError> {
        let mut notes = String::with_capacity(input.len());
        let mut characters = input.trim_end().chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\r' if characters.peek() == Some(&'\n') => {}
                '\r' | '\u{85}' => notes.push('\n'),
                c => notes.push(c),
            }
        }
        if notes.chars().count() > Self::MAX_CHARS {
            Err(NotesError::TooLong)
        } else if notes.contains(|c: char| c.is_control() && c != '\n' && c != '\t') {
            Err(NotesError::ControlCharacter)
        } else {
            Ok(Self(notes))
        }
    }

    /// Same as [`TodoTitle::stored`](super::TodoTitle::stored).
    #[must_use]
    pub fn stored(notes: String) -> Self {
        Self(notes)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Identifies the notes that an edit replaces, which are too long to send along: FNV-1a with 64 bits (RFC 9923). A user could only
    /// make one's own notes collide.
    #[must_use]
    pub fn digest(notes: &str) -> String {
        let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        notes.bytes().fold(0xcbf2_9ce4_8422_2325, step).to_string()
    }
}

impl From<TodoNotes> for String {
    fn from(notes: TodoNotes) -> Self {
        notes.0
    }
}

#[cfg(test)]
mod tests {
    use super::{NotesError, TodoNotes};

    fn notes(input: &str) -> Result<String, NotesError> {
        TodoNotes::parse(input).map(String::from)
    }

    #[test]
    fn line_breaks_become_lf() {
        assert_eq!(notes("a\r\nb\rc\u{85}d\n\n\te\n").unwrap(), "a\nb\nc\nd\n\n\te");
    }

    #[test]
    fn digest_tells_notes_apart() {
        // A test vector of the RFC, for "foobar".
        assert_eq!(TodoNotes::digest("foobar"), 0x8594_4171_f739_67e8_u64.to_string());
        assert_eq!(TodoNotes::digest("a\nb"), TodoNotes::digest(&notes("a\r\nb\n").unwrap()));
        assert_ne!(TodoNotes::digest(""), TodoNotes::digest(" "));
    }

    #[test]
    fn blank_notes_are_empty() {
        for blank in ["", " \r\n\u{a0}"] {
            assert_eq!(notes(blank).unwrap(), "");
        }
    }

    #[test]
    fn notes_count_characters_after_line_breaks_are_one() {
        assert!(notes(&"é\r\n".repeat(5_000)).is_ok());
        assert_eq!(notes(&"é".repeat(10_001)), Err(NotesError::TooLong));
    }

    #[test]
    fn notes_refuse_other_control_characters() {
        for input in ["a\0b", "a\u{1b}[31mb", "a\u{b}b"] {
            assert_eq!(notes(input), Err(NotesError::ControlCharacter), "{input:?}");
        }
    }
}
