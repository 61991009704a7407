//! A party's secret exponent, and what it does to points.

use curve25519_dalek::Scalar;
use rand_core::CryptoRng;
use zeroize::ZeroizeOnDrop;

use crate::POINT;
use crate::points::Flawed;
use crate::seed::nonzero;
use crate::simd::{Halves, Lanes};

/// A party's secret exponent: wiped on drop, never printed, cloned or sent.
///
/// It is kept as its half, by which points are multiplied (SPEC §7).
#[derive(ZeroizeOnDrop)]
pub(crate) struct Key {
    half: Scalar,
    #[zeroize(skip)]
    lanes: Lanes,
}

impl Key {
    /// A uniformly random exponent other than 0, that multiplies in these lanes.
    pub(crate) fn random(lanes: Lanes, rng: &mut impl CryptoRng) -> Self {
        Self { half: nonzero(rng), lanes }
    }

    /// What each 64 bytes map to, masked by this key and encoded.
    pub(crate) fn mask_mapped(&self, uniform: &[[u8; 2 * POINT]]) -> Vec<[u8; POINT]> {
        self.lanes.multiply_mapped(uniform, Halves::One(&self.half))
    }

    /// Encoded points masked by this key. Masks commute.
    ///
    /// # Errors
    ///
    /// The first point that is not canonical, or the identity.
    pub(crate) fn mask_decoded(&self, points: &[[u8; POINT]]) -> Result<Vec<[u8; POINT]>, Flawed> {
        self.lanes.multiply_decoded(points, Halves::One(&self.half))
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use curve25519_dalek::RistrettoPoint;
    use rand_core::{Rng, SeedableRng};

    use super::{Key, Lanes};

    fn uniform(rng: &mut ChaCha20Rng) -> Vec<[u8; 64]> {
        let mut uniform = vec![[0; 64]; 5];
        uniform.iter_mut().for_each(|bytes| rng.fill_bytes(bytes));
        uniform
    }

    #[test]
    fn a_mask_is_twice_the_half() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let uniform = uniform(&mut rng);
        for lanes in Lanes::available() {
            let key = Key::random(lanes, &mut rng);
            let mask = key.half + key.half;
            let points = uniform.iter().map(RistrettoPoint::from_uniform_bytes);
            let plain = points.map(|point| (point * mask).compress().to_bytes());
            assert!(plain.eq(key.mask_mapped(&uniform)));
        }
    }

    #[test]
    fn masks_commute_whatever_the_lanes() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for (one, other) in [Lanes::one(), Lanes::detect()].map(|lanes| (lanes, Lanes::detect())) {
            let (ours, theirs) = (Key::random(one, &mut rng), Key::random(other, &mut rng));
            let points = uniform(&mut rng);
            assert_eq!(
                theirs.mask_decoded(&ours.mask_mapped(&points)).unwrap(),
                ours.mask_decoded(&theirs.mask_mapped(&points)).unwrap()
            );
        }
    }
}
