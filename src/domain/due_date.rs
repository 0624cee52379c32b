//! A calendar date without a time.

use std::fmt::{self, Display, Formatter};

use serde::{Serialize, Serializer};

/// A date of the proleptic Gregorian calendar, from 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueDate {
    year: u16,
    month: u8,
    day: u8,
}

/// Not `YYYY-MM-DD`, or no such day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueDateError;

impl DueDate {
    /// Only the extended format of ISO 8601: `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`DueDateError`].
    pub fn parse(input: &str) -> Result<Self, DueDateError> {
        let number = |digits: &str, length: usize| -> Option<u16> {
            (digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
        };
        let mut parts = input.splitn(3, '-');
        let mut next = |length| parts.next().and_then(|digits| number(digits, length));
        let (Some(year @ 1970..), Some(month @ 1..=12), Some(day @ 1..)) = (next(4), next(2), next(2)) else {
            return Err(DueDateError);
        };
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        };
        #[expect(clippy::cast_possible_truncation, reason = "at most 31")]
        let date = Self { year, month: month as u8, day: day as u8 };
        if day <= days { Ok(date) } else { Err(DueDateError) }
    }
}

impl Display for DueDate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Serialize for DueDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::DueDate;

    #[test]
    fn date_round_trips() {
        for date in ["1970-01-01", "2024-02-29", "2000-02-29", "2026-11-30", "9999-12-31"] {
            assert_eq!(DueDate::parse(date).unwrap().to_string(), date);
        }
        assert!(DueDate::parse("2026-09-30").unwrap() < DueDate::parse("2026-10-01").unwrap());
    }

    #[test]
    fn only_days_of_the_calendar_in_one_format_are_dates() {
        for input in [
            "",
            "2026",
            "2026-11",
            "2026-1-1",
            "20261130",
            "2026-11-31",
            "2026-02-29",
            "1900-02-29",
            "2100-02-29",
            "2026-00-01",
            "2026-13-01",
            "2026-01-00",
            "2026-01-32",
            "1969-12-31",
            "0000-01-01",
            "10000-01-01",
            "+2026-01-1",
            "2026-11-30T00:00",
            " 2026-11-30",
            "2026-11-30 ",
            "2026/11/30",
            "30-11-2026",
            "２０２６-11-30",
            "2026-W48-4",
            "2026-334",
        ] {
            assert!(DueDate::parse(input).is_err(), "{input:?}");
        }
    }
}
