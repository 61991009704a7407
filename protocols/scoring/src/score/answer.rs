//! A holder's answer to one query.

use std::fmt;

use lattice::{Hasher, noise, words};
use rand_core::CryptoRng;
use session::{Culprit, Role};
use zeroize::Zeroizing;

use crate::digest::Use;
use crate::score::words::{WORDS_BYTES, words_from_bytes, words_to_bytes};
use crate::{Encode, Error, ExtractedTable, MaskKey, RING, TableKey, Terms, WORDS, holder};

/// The bin that a subject falls into, for each feature: what the lender must not learn.
///
/// Wiped on drop, never printed.
///
/// ```compile_fail,E0277
/// # fn with(picks: scoring::Picks) {
/// println!("{picks:?}");
/// # }
/// ```
pub struct Picks(Zeroizing<Vec<u16>>);

impl Picks {
    /// The picked bin of each feature, counted from 0, in the order of the table's shape.
    pub fn new(bins: Vec<u16>) -> Self {
        Self(Zeroizing::new(bins))
    }
}

/// One query, as a holder will answer it: once.
///
/// Answering consumes it. Two answers under one query id would have the same masks, and their
/// difference would be the difference of two ciphertexts: the host stores the ids that it answered
/// and never makes a second `Query` from one.
pub struct Query {
    terms: Terms,
    holder: usize,
    picks: Picks,
}

impl Query {
    /// The query of `terms`, as the holder with this role answers it for these picks.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`].
    pub fn new(terms: Terms, me: Role, picks: Picks) -> Result<Self, Error> {
        let holder = terms.index_of(me)?;
        Ok(Self { terms, holder, picks })
    }

    /// Picks, adds, re-randomises, floods, rounds and masks.
    ///
    /// # Errors
    ///
    /// [`Error::OtherKey`], [`Error::OtherModel`] or [`Error::OtherShape`] when table or picks do
    /// not fit the terms; [`Error::OtherMaskKey`] or [`Error::WeakMaskKey`].
    pub fn answer(
        self,
        table: &ExtractedTable,
        mask_key: &MaskKey,
        rng: &mut impl CryptoRng,
    ) -> Result<Answer, Error> {
        table.key().expect(self.terms.lender_key(), Culprit::Us)?;
        if table.terms().model() != self.terms.model() {
            return Err(Error::OtherModel);
        }
        let picked = pick(table, &self.picks)?;
        let mut words = round(&refresh(table, &picked, rng));
        let pairs = mask_key.pairs(self.terms.holders(), self.holder)?;
        pairs.mask(&mut words, Use::Mask, &self.terms.digest(), &[]);
        Ok(Answer { holder: self.holder, terms: self.terms.digest(), words })
    }
}

/// One holder's masked ciphertext for one query.
pub struct Answer {
    pub(crate) holder: usize,
    pub(crate) terms: [u8; 32],
    pub(crate) words: Vec<u32>,
}

/// Bytes of an encoded answer: a digest, then the words.
pub const ANSWER_BYTES: usize = 32 + WORDS_BYTES;

impl Answer {
    /// Reads the answer of the holder `from` to the query of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`]; [`Error::Length`] or [`Error::Unbound`], which blame `from`.
    pub fn from_bytes(bytes: &[u8], terms: &Terms, from: Role) -> Result<Self, Error> {
        let holder = terms.index_of(from)?;
        let binding = binding(&terms.digest(), holder);
        let words = words_from_bytes("answer", bytes, binding, Culprit::Peer(from))?;
        Ok(Self { holder, terms: terms.digest(), words })
    }
}

impl Encode for Answer {
    fn to_bytes(&self) -> Vec<u8> {
        words_to_bytes(&self.words, binding(&self.terms, self.holder))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer of {}", holder(self.holder))
    }
}

/// SPEC §3.2 step 1: "H_j adds the ciphertexts of the picked bins".
pub(crate) fn pick(table: &ExtractedTable, picks: &Picks) -> Result<Zeroizing<Vec<u64>>, Error> {
    let bins = table.terms().shape().bins();
    if picks.0.len() != bins.len() || picks.0.iter().zip(bins).any(|(pick, bins)| pick >= bins) {
        return Err(Error::OtherShape { what: "picks" });
    }
    let mut sum = Zeroizing::new(vec![0; RING + 1]);
    let mut first = 0;
    for (&pick, &bins) in picks.0.iter().zip(bins) {
        words::add(&mut sum, table.entry(first + usize::from(pick)));
        first += usize::from(bins);
    }
    Ok(sum)
}

/// SPEC §3.2 steps 2 and 3: "adds a fresh encryption of zero, whose body it floods".
pub(crate) fn refresh(
    table: &ExtractedTable,
    picked: &[u64],
    rng: &mut impl CryptoRng,
) -> Zeroizing<Vec<u64>> {
    let mut fresh = table.key().flooded_zero(&mut noise::fork(rng));
    words::add(&mut fresh, picked);
    fresh
}

/// SPEC §3.2 step 4: "rounds every word to 32 bits and appends four words of zero".
pub(crate) fn round(lwe: &[u64]) -> Vec<u32> {
    let mut words = Vec::with_capacity(WORDS);
    words.extend(lwe.iter().map(|word| (word.wrapping_add(1 << 31) >> 32) as u32));
    words.resize(WORDS, 0);
    words
}

/// What the digest of an answer is bound to.
fn binding(terms: &[u8; 32], holder: usize) -> Hasher {
    let place = u8::try_from(holder).expect("terms have at most 7 holders");
    Use::Answer.hasher().with(terms).with(&[place])
}
