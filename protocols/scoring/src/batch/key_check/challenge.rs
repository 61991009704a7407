//! What the holder asks, and what the lender answers.

use chacha20::ChaCha20Rng;
use lattice::noise;
use rand_core::{CryptoRng, Rng, SeedableRng};
use zeroize::Zeroizing;

use crate::RING;
use crate::batch::public_key::ENTRY_BYTES;
use crate::batch::ring::Polynomial;
use crate::batch::{LenderKey, MODULUS, PublicKey, TRIAL_MARGIN, TRIAL_STEP_BITS};
use crate::digest::Use;

/// Bytes of a challenge: a ciphertext.
pub const CHALLENGE_BYTES: usize = ENTRY_BYTES;

/// Bytes of a reply: a hash.
pub const REPLY_BYTES: usize = 32;

/// 4096 uniform numbers below P / 2^40: what a reply must show to have been read.
pub(crate) struct Numbers(Zeroizing<Vec<u64>>);

impl Numbers {
    /// Fresh numbers.
    pub(crate) fn random(rng: &mut impl CryptoRng) -> Self {
        let mut rng = noise::fork(rng);
        let below = u64::try_from(MODULUS >> TRIAL_STEP_BITS).expect("35 bits");
        let mut numbers = Zeroizing::new(vec![0; RING]);
        numbers.fill_with(|| uniform(35, 0, below, &mut rng));
        Self(numbers)
    }

    /// The numbers of a challenge as the lender reads them.
    pub(crate) fn decrypt(key: &LenderKey, [mask, body]: [Polynomial; 2]) -> Self {
        let phase = key.phase(&mask.transformed(), body);
        let number = |index| {
            u64::try_from(phase.coefficient(index) >> TRIAL_STEP_BITS).expect("35 bits remain")
        };
        Self(Zeroizing::new((0..RING).map(number).collect()))
    }

    /// SPEC §3.3 step 2: the ciphertext of these numbers, all of whose randomness they determine.
    pub(crate) fn encrypt(&self, key: &PublicKey) -> Vec<u8> {
        let mut rng = ChaCha20Rng::from_seed(self.hash(Use::ChallengeCoins, key));
        let [mask, mut body] = key.zero(&mut rng);
        for (index, number) in self.0.iter().enumerate() {
            let blur = uniform(
                TRIAL_STEP_BITS,
                TRIAL_MARGIN,
                (1 << TRIAL_STEP_BITS) - TRIAL_MARGIN,
                &mut rng,
            );
            body.add_at(index, (u128::from(*number) << TRIAL_STEP_BITS) + u128::from(blur));
        }
        let mut bytes = Vec::with_capacity(CHALLENGE_BYTES);
        mask.write(&mut bytes);
        body.write(&mut bytes);
        bytes
    }

    /// SPEC §3.3 step 4: what shows that one knows the numbers.
    pub(crate) fn reply(&self, key: &PublicKey) -> [u8; REPLY_BYTES] {
        self.hash(Use::ChallengeReply, key)
    }

    fn hash(&self, purpose: Use, key: &PublicKey) -> [u8; 32] {
        let mut hasher = purpose.hasher().with(&key.fingerprint().0);
        for number in &*self.0 {
            hasher.update(&number.to_le_bytes());
        }
        hasher.finish()
    }
}

/// A uniform number of `least..end`, from draws of `bits` bits of which almost all fit.
fn uniform(bits: u32, least: u64, end: u64, rng: &mut impl Rng) -> u64 {
    loop {
        let number = rng.next_u64() >> (64 - bits);
        if (least..end).contains(&number) {
            return number;
        }
    }
}
