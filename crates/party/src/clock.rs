//! The one clock.

use std::time::{SystemTime, UNIX_EPOCH};

use time::{Date, OffsetDateTime, UtcOffset};

/// Asia/Shanghai has had this offset since 1991, and no other since.
const SHANGHAI: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => panic!("eight hours are an offset"),
};

/// Milliseconds since the Unix epoch; 0 on a machine whose clock is before it.
pub(crate) fn now_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
}

/// A time in milliseconds since the Unix epoch, as calls and rows carry it.
pub(crate) fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

/// Now, in UTC.
pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Today in Asia/Shanghai: what deadlines are counted in.
pub(crate) fn today() -> Date {
    now().to_offset(SHANGHAI).date()
}
