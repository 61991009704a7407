//! Shared bits, in planes: bit k of 64 rows lies in one word.

use crate::simd;
use crate::words::Words;

/// Secret bits of some rows, of which this role holds shares that XOR to them: `width` bits a row,
/// lowest first.
///
/// Plane k holds bit k of every row, 64 rows a word, so that one instruction works on 64 rows. Like
/// [`Vector`](crate::Vector), it has no encoding, no `Debug` and no `Clone`.
pub struct Bits {
    pub(crate) rows: usize,
    pub(crate) width: usize,
    /// The planes of the first and the second half of the rows. In replicated sharing the second
    /// half is shared in mirror image, which sends its messages the other way round (SPEC §3).
    pub(crate) halves: [Words; 2],
}

impl Bits {
    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many bits a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The exclusive or, bit by bit.
    ///
    /// # Panics
    ///
    /// When the two do not have the same rows and width.
    pub fn xor(&self, other: &Self) -> Self {
        assert_eq!((self.rows, self.width), (other.rows, other.width), "bits of the same shape");
        let half = |h: usize| self.halves[h].zip(&other.halves[h], |x, y| x ^ y);
        self.with(self.width, [half(0), half(1)])
    }

    /// The planes `planes`, copied, in this order.
    pub fn select(&self, planes: &[usize]) -> Self {
        let half = |h: usize| {
            let words = words_of(self.rows)[h];
            let copy = |all: &[u64]| {
                let plane = |&k: &usize| &all[k * words..(k + 1) * words];
                planes.iter().flat_map(plane).copied().collect()
            };
            self.halves[h].arrange(planes.len() * words, copy)
        };
        self.with(planes.len(), [half(0), half(1)])
    }

    /// The planes of all, one after another.
    ///
    /// # Panics
    ///
    /// When they do not have the same rows, or there is none.
    pub fn concat(parts: &[&Self]) -> Self {
        let rows = parts.first().expect("at least one part").rows;
        assert!(parts.iter().all(|part| part.rows == rows), "bits of the same rows");
        let half = |h: usize| Words::concat(parts.iter().map(|part| &part.halves[h]));
        let width = parts.iter().map(|part| part.width).sum();
        Self { rows, width, halves: [half(0), half(1)] }
    }

    /// One plane, copied.
    pub(crate) fn plane(&self, index: usize) -> Self {
        self.select(&[index])
    }

    /// Planes of the same rows, copied one after another; at least one.
    pub(crate) fn gather(planes: &[Plane<'_>]) -> Self {
        let rows = planes.first().expect("at least one plane").0.rows;
        let words = words_of(rows);
        let mut halves = [Words::absent(0), Words::absent(0)];
        for (half, words) in halves.iter_mut().zip(words) {
            half.len = planes.len() * words;
        }
        for &(bits, k) in planes {
            for (h, half) in halves.iter_mut().enumerate() {
                let range = k * words[h]..(k + 1) * words[h];
                let from = &bits.halves[h];
                for (to, from) in [(&mut half.a, &from.a), (&mut half.b, &from.b)] {
                    to.extend_from_slice(from.get(range.clone()).unwrap_or_default());
                }
            }
        }
        Self { rows, width: planes.len(), halves }
    }

    /// XORs a plane into each plane of `self`.
    pub(crate) fn xor_each(&mut self, plane: Plane<'_>) {
        let halves = self.halves.iter_mut().zip(&plane.0.halves);
        for ((into, from), words) in halves.zip(words_of(self.rows)) {
            let range = plane.1 * words..(plane.1 + 1) * words;
            for (into, from) in [(&mut into.a, &from.a), (&mut into.b, &from.b)] {
                let Some(from) = from.get(range.clone()) else { continue };
                for plane in into.chunks_mut(words.max(1)) {
                    plane.iter_mut().zip(from).for_each(|(sum, word)| *sum ^= word);
                }
            }
        }
    }

    /// The exclusive or of the planes that each mask chooses, a plane a mask.
    ///
    /// # Panics
    ///
    /// When a mask chooses a plane that is not there.
    pub fn combine(&self, masks: &[Vec<usize>]) -> Self {
        let half = |h: usize| {
            let words = words_of(self.rows)[h];
            let combine = |all: &[u64]| simd::combine(all, words, masks);
            self.halves[h].arrange(masks.len() * words, combine)
        };
        self.with(masks.len(), [half(0), half(1)])
    }

    /// A plane of opened halves, row by row.
    pub(crate) fn unpack(&self, halves: &[Vec<u64>; 2], plane: usize) -> Vec<bool> {
        let words = words_of(self.rows);
        let of = |h: usize| &halves[h][plane * words[h]..(plane + 1) * words[h]];
        let bit = |row: usize| {
            let word = row / 64;
            let word = if word < words[0] { of(0)[word] } else { of(1)[word - words[0]] };
            word >> (row % 64) & 1 == 1
        };
        (0..self.rows).map(bit).collect()
    }

    /// Each plane cut into columns of 128 rows, a word of each half: column i of plane p is plane
    /// `i * width + p` of the result. Rows beyond the last are zero.
    pub(crate) fn columns(&self) -> Self {
        let words = words_of(self.rows);
        let columns = words[1];
        let half = |h: usize| {
            let cut = |all: &[u64]| {
                let mut out = Vec::with_capacity(columns * self.width);
                for column in 0..columns {
                    for plane in all.chunks_exact(words[h].max(1)).take(self.width) {
                        out.push(plane.get(column).copied().unwrap_or(0));
                    }
                }
                // The last word of the second half is the one that the rows may not fill.
                if h == 1 && !self.rows.is_multiple_of(64) {
                    let mask = (1 << (self.rows % 64)) - 1;
                    let last = out.len() - self.width;
                    out[last..].iter_mut().for_each(|word| *word &= mask);
                }
                out
            };
            let mut half = self.halves[h].arrange(columns * self.width, cut);
            // A half without words still has its share of the result: zeros.
            if words[h] == 0 && !self.halves[1].a.is_empty() {
                half =
                    self.halves[1].arrange(columns * self.width, |_| vec![0; columns * self.width]);
            }
            half
        };
        Self { rows: 128, width: columns * self.width, halves: [half(0), half(1)] }
    }

    fn with(&self, width: usize, halves: [Words; 2]) -> Self {
        Self { rows: self.rows, width, halves }
    }
}

/// One plane of some bits.
pub(crate) type Plane<'a> = (&'a Bits, usize);

/// How many words a plane of `rows` rows has in its first and in its second half.
pub(crate) fn words_of(rows: usize) -> [usize; 2] {
    let words = rows.div_ceil(64);
    [words / 2, words - words / 2]
}
