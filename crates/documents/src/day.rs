//! Days as letters count them.

use domain::SHANGHAI;
use time::OffsetDateTime;

/// The same instant without its fraction of a second, as people write it in Shanghai.
pub(crate) fn to_the_second(at: OffsetDateTime) -> OffsetDateTime {
    at.to_offset(SHANGHAI).replace_nanosecond(0).unwrap_or(at)
}
