//! Several titles in one text, one a line.

use super::{TitleError, TodoTitle};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinesError {
    /// More titles than [`TodoTitle::MAX_LINES`].
    TooMany,
    /// The number of the line begins with 1.
    Line(usize, TitleError),
}

impl TodoTitle {
    pub const MAX_LINES: usize = 500;

    /// Skips blank lines.
    ///
    /// # Errors
    /// [`LinesError`], for the first line that has one.
    pub fn parse_lines(input: &str) -> Result<Vec<Self>, LinesError> {
        let mut titles = Vec::new();
        for (nth, line) in input.lines().enumerate() {
            match Self::parse(line) {
                Err(TitleError::Blank) => {}
                Err(error) => return Err(LinesError::Line(nth + 1, error)),
                Ok(_) if titles.len() == Self::MAX_LINES => return Err(LinesError::TooMany),
                Ok(title) => titles.push(title),
            }
        }
        Ok(titles)
    }
}

#[cfg(test)]
mod tests {
    use super::{LinesError, TitleError, TodoTitle};

    fn titles(input: &str) -> Result<Vec<String>, LinesError> {
        TodoTitle::parse_lines(input).map(|titles| titles.into_iter().map(String::from).collect())
    }

    #[test]
    fn each_line_that_is_not_blank_is_a_title() {
        assert_eq!(titles("\r\n buy milk\r\n\u{200b}\n\ncall\tBob \n").unwrap(), ["buy milk", "call Bob"]);
        assert!(titles(" \n\r\n").unwrap().is_empty());
    }

    #[test]
    fn first_invalid_line_is_named() {
        let long = "a".repeat(501);
        assert_eq!(titles(&format!("a\n\n{long}\n\0")), Err(LinesError::Line(3, TitleError::TooLong)));
        assert_eq!(titles("a\r\nb\u{1b}"), Err(LinesError::Line(2, TitleError::ControlCharacter)));
    }

    #[test]
    fn titles_are_counted_without_blank_lines() {
        assert_eq!(titles(&"a\n\n".repeat(500)).unwrap().len(), 500);
        assert_eq!(titles(&"a\n".repeat(501)), Err(LinesError::TooMany));
    }
}
