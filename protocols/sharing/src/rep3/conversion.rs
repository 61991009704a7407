//! From numbers to bits and back.

use rayon::prelude::*;
use session::Role;

use super::Rep3;
use super::seat::{Segment, segments};
use crate::Error;
use crate::bits::{Bits, words_of};
use crate::exchange::{Incoming, Outgoing, exchange};
use crate::prg::StreamPosition;
use crate::simd;
use crate::words::Words;

/// Lanes of a step: a segment's own lane is added, which is at least 8.
const ZERO: u32 = 0;
const FIRST: u32 = 0;
const SECOND: u32 = 32;
const HIDE: u32 = 64;

/// Rows whose bits become numbers at once: their sums stay in the first cache.
const BLOCK: usize = 1 << 11;

impl Rep3 {
    /// > §3.7 (1) Each summand is masked by a share of zero and cut to bits low..low + width. C2
    /// > sends its to C0. (2) C0 adds it to its own, and one more where bits were cut off; the sum
    /// > is one addend, which C0 shares with C1 under K_1 and sends to C2. C1's summand is the other,
    /// > which C1 shares with C2 under K_2 and sends to C0.
    pub(super) async fn share_addends(
        &mut self,
        summands: &[u64],
        len: usize,
        low: u32,
        width: usize,
    ) -> Result<(Bits, Bits), Error> {
        assert!(low as usize + width <= 64, "the bits of a word");
        let mut own = summands.to_vec();
        let step = self.next_step();
        self.add_zero(StreamPosition { step, lane: ZERO }, &mut own);
        let segments = segments(len);

        let packing = Packing::new(low, width);
        let mut mail = Mail::new(self);
        for segment in &segments {
            let words = packing.words(segment.rows.len());
            let (previous, next) = segment.seat.neighbours(self.role);
            match segment.seat.part(self.role) {
                0 => mail.expect(previous, segment, words),
                2 => mail.send(next, packing.pack(&own[segment.rows.clone()])),
                _ => {}
            }
        }
        let mut received = mail.deliver(self, step).await?;

        let step = self.next_step();
        let mut mail = Mail::new(self);
        let shape = |half: usize| width * words_of(len)[half];
        let empty = || [0, 1].map(|h| Words::new(vec![0; shape(h)], vec![0; shape(h)]));
        let (mut x, mut y) = (empty(), empty());
        let mut awaited = Vec::new();
        for segment in &segments {
            let count = segment.words.len();
            let values = &mut own[segment.rows.clone()];
            let mut planes = vec![0; width * count];
            let (before, after) = segment.seat.keys(&self.keys);
            let (previous, next) = segment.seat.neighbours(self.role);
            let (x, y) = (&mut x[segment.half], &mut y[segment.half]);
            let first = StreamPosition { step, lane: FIRST + segment.lane };
            let second = StreamPosition { step, lane: SECOND + segment.lane };
            match segment.seat.part(self.role) {
                0 => {
                    packing.add(values, &received.take(segment));
                    simd::to_planes(values, low, &mut planes, count.max(1), width);
                    let mask = after.words(first, width * count);
                    planes.iter_mut().zip(&mask).for_each(|(word, mask)| *word ^= mask);
                    place(&mut x.a, &planes, segment, len);
                    place(&mut x.b, &mask, segment, len);
                    mail.send(previous, planes);
                    mail.expect(next, segment, width * count);
                    awaited.push((segment, Awaited::SecondOfY));
                }
                1 => {
                    simd::to_planes(values, low, &mut planes, count.max(1), width);
                    let mask = after.words(second, width * count);
                    planes.iter_mut().zip(&mask).for_each(|(word, mask)| *word ^= mask);
                    place(&mut x.a, &before.words(first, width * count), segment, len);
                    place(&mut y.a, &planes, segment, len);
                    place(&mut y.b, &mask, segment, len);
                    mail.send(previous, planes);
                }
                _ => {
                    place(&mut y.a, &before.words(second, width * count), segment, len);
                    mail.expect(next, segment, width * count);
                    awaited.push((segment, Awaited::SecondOfX));
                }
            }
        }
        let mut received = mail.deliver(self, step).await?;
        for (segment, awaited) in awaited {
            let into = match awaited {
                Awaited::SecondOfX => &mut x[segment.half].b,
                Awaited::SecondOfY => &mut y[segment.half].b,
            };
            place(into, &received.take(segment), segment, len);
        }
        zeroize::Zeroize::zeroize(&mut own);
        Ok((Bits { rows: len, width, halves: x }, Bits { rows: len, width, halves: y }))
    }

