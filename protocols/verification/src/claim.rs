//! What a lender claims about a subject, for the one holder that compares it (SPEC §2.7).
//!
//! All parties hold a claim's *commitment*, which tells nothing of it. Its *opening* travels in a box that
//! the holder's key alone opens, past a platform that relays it.

use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::inout::InOutBuf;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable, OpModeR, OpModeS, Serializable, single_shot_open_inout_detached,
    single_shot_seal_inout_detached_with_rng,
};
use lattice::hexadecimal;
use rand_core::CryptoRng;
use session::Culprit;
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::{Encode, Error, PLATFORM, RunId};

/// The longest claim, in bytes.
pub const MAX_CLAIM: usize = 223;

/// Bytes of a claim's box, whatever is in it: an encapsulated key, the padded opening, a tag.
pub const CLAIM_BOX_BYTES: usize = KEY + PADDED + TAG;

const SALT: usize = 32;
/// A salt, a length and the longest claim.
const PADDED: usize = SALT + 1 + MAX_CLAIM;
const KEY: usize = 32;
const TAG: usize = 16;

type Kem = X25519HkdfSha256;

/// A claim and the salt of its commitment; both are wiped on drop.
///
/// It leaves its party in a [`ClaimBox`] and in no other way:
///
/// ```compile_fail,E0277
/// # fn with(opening: verification::Opening) {
/// verification::Encode::to_bytes(&opening);
/// # }
/// ```
///
/// ```compile_fail,E0277
/// # fn with(opening: verification::Opening) {
/// println!("{opening:?}");
/// # }
/// ```
pub struct Opening(Zeroizing<[u8; PADDED]>);

/// What all parties know of a claim before and after it is opened.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Commitment(pub [u8; 32]);

/// An [`Opening`] on its way to the holder that compares it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClaimBox([u8; CLAIM_BOX_BYTES]);

/// Which claim of which question a box carries, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The run.
    pub run: RunId,
    /// The claim's place among those of the question.
    pub place: u8,
    /// The host's digest of who asks, who relays and who opens.
    pub parties: [u8; 32],
    /// What the terms say of the claim.
    pub commitment: Commitment,
}

/// A holder's key for claims: an X25519 secret, wiped on drop.
///
/// ```compile_fail,E0277
/// # fn with(key: verification::ClaimKey) {
/// println!("{key:?}");
/// # }
/// ```
pub struct ClaimKey(<Kem as hpke::Kem>::PrivateKey);

/// The public part of a [`ClaimKey`]: an X25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimPublicKey(pub [u8; 32]);

impl Opening {
    /// A claim under a new salt. Takes 32 bytes from `rng`.
    ///
    /// # Errors
    ///
    /// [`Error::Claim`] when it is longer than [`MAX_CLAIM`].
    pub fn new(claim: &[u8], rng: &mut impl CryptoRng) -> Result<Self, Error> {
        let length = u8::try_from(claim.len()).ok().filter(|_| claim.len() <= MAX_CLAIM);
        let length = length.ok_or(Error::Claim { found: claim.len() })?;
        let mut padded = Zeroizing::new([0; PADDED]);
        rng.fill_bytes(&mut padded[..SALT]);
        padded[SALT] = length;
        padded[SALT + 1..][..claim.len()].copy_from_slice(claim);
        Ok(Self(padded))
    }

    /// SPEC §2.7: "H_claim(salt ‖ run ‖ place ‖ length ‖ claim)".
    pub fn commitment(&self, run: RunId, place: u8) -> Commitment {
        let (salt, length, claim) = (&self.0[..SALT], &self.0[SALT..=SALT], self.reveal());
        let bound = Use::Claim.hasher().with(salt).with(&run.0).with(&[place]);
        Commitment(bound.with(length).with(claim).finish())
    }

