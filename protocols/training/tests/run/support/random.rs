//! How far bytes are from random ones.

/// The statistic of the counts of byte values: 255 degrees of freedom.
pub(crate) fn chi_square(bytes: &[u8]) -> f64 {
    let mut counts = [0.0; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1.0);
    let expected = bytes.len() as f64 / 256.0;
    counts.iter().map(|count| (count - expected) * (count - expected) / expected).sum()
}