    /// > §3.9 With u = x_0 ^ x_1 at C0 and t = x_2 at C1 and C2, the bit is u + t - 2 u t. C0 sends
    /// > u - F(K_1) to C2, so that C1 and C2 have summands of u.
    pub(super) async fn bits_to_summands(
        &mut self,
        bits: &Bits,
        groups: &[usize],
    ) -> Result<Vec<Vec<u64>>, Error> {
        assert_eq!(groups.iter().sum::<usize>(), bits.width, "each plane is in one group");
        let step = self.next_step();
        let mut sums: Vec<Vec<u64>> = groups.iter().map(|_| vec![0; bits.rows]).collect();
        let segments = segments(bits.rows);
        let mut mail = Mail::new(self);
        for segment in &segments {
            let (before, after) = segment.seat.keys(&self.keys);
            let (previous, next) = segment.seat.neighbours(self.role);
            let words = bits.width * segment.rows.len();
            let at = StreamPosition { step, lane: HIDE + segment.lane };
            match segment.seat.part(self.role) {
                0 => {
                    let mut message = after.words(at, words);
                    let view = View { bits, segment, groups };
                    view.hide(&mut message, &mut sums);
                    mail.send(previous, message);
                }
                1 => {
                    let mask = before.words(at, words);
                    View { bits, segment, groups }.add(&mask, &mut sums);
                }
                _ => mail.expect(next, segment, words),
            }
        }
        let mut received = mail.deliver(self, step).await?;
        for segment in &segments {
            if segment.seat.part(self.role) == 2 {
                View { bits, segment, groups }.take(&received.take(segment), &mut sums);
            }
        }
        Ok(sums)
    }
}

/// Which component of which addend a message is.
enum Awaited {
    SecondOfX,
    SecondOfY,
}

/// How values of a few bits lie in words on their way from C2 to C0.
struct Packing {
    low: u32,
    width: usize,
    /// Values in a word.
    each: usize,
}

impl Packing {
    fn new(low: u32, width: usize) -> Self {
        Self { low, width, each: 64 / width }
    }

    fn words(&self, rows: usize) -> usize {
        rows.div_ceil(self.each)
    }

    fn pack(&self, values: &[u64]) -> Vec<u64> {
        let mask = u64::MAX >> (64 - self.width);
        let cut = |&value: &u64| value >> self.low & mask;
        let pack = |values: &[u64]| {
            let places = (0..).step_by(self.width);
            values.iter().zip(places).fold(0, |word, (value, place)| word | cut(value) << place)
        };
        values.chunks(self.each).map(pack).collect()
    }

    /// Adds packed values, and one more where bits were cut off, above the place `low`.
    fn add(&self, values: &mut [u64], packed: &[u64]) {
        let carry = u64::from(self.low > 0);
        for (values, word) in values.chunks_mut(self.each).zip(packed) {
            for (value, place) in values.iter_mut().zip((0..).step_by(self.width)) {
                let other = (word >> place).wrapping_add(carry);
                let sum = (*value >> self.low).wrapping_add(other);
                *value = sum << self.low;
            }
        }
    }
}

/// Writes a segment's planes into those of its half; the last word of the last segment is cut to
/// the rows that there are.
fn place(into: &mut [u64], planes: &[u64], segment: &Segment, rows: usize) {
    let stride = words_of(rows)[segment.half];
    let count = segment.words.len();
    for (plane, words) in planes.chunks_exact(count.max(1)).enumerate() {
        let start = plane * stride + segment.words.start;
        into[start..start + count].copy_from_slice(words);
    }
}

/// Some bits' segment, and how its planes spell numbers.
struct View<'a> {
    bits: &'a Bits,
    segment: &'a Segment,
    groups: &'a [usize],
}