    /// The claim, in a box that opens with `key` alone, and for what it was made for alone.
    ///
    /// # Errors
    ///
    /// [`Error::WeakClaimKey`] when that key hides nothing.
    pub fn sealed(
        &self,
        key: &ClaimPublicKey,
        carried: &Carried,
        rng: &mut impl CryptoRng,
    ) -> Result<ClaimBox, Error> {
        let weak = |_| Error::WeakClaimKey;
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&key.0).map_err(weak)?;
        let mut content = self.0.clone();
        let (encapsulated, tag) =
            single_shot_seal_inout_detached_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
                &OpModeS::Base,
                &key,
                &carried.info(),
                InOutBuf::from(&mut content[..]),
                &[],
                rng,
            )
            .map_err(weak)?;
        let mut bytes = [0; CLAIM_BOX_BYTES];
        bytes[..KEY].copy_from_slice(&encapsulated.to_bytes());
        bytes[KEY..][..PADDED].copy_from_slice(&content[..]);
        bytes[KEY + PADDED..].copy_from_slice(&tag.to_bytes());
        Ok(ClaimBox(bytes))
    }

    /// The claim itself, for whoever compares it.
    pub fn reveal(&self) -> &[u8] {
        &self.0[SALT + 1..][..self.length()]
    }

    fn length(&self) -> usize {
        usize::from(self.0[SALT])
    }

    /// What came out of a box, if it is a claim with nothing behind it.
    fn read(padded: Zeroizing<[u8; PADDED]>) -> Option<Self> {
        let opening = Self(padded);
        let length = opening.length();
        let is_padded =
            length <= MAX_CLAIM && opening.0[SALT + 1 + length..].iter().all(|byte| *byte == 0);
        is_padded.then_some(opening)
    }
}

impl ClaimBox {
    /// Reads a box as a platform relays it.
    ///
    /// # Errors
    ///
    /// [`Error::Length`], which blames the platform: every box has [`CLAIM_BOX_BYTES`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let length = Error::Length {
            what: "box of a claim",
            expected: CLAIM_BOX_BYTES,
            found: bytes.len(),
            culprit: Culprit::Peer(PLATFORM),
        };
        bytes.try_into().map(Self).map_err(|_| length)
    }

    /// Opens the box, and takes what is in it if the terms name it.
    ///
    /// # Errors
    ///
    /// [`Error::ClosedBox`] when the key does not open it or it was made for something else;
    /// [`Error::Unbound`] when the commitment is another claim's.
    pub fn open(&self, key: &ClaimKey, carried: &Carried) -> Result<Opening, Error> {
        let closed = |_| Error::ClosedBox;
        let (encapsulated, rest) = self.0.split_at(KEY);
        let (content, tag) = rest.split_at(PADDED);
        let encapsulated =
            <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(closed)?;
        let tag = hpke::aead::AeadTag::<ChaCha20Poly1305>::from_bytes(tag).map_err(closed)?;
        let mut padded = Zeroizing::new([0; PADDED]);
        padded.copy_from_slice(content);
        single_shot_open_inout_detached::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &OpModeR::Base,
            &key.0,
            &encapsulated,
            &carried.info(),
            InOutBuf::from(&mut padded[..]),
            &[],
            &tag,
        )
        .map_err(closed)?;
        let opening = Opening::read(padded);
        let opening = opening
            .filter(|opening| opening.commitment(carried.run, carried.place) == carried.commitment);
        opening.ok_or(Error::Unbound { what: "claim", culprit: Culprit::Peer(PLATFORM) })
    }
}

impl Encode for ClaimBox {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl Carried {
    /// What HPKE calls `info`. SPEC §2.7: "H_claim-box(run ‖ place ‖ parties ‖ commitment)".
    fn info(&self) -> [u8; 32] {
        Use::ClaimBox
            .hasher()
            .with(&self.run.0)
            .with(&[self.place])
            .with(&self.parties)
            .with(&self.commitment.0)
            .finish()
    }
}

impl ClaimKey {
    /// Reads the key as the host keeps it.
    pub fn from_secret_bytes(bytes: &[u8; 32]) -> Self {
        let key = <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes);
        Self(key.expect("any 32 bytes are an X25519 key"))
    }

    /// Its public part.
    pub fn public(&self) -> ClaimPublicKey {
        let public = <Kem as hpke::Kem>::sk_to_pk(&self.0);
        ClaimPublicKey(public.to_bytes().into())
    }
}

impl fmt::Debug for ClaimBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimBox(…)")
    }
}

hexadecimal!(Commitment);
