//! A holder's atoms, encrypted: its one message.

use std::fmt;

use lattice::Hasher;
use session::{Culprit, Role};

use crate::digest::Use;
use crate::error::expect_length;
use crate::lwe::{self, Lwe};
use crate::terms::small;
use crate::{Encode, Error, RING, Terms, holder, words};

/// One holder's encrypted atoms for one query.
pub struct Atoms {
    pub(crate) place: usize,
    pub(crate) terms: [u8; 32],
    /// The mask, and two bodies an atom; each in 32 bits.
    plain: Option<(Vec<u64>, Vec<u64>)>,
    /// Words of 16 bits.
    sealed: Vec<Vec<u64>>,
}

/// Bits of a word of the plain atoms' ciphertext.
const PLAIN_BITS: u32 = 32;

/// Bits of a word of a sealed atom.
const SEALED_BITS: u32 = 16;

const SEALED_BYTES: usize = 2 * (RING + 1);

impl Atoms {
    pub(crate) fn new(
        terms: &Terms,
        place: usize,
        plain: Option<(Vec<u64>, Vec<u64>)>,
        sealed: Vec<Lwe>,
    ) -> Self {
        let short = |words: Vec<u64>| {
            words.into_iter().map(|word| lwe::round(word, PLAIN_BITS)).collect::<Vec<_>>()
        };
        Self {
            place,
            terms: terms.digest(),
            plain: plain.map(|(mask, body)| (short(mask), short(body))),
            sealed: sealed.iter().map(|lwe| lwe.rounded(SEALED_BITS).collect()).collect(),
        }
    }

    /// Reads the atoms of the holder `from` for the query of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`]; [`Error::Length`] or [`Error::Unbound`], which blame `from`.
    pub fn from_bytes(bytes: &[u8], terms: &Terms, from: Role) -> Result<Self, Error> {
        let (place, culprit) = (terms.index_of(from)?, Culprit::Peer(from));
        expect_length("atoms", Self::length(terms, place), bytes.len(), culprit)?;
        let (digest, content) = bytes.split_at(32);
        if binding(&terms.digest(), place).with(content).finish() != digest {
            return Err(Error::Unbound { what: "atoms", culprit });
        }
        let (plain, sealed) = content.split_at(plain_bytes(terms.shape_of(place).0));
        let plain = (!plain.is_empty()).then(|| {
            let mut mask: Vec<u64> = words::from_bytes32(plain).collect();
            let body = mask.split_off(RING);
            (mask, body)
        });
        let sealed = sealed.chunks_exact(SEALED_BYTES);
        let sealed = sealed.map(|atom| words::from_bytes16(atom).collect()).collect();
        Ok(Self { place, terms: terms.digest(), plain, sealed })
    }

    /// Bytes of the encoded atoms of the holder at `place`: they depend on the terms alone.
    pub fn length(terms: &Terms, place: usize) -> usize {
        let (plain, sealed) = terms.shape_of(place);
        32 + plain_bytes(plain) + sealed * SEALED_BYTES
    }

    /// The two bits of each plain atom: is yes, is no.
    pub(crate) fn plain(&self) -> impl Iterator<Item = [Lwe; 2]> {
        let (mask, body) = self.plain.as_ref().map_or((&[][..], &[][..]), |(m, b)| (m, b));
        let wide = |word: &u64| word << (64 - PLAIN_BITS);
        let mask: Vec<u64> = mask.iter().map(wide).collect();
        (0..body.len() / 2).map(move |atom| {
            [2 * atom, 2 * atom + 1].map(|place| Lwe::extract(&mask, wide(&body[place]), place))
        })
    }

    /// The value of each sealed atom.
    pub(crate) fn sealed(&self) -> impl Iterator<Item = Lwe> {
        self.sealed.iter().map(|words| Lwe::from_rounded(words.iter().copied(), SEALED_BITS))
    }

    fn content(&self) -> Vec<u8> {
        let plain = self.plain.iter().flat_map(|(mask, body)| mask.iter().chain(body).copied());
        let sealed = self.sealed.iter().flatten().copied();
        words::to_bytes32(plain).chain(words::to_bytes16(sealed)).collect()
    }
}

impl Encode for Atoms {
    fn to_bytes(&self) -> Vec<u8> {
        let content = self.content();
        let digest = binding(&self.terms, self.place).with(&content).finish();
        [&digest, content.as_slice()].concat()
    }
}

impl fmt::Debug for Atoms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Atoms of {}", holder(self.place))
    }
}

/// Bytes of so many plain atoms: one mask for all of them.
fn plain_bytes(atoms: usize) -> usize {
    if atoms == 0 { 0 } else { 4 * (RING + 2 * atoms) }
}

/// What the digest of a holder's atoms is bound to.
fn binding(terms: &[u8; 32], place: usize) -> Hasher {
    Use::Atoms.hasher().with(terms).with(&[small(place)])
}
