//! Truncation of a sum with a mask that one role deals.

use super::Rep3;
use super::seat::Seat;
use crate::Error;
use crate::exchange::{Incoming, Outgoing, exchange};
use crate::prg::StreamPosition;
use crate::words::Words;

/// Lanes of the first step.
const ZERO: u32 = 0;
const MASK: u32 = 1;
const TOP: u32 = 2;
const REST: u32 = 3;
const SHARE: u32 = 4;

/// Added so that a number becomes one of 63 bits: |x| < 2^62.
const OFFSET: u64 = 1 << 62;

impl Rep3 {
    /// > §3.5 Each summand is masked by a share of zero. C2 deals a mask r, and sends C0 and C1 its
    /// > summand. They open c = x + 2^62 + r to one another, and take from it the mask's own
    /// > truncation, with the carry that c's and r's highest bits tell.
    pub(super) async fn truncate_summands(
        &mut self,
        mut own: Vec<u64>,
        len: usize,
        by: u32,
    ) -> Result<Words, Error> {
        let step = self.next_step();
        self.add_zero(StreamPosition { step, lane: ZERO }, &mut own);
        let answer = self.next_step();
        // A turn for each truncation, so that the dealing goes round.
        let seat = Seat { turn: u8::try_from(step / 2 % 3).unwrap_or(0), mirrored: false };
        let (before, after) = seat.keys(&self.keys);
        let (previous, next) = seat.neighbours(self.role);
        let at = |lane| StreamPosition { step, lane };
        let (link, traffic) = (&mut self.link, &mut self.traffic);
        match seat.part(self.role) {
            0 => {
                let mask = before.words(at(MASK), len);
                let top = before.words(at(TOP), len);
                let rest = before.words(at(REST), len);
                let share = before.words(at(SHARE), len);
                let masked = own.iter_mut().zip(&mask);
                masked.for_each(|(word, mask)| {
                    *word = word.wrapping_add(*mask).wrapping_add(OFFSET);
                });
                let (mut theirs, mut third) = (vec![0; len], vec![0; len]);
                let out = [Outgoing { to: next, words: &own }];
                let mut incoming = [
                    Incoming { from: next, words: &mut theirs },
                    Incoming { from: previous, words: &mut third },
                ];
                exchange(link, traffic, step, &out, &mut incoming).await?;
                add_to(&mut own, &third);
                let mut part: Vec<u64> = (0..len)
                    .map(|i| {
                        let opened = own[i].wrapping_add(theirs[i]);
                        let high = opened >> 63;
                        let carry = high.wrapping_add(signed(top[i], high));
                        ((opened << 1) >> (1 + by))
                            .wrapping_sub(rest[i])
                            .wrapping_add(carry << (63 - by))
                            .wrapping_sub(1 << (62 - by))
                            .wrapping_sub(share[i])
                    })
                    .collect();
                let out = [Outgoing { to: next, words: &part }];
                let mut incoming = [Incoming { from: next, words: &mut theirs }];
                exchange(link, traffic, answer, &out, &mut incoming).await?;
                add_to(&mut part, &theirs);
                Ok(Words::new(share, part))
            }
            1 => {
                let mask = after.words(at(MASK), len);
                let share = after.words(at(SHARE), len);
                add_to(&mut own, &mask);
                let (mut theirs, mut dealt) = (vec![0; len], vec![0; 3 * len]);
                let out = [Outgoing { to: previous, words: &own }];
                let mut incoming = [
                    Incoming { from: previous, words: &mut theirs },
                    Incoming { from: next, words: &mut dealt },
                ];
                exchange(link, traffic, step, &out, &mut incoming).await?;
                let (third, dealt) = dealt.split_at(len);
                let (top, rest) = dealt.split_at(len);
                add_to(&mut own, third);
                let mut part: Vec<u64> = (0..len)
                    .map(|i| {
                        let high = own[i].wrapping_add(theirs[i]) >> 63;
                        let carry = signed(top[i], high);
                        (carry << (63 - by)).wrapping_sub(rest[i]).wrapping_sub(share[i])
                    })
                    .collect();
                let out = [Outgoing { to: previous, words: &part }];
                let mut incoming = [Incoming { from: previous, words: &mut theirs }];
                exchange(link, traffic, answer, &out, &mut incoming).await?;
                add_to(&mut part, &theirs);
                Ok(Words::new(part, share))
            }
            _ => {
                let (first, second) = (before.words(at(MASK), len), after.words(at(MASK), len));
                let top = after.words(at(TOP), len);
                let rest = after.words(at(REST), len);
                let mask = |i: usize| first[i].wrapping_add(second[i]);
                let mut dealt = own.clone();
                dealt.extend((0..len).map(|i| (mask(i) >> 63).wrapping_sub(top[i])));
                dealt.extend((0..len).map(|i| ((mask(i) << 1) >> (1 + by)).wrapping_sub(rest[i])));
                let out =
                    [Outgoing { to: next, words: &own }, Outgoing { to: previous, words: &dealt }];
                exchange(link, traffic, step, &out, &mut []).await?;
                Ok(Words::new(before.words(at(SHARE), len), after.words(at(SHARE), len)))
            }
        }
    }
}

/// A summand of r's highest bit, turned over where c's is set: b ^ k = k + b (1 - 2 k).
fn signed(bit: u64, high: u64) -> u64 {
    bit.wrapping_sub(bit.wrapping_mul(2 * high))
}

fn add_to(part: &mut [u64], other: &[u64]) {
    part.iter_mut().zip(other).for_each(|(sum, word)| *sum = sum.wrapping_add(*word));
}
