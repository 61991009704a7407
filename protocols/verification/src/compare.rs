//! A value compared with a sealed threshold: SPEC §2.5.

use rand_core::CryptoRng;

use crate::lwe::Lwe;
use crate::parameters::VALUE;
use crate::table::Table;
use crate::{Comparison, Evaluator, PublicKey};

/// Half a step of 1/32 of the torus, in positions out of 4096.
const HALF_STEP: usize = 64;

/// A digit's sign among those of two halves: 1/16 of the torus.
const HALF_SIGN: u64 = 1 << 60;

/// SPEC §3.2 step 4: "adds a fresh encryption of zero to each half".
///
/// Without it, whoever has the table could replay a bootstrap for every pick and find the one that
/// gives the holder's very ciphertext.
pub(crate) fn refresh(picks: &mut [Lwe], key: &PublicKey, rng: &mut impl CryptoRng) {
    for pick in picks {
        pick.add(&key.zero(rng));
    }
}

/// SPEC §3.2 step 5: "takes the sign of each half, then what the comparison says about both".
pub(crate) fn compared(evaluator: &Evaluator, picks: &[Lwe; 2], comparison: Comparison) -> Lwe {
    let sign = Table::Sign { dead: HALF_STEP, yes: HALF_SIGN };
    let [upper, lower] = picks;
    let (upper, lower) =
        rayon::join(|| evaluator.bootstrap(upper, sign), || evaluator.bootstrap(lower, sign));
    let mut both = upper.times(2);
    both.add(&lower);
    both.shift(VALUE);
    evaluator.bootstrap(&both, Table::Compare { comparison, yes: VALUE })
}
