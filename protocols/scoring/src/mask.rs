//! Pairwise masks, which cancel over exactly the agreed holders of one query.

use std::fmt;

use chacha20::ChaCha20Rng;
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use rand_core::{CryptoRng, Rng, SeedableRng};
use session::Culprit;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::error::expect_length;
use crate::{Error, Terms, WORDS, holder};

/// A holder's key for masks: an X25519 secret, wiped on drop.
///
/// ```compile_fail,E0277
/// # fn with(key: scoring::MaskKey) {
/// println!("{key:?}");
/// # }
/// ```
pub struct MaskKey {
    secret: Zeroizing<[u8; 32]>,
    public: MaskPublicKey,
}

/// The public part of a mask key: an X25519 public key, in terms the holder's name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaskPublicKey(pub [u8; 32]);

impl MaskKey {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *secret);
        Self::from_secret(secret)
    }

    /// Its public part, which the terms name.
    pub fn public(&self) -> MaskPublicKey {
        self.public
    }

    /// The key as the host keeps it at rest, to be encrypted by the host.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.secret.clone()
    }

    /// Reads what [`to_secret_bytes`](Self::to_secret_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Length`].
    pub fn from_secret_bytes(bytes: &[u8]) -> Result<Self, Error> {
        expect_length("stored mask key", 32, bytes.len(), Culprit::Us)?;
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(bytes);
        Ok(Self::from_secret(secret))
    }

    /// Adds to `words` the masks that holder `me` shares with every other holder.
    ///
    /// SPEC §3.2 step 5: "for each other holder k, H_j adds PRG(k_jk) if j < k and subtracts it if
    /// j > k".
    pub(crate) fn mask(&self, words: &mut [u32], terms: &Terms, me: usize) -> Result<(), Error> {
        if terms.holders()[me] != self.public {
            return Err(Error::OtherMaskKey { holder: holder(me) });
        }
        for (other, public) in terms.holders().iter().enumerate() {
            if other == me {
                continue;
            }
            let stream = self.stream(public, terms, me.min(other), me.max(other));
            let stream = stream.ok_or(Error::WeakMaskKey { of: holder(other) })?;
            for (word, mask) in words.iter_mut().zip(stream.iter()) {
                *word =
                    if me < other { word.wrapping_add(*mask) } else { word.wrapping_sub(*mask) };
            }
        }
        Ok(())
    }

    /// The mask of the pair `low < high` under these terms; none if the peer's key gives no secret.
    fn stream(
        &self,
        peer: &MaskPublicKey,
        terms: &Terms,
        low: usize,
        high: usize,
    ) -> Option<Zeroizing<Vec<u32>>> {
        let shared = Zeroizing::new(MontgomeryPoint(peer.0).mul_clamped(*self.secret).0);
        if shared.ct_eq(&[0; 32]).into() {
            return None;
        }
        let place = |index| u8::try_from(index).expect("terms have at most 7 holders");
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &*shared)
            .expand_multi_info(
                &[Use::Mask.domain().as_bytes(), &terms.digest(), &[place(low), place(high)]],
                &mut *seed,
            )
            .expect("32 bytes are one block of HKDF-SHA256");
        let mut rng = ChaCha20Rng::from_seed(*seed);
        let mut words = Zeroizing::new(vec![0; WORDS]);
        words.fill_with(|| rng.next_u32());
        Some(words)
    }

    fn from_secret(secret: Zeroizing<[u8; 32]>) -> Self {
        let public = MaskPublicKey(MontgomeryPoint::mul_base_clamped(*secret).0);
        Self { secret, public }
    }
}

impl fmt::Debug for MaskPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaskPublicKey({self})")
    }
}

impl fmt::Display for MaskPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
