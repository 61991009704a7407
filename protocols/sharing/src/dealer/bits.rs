//! Bits: conjunctions by dealt triples, and dealt bits that are shared both ways.

use session::Role;

use super::{DEALER, Dealer};
use crate::Error;
use crate::bits::{Bits, Plane, words_of};
use crate::prg::StreamPosition;
use crate::simd;
use crate::words::Words;

/// Lanes of a step.
const X: u32 = 0;
const Y: u32 = 1;
const PRODUCT: u32 = 2;
const BIT: u32 = 3;
const NUMBER: u32 = 4;
const OPEN: u32 = 5;

impl Dealer {
    /// A summand's bits as this role's share; zeros where it is not `own`.
    pub(super) fn planes(
        &self,
        values: &[u64],
        rows: usize,
        low: u32,
        width: usize,
        own: bool,
    ) -> Bits {
        let words = words_of(rows);
        if self.is_dealer() {
            let halves = words.map(|words| Words::absent(width * words));
            return Bits { rows, width, halves };
        }
        let (first, second) = values.split_at(rows.min(words[0] * 64));
        let planes = |values: &[u64], words: usize| {
            let mut planes = vec![0; width * words];
            if own {
                simd::to_planes(values, low, &mut planes, words.max(1), width);
            }
            Words::new(planes, Vec::new())
        };
        Bits { rows, width, halves: [planes(first, words[0]), planes(second, words[1])] }
    }

    /// > §D.5 x ^ a and y ^ b are opened; x y = (x ^ a)(y ^ b) ^ (x ^ a) b ^ (y ^ b) a ^ a b, of
    /// > which a b is dealt.
    pub(super) async fn and_planes(
        &mut self,
        rows: usize,
        pairs: &[(Plane<'_>, Plane<'_>)],
    ) -> Result<Bits, Error> {
        let step = self.next_step();
        let words = words_of(rows);
        let len = pairs.len() * (words[0] + words[1]);
        let at = |lane| StreamPosition { step, lane };
        if self.is_dealer() {
            let mask = |lane| {
                let mut mask = self.dealt(0).words(at(lane), len);
                self.dealt(1).apply(at(lane), &mut mask, |word, random| *word ^= random);
                mask
            };
            let mut product = mask(X);
            product.iter_mut().zip(mask(Y)).for_each(|(word, y)| *word &= y);
            self.dealt(0).apply(at(PRODUCT), &mut product, |word, random| *word ^= random);
            self.wire.deal(step, 1, &product).await?;
            let halves = words.map(|words| Words::absent(pairs.len() * words));
            return Ok(Bits { rows, width: pairs.len(), halves });
        }
        let key = self.dealt(self.role);
        let (a, b) = (key.words(at(X), len), key.words(at(Y), len));
        let mut own = Vec::with_capacity(2 * len);
        for side in [0, 1] {
            for (half, words) in words.into_iter().enumerate() {
                for (x, y) in pairs {
                    let (bits, k) = if side == 0 { x } else { y };
                    own.extend(&bits.halves[half].a[k * words..(k + 1) * words]);
                }
            }
        }
        let masks = a.iter().chain(&b);
        #[cfg(test)]
        let masks = masks.take(if self.unmasked == Some(step) { 0 } else { usize::MAX });
        own.iter_mut().zip(masks).for_each(|(word, mask)| *word ^= mask);
        let theirs = self.wire.swap(step, &own).await?;
        own.iter_mut().zip(theirs).for_each(|(word, other)| *word ^= other);
        let mut product = match self.role {
            0 => self.dealt(0).words(at(PRODUCT), len),
            _ => self.wire.take(step, len).await?,
        };
        let (x, y) = own.split_at(len);
        let first = if self.role == 0 { u64::MAX } else { 0 };
        for (i, word) in product.iter_mut().enumerate() {
            *word ^= (x[i] & y[i] & first) ^ (x[i] & b[i]) ^ (y[i] & a[i]);
        }
        let second = product.split_off(pairs.len() * words[0]);
        let halves = [Words::new(product, Vec::new()), Words::new(second, Vec::new())];
        Ok(Bits { rows, width: pairs.len(), halves })
    }

