//! A party's secret exponent, and what it does to points.

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::CompressedRistretto;
use rand_core::CryptoRng;
use zeroize::ZeroizeOnDrop;

/// A party's secret exponent: wiped on drop, never printed, cloned or sent.
///
/// It is kept as its half. Points are multiplied by the half and doubled while they are encoded,
/// because a batch of doubles shares one field inversion (SPEC §7).
#[derive(ZeroizeOnDrop)]
pub(crate) struct Key {
    half: Scalar,
}

impl Key {
    /// A uniformly random exponent other than 0.
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        loop {
            let half = Scalar::random(rng);
            if half != Scalar::ZERO {
                return Self { half };
            }
        }
    }

    /// The points masked by this key, encoded. Masks commute.
    pub(crate) fn mask(&self, points: &[RistrettoPoint]) -> Vec<CompressedRistretto> {
        let halves: Vec<_> = points.iter().map(|point| point * self.half).collect();
        RistrettoPoint::double_and_compress_batch(&halves)
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use curve25519_dalek::RistrettoPoint;
    use rand_core::SeedableRng;

    use super::Key;

    #[test]
    fn a_mask_is_twice_the_half() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let key = Key::random(&mut rng);
        let points: Vec<_> = (0..5).map(|_| RistrettoPoint::random(&mut rng)).collect();
        let plain = points.iter().map(|point| (point * (key.half + key.half)).compress());
        assert!(plain.eq(key.mask(&points)));
    }

    #[test]
    fn masks_commute() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let (ours, theirs) = (Key::random(&mut rng), Key::random(&mut rng));
        let point = [RistrettoPoint::random(&mut rng)];
        let again = |key: &Key, masked: Vec<_>| {
            let masked: curve25519_dalek::ristretto::CompressedRistretto = masked[0];
            key.mask(&[masked.decompress().unwrap()])
        };
        assert_eq!(again(&theirs, ours.mask(&point)), again(&ours, theirs.mask(&point)));
    }
}
