//! A calendar date without a time.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

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
    pub const LAST: Self = Self { year: 9999, month: 12, day: 31 };

    /// Only the extended format of ISO 8601: `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`DueDateError`].
    pub fn parse(input: &str) -> Result<Self, DueDateError> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = input.as_bytes() else { return Err(DueDateError) };
        let number = |digits: &[u8]| {
            let add = |number: u16, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'));
            digits.iter().try_fold(0, add).ok_or(DueDateError)
        };
        let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
        #[expect(clippy::cast_possible_truncation, reason = "two digits")]
        let date = Self { year, month: month as u8, day: day as u8 };
        if date.is_valid() { Ok(date) } else { Err(DueDateError) }
    }

    fn is_valid(self) -> bool {
        let Self { year, month, day } = self;
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            _ => 31,
        };
        (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=days).contains(&day)
    }

    #[must_use]
    pub fn year(self) -> u16 {
        self.year
    }

    /// Counts from 1970-01-01. The years of this calculation begin in March, so that a leap day is the last day of its year.
    #[must_use]
    pub fn days_since_epoch(self) -> i32 {
        let (year, month) = if self.month > 2 { (self.year, self.month - 3) } else { (self.year - 1, self.month + 9) };
        let (year, day_of_year) = (i32::from(year), (153 * i32::from(month) + 2) / 5 + i32::from(self.day) - 1);
        year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
    }

    /// The date so many days later; the last date of the calendar at most.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        let mut date = self;
        for _ in 0..days {
            date = date.tomorrow();
        }
        date
    }

    fn tomorrow(self) -> Self {
        let Self { year, month, day } = self;
        let next =
            [Self { day: day + 1, ..self }, Self { month: month + 1, day: 1, year }, Self { year: year + 1, month: 1, day: 1 }];
        next.into_iter().find(|next| next.is_valid()).unwrap_or(self)
    }

    /// 0 is Monday.
    #[must_use]
    pub fn weekday(self) -> u16 {
        // 1970-01-01 was a Thursday. Never negative, because the calendar begins then.
        u16::try_from((self.days_since_epoch() + 3) % 7).unwrap_or_default()
    }

    /// As in "Thursday 26 November".
    #[must_use]
    pub fn long(self) -> String {
        const DAYS: [&str; 7] = ["Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"];
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let (day, month) = (DAYS[usize::from(self.weekday())], MONTHS[usize::from(self.month - 1)]);
        [day, "day ", &self.day.to_string(), " ", month].concat()
    }

    /// As in "Fri 5 Dec".
    #[must_use]
    pub fn short(self) -> String {
        const DAYS: [&str; 7] = ["Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "];
        const MONTHS: [&str; 12] =
            [" Jan", " Feb", " Mar", " Apr", " May", " Jun", " Jul", " Aug", " Sep", " Oct", " Nov", " Dec"];
        [DAYS[usize::from(self.weekday())], &self.day.to_string(), MONTHS[usize::from(self.month - 1)]].concat()
    }
}

impl Display for DueDate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // Not by `{:02}`, whose padding would be half a kilobyte of the WASM.
        let zero = |number: u8| if number < 10 { "-0" } else { "-" };
        write!(f, "{}{}{}{}{}", self.year, zero(self.month), self.month, zero(self.day), self.day)
    }
}

impl Serialize for DueDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DueDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(|_| D::Error::custom("no date"))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::DueDate;

    fn due(date: Date) -> DueDate {
        DueDate::parse(&date.to_string()).unwrap()
    }

    #[test]
    fn calendar_is_that_of_jiff() {
        let (epoch, mut day) = (date(1970, 1, 1), date(1970, 1, 1));
        while let Ok(next) = day.tomorrow() {
            let date = due(day);
            assert_eq!(date.days_since_epoch(), day.since(epoch).unwrap().get_days());
            assert_eq!(i8::try_from(date.weekday()).unwrap(), day.weekday().to_monday_zero_offset());
            assert_eq!(date.plus_days(1), due(next));
            day = next;
        }
        assert_eq!(due(day).plus_days(3), due(date(9999, 12, 31)), "there is no later one");
    }

    #[test]
    fn date_is_short_in_words() {
        assert_eq!(due(date(2026, 12, 5)).short(), "Sat 5 Dec");
        assert_eq!(due(date(2024, 2, 29)).short(), "Thu 29 Feb");
    }

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
