//! A lender's threshold, hidden from the holder that compares with it.

use std::fmt;

use lattice::noise::seed;
use rand_core::CryptoRng;
use session::{Culprit, Role};
use tfhe::core_crypto::commons::math::random::Seed;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::digest::Use;
use crate::error::expect_length;
use crate::lwe::{self, Lwe};
use crate::parameters::{BIT, SPACE};
use crate::{DIGIT, DIGITS, Encode, Error, LenderKey, RING, ThresholdDigest, words};

/// What a lender compares with: a limit, or a value that its customer claimed.
///
/// Wiped on drop, never printed.
///
/// ```compile_fail,E0277
/// # fn with(threshold: verification::Threshold) {
/// println!("{threshold:?}");
/// # }
/// ```
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Threshold(pub u64);

/// A threshold under the lender's key: for each digit, how each value of it compares.
///
/// One seeded ciphertext whose coefficient 256·i + d tells how d compares with digit i.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedThreshold {
    seed: u128,
    body: Vec<u16>,
    digest: ThresholdDigest,
}

/// Bytes of a sealed threshold: a seed, then 2048 words of 16 bits.
pub const SEALED_THRESHOLD_BYTES: usize = 16 + 2 * RING;

/// Bits that remain of a body word: the rounding is far below the noise of a bootstrap.
const BODY_BITS: u32 = 16;

impl SealedThreshold {
    /// Seals `threshold` under the lender's own key. Takes 32 bytes from `rng`.
    pub fn seal(threshold: &Threshold, key: &LenderKey, rng: &mut impl CryptoRng) -> Self {
        let mut plain = Zeroizing::new(vec![0; RING]);
        for (i, digit) in threshold.0.to_be_bytes().into_iter().enumerate() {
            for (value, coefficient) in (0..=u8::MAX).zip(&mut plain[DIGIT * i..]) {
                // SPEC §2.5: "weight 8, 4, 2, 1 within each half of the digits".
                let weight = BIT << (3 - i % 4);
                let greater = u64::from(value > digit).wrapping_sub(u64::from(value < digit));
                *coefficient = greater.wrapping_mul(weight);
            }
        }
        let (mask, noise) = (seed(rng), seed(rng));
        let body = key.secret.encrypt(mask, noise, &plain);
        #[expect(clippy::cast_possible_truncation, reason = "rounded to 16 bits")]
        let body = body.iter().map(|word| lwe::round(*word, BODY_BITS) as u16).collect();
        Self::from_parts(mask.0, body)
    }

    /// Its SHA-256, by which terms name it.
    pub fn digest(&self) -> ThresholdDigest {
        self.digest
    }

    /// Reads the threshold that the terms name by this digest, as `from` sent it.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Unbound`], which blame `from`.
    pub fn from_bytes(bytes: &[u8], agreed: ThresholdDigest, from: Role) -> Result<Self, Error> {
        Self::decode(bytes, agreed, Culprit::Peer(from))
    }

    pub(crate) fn decode(
        bytes: &[u8],
        agreed: ThresholdDigest,
        culprit: Culprit,
    ) -> Result<Self, Error> {
        let what = "sealed threshold";
        expect_length(what, SEALED_THRESHOLD_BYTES, bytes.len(), culprit)?;
        let (seed, body) = bytes.split_first_chunk().expect("the length was checked above");
        let body = body.as_chunks().0.iter().map(|word| u16::from_le_bytes(*word)).collect();
        let sealed = Self::from_parts(u128::from_le_bytes(*seed), body);
        match sealed.digest == agreed {
            true => Ok(sealed),
            false => Err(Error::Unbound { what, culprit }),
        }
    }

    /// SPEC §3.2 step 3: "H_j picks one entry a digit", and adds those of each half.
    pub(crate) fn pick(&self, value: u64) -> [Lwe; 2] {
        let mask = SPACE.expanded(Seed(self.seed));
        let mut halves = [Lwe::trivial(0), Lwe::trivial(0)];
        for (i, digit) in value.to_be_bytes().into_iter().enumerate() {
            let place = DIGIT * i + usize::from(digit);
            let body = u64::from(self.body[place]) << (64 - BODY_BITS);
            halves[i / (DIGITS / 2)].add(&Lwe::extract(&mask, body, place));
        }
        halves
    }

    fn from_parts(seed: u128, body: Vec<u16>) -> Self {
        let digest = Use::Threshold
            .hasher()
            .with(&seed.to_le_bytes())
            .with(&words::to_bytes16(body.iter().map(|&word| word.into())).collect::<Vec<_>>())
            .finish();
        Self { seed, body, digest: ThresholdDigest(digest) }
    }
}

impl Encode for SealedThreshold {
    fn to_bytes(&self) -> Vec<u8> {
        let body = words::to_bytes16(self.body.iter().map(|&word| word.into()));
        self.seed.to_le_bytes().into_iter().chain(body).collect()
    }
}

impl fmt::Debug for SealedThreshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedThreshold({})", self.digest)
    }
}
