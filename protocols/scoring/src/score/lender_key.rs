//! The lender's secret key, the only thing that opens a score.

use std::fmt;

use lattice::{KeyNoise, Sample, SecretKey, noise};
use rand_core::CryptoRng;
use session::Culprit;
use zeroize::Zeroizing;

use crate::error::expect_length;
use crate::parameters::{SHORT_STEP_BITS, SPACE, ZERO_NOISE, noise_bound};
use crate::score::public_key::PUBLIC_KEY_BYTES;
use crate::{Encode, Error, KEY_NOISE, PLATFORM, PublicKey, RING, Sum, TableKey, Terms};

/// A lender's key: 4096 secret bits, and the public key made from them.
///
/// Wiped on drop, never printed, never cloned.
///
/// ```compile_fail,E0277
/// # fn with(key: scoring::LenderKey) {
/// println!("{key:?}");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn with(key: scoring::LenderKey) {
/// let copy = key.clone();
/// # }
/// ```
pub struct LenderKey {
    secret: SecretKey,
    public: PublicKey,
}

/// Bytes of a lender key at rest: 4096 secret bits, then the public key.
pub const LENDER_KEY_BYTES: usize = RING / 8 + PUBLIC_KEY_BYTES;

/// The most noise of a fresh public key: 20 standard deviations.
const FRESH: u64 = 64;

/// What a lender learns: the points of one subject, and nothing that they are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Points(pub u16);

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl LenderKey {
    /// A new key. Takes 48 bytes from `rng`: three independent seeds of 128 bits for AES-128 in
    /// counter mode (secret bits; public mask; noise), the whole strength of that generator.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let [secret, mask, small] = [(); 3].map(|()| noise::seed(rng));
        let secret = SecretKey::generate(SPACE, secret);
        let gaussian = KeyNoise::Gaussian { deviation: KEY_NOISE };
        let body = secret.encrypt(mask, small, gaussian, &[0; RING]);
        let public = PublicKey::new(Sample::new(SPACE, ZERO_NOISE, mask, body));
        Self { secret, public }
    }

    /// Its public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as the host keeps it at rest, to be encrypted by the host.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LENDER_KEY_BYTES));
        bytes.extend(self.secret.packed());
        bytes.extend(self.public.to_bytes());
        bytes
    }

    /// Reads what [`to_secret_bytes`](Self::to_secret_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], or [`Error::BrokenKey`] when the two halves do not belong together.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, Error> {
        expect_length("stored lender key", LENDER_KEY_BYTES, bytes.len(), Culprit::Us)?;
        let (packed, public) = bytes.split_at(RING / 8);
        let secret = SecretKey::from_packed(SPACE, packed).expect("the length was checked above");
        let public = PublicKey::decode(public, Culprit::Us)?;
        if !secret.opens(public.sample(), FRESH) {
            return Err(Error::BrokenKey);
        }
        Ok(Self { secret, public })
    }

    /// Opens the sum of all answers, and refuses what cannot be a score.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], [`Error::Unbound`] for a sum of other terms, [`Error::MasksRemain`],
    /// [`Error::NotAScore`] or [`Error::AboveMaximum`]. None carries what was opened.
    pub fn decrypt(&self, sum: Sum, terms: &Terms) -> Result<Points, Error> {
        self.public.expect(terms.lender_key(), Culprit::Us)?;
        sum.expect_unmasked(terms, Culprit::Peer(PLATFORM))?;
        // SPEC §3.2 step 9: "L opens phase = b - <a, s>, in units of 2^-32".
        let (mask, body) = sum.lwe();
        let phase = body.wrapping_sub(inner_product(mask, self.secret.bits()));
        // "and points = round(2^10 · phase / 2^32) mod 2^10".
        let nearest = phase.wrapping_add(1 << (SHORT_STEP_BITS - 1));
        let points = u16::try_from(nearest >> SHORT_STEP_BITS).expect("ten bits remain");
        let noise = phase.wrapping_sub(u32::from(points) << SHORT_STEP_BITS).cast_signed();
        if noise.unsigned_abs() > noise_bound(terms.holders().len()) {
            return Err(Error::NotAScore);
        }
        if points > terms.max_points() {
            return Err(Error::AboveMaximum { max: terms.max_points() });
        }
        Ok(Points(points))
    }

    #[cfg(test)]
    pub(crate) fn secret(&self) -> &SecretKey {
        &self.secret
    }
}

/// `<mask, s>` modulo 2^32, in a time that does not depend on `s`.
fn inner_product(mask: &[u32], secret: &[u64]) -> u32 {
    mask.iter().zip(secret).fold(0, |sum: u32, (&word, &bit)| {
        #[expect(clippy::cast_possible_truncation, reason = "a bit fits")]
        let select = (bit as u32).wrapping_neg();
        sum.wrapping_add(word & select)
    })
}