impl View<'_> {
    fn hide(&self, message: &mut [u64], sums: &mut [Vec<u64>]) {
        let words = &self.bits.halves[self.segment.half];
        let mut blocks: Vec<_> = self.blocks(sums);
        let size = BLOCK * self.bits.width;
        let work = message.par_chunks_mut(size.max(1)).zip(&mut blocks).enumerate();
        work.for_each(|(block, (message, sums))| {
            let rows = message.len() / self.bits.width;
            let mut bits = [0; BLOCK / 64];
            self.planes(sums, |plane, shift, sum| {
                let at = self.words_at(plane, block, rows);
                let (a, b) = (&words.a[at.clone()], &words.b[at]);
                let bits = &mut bits[..a.len()];
                bits.iter_mut().zip(a.iter().zip(b)).for_each(|(bit, (a, b))| *bit = a ^ b);
                simd::hide_bits(bits, &mut message[plane * rows..(plane + 1) * rows], sum, shift);
            });
        });
    }

    fn add(&self, mask: &[u64], sums: &mut [Vec<u64>]) {
        let words = &self.bits.halves[self.segment.half].b;
        self.combine(words, mask, sums, simd::add_bits);
    }

    fn take(&self, mask: &[u64], sums: &mut [Vec<u64>]) {
        let words = &self.bits.halves[self.segment.half].a;
        self.combine(words, mask, sums, simd::take_bits);
    }

    fn combine(
        &self,
        words: &[u64],
        mask: &[u64],
        sums: &mut [Vec<u64>],
        combine: fn(&[u64], &[u64], &mut [u64], u32),
    ) {
        let mut blocks = self.blocks(sums);
        let size = BLOCK * self.bits.width;
        let work = mask.par_chunks(size.max(1)).zip(&mut blocks).enumerate();
        work.for_each(|(block, (mask, sums))| {
            let rows = mask.len() / self.bits.width;
            self.planes(sums, |plane, shift, sum| {
                let at = self.words_at(plane, block, rows);
                combine(&words[at], &mask[plane * rows..(plane + 1) * rows], sum, shift);
            });
        });
    }

    /// Each group's sums of the segment's rows, block by block.
    fn blocks<'s>(&self, sums: &'s mut [Vec<u64>]) -> Vec<Vec<&'s mut [u64]>> {
        let rows = &self.segment.rows;
        let mut blocks: Vec<Vec<&mut [u64]>> =
            (0..rows.len().div_ceil(BLOCK)).map(|_| Vec::with_capacity(sums.len())).collect();
        for sums in sums {
            let parts = sums[rows.clone()].chunks_mut(BLOCK);
            blocks.iter_mut().zip(parts).for_each(|(block, part)| block.push(part));
        }
        blocks
    }

    /// Visits each plane with its place in its number and the sums that it belongs to.
    fn planes(&self, sums: &mut [&mut [u64]], mut visit: impl FnMut(usize, u32, &mut [u64])) {
        let mut plane = 0;
        for (&group, sums) in self.groups.iter().zip(sums) {
            for shift in (0..).take(group) {
                visit(plane, shift, sums);
                plane += 1;
            }
        }
    }

    /// The words of a plane that hold a block's rows.
    fn words_at(&self, plane: usize, block: usize, rows: usize) -> std::ops::Range<usize> {
        let stride = words_of(self.bits.rows)[self.segment.half];
        let start = plane * stride + self.segment.words.start + block * (BLOCK / 64);
        start..start + rows.div_ceil(64)
    }
}

/// The messages of a step to and from both neighbours, the segments' parts one after another.
struct Mail {
    peers: [Role; 2],
    outgoing: [Vec<u64>; 2],
    expected: [Vec<(u32, usize)>; 2],
}

impl Mail {
    fn new(engine: &Rep3) -> Self {
        let (previous, next) = engine.peers();
        Self { peers: [previous, next], outgoing: Default::default(), expected: Default::default() }
    }

    fn send(&mut self, to: Role, words: Vec<u64>) {
        let peer = usize::from(to != self.peers[0]);
        match self.outgoing[peer].is_empty() {
            true => self.outgoing[peer] = words,
            false => self.outgoing[peer].extend(words),
        }
    }

    fn expect(&mut self, from: Role, segment: &Segment, words: usize) {
        self.expected[usize::from(from != self.peers[0])].push((segment.lane, words));
    }

    async fn deliver(self, engine: &mut Rep3, step: u32) -> Result<Received, Error> {
        let total = |peer: usize| self.expected[peer].iter().map(|(_, words)| words).sum();
        let mut incoming: [Vec<u64>; 2] = [vec![0; total(0)], vec![0; total(1)]];
        {
            let [first, second] = &mut incoming;
            let outgoing = [
                Outgoing { to: self.peers[0], words: &self.outgoing[0] },
                Outgoing { to: self.peers[1], words: &self.outgoing[1] },
            ];
            let mut incoming = [
                Incoming { from: self.peers[0], words: first },
                Incoming { from: self.peers[1], words: second },
            ];
            exchange(&mut engine.link, &mut engine.traffic, step, &outgoing, &mut incoming).await?;
        }
        let mut parts = Vec::new();
        for (words, expected) in incoming.into_iter().zip(self.expected) {
            let mut rest = words.as_slice();
            for (lane, count) in expected {
                let (part, after) = rest.split_at(count);
                parts.push((lane, part.to_vec()));
                rest = after;
            }
        }
        Ok(Received { parts })
    }
}

/// What came in a step, by the lane of its segment.
struct Received {
    parts: Vec<(u32, Vec<u64>)>,
}

impl Received {
    fn take(&mut self, segment: &Segment) -> Vec<u64> {
        let part = self.parts.iter_mut().find(|(lane, _)| *lane == segment.lane);
        part.map(|(_, words)| std::mem::take(words)).unwrap_or_default()
    }
}
