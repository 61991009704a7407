//! What a run draws: the generator of all its secrets, and scalars.

use chacha20::ChaCha20Rng;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, SeedableRng};
use zeroize::Zeroizing;

/// The generator of all of a run's secrets, from 32 bytes of the host's.
pub(crate) fn seeded(rng: &mut (impl CryptoRng + ?Sized)) -> ChaCha20Rng {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    ChaCha20Rng::from_seed(*seed)
}

/// A uniformly random scalar other than 0: `RandomScalar` of RFC 9497.
pub(crate) fn nonzero(rng: &mut (impl CryptoRng + ?Sized)) -> Scalar {
    loop {
        let scalar = Scalar::random(rng);
        if scalar != Scalar::ZERO {
            return scalar;
        }
    }
}
