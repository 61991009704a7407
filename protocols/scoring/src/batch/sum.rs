//! The sum of all answers to one block: where the masks cancel.

use std::fmt;

use lattice::Hasher;
use session::{Culprit, Role};

use crate::batch::words::{BLOCK_BYTES, Words};
use crate::batch::{Answer, Terms};
use crate::digest::Use;
use crate::terms::index_of;
use crate::{Encode, Error, PLATFORM, holder};

/// The sum of one block in the making, which takes every agreed holder's answer once.
pub struct Tally {
    terms: [u8; 32],
    block: u32,
    words: Words,
    answered: Vec<bool>,
}

impl Tally {
    /// A tally of `block` that has no answer yet.
    pub fn new(terms: &Terms, block: u32) -> Self {
        let answered = vec![false; terms.holders().len()];
        Self { terms: terms.digest(), block, words: Words::zero(), answered }
    }

    /// Takes an answer.
    ///
    /// # Errors
    ///
    /// [`Error::Twice`], or [`Error::Unbound`] for an answer to other terms or another block.
    pub fn add(&mut self, answer: &Answer) -> Result<(), Error> {
        let from = holder(answer.holder);
        if (answer.terms, answer.block) != (self.terms, self.block) {
            return Err(Error::Unbound { what: "answer", culprit: Culprit::Peer(from) });
        }
        self.expect_first(from)?;
        self.answered[answer.holder] = true;
        // SPEC §3.4 step 7: "P adds the answers of all holders to the block".
        self.words.add(&answer.words);
        Ok(())
    }

    /// Whether every holder has answered.
    pub fn is_complete(&self) -> bool {
        self.answered.iter().all(|&answered| answered)
    }

    /// The sum of all.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] or [`Error::MasksRemain`].
    pub fn finish(self) -> Result<Sum, Error> {
        if let Some(missing) = self.answered.iter().position(|&answered| !answered) {
            return Err(Error::Missing { of: holder(missing) });
        }
        let sum = Sum { terms: self.terms, block: self.block, words: self.words };
        sum.expect_zero_checks(Culprit::Us)?;
        Ok(sum)
    }

    fn expect_first(&self, from: Role) -> Result<(), Error> {
        match self.answered[index_of(from, self.answered.len())?] {
            true => Err(Error::Twice { from }),
            false => Ok(()),
        }
    }
}

/// The points of one block as a ciphertext under the lender's key, without masks.
pub struct Sum {
    terms: [u8; 32],
    block: u32,
    words: Words,
}

/// Bytes of an encoded sum: a digest, then the words.
pub const SUM_BYTES: usize = BLOCK_BYTES;

impl Sum {
    /// Reads the platform's sum for `block` of the run of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Unbound`], which blame the platform.
    pub fn from_bytes(bytes: &[u8], terms: &Terms, block: u32) -> Result<Self, Error> {
        let binding = binding(&terms.digest(), block);
        let words = Words::from_bytes("sum", bytes, binding, Culprit::Peer(PLATFORM))?;
        Ok(Self { terms: terms.digest(), block, words })
    }

    /// Refuses a sum of other terms, or one whose check words still carry masks.
    pub(crate) fn expect_unmasked(&self, terms: &Terms, culprit: Culprit) -> Result<(), Error> {
        if self.terms != terms.digest() {
            return Err(Error::Unbound { what: "sum", culprit: Culprit::Us });
        }
        self.expect_zero_checks(culprit)
    }

    /// The block that it is the sum of.
    pub(crate) fn block(&self) -> u32 {
        self.block
    }

    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// SPEC §3.4 step 8: "the four check words of the sum are zero, or the masks did not cancel".
    fn expect_zero_checks(&self, culprit: Culprit) -> Result<(), Error> {
        match self.words.check().iter().all(|&word| word == 0) {
            true => Ok(()),
            false => Err(Error::MasksRemain { culprit }),
        }
    }
}

impl Encode for Sum {
    fn to_bytes(&self) -> Vec<u8> {
        self.words.to_bytes(binding(&self.terms, self.block))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sum of block {}", self.block)
    }
}

/// What the digest of a sum is bound to.
fn binding(terms: &[u8; 32], block: u32) -> Hasher {
    Use::BatchSum.hasher().with(terms).with(&block.to_le_bytes())
}
