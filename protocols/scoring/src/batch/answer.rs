//! A holder's answer to one block.

use std::fmt;

use chacha20::ChaCha20Rng;
use lattice::{Hasher, flood, noise};
use rand_core::{CryptoRng, SeedableRng};
use session::{Culprit, Role};
use zeroize::Zeroizing;

use crate::batch::public_key::small;
use crate::batch::ready::Glwe;
use crate::batch::ring::{Polynomial, Values};
use crate::batch::words::{BLOCK_BYTES, Words};
use crate::batch::{
    BLOCK_FLOOD_BITS, BODY_WORD_BITS, MASK_WORD_BITS, Picks, PublicKey, ReadyTable, RunSeed, Terms,
};
use crate::digest::Use;
use crate::mask::Pairs;
use crate::terms::index_of;
use crate::{CHECK_WORDS, Encode, Error, FLOOD_TERMS, RING, holder};

/// One holder's masked ciphertext for one block.
pub struct Answer {
    pub(crate) holder: usize,
    pub(crate) terms: [u8; 32],
    pub(crate) block: u32,
    pub(crate) words: Words,
}

/// Bytes of an encoded answer: a digest, then the words.
pub const ANSWER_BYTES: usize = BLOCK_BYTES;

impl Answer {
    /// The one answer of `run_seed` to `block`: picks, adds, re-randomises, floods, rounds and masks.
    ///
    /// # Errors
    ///
    /// [`Error::OtherShape`] or [`Error::OtherPicks`] when the picks are not those committed.
    pub(crate) fn new(
        run_seed: &RunSeed,
        table: &ReadyTable,
        pairs: &Pairs,
        block: u32,
        picks: &Picks,
    ) -> Result<Self, Error> {
        picks.expect(run_seed.terms().subjects_in(block), table.terms().shape())?;
        let mut rng = ChaCha20Rng::from_seed(*run_seed.seed_of(block, picks)?);
        let mut words = round(&refresh(table.key(), pick(table, picks), &mut rng));
        let terms = run_seed.terms().digest();
        pairs.mask(&mut words.0, Use::BatchMask, &terms, &block.to_le_bytes());
        Ok(Self { holder: run_seed.holder(), terms, block, words })
    }

    /// Reads the answer of the holder `from` to `block` of the run of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::NoHolder`]; [`Error::Length`] or [`Error::Unbound`], which blame `from`.
    pub fn from_bytes(bytes: &[u8], terms: &Terms, block: u32, from: Role) -> Result<Self, Error> {
        let holder = index_of(from, terms.holders().len())?;
        let binding = binding(&terms.digest(), holder, block);
        let words = Words::from_bytes("answer", bytes, binding, Culprit::Peer(from))?;
        Ok(Self { holder, terms: terms.digest(), block, words })
    }
}

impl Encode for Answer {
    fn to_bytes(&self) -> Vec<u8> {
        self.words.to_bytes(binding(&self.terms, self.holder, self.block))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer of {} to block {}", holder(self.holder), self.block)
    }
}

/// SPEC §3.4 step 1: "for each feature f and bin b, H_j forms M_fb, the sum of X^i over the
/// subjects i of the block in that bin, and adds up T[f][b]·M_fb".
///
/// What it reads and how long it takes do not depend on the bins.
pub(crate) fn pick(table: &ReadyTable, picks: &Picks) -> Glwe {
    let mut sum = table.all_in_first_bin(picks.subjects());
    let mut differences = table.differences().iter();
    let mut members = Values::zero();
    for (index, &bins) in table.terms().shape().bins().iter().enumerate() {
        for bin in (1..bins).filter_map(|bin| u8::try_from(bin).ok()) {
            members.set_members(picks.feature(index), bin);
            let difference = differences.next().expect("one for every bin but the first");
            sum.add_product(&members, difference);
        }
    }
    sum
}

/// SPEC §3.4 steps 2 and 3: "adds a fresh encryption of zero, whose body it floods at every
/// coefficient".
pub(crate) fn refresh(
    key: &PublicKey,
    mut picked: Glwe,
    rng: &mut impl CryptoRng,
) -> [Polynomial; 2] {
    let mut u = Values::zero();
    u.set(&noise::ternary(RING, rng));
    picked.mask.add_product(&u, key.mask());
    picked.body.add_product(&u, key.body());
    let mut mask = picked.mask.interpolated();
    mask.add_small(&small(rng));
    let mut body = picked.body.interpolated();
    let mut floods = Zeroizing::new(vec![0; RING]);
    floods.fill_with(|| flood::sum_of_uniforms(FLOOD_TERMS, BLOCK_FLOOD_BITS, rng));
    body.add_large(&floods);
    [mask, body]
}

/// SPEC §3.4 step 4: "rounds every word of the mask to 24 bits and of the body to 16, and appends
/// four words of zero".
pub(crate) fn round([mask, body]: &[Polynomial; 2]) -> Words {
    let rounded = |fraction: u64, bits: u32| {
        #[expect(clippy::cast_possible_truncation, reason = "at most 24 bits remain")]
        let word = (fraction.wrapping_add(1 << (63 - bits)) >> (64 - bits)) as u32;
        word
    };
    let mut words = Vec::with_capacity(2 * RING + CHECK_WORDS);
    words.extend(mask.fractions().map(|fraction| rounded(fraction, MASK_WORD_BITS)));
    words.extend(body.fractions().map(|fraction| rounded(fraction, BODY_WORD_BITS)));
    words.extend([0; CHECK_WORDS]);
    Words(words)
}

/// What the digest of an answer is bound to.
fn binding(terms: &[u8; 32], holder: usize, block: u32) -> Hasher {
    let place = u8::try_from(holder).expect("terms have at most 7 holders");
    Use::BatchAnswer.hasher().with(terms).with(&[place]).with(&block.to_le_bytes())
}
