//! The lender's secret key of the batch form, the only thing that opens a block.

use lattice::noise;
use rand_core::CryptoRng;
use session::Culprit;
use zeroize::Zeroizing;

use crate::batch::parameters::{PHASE_STEP_BITS, noise_bound};
use crate::batch::public_key::{PUBLIC_KEY_BYTES, mask_of, small};
use crate::batch::ring::{Polynomial, Values, product_of_words};
use crate::batch::{BODY_WORD_BITS, MASK_WORD_BITS, MODULUS, PublicKey, Sum, Terms};
use crate::error::expect_length;
use crate::{BINOMIAL, Encode, Error, PLATFORM, Points, RING, TableKey};

/// A lender's key of the batch form: 4096 secret numbers of -1, 0 and 1, and the public key.
///
/// Wiped on drop, never printed, never cloned.
///
/// ```compile_fail,E0277
/// # fn with(key: scoring::batch::LenderKey) {
/// println!("{key:?}");
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn send(_: &impl scoring::Encode) {}
/// # fn with(key: scoring::batch::LenderKey) {
/// send(&key);
/// # }
/// ```
pub struct LenderKey {
    trits: Zeroizing<Vec<u64>>,
    secret: Values,
    public: PublicKey,
}

/// Bytes of a lender key at rest: 4096 secret numbers of two bits, then the public key.
pub const LENDER_KEY_BYTES: usize = RING / 4 + PUBLIC_KEY_BYTES;

impl LenderKey {
    /// A new key. Takes 64 bytes from `rng`: the seed of secret and noise, and that of the mask.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut mask_seed = [0; 32];
        let mut secrets = noise::fork(rng);
        rng.fill_bytes(&mut mask_seed);
        let trits = noise::ternary(RING, &mut secrets);
        let secret = values(&trits);
        let mut body = mask_of(&mask_seed).transformed().product(&secret);
        body.add_small(&small(&mut secrets));
        let public = PublicKey::from_parts(mask_seed, body);
        Self { trits, secret, public }
    }

    /// Its public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as the host keeps it at rest, to be encrypted by the host.
    pub fn to_secret_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LENDER_KEY_BYTES));
        bytes.extend(self.trits.as_chunks::<4>().0.iter().map(|trits| {
            trits.iter().rev().fold(0, |packed, trit| packed << 2 | (trit.to_le_bytes()[0] & 3))
        }));
        bytes.extend(self.public.to_bytes());
        bytes
    }

    /// Reads what [`to_secret_bytes`](Self::to_secret_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], [`Error::NotReduced`], or [`Error::BrokenKey`] when the two halves do not
    /// belong together.
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, Error> {
        expect_length("stored batch key", LENDER_KEY_BYTES, bytes.len(), Culprit::Us)?;
        let (packed, public) = bytes.split_at(RING / 4);
        let mut trits = Zeroizing::new(Vec::with_capacity(RING));
        for byte in packed {
            for pair in (0..8).step_by(2).map(|shift| byte >> shift & 3) {
                trits.push(match pair {
                    0 => 0,
                    1 => 1,
                    3 => u64::MAX,
                    2.. => return Err(Error::BrokenKey),
                });
            }
        }
        let secret = values(&trits);
        let public = <PublicKey as TableKey>::decode(public, Culprit::Us)?;
        let key = Self { trits, secret, public };
        let phase = key.phase(&key.public.mask().clone(), key.public.body().clone().interpolated());
        let small = |x: u128| x.min(MODULUS - x) <= BINOMIAL.into();
        match (0..RING).all(|index| small(phase.coefficient(index))) {
            true => Ok(key),
            false => Err(Error::BrokenKey),
        }
    }

    /// Opens the sum of all answers to one block, and refuses what cannot be one.
    ///
    /// The points of the block's subjects, in the order of the list.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], [`Error::Unbound`] for a sum of other terms, [`Error::MasksRemain`],
    /// [`Error::NotAScore`], [`Error::AboveMaximum`] or [`Error::NobodyThere`]. None carries what
    /// was opened.
    pub fn decrypt(&self, sum: Sum, terms: &Terms) -> Result<Vec<Points>, Error> {
        self.public.expect(terms.lender_key(), Culprit::Us)?;
        sum.expect_unmasked(terms, Culprit::Peer(PLATFORM))?;
        let bound = noise_bound(terms.holders().len());
        let subjects = terms.subjects_in(sum.block());
        // SPEC §3.4 step 9: "L opens phase = 2^8 · b - a·s, modulo 2^24".
        let product = Zeroizing::new(product_of_words(sum.words().mask(), &self.secret));
        let mut points = Vec::with_capacity(subjects);
        for (place, (&body, &product)) in sum.words().body().iter().zip(product.iter()).enumerate()
        {
            const LOW: u32 = (1 << MASK_WORD_BITS) - 1;
            let phase = (body << (MASK_WORD_BITS - BODY_WORD_BITS)).wrapping_sub(product) & LOW;
            // "and points = round(2^10 · phase / 2^24) mod 2^10".
            let nearest = phase.wrapping_add(1 << (PHASE_STEP_BITS - 1)) & LOW;
            let found = u16::try_from(nearest >> PHASE_STEP_BITS).expect("ten bits remain");
            let noise =
                (nearest & ((1 << PHASE_STEP_BITS) - 1)).abs_diff(1 << (PHASE_STEP_BITS - 1));
            if noise > bound {
                return Err(Error::NotAScore);
            }
            if place >= subjects {
                if found != 0 {
                    return Err(Error::NobodyThere);
                }
            } else if found > terms.max_points() {
                return Err(Error::AboveMaximum { max: terms.max_points() });
            } else {
                points.push(Points(found));
            }
        }
        Ok(points)
    }

    /// `body - mask·s`: the message and the noise of a ciphertext.
    pub(crate) fn phase(&self, mask: &Values, mut body: Polynomial) -> Polynomial {
        body.subtract(&mask.product(&self.secret));
        body
    }

    /// The secret's values at the roots.
    #[cfg(test)]
    pub(crate) fn secret(&self) -> &Values {
        &self.secret
    }

    /// A key pair whose public key has `more` added to its body: no honest key.
    #[cfg(test)]
    pub(crate) fn malformed(rng: &mut impl CryptoRng, more: u128) -> Self {
        let honest = Self::generate(rng);
        let mut body = honest.public.body().clone().interpolated();
        body.add_at(0, more);
        let seed = honest.public.to_bytes()[..32].try_into().expect("a key begins with its seed");
        Self { public: PublicKey::from_parts(seed, body), ..honest }
    }
}

fn values(small: &[u64]) -> Values {
    let mut values = Values::zero();
    values.set(small);
    values
}
