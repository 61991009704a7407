//! Days as letters count them.

use time::macros::offset;
use time::{Date, OffsetDateTime, Time, UtcOffset};

/// Where terms begin and end.
pub(super) const SHANGHAI: UtcOffset = offset!(+8);

/// The first instant of a day in Asia/Shanghai.
#[must_use]
pub fn start_of(day: Date) -> OffsetDateTime {
    OffsetDateTime::new_in_offset(day, Time::MIDNIGHT, SHANGHAI)
}

/// The same instant without its fraction of a second, as people write it in Shanghai.
pub(super) fn to_the_second(at: OffsetDateTime) -> OffsetDateTime {
    at.to_offset(SHANGHAI).replace_nanosecond(0).unwrap_or(at)
}
