//! Time zones by their IANA names. Not part of `domain`, because the database of time zones is too large for WASM.

use jiff::tz::TimeZoneDatabase;

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
    use super::{TimeZone, TimeZoneError};

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
