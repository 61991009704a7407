//! A ciphertext of one number under the large key, and the little arithmetic that it needs.

use lattice::extraction;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

use crate::RING;

/// 2048 words of mask and one of body.
///
/// Wiped on drop: before it is refreshed, a holder's pick tells its value to whoever has the table.
#[derive(Clone)]
pub(crate) struct Lwe(Zeroizing<Vec<u64>>);

impl Lwe {
    /// A ciphertext of `plain` that hides nothing.
    pub(crate) fn trivial(plain: u64) -> Self {
        let mut words = vec![0; RING + 1];
        words[RING] = plain;
        Self(Zeroizing::new(words))
    }

    /// The coefficient at `place` of a GLWE ciphertext with this mask, whose body there is `body`.
    pub(crate) fn extract(mask: &[u64], body: u64, place: usize) -> Self {
        let mut words = Vec::with_capacity(RING + 1);
        words.extend(extraction(mask, place));
        words.push(body);
        Self(Zeroizing::new(words))
    }

    /// Words of any width below 64 bits, that [`rounded`](Self::rounded) made.
    pub(crate) fn from_rounded(words: impl Iterator<Item = u64>, bits: u32) -> Self {
        Self(Zeroizing::new(words.map(|word| word << (64 - bits)).collect()))
    }

    /// Every word rounded to its upper `bits`.
    pub(crate) fn rounded(&self, bits: u32) -> impl Iterator<Item = u64> {
        self.0.iter().map(move |word| round(*word, bits))
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.zip(other, u64::wrapping_add);
    }

    pub(crate) fn subtract(&mut self, other: &Self) {
        self.zip(other, u64::wrapping_sub);
    }

    pub(crate) fn shift(&mut self, plain: u64) {
        self.0[RING] = self.0[RING].wrapping_add(plain);
    }

    pub(crate) fn times(mut self, factor: u64) -> Self {
        self.0.iter_mut().for_each(|word| *word = word.wrapping_mul(factor));
        self
    }

    /// Each word and `select`: all of it, or nothing.
    pub(crate) fn mask_with(&mut self, select: u64) {
        self.0.iter_mut().for_each(|word| *word &= select);
    }

    fn zip(&mut self, other: &Self, with: fn(u64, u64) -> u64) {
        for (word, other) in self.0.iter_mut().zip(other.0.iter()) {
            *word = with(*word, *other);
        }
    }
}

impl From<Zeroizing<Vec<u64>>> for Lwe {
    /// The ciphertext of these words: 2048 of mask, one of body.
    fn from(words: Zeroizing<Vec<u64>>) -> Self {
        Self(words)
    }
}

/// The upper `bits` of `word`, rounded.
pub(crate) fn round(word: u64, bits: u32) -> u64 {
    word.wrapping_add(1 << (63 - bits)) >> (64 - bits)
}

/// The nearest third of the torus, 0, 1 or 2, in a time that does not depend on `phase`.
pub(crate) fn nearest_third(phase: u64) -> u8 {
    // 0 to 3, where 3 is a whole turn.
    let thirds = (u128::from(phase) * 3 + (1 << 63)) >> 64;
    u8::conditional_select(&((thirds & 3) as u8), &0, thirds.ct_eq(&3))
}
