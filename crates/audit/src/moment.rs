//! Points in time as records write them.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::Error;

/// A time in UTC, to the millisecond, from 2000 to 2199; RFC 3339 in serde, always with `Z`.
///
/// The bounds keep a peer's times out of the edges where calendar arithmetic panics.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(OffsetDateTime);

impl Moment {
    /// This time, cut to whole milliseconds.
    ///
    /// # Errors
    ///
    /// [`Error::Time`] outside 2000 to 2199.
    pub fn new(time: OffsetDateTime) -> Result<Self, Error> {
        let utc = time.checked_to_offset(UtcOffset::UTC).ok_or(Error::Time)?;
        if !(2000..2200).contains(&utc.year()) {
            return Err(Error::Time);
        }
        utc.replace_millisecond(utc.millisecond()).map(Self).map_err(|_| Error::Time)
    }

    /// The time, in UTC.
    #[must_use]
    pub fn time(self) -> OffsetDateTime {
        self.0
    }
}

impl TryFrom<String> for Moment {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let moment = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| Error::Time)?;
        let moment = Self::new(moment)?;
        // One spelling a moment: another offset, or digits that were cut, is not read.
        if moment.to_string() == text { Ok(moment) } else { Err(Error::Time) }
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({self})")
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset};

    use super::Moment;

    #[test]
    fn a_moment_is_written_in_utc_to_the_millisecond_in_one_way() {
        let moment = Moment::new(datetime!(2026-03-02 09:13:40.5678 +8)).unwrap();
        assert_eq!(moment.to_string(), "2026-03-02T01:13:40.567Z");
        assert_eq!(Moment::try_from(moment.to_string()).unwrap(), moment);
        for bad in [
            "2026-03-02T09:13:40+08:00",
            "2026-03-02T01:13:40.5678Z",
            "2026-03-02T01:13:40.560Z",
            "2026-03-02t01:13:40Z",
            "2026-03-02",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
            "",
        ] {
            assert!(Moment::try_from(String::from(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_edges_of_the_calendar_are_refused_and_do_not_panic() {
        for edge in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
            for hours in [-23, 0, 23] {
                let offset = UtcOffset::from_hms(hours, 0, 0).unwrap();
                let time = OffsetDateTime::new_in_offset(edge.date(), edge.time(), offset);
                assert!(Moment::new(time).is_err());
            }
        }
        let last = datetime!(2200-01-01 00:00:00 UTC);
        assert!(Moment::new(last).is_err());
        assert!(Moment::new(last - Duration::MILLISECOND).is_ok());
    }
}
