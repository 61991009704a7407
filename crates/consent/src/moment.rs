//! Points in time as documents write them.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

use crate::Error;

/// A time that RFC 3339 can write, between 2000 and 2199.
///
/// The bounds keep every sum with a bounded duration, and every change of offset, inside what
/// `OffsetDateTime` can hold: a time out of a peer's bytes would otherwise panic in arithmetic.
/// The offset that somebody wrote is kept, so that a letter shows the day that its signer saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Moment(OffsetDateTime);

impl Moment {
    pub(crate) fn new(at: OffsetDateTime) -> Result<Self, Error> {
        let utc = at.checked_to_offset(UtcOffset::UTC);
        let in_range = utc.is_some_and(|utc| (2000..2200).contains(&utc.year()));
        // RFC 3339 writes offsets in minutes; the year of the local date may differ from UTC's.
        if in_range && at.offset().seconds_past_minute() == 0 {
            return Ok(Self(at));
        }
        Err(Error::Text { what: "a time", expected: "written by RFC 3339, from 2000 to 2199" })
    }

    pub(crate) const fn at(self) -> OffsetDateTime {
        self.0
    }
}

impl TryFrom<String> for Moment {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let expected = "written by RFC 3339, like 2026-03-02T09:13:40+08:00";
        let at = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| Error::Text { what: "a time", expected })?;
        Self::new(at)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.0.format(&Rfc3339).expect("a moment has a year of four digits and whole minutes")
    }
}

/// For members that are an `OffsetDateTime`: written and read as a [`Moment`].
pub(crate) mod written {
    use serde::ser::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use time::OffsetDateTime;

    use super::Moment;

    pub(crate) fn serialize<S: Serializer>(
        at: &OffsetDateTime,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        Moment::new(*at).map_err(S::Error::custom)?.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<OffsetDateTime, D::Error> {
        Moment::deserialize(deserializer).map(Moment::at)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

    use super::Moment;

    #[test]
    fn a_time_keeps_the_offset_that_it_was_written_with() {
        let text = "2026-03-02T09:13:40+08:00";
        let moment = Moment::try_from(String::from(text)).unwrap();
        assert_eq!(moment.at(), datetime!(2026-03-02 01:13:40 UTC));
        assert_eq!(String::from(moment), text);
    }

    #[test]
    fn times_at_the_edge_of_the_calendar_are_refused_and_do_not_panic() {
        for bad in [
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
            "2200-01-01T00:00:00Z",
            "1999-12-31T23:59:59Z",
            "2026-03-02",
            "2026-03-02T09:13:40",
            "",
        ] {
            assert!(Moment::try_from(String::from(bad)).is_err(), "{bad}");
        }
        let odd = UtcOffset::from_hms(8, 0, 30).unwrap();
        assert!(Moment::new(datetime!(2026-03-02 01:13:40 UTC).to_offset(odd)).is_err());
        for edge in [PrimitiveDateTime::MIN, PrimitiveDateTime::MAX] {
            for offset in [UtcOffset::from_hms(23, 59, 0).unwrap(), UtcOffset::UTC] {
                assert!(
                    Moment::new(OffsetDateTime::new_in_offset(edge.date(), edge.time(), offset))
                        .is_err()
                );
            }
        }
    }
}
