//! The words of a shared vector that one role holds.

use std::ops::Range;

use rayon::prelude::*;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Words that a task of rayon takes at least: below, a thread costs more than it saves.
const TASK: usize = 1 << 14;

/// One role's components of a shared vector: two in replicated sharing, one in clear and between
/// two parties, none at a dealer, who knows the length alone. Wiped on drop, never printed or sent.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub struct Words {
    #[zeroize(skip)]
    pub(crate) len: usize,
    /// The first component, or empty.
    pub(crate) a: Vec<u64>,
    /// The second component, or empty.
    pub(crate) b: Vec<u64>,
    /// By which an engine knows what it prepared; 0 for none.
    #[zeroize(skip)]
    pub(crate) tag: u64,
}

impl Words {
    pub(crate) fn new(a: Vec<u64>, b: Vec<u64>) -> Self {
        Self { len: a.len(), a, b, tag: 0 }
    }

    /// A vector of which this role holds nothing.
    pub(crate) fn absent(len: usize) -> Self {
        Self { len, a: Vec::new(), b: Vec::new(), tag: 0 }
    }

    /// Changes every word of every component.
    pub(crate) fn map(&self, change: impl Fn(u64) -> u64 + Sync) -> Self {
        let change = |words: &Vec<u64>| mapped(words, &change);
        Self { len: self.len, a: change(&self.a), b: change(&self.b), tag: 0 }
    }

    pub(crate) fn zip(&self, other: &Self, join: impl Fn(u64, u64) -> u64 + Sync) -> Self {
        assert_eq!(self.len, other.len, "both vectors have the same length");
        let join = |x: &Vec<u64>, y: &Vec<u64>| zipped(x, y, &join);
        Self { len: self.len, a: join(&self.a, &other.a), b: join(&self.b, &other.b), tag: 0 }
    }

    /// Rearranges each component in the same way; the result has `len` words.
    pub(crate) fn arrange(&self, len: usize, arrange: impl Fn(&[u64]) -> Vec<u64>) -> Self {
        let arrange = |words: &Vec<u64>| match words.is_empty() {
            true => Vec::new(),
            false => arrange(words),
        };
        Self { len, a: arrange(&self.a), b: arrange(&self.b), tag: 0 }
    }

    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        self.arrange(range.len(), |words| words[range.clone()].to_vec())
    }

    pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::default();
        for part in parts {
            all.len += part.len;
            all.a.extend_from_slice(&part.a);
            all.b.extend_from_slice(&part.b);
        }
        all
    }

    pub(crate) fn gather(&self, rows: &[u32]) -> Self {
        self.arrange(rows.len(), |words| rows.iter().map(|&row| words[row as usize]).collect())
    }

    pub(crate) fn sum(&self) -> Self {
        self.arrange(1, |words| vec![summed(words)])
    }
}

/// The components of a column, wherever they lie.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'a> {
    pub(crate) a: &'a [u64],
    /// Empty where there is one component.
    pub(crate) b: &'a [u64],
}

/// The components of some words.
pub(crate) fn pair(words: &Words) -> Pair<'_> {
    Pair { a: &words.a, b: &words.b }
}

/// The components of each column.
pub(crate) fn pairs(columns: &[Words]) -> Vec<Pair<'_>> {
    columns.iter().map(pair).collect()
}

pub(crate) fn mapped(words: &[u64], change: impl Fn(u64) -> u64 + Sync) -> Vec<u64> {
    match words.len() < TASK {
        true => words.iter().map(|&word| change(word)).collect(),
        false => words.par_iter().with_min_len(TASK).map(|&word| change(word)).collect(),
    }
}

pub(crate) fn zipped(x: &[u64], y: &[u64], join: impl Fn(u64, u64) -> u64 + Sync) -> Vec<u64> {
    assert_eq!(x.len(), y.len(), "both vectors have the same components");
    match x.len() < TASK {
        true => x.iter().zip(y).map(|(&x, &y)| join(x, y)).collect(),
        false => x.par_iter().with_min_len(TASK).zip(y).map(|(&x, &y)| join(x, y)).collect(),
    }
}

pub(crate) fn summed(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum, &word| sum.wrapping_add(word))
}
