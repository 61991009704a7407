//! Making a ciphertext forget what it was made of: SPEC §2.4.

use chacha20::ChaCha20Rng;
use lattice::flood;
use rand_core::CryptoRng;

use crate::lwe::Lwe;
use crate::parameters::{SOAK, VALUE};
use crate::table::Table;
use crate::{Evaluator, PublicKey};

/// Positions around zero, out of 4096, that a bootstrap of a value takes for unknown.
pub(crate) const UNKNOWN: usize = 512;

/// What the last soak leaves.
#[derive(Clone, Copy)]
pub(crate) struct LastFlood {
    /// What a yes is on the torus.
    pub(crate) yes: u64,
    /// Half the width of the flood.
    pub(crate) half: u64,
}

/// SPEC §2.4: "soak and bootstrap, so many times, then soak".
///
/// `value` holds one of three: 0 or ±1/4 of the torus.
pub(crate) fn sanitised(
    evaluator: &Evaluator,
    mut value: Lwe,
    cycles: usize,
    last: LastFlood,
    rng: &mut ChaCha20Rng,
) -> Lwe {
    for cycle in 1..=cycles {
        soak(&evaluator.public, &mut value, SOAK, rng);
        let yes = if cycle == cycles { last.yes } else { VALUE };
        value = evaluator.bootstrap(&value, Table::Sign { dead: UNKNOWN, yes });
    }
    soak(&evaluator.public, &mut value, last.half, rng);
    value
}

/// Adds a fresh encryption of zero and a flood uniform on `-half .. half`.
pub(crate) fn soak(key: &PublicKey, value: &mut Lwe, half: u64, rng: &mut impl CryptoRng) {
    value.add(&key.zero(rng));
    value.shift(flood::uniform(half, rng));
}
