//! Days where deadlines and operators live.

use time::macros::offset;
use time::{Date, OffsetDateTime, Time, UtcOffset};

/// Where terms begin and end, and operators live; records keep UTC.
pub const SHANGHAI: UtcOffset = offset!(+8);

/// The first instant of a day in Asia/Shanghai.
#[must_use]
pub fn start_of(day: Date) -> OffsetDateTime {
    OffsetDateTime::new_in_offset(day, Time::MIDNIGHT, SHANGHAI)
}
