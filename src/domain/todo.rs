//! A todo and the rules for what it holds.

use super::{TodoId, text::is_visible};

/// How long a deleted todo can be restored; then it goes for good.
pub const DAYS_IN_TRASH: u32 = 30;

/// What is to be done: 1 to 500 characters, at least one of them visible, trimmed, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodoTitle(String);

/// Why a text is no title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TitleError {
    /// Nothing that can be seen.
    Blank,
    /// More than 500 characters.
    TooLong,
    /// Holds a control character other than a line break or tab. Postgres would refuse NUL where SQLite stores it.
    ControlCharacter,
}

impl TodoTitle {
    /// Most characters (Unicode code points) in a title.
    pub const MAX_CHARS: usize = 500;

    /// Trims Unicode white space and puts a blank for each line break or tab inside.
    ///
    /// # Errors
    /// See [`TitleError`].
    pub fn parse(typed: &str) -> Result<Self, TitleError> {
        // Not by `replace` of a text, whose search alone is a kilobyte of WASM.
        let mut title = String::with_capacity(typed.len());
        let mut characters = typed.trim().chars().peekable();
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

    /// Whether there is nothing to see: only white space, zero-width and other invisible characters.
    #[must_use]
    pub fn is_blank(typed: &str) -> bool {
        // Control characters are refused by a rule of their own.
        !typed.contains(|c: char| is_visible(c) || (c.is_control() && !c.is_whitespace()))
    }

    /// One that the store has: it was parsed by the rules of its day, and stays readable when they get tighter.
    #[must_use]
    pub fn stored(title: String) -> Self {
        Self(title)
    }

    /// The title as people see it.
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

/// A todo's place in the list: smaller comes first, ties go by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TodoOrder(i64);

/// The number is beyond ±(2^53 − 1), which is all that JSON numbers carry exactly (RFC 7493, section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderError;

impl TodoOrder {
    /// The largest place.
    pub const MAX: i64 = (1 << 53) - 1;

    /// # Errors
    /// See [`OrderError`].
    pub fn parse(order: i64) -> Result<Self, OrderError> {
        if (-Self::MAX..=Self::MAX).contains(&order) { Ok(Self(order)) } else { Err(OrderError) }
    }

    /// As [`TodoTitle::stored`].
    #[must_use]
    pub fn stored(order: i64) -> Self {
        Self(order)
    }

    /// The place as a number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

/// A moment: milliseconds since the Unix epoch, UTC. Both databases store it as this one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub i64);

/// A todo as the store holds it. Who owns it is not in here: it is always asked for by its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    pub id: TodoId,
    pub title: TodoTitle,
    /// When it was completed; `None` while it is active.
    pub completed_at: Option<UnixMillis>,
    pub order: TodoOrder,
    /// 1 at first, one more with each change.
    pub version: i64,
    pub created_at: UnixMillis,
    pub updated_at: UnixMillis,
}

/// What a person may set of a todo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TodoFields {
    pub title: TodoTitle,
    pub completed: bool,
}

/// A change of a todo: `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TodoPatch {
    pub title: Option<TodoTitle>,
    pub completed: Option<bool>,
    pub order: Option<TodoOrder>,
}

impl TodoPatch {
    /// The fields of a new todo: one that is left out has its default. `None` without a title, which has none.
    #[must_use]
    pub fn into_fields(self) -> Option<TodoFields> {
        Some(TodoFields { title: self.title?, completed: self.completed.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::{OrderError, TitleError, TodoOrder, TodoTitle};

    fn title(typed: &str) -> Result<String, TitleError> {
        TodoTitle::parse(typed).map(String::from)
    }

    #[test]
    fn title_is_trimmed_of_unicode_white_space() {
        assert_eq!(title("\u{2003} buy  milk\u{a0}\n").unwrap(), "buy  milk");
    }

    #[test]
    fn title_puts_a_blank_for_a_line_break() {
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
    fn invisible_characters_beside_visible_ones_are_kept() {
        // Two emoji in one, and Persian with a zero-width non-joiner.
        for typed in
            ["\u{1f469}\u{200d}\u{1f4bb}", "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}", "soft\u{ad}hyphen"]
        {
            assert_eq!(title(typed).unwrap(), typed);
        }
    }

    #[test]
    fn title_counts_characters_not_bytes() {
        assert!(title(&"é".repeat(500)).is_ok());
        assert_eq!(title(&"é".repeat(501)), Err(TitleError::TooLong));
    }

    #[test]
    fn title_refuses_control_characters() {
        for typed in ["a\0b", "a\u{1b}[31mb", "a\u{7f}b"] {
            assert_eq!(title(typed), Err(TitleError::ControlCharacter), "{typed:?}");
        }
    }

    #[test]
    fn order_is_what_json_carries_exactly() {
        let max = 9_007_199_254_740_991;
        assert_eq!(TodoOrder::parse(max).unwrap().get(), max);
        assert_eq!(TodoOrder::parse(-max).unwrap().get(), -max);
        assert_eq!(TodoOrder::parse(max + 1), Err(OrderError));
        assert_eq!(TodoOrder::parse(-max - 1), Err(OrderError));
    }
}
