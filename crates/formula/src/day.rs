//! Days of a formula: of the calendar, or so long before or after today.

use std::fmt;

use time::{Date, Duration, Month};

/// A day: one of the calendar, or one that moves with today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Day {
    /// `2026-01-01`.
    On(Date),
    /// `today`, `today - 30 days`, `today + 6 months`.
    FromToday {
        /// How many, negative for the past.
        count: i16,
        /// Of what.
        unit: Unit,
    },
}

/// What is counted from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Days.
    Days,
    /// Months of the calendar: the same day of the month, or its last.
    Months,
}

/// The most days or months from today: 50 years of months.
pub(crate) const MOST_STEPS: i16 = 600;

impl Day {
    /// The day of the calendar, when today is this day of Asia/Shanghai.
    #[must_use]
    pub fn resolved(self, today: Date) -> Date {
        match self {
            Self::On(day) => day,
            Self::FromToday { count, unit: Unit::Days } => {
                let moved = today.checked_add(Duration::days(count.into()));
                moved.unwrap_or(if count < 0 { Date::MIN } else { Date::MAX })
            }
            Self::FromToday { count, unit: Unit::Months } => months_from(today, count.into()),
        }
    }
}

/// The same day of the month so many months later, or the month's last when it is shorter.
#[must_use]
pub fn months_from(day: Date, count: i32) -> Date {
    let month = i32::from(u8::from(day.month())) - 1;
    let months = day.year() * 12 + month + count;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let month = u8::try_from(month).ok().and_then(|month| Month::try_from(month).ok());
    let month = month.expect("a remainder by 12, and one, is a month");
    let last = month.length(year);
    Date::from_calendar_date(year, month, day.day().min(last)).unwrap_or(if count < 0 {
        Date::MIN
    } else {
        Date::MAX
    })
}

impl Unit {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Months => "months",
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::On(day) => {
                write!(f, "{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
            }
            Self::FromToday { count: 0, .. } => f.write_str("today"),
            Self::FromToday { count, unit } => {
                let sign = if count < 0 { '-' } else { '+' };
                write!(f, "today {sign} {} {}", count.unsigned_abs(), unit.word())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{Day, Unit, months_from};

    #[test]
    fn months_keep_the_day_or_take_the_last() {
        let leap = date!(2024 - 02 - 29);
        assert_eq!(months_from(leap, -12), date!(2023 - 02 - 28));
        assert_eq!(months_from(date!(2026 - 03 - 31), -1), date!(2026 - 02 - 28));
        assert_eq!(months_from(date!(2026 - 01 - 15), -1), date!(2025 - 12 - 15));
        assert_eq!(months_from(date!(2026 - 12 - 01), 1), date!(2027 - 01 - 01));
        assert_eq!(months_from(time::Date::MIN, -1), time::Date::MIN);
        assert_eq!(months_from(time::Date::MAX, 1), time::Date::MAX);
    }

    #[test]
    fn a_day_counts_from_today() {
        let today = date!(2026 - 03 - 02);
        let ago = |count: i16, unit| Day::FromToday { count: -count, unit }.resolved(today);
        assert_eq!(ago(30, Unit::Days), date!(2026 - 01 - 31));
        assert_eq!(ago(12, Unit::Months), date!(2025 - 03 - 02));
        assert_eq!(
            Day::FromToday { count: 1, unit: Unit::Days }.resolved(time::Date::MAX),
            time::Date::MAX
        );
        assert_eq!(Day::On(date!(2026 - 01 - 01)).resolved(today), date!(2026 - 01 - 01));
    }
}
