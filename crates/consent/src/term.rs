//! From when to when, how often, how densely.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::Error;
use crate::moment::Moment;

/// The longest term, in days: five years with two leap days among them.
///
/// The measures set no number; consent that outlives the business it was given for is no longer
/// informed, so there is an end to what a letter can ask for.
pub const MAX_TERM_DAYS: i64 = 5 * 365 + 2;

/// The most uses that an authorisation may permit: every ten minutes over the longest term would
/// be more, and nobody needs that.
pub const MAX_USES: u32 = 100_000;

/// From when to when something holds: from `not_before` on, up to but without `not_after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TermForm", into = "TermForm")]
pub struct Term {
    not_before: Moment,
    not_after: Moment,
}

impl Term {
    /// A term.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] when it ends before it begins, lasts longer than [`MAX_TERM_DAYS`], or is
    /// outside the years 2000 to 2199.
    pub fn new(not_before: OffsetDateTime, not_after: OffsetDateTime) -> Result<Self, Error> {
        let (not_before, not_after) = (Moment::new(not_before)?, Moment::new(not_after)?);
        let length = not_after.at() - not_before.at();
        if length > Duration::ZERO && length <= Duration::days(MAX_TERM_DAYS) {
            return Ok(Self { not_before, not_after });
        }
        Err(Error::Text { what: "a term", expected: "positive, and five years at most" })
    }

    /// The first instant of the term.
    #[must_use]
    pub const fn not_before(&self) -> OffsetDateTime {
        self.not_before.at()
    }

    /// The first instant after the term.
    #[must_use]
    pub const fn not_after(&self) -> OffsetDateTime {
        self.not_after.at()
    }

    /// Whether `at` lies in the term.
    #[must_use]
    pub fn contains(&self, at: OffsetDateTime) -> bool {
        self.not_before() <= at && at < self.not_after()
    }

    pub(crate) fn within(&self, old: &Self) -> bool {
        old.not_before <= self.not_before && self.not_after <= old.not_after
    }
}

/// How often an authorisation may be used, and how densely.
///
/// `onward_sharing` is part of the JSON and has one value, `false`: what was received may not be
/// passed on, and a record that says otherwise does not parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "LimitsForm", into = "LimitsForm")]
pub struct Limits {
    max_uses: u32,
    min_interval_s: u32,
}

impl Limits {
    /// At most `max_uses` uses, over all versions, at least `min_interval_s` seconds apart.
    ///
    /// # Errors
    ///
    /// [`Error::Text`] for no use, more than [`MAX_USES`], or an interval of over five years.
    pub fn new(max_uses: u32, min_interval_s: u32) -> Result<Self, Error> {
        let days = i64::from(min_interval_s) / (24 * 60 * 60);
        if (1..=MAX_USES).contains(&max_uses) && days < MAX_TERM_DAYS {
            return Ok(Self { max_uses, min_interval_s });
        }
        Err(Error::Text { what: "a limit of uses", expected: "1 to 100000, within five years" })
    }

    /// The most uses.
    #[must_use]
    pub const fn max_uses(&self) -> u32 {
        self.max_uses
    }

    /// The least time between two uses.
    #[must_use]
    pub fn min_interval(&self) -> Duration {
        Duration::seconds(self.min_interval_s.into())
    }

    pub(crate) fn within(&self, old: &Self) -> bool {
        self.max_uses <= old.max_uses && self.min_interval_s >= old.min_interval_s
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TermForm {
    not_before: Moment,
    not_after: Moment,
}

impl TryFrom<TermForm> for Term {
    type Error = Error;

    fn try_from(form: TermForm) -> Result<Self, Error> {
        Self::new(form.not_before.at(), form.not_after.at())
    }
}

impl From<Term> for TermForm {
    fn from(Term { not_before, not_after }: Term) -> Self {
        Self { not_before, not_after }
    }
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsForm {
    max_uses: u32,
    min_interval_s: u32,
    onward_sharing: bool,
}

impl TryFrom<LimitsForm> for Limits {
    type Error = Error;

    fn try_from(form: LimitsForm) -> Result<Self, Error> {
        if form.onward_sharing {
            return Err(Error::Text { what: "onward_sharing", expected: "always false" });
        }
        Self::new(form.max_uses, form.min_interval_s)
    }
}

impl From<Limits> for LimitsForm {
    fn from(Limits { max_uses, min_interval_s }: Limits) -> Self {
        Self { max_uses, min_interval_s, onward_sharing: false }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::{Limits, MAX_TERM_DAYS, Term};

    #[test]
    fn a_term_begins_with_its_first_instant_and_ends_before_its_last() {
        let (start, end) = (datetime!(2026-03-02 00:00 +8), datetime!(2026-04-01 00:00 +8));
        let term = Term::new(start, end).unwrap();
        let instant = Duration::NANOSECOND;
        assert!(term.contains(start) && term.contains(end - instant));
        assert!(!term.contains(start - instant) && !term.contains(end));
    }

    #[test]
    fn a_term_is_positive_and_five_years_at_most() {
        let start = datetime!(2026-03-02 00:00 +8);
        let ends = |after: Duration| Term::new(start, start + after);
        assert!(ends(Duration::days(MAX_TERM_DAYS)).is_ok());
        assert!(ends(Duration::days(MAX_TERM_DAYS) + Duration::SECOND).is_err());
        assert!(ends(Duration::ZERO).is_err());
        assert!(ends(-Duration::SECOND).is_err());
    }

    #[test]
    fn limits_are_bounded_and_never_allow_passing_on() {
        let json = |uses: u64, apart: u64, onward: bool| {
            serde_json::from_str::<Limits>(&format!(
                r#"{{"max_uses":{uses},"min_interval_s":{apart},"onward_sharing":{onward}}}"#
            ))
        };
        assert!(json(1, 0, false).is_ok() && json(100_000, 157_852_799, false).is_ok());
        for (uses, apart, onward) in
            [(0, 0, false), (100_001, 0, false), (1, 157_852_800, false), (1, 0, true)]
        {
            assert!(json(uses, apart, onward).is_err(), "{uses} {apart} {onward}");
        }
        assert!(serde_json::from_str::<Limits>(r#"{"max_uses":1,"min_interval_s":0}"#).is_err());
    }
}
