//! A todo, and the validation of its fields.

use serde::Serialize;

use super::{DueDate, TodoId, TodoNotes, text::is_visible};

/// The retention period of deleted todos.
pub const DAYS_IN_TRASH: u32 = 30;

/// A trimmed line of 1 to 500 characters, at least one of them visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TodoTitle(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TitleError {
    /// No visible character.
    Blank,
    TooLong,
    /// Neither a line break nor a tab. Postgres rejects NUL, which SQLite stores.
    ControlCharacter,
}

impl TodoTitle {
    /// In Unicode code points.
    pub const MAX_CHARS: usize = 500;

    /// Trims Unicode white space, and replaces each line break and tab by a space.
    ///
    /// # Errors
    /// [`TitleError`].
    pub fn parse(input: &str) -> Result<Self, TitleError> {
        // Not `str::replace`: its substring search adds a kilobyte of WASM.
        let mut title = String::with_capacity(input.len());
        let mut characters = input.trim().chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\r' if characters.peek() == Some(&'\n') => {}
                '\n' | '\r' | '\t' | '\u{85}' => title.push(' '),
                c => title.push(c),
            }
        }
        if Self::is_blank(&title) {
            Err(TitleError::Blank)
        } else if title.chars().count() > Self::MAX_CHARS {
            Err(TitleError::TooLong)
        } else if title.contains(char::is_control) {
            Err(TitleError::ControlCharacter)
        } else {
            Ok(Self(title))
        }
    }

    #[must_use]
    pub fn is_blank(input: &str) -> bool {
        // Control characters have an error of their own.
        !input.contains(|c: char| is_visible(c) || (c.is_control() && !c.is_whitespace()))
    }

    /// Wraps a title from the store without parsing it, so that stricter rules don't make existing todos unreadable.
    #[must_use]
    pub fn stored(title: String) -> Self {
        Self(title)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<TodoTitle> for String {
    fn from(title: TodoTitle) -> Self {
        title.0
    }
}

/// The sort key of a todo, ascending; the id breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TodoOrder(i64);

/// The number is outside ±(2^53 − 1), the exact range of JSON numbers (RFC 7493, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderError;

impl TodoOrder {
    pub const MAX: i64 = (1 << 53) - 1;

    /// # Errors
    /// [`OrderError`].
    pub fn parse(order: i64) -> Result<Self, OrderError> {
        if (-Self::MAX..=Self::MAX).contains(&order) { Ok(Self(order)) } else { Err(OrderError) }
    }

    /// Same as [`TodoTitle::stored`].
    #[must_use]
    pub fn stored(order: i64) -> Self {
        Self(order)
    }

    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

/// Milliseconds since the Unix epoch, UTC, as both databases store them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub i64);

/// A stored todo. It has no owner field, because every query names the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    pub id: TodoId,
    pub title: TodoTitle,
    pub notes: TodoNotes,
    pub due_on: Option<DueDate>,
    pub important: bool,
    /// `None` while the todo is active.
    pub completed_at: Option<UnixMillis>,
    pub order: TodoOrder,
    /// Starts at 1, and grows by one with each change.
    pub version: i64,
    pub created_at: UnixMillis,
    pub updated_at: UnixMillis,
}

/// The fields that a user can set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodoFields {
    pub title: TodoTitle,
    pub notes: TodoNotes,
    pub due_on: Option<DueDate>,
    pub important: bool,
    pub completed: bool,
}

impl TodoFields {
    /// With the defaults of the other fields.
    #[must_use]
    pub fn new(title: TodoTitle) -> Self {
        Self { title, notes: TodoNotes::default(), due_on: None, important: false, completed: false }
    }
}

/// A partial update: `None` leaves a field unchanged, and `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TodoPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<TodoTitle>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<TodoNotes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Option<DueDate>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub important: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<TodoOrder>,
}

impl TodoPatch {
    /// The fields of a new todo: one that is left out has its default. `None` without a title, which has none.
    #[must_use]
    pub fn into_fields(self) -> Option<TodoFields> {
        let Self { title, notes, due_on, important, completed, order: _ } = self;
        Some(TodoFields {
            notes: notes.unwrap_or_default(),
            due_on: due_on.flatten(),
            important: important.unwrap_or_default(),
            completed: completed.unwrap_or_default(),
            ..TodoFields::new(title?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{OrderError, TitleError, TodoOrder, TodoTitle};

    fn title(input: &str) -> Result<String, TitleError> {
        TodoTitle::parse(input).map(String::from)
    }

    #[test]
    fn title_is_trimmed_of_unicode_white_space() {
        assert_eq!(title("\u{2003} buy  milk\u{a0}\n").unwrap(), "buy  milk");
    }

    #[test]
    fn line_break_in_a_title_becomes_a_space() {
        assert_eq!(title("buy\r\nmilk\nand\ttea\u{85}now").unwrap(), "buy milk and tea now");
    }

    #[test]
    fn blank_title_is_refused() {
        for blank in ["", " ", "\n\t", "\u{2003}\u{a0}"] {
            assert_eq!(title(blank), Err(TitleError::Blank), "{blank:?}");
        }
    }

    #[test]
    fn title_without_a_visible_character_is_blank() {
        for invisible in ["\u{200b}", "\u{2060}", "\u{ad}", "\u{feff}", "\u{3164}", "\u{2800}", "\u{202e}\u{202c}", "\u{e0041}"] {
            for blank in [invisible, &format!(" {invisible} {invisible}\n")] {
                assert_eq!(title(blank), Err(TitleError::Blank), "{blank:?}");
            }
        }
    }

    #[test]
    fn invisible_characters_between_visible_ones_are_kept() {
        // An emoji sequence, Persian with a zero-width non-joiner, and a soft hyphen.
        for input in
            ["\u{1f469}\u{200d}\u{1f4bb}", "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}", "soft\u{ad}hyphen"]
        {
            assert_eq!(title(input).unwrap(), input);
        }
    }

    #[test]
    fn title_counts_characters_not_bytes() {
        assert!(title(&"é".repeat(500)).is_ok());
        assert_eq!(title(&"é".repeat(501)), Err(TitleError::TooLong));
    }

    #[test]
    fn title_refuses_control_characters() {
        for input in ["a\0b", "a\u{1b}[31mb", "a\u{7f}b"] {
            assert_eq!(title(input), Err(TitleError::ControlCharacter), "{input:?}");
        }
    }

    #[test]
    fn order_is_limited_to_exact_json_numbers() {
        let max = 9_007_199_254_740_991;
        assert_eq!(TodoOrder::parse(max).unwrap().get(), max);
        assert_eq!(TodoOrder::parse(-max).unwrap().get(), -max);
        assert_eq!(TodoOrder::parse(max + 1), Err(OrderError));
        assert_eq!(TodoOrder::parse(-max - 1), Err(OrderError));
    }
}
