//! Fixed-point numbers in the ring: an integer of 64 bits with a public number of fraction bits.

use crate::Error;

/// Encodes a number with `F` fraction bits, rounded to the nearest.
///
/// # Errors
///
/// [`Error::Unencodable`] when the number is not finite, or not below 2^62 once scaled: products
/// and truncations have no room for more (SPEC §2).
///
/// ```
/// assert_eq!(sharing::encode::<12>(-1.5)?, -6144);
/// assert!(sharing::encode::<12>(f64::NAN).is_err());
/// # Ok::<(), sharing::Error>(())
/// ```
pub fn encode<const F: u32>(number: f64) -> Result<i64, Error> {
    let scaled = (number * scale(F)).round();
    match scaled.abs() < scale(62) {
        #[expect(clippy::cast_possible_truncation, reason = "below 2^62, and whole")]
        true => Ok(scaled as i64),
        false => Err(Error::Unencodable),
    }
}

/// The number that a ring element with `F` fraction bits means.
pub fn decode<const F: u32>(raw: i64) -> f64 {
    raw as f64 / scale(F)
}

pub(crate) fn scale(bits: u32) -> f64 {
    (bits as f64).exp2()
}

/// A vector that was opened: no longer secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<const F: u32>(pub Vec<i64>);

impl<const F: u32> Opened<F> {
    /// The numbers that the ring elements mean.
    pub fn to_f64(&self) -> Vec<f64> {
        self.0.iter().map(|&raw| decode::<F>(raw)).collect()
    }
}