    /// > §D.6 A random bit r is dealt both ways. v ^ r is opened, and v = (v ^ r) + r - 2 (v ^ r) r.
    pub(super) async fn bits_to_summands(
        &mut self,
        bits: &Bits,
        groups: &[usize],
    ) -> Result<Vec<Vec<u64>>, Error> {
        let (step, rows) = (self.next_step(), bits.rows);
        let words = words_of(rows);
        let all = bits.width * (words[0] + words[1]);
        let (bit, number) =
            (StreamPosition { step, lane: BIT }, StreamPosition { step, lane: NUMBER });
        if self.is_dealer() {
            let mut masks = self.dealt(0).words(bit, all);
            self.dealt(1).apply(bit, &mut masks, |word, random| *word ^= random);
            let halves = split(masks, bits.width * words[0]);
            let mut dealt = Vec::with_capacity(bits.width * rows);
            for plane in 0..bits.width {
                dealt.extend(bits.unpack(&halves, plane).into_iter().map(u64::from));
            }
            let take = |word: &mut u64, random| *word = word.wrapping_sub(random);
            self.dealt(0).apply(number, &mut dealt, take);
            self.wire.deal(step, 1, &dealt).await?;
            return Ok(groups.iter().map(|_| Vec::new()).collect());
        }
        let mut own = [bits.halves[0].a.as_slice(), bits.halves[1].a.as_slice()].concat();
        self.dealt(self.role).apply(bit, &mut own, |word, random| *word ^= random);
        let theirs = self.wire.swap(step, &own).await?;
        own.iter_mut().zip(theirs).for_each(|(word, other)| *word ^= other);
        let opened = split(own, bits.width * words[0]);
        let dealt = match self.role {
            0 => self.dealt(0).words(number, bits.width * rows),
            _ => self.wire.take(step, bits.width * rows).await?,
        };
        let first = u64::from(self.role == 0);
        let mut sums: Vec<Vec<u64>> = Vec::with_capacity(groups.len());
        let mut plane = 0;
        for &group in groups {
            let mut sum = vec![0u64; rows];
            for shift in (0u32..).take(group) {
                let masks = dealt[plane * rows..(plane + 1) * rows].iter();
                let opened = bits.unpack(&opened, plane);
                for ((sum, mask), open) in sum.iter_mut().zip(masks).zip(opened) {
                    let bit = match open {
                        true => first.wrapping_sub(*mask),
                        false => *mask,
                    };
                    *sum = sum.wrapping_add(bit << shift);
                }
                plane += 1;
            }
            sums.push(sum);
        }
        Ok(sums)
    }

    pub(super) async fn open_planes(&mut self, bits: &Bits) -> Result<[Vec<u64>; 2], Error> {
        let step = self.next_step();
        let first = bits.width * words_of(bits.rows)[0];
        let all = bits.halves[0].len + bits.halves[1].len;
        if self.is_dealer() {
            let mut opened = self.wire.receive(step, Role(0), all).await?;
            let theirs = self.wire.receive(step, Role(1), all).await?;
            opened.iter_mut().zip(theirs).for_each(|(word, other)| *word ^= other);
            return Ok(split(opened, first));
        }
        let mut own = [bits.halves[0].a.as_slice(), bits.halves[1].a.as_slice()].concat();
        let mut masked = own.clone();
        let place = StreamPosition { step, lane: OPEN };
        self.common().apply(place, &mut masked, |word, random| *word ^= random);
        self.wire.send(step, Role(DEALER), &masked).await?;
        let theirs = self.wire.swap(step, &own).await?;
        own.iter_mut().zip(theirs).for_each(|(word, other)| *word ^= other);
        Ok(split(own, first))
    }
}

fn split(mut words: Vec<u64>, at: usize) -> [Vec<u64>; 2] {
    let second = words.split_off(at);
    [words, second]
}
