//! Shared vectors, and the sums of products that are not shared yet.

use std::ops::Range;

use zeroize::Zeroizing;

use crate::Error;
use crate::words::{Words, mapped, summed, zipped};

/// A vector of secret numbers with `F` fraction bits, of which this role holds shares.
///
/// It has no encoding, no `Debug` and no `Clone`: a share leaves this process only inside an
/// [`Engine`](crate::Engine), which masks it first.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<sharing::Vector<12>>();
/// ```
/// ```compile_fail
/// fn cloned_by_accident<T: Clone>() {}
/// cloned_by_accident::<sharing::Vector<12>>();
/// ```
/// ```compile_fail
/// fn sendable<T: Into<bytes::Bytes>>() {}
/// sendable::<sharing::Vector<12>>();
/// ```
///
/// Numbers of different scales do not mix:
///
/// ```compile_fail
/// fn add(x: &sharing::Vector<12>, y: &sharing::Vector<20>) { x.plus(y); }
/// ```
pub struct Vector<const F: u32> {
    pub(crate) words: Words,
}

impl<const F: u32> Vector<F> {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.words.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words.len == 0
    }

    /// A second copy of these shares, on purpose.
    pub fn duplicate(&self) -> Self {
        self.slice(0..self.len())
    }

    /// The sum, number by number.
    pub fn plus(&self, other: &Self) -> Self {
        Self { words: self.words.zip(&other.words, u64::wrapping_add) }
    }

    /// The difference, number by number.
    pub fn minus(&self, other: &Self) -> Self {
        Self { words: self.words.zip(&other.words, u64::wrapping_sub) }
    }

    /// Each number times a public integer.
    pub fn times(&self, factor: i64) -> Self {
        let factor = factor.cast_unsigned();
        Self { words: self.words.map(|word| word.wrapping_mul(factor)) }
    }

    /// Each number times a public one with `OUT - F` fraction bits, given as a ring element.
    pub fn scaled<const OUT: u32>(&self, factor: i64) -> Vector<OUT> {
        const { assert!(OUT >= F, "a product has the fraction bits of both factors") };
        Vector { words: self.times(factor).take() }
    }

    /// The same numbers with more fraction bits.
    pub fn raised<const OUT: u32>(&self) -> Vector<OUT> {
        const { assert!(OUT >= F, "only a truncation takes fraction bits away") };
        Vector { words: self.words.map(|word| word << (OUT - F)) }
    }

    /// The same numbers counted in units of the last place: the ring elements themselves.
    pub fn in_units(&self) -> Vector<0> {
        Vector { words: self.slice(0..self.len()).take() }
    }

    /// Some of the numbers, copied.
    ///
    /// # Panics
    ///
    /// When the range leaves the vector.
    pub fn slice(&self, range: Range<usize>) -> Self {
        Self { words: self.words.slice(range) }
    }

    /// The numbers at these places, copied, in this order.
    pub fn gather(&self, places: &[u32]) -> Self {
        Self { words: self.words.gather(places) }
    }

    /// One vector after another.
    pub fn concat(parts: &[&Self]) -> Self {
        Self { words: Words::concat(parts.iter().map(|part| &part.words)) }
    }

    /// The sum of all numbers, as a vector of one.
    pub fn sum(&self) -> Self {
        Self { words: self.words.sum() }
    }

    /// `times` copies of a vector of one.
    pub fn repeated(&self, times: usize) -> Self {
        assert_eq!(self.len(), 1, "one number is repeated");
        Self { words: self.words.arrange(times, |words| vec![words[0]; times]) }
    }

    /// This role's shares as bytes: for a store that holds the role's other secrets, **never for a
    /// peer**, who could add them to its own.
    pub fn expose(&self) -> Zeroizing<Vec<u8>> {
        let words = self.words.a.iter().chain(&self.words.b);
        Zeroizing::new(words.flat_map(|word| word.to_le_bytes()).collect())
    }

    /// The `len` shared numbers that [`expose`](Self::expose) gave at this role.
    ///
    /// # Errors
    ///
    /// [`Error::State`] when there are not 0, 8 or 16 bytes a number.
    pub fn parse(bytes: &[u8], len: usize) -> Result<Self, Error> {
        let (words, []) = bytes.as_chunks::<8>() else { return Err(Error::State) };
        let a = match words.len() {
            0 => 0,
            words if words == len || words == 2 * len => len,
            _ => return Err(Error::State),
        };
        let read = |words: &[[u8; 8]]| words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let (a, b) = words.split_at(a);
        Ok(Self { words: Words { len, a: read(a), b: read(b), tag: 0 } })
    }

    /// The same numbers as a sum: to be added to products, or truncated.
    pub fn to_sum(&self) -> Additive<F> {
        // Replicated and additive sharings have a summand in their first component.
        Additive { len: self.len(), summands: self.words.a.clone() }
    }

    pub(crate) fn take(mut self) -> Words {
        std::mem::take(&mut self.words)
    }
}

