//! Several sealed thresholds in one chunk: one behind the other, as the terms number their atoms.

use session::Culprit;

use crate::error::expect_length;
use crate::{Encode, Error, SEALED_THRESHOLD_BYTES, SealedThreshold, ThresholdDigest};

/// The bytes of `thresholds`.
pub(crate) fn to_bytes(thresholds: &[SealedThreshold]) -> Vec<u8> {
    thresholds.iter().flat_map(Encode::to_bytes).collect()
}

/// The thresholds with these digests, in this order.
pub(crate) fn from_bytes(
    bytes: &[u8],
    agreed: &[ThresholdDigest],
    culprit: Culprit,
) -> Result<Vec<SealedThreshold>, Error> {
    let length = agreed.len() * SEALED_THRESHOLD_BYTES;
    expect_length("thresholds", length, bytes.len(), culprit)?;
    let each = bytes.chunks_exact(SEALED_THRESHOLD_BYTES).zip(agreed);
    each.map(|(bytes, agreed)| SealedThreshold::decode(bytes, *agreed, culprit)).collect()
}
