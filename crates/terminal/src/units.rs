//! Numbers as people read them: counts, bytes, spans and moments.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use domain::SHANGHAI;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

const RECORD: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A day in Asia/Shanghai, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Date);

impl Day {
    /// The day that an instant falls on.
    pub fn of(at: OffsetDateTime) -> Self {
        Self(at.to_offset(SHANGHAI).date())
    }

    /// Its first instant, in milliseconds since the Unix epoch.
    pub fn start_ms(self) -> i64 {
        domain::start_of(self.0).unix_timestamp().saturating_mul(1000)
    }

    /// The first instant after it, in milliseconds since the Unix epoch.
    pub fn end_ms(self) -> i64 {
        self.start_ms().saturating_add(24 * 60 * 60 * 1000)
    }
}

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = Date::parse(text, DAY).ok().filter(|day| (2000..2200).contains(&day.year()));
        day.map(Self).ok_or("a day is written YYYY-MM-DD, like 2027-12-31, from 2000 to 2199")
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The time, to the millisecond, as letters bear it.
pub fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc().to_offset(SHANGHAI);
    now.replace_millisecond(now.millisecond()).unwrap_or(now)
}

/// A count with its thousands apart: `1,234,567`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut parts = Vec::new();
    let mut rest = digits.as_str();
    while rest.len() > 3 {
        let (front, back) = rest.split_at(rest.len() - 3);
        parts.push(back);
        rest = front;
    }
    parts.push(rest);
    parts.reverse();
    parts.join(",")
}

/// A number of bytes: `512 B`, `1.5 KiB`, `3.2 MiB`.
pub fn bytes(number: u64) -> String {
    let mut unit = "B";
    let mut value = as_float(number);
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit == "B" { format!("{number} B") } else { format!("{value:.1} {unit}") }
}

/// A span: `830 µs`, `12.4 ms`, `3.21 s`, `2 min 05 s`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 0.001 {
        format!("{} µs", span.as_micros())
    } else if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 60.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{} min {:02} s", span.as_secs() / 60, span.as_secs() % 60)
    }
}

/// A span given in seconds; a negative or endless one is none.
pub fn seconds(value: f64) -> String {
    Duration::try_from_secs_f64(value).map_or_else(|_| "-".into(), span)
}

/// A moment as an operator reads it, in Shanghai's time.
pub fn moment(milliseconds: i64) -> String {
    at(milliseconds).map_or_else(|| "-".into(), moment_of)
}

/// The same, of a point in time that came with its own offset.
pub fn moment_of(at: OffsetDateTime) -> String {
    let shown = at.checked_to_offset(SHANGHAI).and_then(|at| at.format(MOMENT).ok());
    shown.unwrap_or_else(|| "-".into())
}

/// A moment as a record keeps it, in UTC (RFC 3339).
pub fn record(milliseconds: i64) -> Option<String> {
    at(milliseconds)?.format(RECORD).ok()
}

/// A moment as the records of a log write it, in UTC: RFC 3339, without digits that say nothing.
pub fn instant(milliseconds: i64) -> Option<String> {
    at(milliseconds)?.format(&Rfc3339).ok()
}

/// Milliseconds since the epoch; 0 stands for never.
fn at(milliseconds: i64) -> Option<OffsetDateTime> {
    if milliseconds == 0 {
        return None;
    }
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}

/// For showing only: from 2^53 on the last digits are rounded.
#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
pub fn as_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Day, bytes, count, moment, record, seconds, span};

    #[test]
    fn counts_have_their_thousands_apart() {
        let read = [0, 999, 1_000, 1_234_567].map(count);
        assert_eq!(read, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn bytes_take_the_unit_that_fits() {
        let read = [0, 1_023, 1_536, 3 << 20, u64::MAX].map(bytes);
        assert_eq!(read, ["0 B", "1023 B", "1.5 KiB", "3.0 MiB", "16777216.0 TiB"]);
    }

    #[test]
    fn spans_take_the_unit_that_fits() {
        assert_eq!(span(Duration::from_micros(830)), "830 µs");
        assert_eq!(span(Duration::from_micros(12_440)), "12.4 ms");
        assert_eq!(span(Duration::from_millis(3_210)), "3.21 s");
        assert_eq!(span(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(seconds(-1.0), "-");
    }

    #[test]
    fn moments_are_shown_in_shanghai_and_recorded_in_utc() {
        assert_eq!(moment(1_700_000_000_123), "2023-11-15 06:13:20");
        assert_eq!(record(1_700_000_000_123).unwrap(), "2023-11-14T22:13:20.123Z");
        assert_eq!(moment(0), "-");
    }

    #[test]
    fn a_day_begins_and_ends_in_shanghai() {
        let day: Day = "2026-03-02".parse().unwrap();
        assert_eq!(record(day.start_ms()).unwrap(), "2026-03-01T16:00:00.000Z");
        assert_eq!(record(day.end_ms()).unwrap(), "2026-03-02T16:00:00.000Z");
        assert_eq!(day.to_string(), "2026-03-02");
        for bad in ["", "2026-3-2", "02.03.2026", "2026-02-30", "1999-12-31", "2026-03-02T00:00"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
    }
}