/// Numbers with `F` fraction bits as a sum over the roles of what each computed alone.
///
/// Products come like this. Nothing but sums can be done with it until
/// [`reshare`](crate::Engine::reshare) masks it with a sharing of zero and makes it a [`Vector`].
pub struct Additive<const F: u32> {
    pub(crate) len: usize,
    /// This role's summands; none at a dealer.
    pub(crate) summands: Vec<u64>,
}

impl<const F: u32> Additive<F> {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The sum, number by number.
    pub fn plus(&self, other: &Self) -> Self {
        assert_eq!(self.len, other.len, "both have the same length");
        self.with(zipped(&self.summands, &other.summands, u64::wrapping_add))
    }

    /// The sum with a shared vector, number by number.
    pub fn plus_vector(&self, other: &Vector<F>) -> Self {
        assert_eq!(self.len, other.len(), "both have the same length");
        self.with(zipped(&self.summands, &other.words.a, u64::wrapping_add))
    }

    /// The difference from a shared vector, number by number.
    pub fn minus_vector(&self, other: &Vector<F>) -> Self {
        assert_eq!(self.len, other.len(), "both have the same length");
        self.with(zipped(&self.summands, &other.words.a, u64::wrapping_sub))
    }

    /// Each number times a public integer.
    pub fn times(&self, factor: i64) -> Self {
        let factor = factor.cast_unsigned();
        self.with(mapped(&self.summands, |word| word.wrapping_mul(factor)))
    }

    /// The same numbers with more fraction bits.
    pub fn raised<const OUT: u32>(&self) -> Additive<OUT> {
        const { assert!(OUT >= F, "only a truncation takes fraction bits away") };
        Additive { len: self.len, summands: mapped(&self.summands, |word| word << (OUT - F)) }
    }

    /// Some of the numbers, copied.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let summands = match self.summands.is_empty() {
            true => Vec::new(),
            false => self.summands[range.clone()].to_vec(),
        };
        Self { len: range.len(), summands }
    }

    /// The numbers at these places, copied, in this order.
    pub fn gather(&self, places: &[u32]) -> Self {
        let summands = match self.summands.is_empty() {
            true => Vec::new(),
            false => places.iter().map(|&place| self.summands[place as usize]).collect(),
        };
        Self { len: places.len(), summands }
    }

    /// One after another.
    pub fn concat(parts: &[&Self]) -> Self {
        let len = parts.iter().map(|part| part.len).sum();
        let summands = parts.iter().flat_map(|part| &part.summands).copied().collect();
        Self { len, summands }
    }

    /// The sum of all numbers, as one.
    pub fn sum(&self) -> Self {
        let summands = match self.summands.is_empty() {
            true => Vec::new(),
            false => vec![summed(&self.summands)],
        };
        Self { len: 1, summands }
    }

    /// Each number times a public one with `OUT - F` fraction bits, given as a ring element.
    pub fn scaled<const OUT: u32>(&self, factor: i64) -> Additive<OUT> {
        const { assert!(OUT >= F, "a product has the fraction bits of both factors") };
        Additive { len: self.len, summands: std::mem::take(&mut self.times(factor).summands) }
    }

    pub(crate) fn take(mut self) -> (Vec<u64>, usize) {
        (std::mem::take(&mut self.summands), self.len)
    }

    fn with(&self, summands: Vec<u64>) -> Self {
        Self { len: self.len, summands }
    }
}

impl<const F: u32> Drop for Additive<F> {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.summands);
    }
}
