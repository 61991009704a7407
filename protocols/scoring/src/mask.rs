//! Pairwise masks, which cancel over exactly the agreed holders of one query.

use chacha20::ChaCha20Rng;
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use lattice::hexadecimal;
use rand_core::{CryptoRng, Rng, SeedableRng};
use session::Culprit;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::error::expect_length;
use crate::{Error, holder};

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

hexadecimal!(MaskPublicKey);

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

    /// The secrets that holder `me` shares with every other holder: an X25519 each.
    ///
    /// # Errors
    ///
    /// [`Error::OtherMaskKey`] or [`Error::WeakMaskKey`].
    pub(crate) fn pairs(&self, holders: &[MaskPublicKey], me: usize) -> Result<Pairs, Error> {
        if holders[me] != self.public {
            return Err(Error::OtherMaskKey { holder: holder(me) });
        }
        let others = holders.iter().enumerate().filter(|&(other, _)| other != me);
        let secrets = others.map(|(other, public)| {
            let shared = Zeroizing::new(MontgomeryPoint(public.0).mul_clamped(*self.secret).0);
            match shared.ct_eq(&[0; 32]).into() {
                true => Err(Error::WeakMaskKey { of: holder(other) }),
                false => Ok((other, shared)),
            }
        });
        Ok(Pairs { me, secrets: secrets.collect::<Result<_, _>>()? })
    }

    fn from_secret(secret: Zeroizing<[u8; 32]>) -> Self {
        let public = MaskPublicKey(MontgomeryPoint::mul_base_clamped(*secret).0);
        Self { secret, public }
    }
}

/// What one holder shares with each of the others, from which masks are drawn.
pub(crate) struct Pairs {
    me: usize,
    secrets: Vec<(usize, Zeroizing<[u8; 32]>)>,
}

impl Pairs {
    /// Adds to `words` the masks of every pair, drawn for this use, these terms and this place in
    /// their run.
    ///
    /// SPEC §3.2 step 5: "for each other holder k, H_j adds PRG(k_jk) if j < k and subtracts it if
    /// j > k".
    pub(crate) fn mask(&self, words: &mut [u32], purpose: Use, terms: &[u8; 32], at: &[u8]) {
        for (other, shared) in &self.secrets {
            let (low, high) = (self.me.min(*other), self.me.max(*other));
            let place = |index| u8::try_from(index).expect("terms have at most 7 holders");
            let mut seed = Zeroizing::new([0; 32]);
            Hkdf::<Sha256>::new(None, &**shared)
                .expand_multi_info(
                    &[purpose.domain().as_bytes(), terms, &[place(low), place(high)], at],
                    &mut *seed,
                )
                .expect("32 bytes are one block of HKDF-SHA256");
            let mut rng = ChaCha20Rng::from_seed(*seed);
            for word in words.iter_mut() {
                let mask = rng.next_u32();
                *word = if self.me < *other {
                    word.wrapping_add(mask)
                } else {
                    word.wrapping_sub(mask)
                };
            }
        }
    }
}
