//! Bits: conjunctions, and what needs no message.

use rayon::prelude::*;

use super::Rep3;
use crate::Error;
use crate::bits::{Bits, Plane, words_of};
use crate::exchange::{Incoming, Outgoing, exchange};
use crate::prg::StreamPosition;
use crate::simd;
use crate::words::Words;

/// Lanes of a step.
const ZERO: [u32; 2] = [0, 1];

impl Rep3 {
    /// > §3.6 Each role sends its share of the conjunction, masked by a share of zero: a bit a
    /// > role, to the role before for the first half of the rows, to the role after for the second.
    pub(super) async fn and_planes(
        &mut self,
        rows: usize,
        pairs: &[(Plane<'_>, Plane<'_>)],
    ) -> Result<Bits, Error> {
        let step = self.next_step();
        let words = words_of(rows);
        let mut own = [0, 1].map(|half| {
            let mut products = vec![0; pairs.len() * words[half]];
            self.xor_zero(StreamPosition { step, lane: ZERO[half] }, &mut products);
            let planes = products.par_chunks_mut(words[half].max(1)).zip(pairs);
            planes.with_min_len((1 << 13) / words[half].max(1) + 1).for_each(
                |(product, ((x, i), (y, j)))| {
                    let (x, y) = (&x.halves[half], &y.halves[half]);
                    let of = |all: &[u64], k: usize| {
                        k * words[half]..all.len().min((k + 1) * words[half])
                    };
                    let (xa, xb) = (&x.a[of(&x.a, *i)], &x.b[of(&x.b, *i)]);
                    let (ya, yb) = (&y.a[of(&y.a, *j)], &y.b[of(&y.b, *j)]);
                    simd::and(product, xa, xb, ya, yb);
                },
            );
            products
        });
        let (previous, next) = self.peers();
        let mut theirs = [vec![0; own[0].len()], vec![0; own[1].len()]];
        {
            let [first, second] = &mut theirs;
            let outgoing =
                [Outgoing { to: previous, words: &own[0] }, Outgoing { to: next, words: &own[1] }];
            let mut incoming =
                [Incoming { from: next, words: first }, Incoming { from: previous, words: second }];
            exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut incoming).await?;
        }
        let [first, second] = theirs;
        let halves = [
            Words::new(std::mem::take(&mut own[0]), first),
            Words::new(std::mem::take(&mut own[1]), second),
        ];
        Ok(Bits { rows, width: pairs.len(), halves })
    }

    /// Turns component 0 over, as the seats of each half have it.
    pub(super) fn flip_bits(&self, bits: &mut Bits) {
        for (half, words) in bits.halves.iter_mut().enumerate() {
            let seat = super::seat::Seat { turn: 0, mirrored: half == 1 };
            match seat.part(self.role) {
                0 => words.a.iter_mut().for_each(|word| *word = !*word),
                2 => words.b.iter_mut().for_each(|word| *word = !*word),
                _ => {}
            }
        }
    }

    /// The lowest bits of the components are components of the lowest bit.
    pub(super) fn lowest_bits(&self, words: &Words) -> Bits {
        let counts = words_of(words.len);
        let rows = [0..words.len.min(counts[0] * 64), words.len.min(counts[0] * 64)..words.len];
        let plane = |all: &[u64], half: usize| {
            let mut plane = vec![0; counts[half]];
            simd::to_planes(&all[rows[half].clone()], 0, &mut plane, counts[half].max(1), 1);
            plane
        };
        // The second half is shared in mirror image: its components change places.
        let halves = [
            Words::new(plane(&words.a, 0), plane(&words.b, 0)),
            Words::new(plane(&words.b, 1), plane(&words.a, 1)),
        ];
        Bits { rows: words.len, width: 1, halves }
    }

    pub(super) async fn open_planes(&mut self, bits: &Bits) -> Result<[Vec<u64>; 2], Error> {
        let step = self.next_step();
        let (previous, next) = self.peers();
        let [first, second] = &bits.halves;
        let mut missing = [vec![0; first.len], vec![0; second.len]];
        {
            let [to_first, to_second] = &mut missing;
            let outgoing = [
                Outgoing { to: next, words: &first.a },
                Outgoing { to: previous, words: &second.a },
            ];
            let mut incoming = [
                Incoming { from: previous, words: to_first },
                Incoming { from: next, words: to_second },
            ];
            exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut incoming).await?;
        }
        for (half, missing) in bits.halves.iter().zip(&mut missing) {
            for ((sum, a), b) in missing.iter_mut().zip(&half.a).zip(&half.b) {
                *sum ^= a ^ b;
            }
        }
        Ok(missing)
    }
}
