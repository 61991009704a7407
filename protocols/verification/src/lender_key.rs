//! The lender's secret key, the only thing that opens an answer.

use rand_core::CryptoRng;
use session::Culprit;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::error::expect_length;
use crate::lwe::nearest_third;
use crate::public_key::PUBLIC_KEY_BYTES;
use crate::secret::{Keys, Secret};
use crate::{Answer, Combined, Encode, Error, EvaluationKey, PublicKey, RING, Terms};

/// A lender's key: 2048 secret bits, and the public key made from them.
///
/// Wiped on drop, never printed, never cloned.
///
/// ```compile_fail,E0277
/// # fn with(key: verification::LenderKey) {
/// println!("{key:?}");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn with(key: verification::LenderKey) {
/// let copy = key.clone();
/// # }
/// ```
pub struct LenderKey {
    pub(crate) secret: Secret,
    public: PublicKey,
}

/// Bytes of a lender key at rest: 2048 secret bits, then the public key.
pub const LENDER_KEY_BYTES: usize = RING / 8 + PUBLIC_KEY_BYTES;

impl LenderKey {
    /// A new key, and what to upload so that others can compute under it.
    ///
    /// Takes 128 bytes from `rng`: eight independent seeds of 128 bits for AES-128 in counter mode.
    pub fn generate(rng: &mut impl CryptoRng) -> (Self, EvaluationKey) {
        let Keys { secret, evaluation } = Keys::generate(rng);
        let public = evaluation.public().clone();
        (Self { secret, public }, evaluation)
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
        let secret = Secret::from_packed(packed).expect("the length was checked above");
        let public = PublicKey::decode(public, Culprit::Us)?;
        if !secret.opens(&public) {
            return Err(Error::BrokenKey);
        }
        Ok(Self { secret, public })
    }

    /// Opens the answer to the query of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], or [`Error::Unbound`] for a ciphertext of other terms.
    pub fn decrypt(&self, combined: &Combined, terms: &Terms) -> Result<Answer, Error> {
        self.public.expect(terms.lender_key(), Culprit::Us)?;
        combined.expect(terms)?;
        // SPEC §3.2 step 9: "L opens phase = b - <a, s> and rounds it to a third of the torus".
        let third = nearest_third(self.secret.phase(combined.lwe()));
        let mut answer = u8::conditional_select(&0, &1, third.ct_eq(&1));
        answer.conditional_assign(&2, third.ct_eq(&2));
        Ok(match answer {
            1 => Answer::Yes,
            2 => Answer::No,
            _ => Answer::Unknown,
        })
    }
}
