//! A ring-LWE sample that is a public key, and encryptions of zero under it.

use rand_core::CryptoRng;
use tfhe::core_crypto::commons::math::random::Seed;
use zeroize::Zeroizing;

use crate::ring::{constant_of_product, extraction};
use crate::{Noise, Ring, noise, words};

/// A ring-LWE sample `(a, b = a·s + e)`, `a` expanded from a seed: what a lender publishes.
#[derive(Clone)]
pub struct Sample {
    ring: Ring,
    noise: Noise,
    seed: Seed,
    mask: Vec<u64>,
    body: Vec<u64>,
}

impl Sample {
    /// The sample of `ring` whose body was made over the mask of `seed`; encryptions under it have
    /// this `noise`.
    ///
    /// # Panics
    ///
    /// Unless the body has a word for each coefficient of the ring.
    pub fn new(ring: Ring, noise: Noise, seed: Seed, body: Vec<u64>) -> Self {
        assert_eq!(body.len(), ring.degree(), "a body has a word for each coefficient");
        Self { ring, noise, seed, mask: ring.expanded(seed), body }
    }

    /// Bytes of an encoded sample: the seed, then the body.
    pub const fn bytes(ring: Ring) -> usize {
        16 + 8 * ring.degree()
    }

    /// Reads an encoded sample; none if its length is wrong. Any bytes of the right length are one.
    pub fn from_bytes(ring: Ring, noise: Noise, bytes: &[u8]) -> Option<Self> {
        let (seed, body) = bytes.split_first_chunk()?;
        let fits = bytes.len() == Self::bytes(ring);
        let seed = Seed(u128::from_le_bytes(*seed));
        fits.then(|| Self::new(ring, noise, seed, words::from_bytes(body)))
    }

    /// Encodes it: the seed, then the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.seed.0.to_le_bytes(), words::to_bytes(&self.body).as_slice()].concat()
    }

    /// `a`.
    pub fn mask(&self) -> &[u64] {
        &self.mask
    }

    /// `b`.
    pub fn body(&self) -> &[u64] {
        &self.body
    }

    /// Makes a fresh encryption of zero: mask `a·u + e1` and body `b·u + e2`, N words each.
    ///
    /// Draws u, e1 and e2 from `rng`, in this order.
    pub fn zero(&self, rng: &mut impl CryptoRng) -> (Vec<u64>, Vec<u64>) {
        let (mask, u) = self.fresh_mask(rng);
        let mut body = self.ring.product(&self.body, &u);
        self.noise.add_to(&mut body, rng);
        (mask, body)
    }

    /// Makes a fresh LWE encryption of zero: N words of mask, one of body.
    ///
    /// It is the constant coefficient of an encryption of zero whose `e2` is what `last` draws there,
    /// small noise or a flood; the other coefficients of the body are never computed.
    pub fn zero_at_constant<R: CryptoRng>(
        &self,
        rng: &mut R,
        last: impl FnOnce(&mut R) -> u64,
    ) -> Zeroizing<Vec<u64>> {
        let (mask, u) = self.fresh_mask(rng);
        let body = constant_of_product(&self.body, &u).wrapping_add(last(rng));
        let mut lwe = Zeroizing::new(Vec::with_capacity(mask.len() + 1));
        lwe.extend(extraction(&mask, 0));
        lwe.push(body);
        lwe
    }

    /// The mask `a·u + e1` of an encryption of zero, and `u`.
    fn fresh_mask(&self, rng: &mut impl CryptoRng) -> (Vec<u64>, Zeroizing<Vec<u64>>) {
        let u = noise::binary(self.ring.degree(), rng);
        let mut mask = self.ring.product(&self.mask, &u);
        self.noise.add_to(&mut mask, rng);
        (mask, u)
    }
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::Sample;
    use crate::{KeyNoise, Noise, Ring, SecretKey, extraction, flood, noise};

    const RING: Ring = Ring::Degree2048;
    const NOISE: Noise = Noise::TUniform { bits: 17 };

    fn keys(rng: &mut ChaCha20Rng) -> (SecretKey, Sample) {
        let secret = SecretKey::generate(RING, noise::seed(rng));
        let (mask, small) = (noise::seed(rng), noise::seed(rng));
        let plain = vec![0; RING.degree()];
        let body = secret.encrypt(mask, small, KeyNoise::TUniform { bits: 17 }, &plain);
        (secret, Sample::new(RING, NOISE, mask, body))
    }

    #[test]
    fn every_coefficient_of_an_encryption_of_zero_opens_to_small_noise() {
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let (secret, public) = keys(&mut rng);
        let (mask, body) = public.zero(&mut rng);
        for (place, &word) in body.iter().enumerate() {
            let lwe: Vec<u64> = extraction(&mask, place).chain([word]).collect();
            // The deviation is 2^21.7 (SPEC §3).
            assert!(secret.phase(&lwe).cast_signed().unsigned_abs() < 1 << 25);
        }
    }

    #[test]
    fn a_zero_at_the_constant_coefficient_is_that_of_the_whole_zero() {
        let stream = || ChaCha20Rng::from_seed([10; 32]);
        let (secret, public) = keys(&mut ChaCha20Rng::from_seed([13; 32]));
        let (mask, body) = public.zero(&mut stream());
        let expected: Vec<u64> = extraction(&mask, 0).chain([body[0]]).collect();
        let lwe = public.zero_at_constant(&mut stream(), |rng| NOISE.draw(rng));
        assert_eq!(*lwe, expected);
        // A flood in place of the small noise moves the body and nothing else.
        let flood = |rng: &mut ChaCha20Rng| flood::uniform(1 << 58, rng);
        let flooded = public.zero_at_constant(&mut stream(), flood);
        assert_eq!(flooded[..RING.degree()], expected[..RING.degree()]);
        assert_ne!(flooded[RING.degree()], expected[RING.degree()]);
        assert!(secret.phase(&flooded).cast_signed().unsigned_abs() < (1 << 58) + (1 << 25));
    }

    #[test]
    fn a_sample_is_read_from_its_own_bytes_and_from_no_other_length() {
        let mut rng = ChaCha20Rng::from_seed([11; 32]);
        let (_, public) = keys(&mut rng);
        let bytes = public.to_bytes();
        assert_eq!(bytes.len(), Sample::bytes(RING));
        let read = Sample::from_bytes(RING, NOISE, &bytes).expect("of the right length");
        assert_eq!((read.mask(), read.body()), (public.mask(), public.body()));
        for wrong in [&bytes[1..], &[&bytes[..], &[0]].concat(), &[]] {
            assert!(Sample::from_bytes(RING, NOISE, wrong).is_none());
        }
    }

    #[test]
    fn a_secret_key_comes_back_from_its_packed_bits_and_opens_its_own_sample_alone() {
        let mut rng = ChaCha20Rng::from_seed([12; 32]);
        let ((secret, public), (other, _)) = (keys(&mut rng), keys(&mut rng));
        let packed: Vec<u8> = secret.packed().collect();
        let read = SecretKey::from_packed(RING, &packed).expect("of the right length");
        assert_eq!(read.bits(), secret.bits());
        assert!(read.opens(&public, 1 << 17));
        assert!(!read.opens(&public, 1 << 15), "the noise is larger than that");
        assert!(!other.opens(&public, 1 << 17));
        assert!(SecretKey::from_packed(RING, &packed[1..]).is_none());
    }
}
