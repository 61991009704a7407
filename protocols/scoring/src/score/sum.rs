//! The sum of all answers: where the masks cancel.

use std::fmt;

use lattice::Hasher;
use session::{Culprit, Role};

use crate::digest::Use;
use crate::score::answer::Answer;
use crate::score::words::{WORDS_BYTES, words_from_bytes, words_to_bytes};
use crate::{Encode, Error, RING, Terms, WORDS, holder};

/// A sum in the making, which takes every agreed holder's answer once.
pub struct Tally {
    terms: Terms,
    words: Vec<u32>,
    answered: Vec<bool>,
}

impl Tally {
    /// A tally that has no answer yet.
    pub fn new(terms: Terms) -> Self {
        let answered = vec![false; terms.holders().len()];
        Self { terms, words: vec![0; WORDS], answered }
    }

    /// Takes an answer.
    ///
    /// # Errors
    ///
    /// [`Error::Twice`], or [`Error::Unbound`] for an answer to another query.
    pub fn add(&mut self, answer: Answer) -> Result<(), Error> {
        let from = holder(answer.holder);
        if answer.terms != self.terms.digest() {
            return Err(Error::Unbound { what: "answer", culprit: Culprit::Peer(from) });
        }
        self.expect_first(from)?;
        self.answered[answer.holder] = true;
        // SPEC §3.2 step 7: "P adds the answers of all holders".
        for (word, other) in self.words.iter_mut().zip(&answer.words) {
            *word = word.wrapping_add(*other);
        }
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
        let sum = Sum { terms: self.terms.digest(), words: self.words };
        sum.expect_unmasked(&self.terms, Culprit::Us)?;
        Ok(sum)
    }

    /// The terms of this sum.
    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Refuses a second answer of a holder.
    pub(crate) fn expect_first(&self, from: Role) -> Result<(), Error> {
        match self.answered[self.terms.index_of(from)?] {
            true => Err(Error::Twice { from }),
            false => Ok(()),
        }
    }
}

/// One LWE ciphertext of the points, under the lender's key and without masks.
pub struct Sum {
    terms: [u8; 32],
    words: Vec<u32>,
}

/// Bytes of an encoded sum: a digest, then the words.
pub const SUM_BYTES: usize = 32 + WORDS_BYTES;

impl Sum {
    /// Reads the platform's sum for the query of `terms`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Unbound`], which blame the platform.
    pub fn from_bytes(bytes: &[u8], terms: &Terms) -> Result<Self, Error> {
        let culprit = Culprit::Peer(crate::PLATFORM);
        let words = words_from_bytes("sum", bytes, binding(&terms.digest()), culprit)?;
        Ok(Self { terms: terms.digest(), words })
    }

    /// Refuses a sum of other terms, or one whose check words still carry masks.
    pub(crate) fn expect_unmasked(&self, terms: &Terms, culprit: Culprit) -> Result<(), Error> {
        if self.terms != terms.digest() {
            return Err(Error::Unbound { what: "sum", culprit: Culprit::Us });
        }
        // SPEC §3.2 step 8: "the four check words of the sum are zero, or the masks did not cancel".
        if self.words[RING + 1..].iter().any(|&word| word != 0) {
            return Err(Error::MasksRemain { culprit });
        }
        Ok(())
    }

    /// The ciphertext: its mask and its body.
    pub(crate) fn lwe(&self) -> (&[u32], u32) {
        (&self.words[..RING], self.words[RING])
    }
}

impl Encode for Sum {
    fn to_bytes(&self) -> Vec<u8> {
        words_to_bytes(&self.words, binding(&self.terms))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sum")
    }
}

/// What the digest of a sum is bound to.
fn binding(terms: &[u8; 32]) -> Hasher {
    Use::Sum.hasher().with(terms)
}
