//! Time zones by their IANA names. Not part of `domain`, because the database of time zones is too large for WASM.

use jiff::{Timestamp, Zoned, tz, tz::TimeZoneDatabase};

use crate::domain::{DueDate, UnixMillis};

/// A name as the built-in database spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

/// A day in a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: DueDate,
    /// Its first instant: midnight, or when clocks that skip midnight go on.
    pub begins: UnixMillis,
    /// The first instant of the next day.
    pub ends: UnixMillis,
}

impl Day {
    /// Rounded up.
    #[must_use]
    pub fn seconds_left(self, UnixMillis(now): UnixMillis) -> u32 {
        let left = u64::try_from(self.ends.0.saturating_sub(now)).unwrap_or(0).div_ceil(1000);
        u32::try_from(left).unwrap_or(u32::MAX)
    }
}

/// The built-in database has no time zone of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZoneError;

impl TimeZone {
    /// Finds the name in any case (ASCII), aliases included.
    ///
    /// # Errors
    /// [`TimeZoneError`].
    pub fn parse(input: &str) -> Result<Self, TimeZoneError> {
        // The system's database would differ between machines, and many images have none.
        let found = TimeZoneDatabase::bundled().get(input).map_err(|_| TimeZoneError)?;
        // `Etc/Unknown` is found, too, but has no name.
        found.iana_name().map(|name| Self(name.to_owned())).ok_or(TimeZoneError)
    }

    /// Wraps a name from the store without parsing it, since a newer release may know more names.
    #[must_use]
    pub fn stored(name: String) -> Self {
        Self(name)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The day of this instant.
    #[must_use]
    pub fn day(&self, UnixMillis(now): UnixMillis) -> Day {
        // A zone of a newer release counts as UTC.
        let zone = TimeZoneDatabase::bundled().get(&self.0).unwrap_or(tz::TimeZone::UTC);
        let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX).to_zoned(zone);
        // Dates outside of the calendar are those of a broken clock.
        let date = DueDate::parse(&now.date().to_string()).unwrap_or(DueDate::LAST);
        let begins = now.start_of_day().as_ref().map_or(Timestamp::MIN, Zoned::timestamp);
        let ends = now.tomorrow().and_then(|tomorrow| tomorrow.start_of_day()).as_ref().map_or(Timestamp::MAX, Zoned::timestamp);
        Day { date, begins: UnixMillis(begins.as_millisecond()), ends: UnixMillis(ends.as_millisecond()) }
    }

    /// The names of all time zones, sorted.
    pub fn names() -> Vec<String> {
        let mut names: Vec<_> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
        names.sort_unstable();
        names
    }
}

/// UTC.
impl Default for TimeZone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Day, DueDate, TimeZone, TimeZoneError, UnixMillis};

    #[test]
    fn day_begins_and_ends_at_midnight_of_the_zone() {
        for (zone, now, date, begins, ends, seconds) in [
            ("UTC", "2026-12-31T23:59:59.001Z", "2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z", 1),
            ("UTC", "2027-01-01T00:00:00Z", "2027-01-01", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", 86_400),
            ("Pacific/Kiritimati", "2026-02-28T10:00:00Z", "2026-03-01", "2026-02-28T10:00:00Z", "2026-03-01T10:00:00Z", 86_400),
            ("Etc/GMT+12", "2024-03-01T11:59:58Z", "2024-02-29", "2024-02-29T12:00:00Z", "2024-03-01T12:00:00Z", 2),
            ("Asia/Kathmandu", "2026-11-26T18:14:00Z", "2026-11-26", "2026-11-25T18:15:00Z", "2026-11-26T18:15:00Z", 60),
            // A day of 23 hours, and one of 25.
            ("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23 * 3600),
            ("Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-29", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 10 * 3600),
            ("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25 * 3600),
            ("Europe/Berlin", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 1),
            // Clocks skipped midnight: the day began at one.
            ("America/Sao_Paulo", "2018-11-04T02:59:00Z", "2018-11-03", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", 60),
            (
                "America/Sao_Paulo",
                "2018-11-04T12:00:00Z",
                "2018-11-04",
                "2018-11-04T03:00:00Z",
                "2018-11-05T02:00:00Z",
                14 * 3600,
            ),
            // Midnight comes twice, and the day begins at the first one.
            ("America/Havana", "2025-11-02T05:30:00Z", "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z", 84_600),
            // Before midnight, an hour comes twice.
            ("America/Sao_Paulo", "2018-02-18T02:30:00Z", "2018-02-17", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z", 1800),
            // A whole day was skipped.
            ("Pacific/Apia", "2011-12-30T09:59:00Z", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", 60),
            ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", 86_400),
        ] {
            let [now, begins, ends] =
                [now, begins, ends].map(|time| UnixMillis(time.parse::<Timestamp>().unwrap().as_millisecond()));
            let day = TimeZone::parse(zone).unwrap().day(now);
            assert_eq!(day, Day { date: DueDate::parse(date).unwrap(), begins, ends }, "{zone} {date}");
            assert_eq!(day.seconds_left(now), seconds, "{zone} {date}");
        }
    }

    #[test]
    fn broken_clock_has_a_day() {
        let (first, last) = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        for (now, date, left) in [
            (i64::MIN, "9999-12-30", u32::MAX),
            (first, "9999-12-31", 79_201),
            (-1, "9999-12-31", 1),
            (i64::MAX, "9999-12-30", 0),
        ] {
            let day = TimeZone::default().day(UnixMillis(now));
            assert_eq!((day.date.to_string().as_str(), day.seconds_left(UnixMillis(now))), (date, left), "{now}");
        }
        for zone in TimeZone::names() {
            let zone = TimeZone::parse(&zone).unwrap();
            for now in [i64::MIN, first, first + 86_400_000, -1, 0, last - 86_400_000, last, i64::MAX] {
                let day = zone.day(UnixMillis(now));
                assert!(first <= day.begins.0 && day.begins < day.ends && day.ends.0 <= last, "{zone:?} {now}: {day:?}");
                assert!(now >= day.ends.0 || day.seconds_left(UnixMillis(now)) > 0, "{zone:?} {now}");
            }
        }
    }

    #[test]
    fn name_is_found_in_any_case_and_spelled_as_in_the_database() {
        for (input, name) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/BERLIN", "Europe/Berlin"),
            ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
            // An alias, which browsers send.
            ("Asia/Calcutta", "Asia/Calcutta"),
            ("utc", "UTC"),
            ("Etc/GMT+5", "Etc/GMT+5"),
        ] {
            assert_eq!(TimeZone::parse(input).unwrap().as_str(), name, "{input}");
        }
    }

    #[test]
    fn unknown_name_is_refused() {
        for input in
            ["", " ", "Europe", "Europe/Berlin ", "Mars/Olympus", "+01:00", "CEST", "Etc/Unknown", "../etc/passwd", "UTC\0"]
        {
            assert_eq!(TimeZone::parse(input), Err(TimeZoneError), "{input:?}");
        }
    }

    #[test]
    fn every_listed_name_is_its_own_spelling() {
        let names = TimeZone::names();
        assert!(names.len() > 400, "{}", names.len());
        for name in names {
            assert_eq!(TimeZone::parse(&name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn default_is_a_known_name() {
        assert_eq!(TimeZone::parse("UTC"), Ok(TimeZone::default()));
    }
}
