//! Time zones by their IANA names. Not part of `domain`, because the database of time zones is too large for WASM.

use jiff::{Timestamp, Unit, Zoned, tz, tz::TimeZoneDatabase};

use crate::domain::{DueDate, UnixMillis};

/// A name as the built-in database spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

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

    /// Today's date, and the seconds until it ends.
    #[must_use]
    pub fn today(&self, UnixMillis(now): UnixMillis) -> (DueDate, u32) {
        // A zone of a newer release counts as UTC.
        let zone = TimeZoneDatabase::bundled().get(&self.0).unwrap_or(tz::TimeZone::UTC);
        let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::MAX).to_zoned(zone);
        // Dates outside of the calendar are those of a broken clock.
        let today = DueDate::parse(&now.date().to_string()).unwrap_or(DueDate::LAST);
        (today, seconds_of_today(&now).unwrap_or(u32::MAX))
    }

    /// The names of all time zones, sorted.
    pub fn names() -> Vec<String> {
        let mut names: Vec<_> = TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
        names.sort_unstable();
        names
    }
}

/// The day after begins at midnight, or when the clocks that skip midnight go on.
fn seconds_of_today(now: &Zoned) -> Option<u32> {
    let tomorrow = now.tomorrow().ok()?.start_of_day().ok()?;
    let left = now.until((Unit::Millisecond, &tomorrow)).ok()?.get_milliseconds();
    u32::try_from(left).ok().map(|left| left.div_ceil(1000))
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

    use super::{TimeZone, TimeZoneError, UnixMillis};

    #[test]
    fn today_begins_and_ends_at_midnight_of_the_zone() {
        for (zone, now, today, seconds) in [
            ("UTC", "2026-12-31T23:59:59.001Z", "2026-12-31", 1),
            ("UTC", "2027-01-01T00:00:00Z", "2027-01-01", 86_400),
            ("Pacific/Kiritimati", "2026-02-28T10:00:00Z", "2026-03-01", 86_400),
            ("Etc/GMT+12", "2024-03-01T11:59:58Z", "2024-02-29", 2),
            ("Asia/Kathmandu", "2026-11-26T18:14:00Z", "2026-11-26", 60),
            // A day of 23 hours, and one of 25.
            ("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29", 23 * 3600),
            ("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25", 25 * 3600),
            // Clocks skipped midnight: the day began at one.
            ("America/Sao_Paulo", "2018-11-04T02:59:00Z", "2018-11-03", 60),
            // A whole day was skipped.
            ("Pacific/Apia", "2011-12-30T09:59:00Z", "2011-12-29", 60),
        ] {
            let now: Timestamp = now.parse().unwrap();
            let (date, left) = TimeZone::parse(zone).unwrap().today(UnixMillis(now.as_millisecond()));
            assert_eq!((date.to_string().as_str(), left), (today, seconds), "{zone} {now}");
        }
    }

    #[test]
    fn broken_clock_has_a_date() {
        for (now, today) in [(i64::MIN, "9999-12-30"), (-1, "9999-12-31"), (i64::MAX, "9999-12-30")] {
            assert_eq!(TimeZone::default().today(UnixMillis(now)).0.to_string(), today);
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
