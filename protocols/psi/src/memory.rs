//! Memory for as much as the terms name, which may be more than there is.

use crate::Error;

/// An empty vector with room for what is kept of each of `points`.
pub(crate) fn reserved<T>(points: u64) -> Result<Vec<T>, Error> {
    let mut kept = Vec::new();
    usize::try_from(points)
        .ok()
        .and_then(|length| kept.try_reserve_exact(length).ok())
        .ok_or(Error::NoMemory { points })?;
    Ok(kept)
}
