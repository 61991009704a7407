//! Numbers: input, products of masked factors, truncation, opening, order.

use std::sync::Arc;

use session::Role;

use super::{DEALER, Dealer, Mask};
use crate::prg::StreamPosition;
use crate::rep3::permutation;
use crate::words::{Pair, Words, pairs, zipped};
use crate::{Error, coin};

/// Lanes of a step. Masks of columns have lanes of their own, from `COLUMN` on.
const SHARE: u32 = 0;
const DEAL: u32 = 1;
const MASK: u32 = 2;
const TOP: u32 = 3;
const REST: u32 = 4;
const ORDER: u32 = 5;
const COLUMN: u32 = 16;

/// Added so that a number becomes one of 63 bits: |x| < 2^62.
const OFFSET: u64 = 1 << 62;

impl Dealer {
    /// > §D.1 The other role's summand is F under the key that both have: no message. What the
    /// > dealer brings goes to role 1 less F_(K_0).
    pub(super) async fn share_input(
        &mut self,
        from: Role,
        values: Option<&[u64]>,
        len: usize,
    ) -> Result<Words, Error> {
        let step = self.next_step();
        let place = StreamPosition { step, lane: SHARE };
        if from.0 == DEALER {
            return match self.role {
                0 => Ok(Words::new(self.dealt(0).words(place, len), Vec::new())),
                1 => Ok(Words::new(self.wire.take(step, len).await?, Vec::new())),
                _ => {
                    let values = values.expect("the role that brings an input has it");
                    let rest = zipped(values, &self.dealt(0).words(place, len), u64::wrapping_sub);
                    self.wire.deal(step, 1, &rest).await?;
                    Ok(Words::absent(len))
                }
            };
        }
        if self.is_dealer() {
            return Ok(Words::absent(len));
        }
        let mask = self.common().words(place, len);
        Ok(match from.0 == self.role {
            false => Words::new(mask, Vec::new()),
            true => {
                let values = values.expect("the role that brings an input has it");
                Words::new(zipped(values, &mask, u64::wrapping_sub), Vec::new())
            }
        })
    }

    /// > §D.2 x - A is opened once, and serves every later product with x.
    pub(super) async fn mask_columns(&mut self, columns: &mut [Words]) -> Result<(), Error> {
        let step = self.next_step();
        let all: Vec<&Words> = columns.iter().collect();
        let masks = self.open_masked(step, &all).await?;
        for (column, mask) in columns.iter_mut().zip(masks) {
            self.tags += 1;
            column.tag = self.tags;
            self.prepared.insert(self.tags, mask);
        }
        Ok(())
    }

    /// > §D.2 With X = E + A and Y = F + B, E and F open: X Y = E Y + A F + A B, of which A B is dealt.
    pub(super) async fn product(
        &mut self,
        x: &[Words],
        y: &[Words],
        len: usize,
        compute: impl Fn(&[Pair<'_>], &[Pair<'_>]) -> Vec<u64>,
    ) -> Result<Vec<u64>, Error> {
        let step = self.next_step();
        let bare: Vec<&Words> =
            x.iter().chain(y).filter(|words| !self.prepared.contains_key(&words.tag)).collect();
        let mut opened = self.open_masked(step, &bare).await?.into_iter();
        let mut masks = Vec::with_capacity(x.len() + y.len());
        for words in x.iter().chain(y) {
            let known = self.prepared.get(&words.tag).cloned();
            masks.push(known.or_else(|| opened.next()).expect("a mask for each column"));
        }
        let (of_x, of_y) = masks.split_at(x.len());
        let deal = StreamPosition { step, lane: DEAL };
        if self.is_dealer() {
            let factors = |words: &[Words], masks: &[Mask]| -> Vec<Words> {
                let factor = |(words, mask): (&Words, &Mask)| {
                    let first = self.dealt(0).words(mask.place, words.len);
                    let second = self.dealt(1).words(mask.place, words.len);
                    Words::new(zipped(&first, &second, u64::wrapping_add), Vec::new())
                };
                words.iter().zip(masks).map(factor).collect()
            };
            let (x, y) = (factors(x, of_x), factors(y, of_y));
            let mut product = compute(&pairs(&x), &pairs(&y));
            let take = |word: &mut u64, random| *word = word.wrapping_sub(random);
            self.dealt(0).apply(deal, &mut product, take);
            self.wire.deal(step, 1, &product).await?;
            return Ok(Vec::new());
        }
        let dealt = match self.role {
            0 => self.dealt(0).words(deal, len),
            _ => self.wire.take(step, len).await?,
        };
        // As in replicated sharing, a (c + d) + b c with a = E, b = x_p, c = F and c + d = y_p, less
        // E F at one of the two, which both would add.
        let rest: Vec<Vec<u64>> = y
            .iter()
            .zip(of_y)
            .map(|(y, mask)| {
                let twice = if self.role == 0 { 2 } else { 1u64 };
                zipped(&y.a, &mask.opened, |y, f| y.wrapping_sub(f.wrapping_mul(twice)))
            })
            .collect();
        let x: Vec<Pair<'_>> =
            x.iter().zip(of_x).map(|(x, mask)| Pair { a: &mask.opened, b: &x.a }).collect();
        let y: Vec<Pair<'_>> =
            of_y.iter().zip(&rest).map(|(mask, rest)| Pair { a: &mask.opened, b: rest }).collect();
        Ok(zipped(&compute(&x, &y), &dealt, u64::wrapping_add))
    }

    /// Opens columns less masks that the dealer knows, between the computing roles.
    async fn open_masked(&mut self, step: u32, columns: &[&Words]) -> Result<Vec<Mask>, Error> {
        let place = |lane| StreamPosition { step, lane };
        let lanes = (COLUMN..).map(place);
        if self.is_dealer() {
            let mask = |place| Mask { place, opened: Arc::default() };
            return Ok(lanes.take(columns.len()).map(mask).collect());
        }
        let mut own = Vec::with_capacity(columns.iter().map(|column| column.len).sum());
        for (column, place) in columns.iter().zip(lanes.clone()) {
            let mask = self.dealt(self.role).words(place, column.len);
            own.extend(column.a.iter().zip(mask).map(|(word, mask)| word.wrapping_sub(mask)));
        }
        #[cfg(test)]
        if self.unmasked == Some(step) {
            own = columns.iter().flat_map(|column| &column.a).copied().collect();
        }
        let theirs = self.wire.swap(step, &own).await?;
        own.iter_mut().zip(theirs).for_each(|(word, other)| *word = word.wrapping_add(other));
        let mut rest = own.as_slice();
        let masks = columns.iter().zip(lanes).map(|(column, place)| {
            let (opened, after) = rest.split_at(column.len);
            rest = after;
            Mask { place, opened: Arc::new(opened.to_vec()) }
        });
        Ok(masks.collect())
    }

    /// > §D.3 As §3.5, where the result stays in the two summands that it comes in.
    pub(super) async fn truncate_summands(
        &mut self,
        summands: Vec<u64>,
        len: usize,
        by: u32,
    ) -> Result<Words, Error> {
        let step = self.next_step();
        let at = |lane| StreamPosition { step, lane };
        if self.is_dealer() {
            let (first, second) =
                (self.dealt(0).words(at(MASK), len), self.dealt(1).words(at(MASK), len));
            let top = self.dealt(0).words(at(TOP), len);
            let rest = self.dealt(0).words(at(REST), len);
            let mask = zipped(&first, &second, u64::wrapping_add);
            let mut dealt = zipped(&mask, &top, |mask, top| (mask >> 63).wrapping_sub(top));
            dealt.extend(zipped(&mask, &rest, |mask, rest| {
                ((mask << 1) >> (1 + by)).wrapping_sub(rest)
            }));
            self.wire.deal(step, 1, &dealt).await?;
            return Ok(Words::absent(len));
        }
        let offset = if self.role == 0 { OFFSET } else { 0 };
        let mask = self.dealt(self.role).words(at(MASK), len);
        let own = zipped(&summands, &mask, |x, mask| x.wrapping_add(mask).wrapping_add(offset));
        let theirs = self.wire.swap(step, &own).await?;
        let (top, rest) = match self.role {
            0 => (self.dealt(0).words(at(TOP), len), self.dealt(0).words(at(REST), len)),
            _ => {
                let mut top = self.wire.take(step, 2 * len).await?;
                let rest = top.split_off(len);
                (top, rest)
            }
        };
        let first = self.role == 0;
        let result = (0..len).map(|i| {
            let opened = own[i].wrapping_add(theirs[i]);
            let high = opened >> 63;
            // b ^ k = k + b (1 - 2 k), of which one role adds the k.
            let carry = top[i].wrapping_sub(top[i].wrapping_mul(2 * high));
            let part = carry.wrapping_shl(63 - by).wrapping_sub(rest[i]);
            match first {
                false => part,
                true => part
                    .wrapping_add(high << (63 - by))
                    .wrapping_add((opened << 1) >> (1 + by))
                    .wrapping_sub(1 << (62 - by)),
            }
        });
        Ok(Words::new(result.collect(), Vec::new()))
    }

    /// > §D.4 Roles 0 and 1 send one another their summands, and the dealer theirs masked by a key
    /// > that it does not have.
    pub(super) async fn open_words(&mut self, words: &Words) -> Result<Vec<u64>, Error> {
        let step = self.next_step();
        if self.is_dealer() {
            return self.take_opened(step, words.len).await;
        }
        let masked = self.masked_for_dealer(step, &words.a);
        self.wire.send(step, Role(DEALER), &masked).await?;
        let theirs = self.wire.swap(step, &words.a).await?;
        Ok(zipped(&words.a, &theirs, u64::wrapping_add))
    }

    pub(super) async fn open_words_to(
        &mut self,
        role: Role,
        words: &Words,
    ) -> Result<Option<Vec<u64>>, Error> {
        let step = self.next_step();
        match (self.role, role.0) {
            (DEALER, DEALER) => Ok(Some(self.take_opened(step, words.len).await?)),
            (DEALER, _) => Ok(None),
            (_, DEALER) => {
                let masked = self.masked_for_dealer(step, &words.a);
                self.wire.send(step, role, &masked).await?;
                Ok(None)
            }
            (own, to) if own == to => {
                let theirs = self.wire.receive(step, Role(1 - own), words.len).await?;
                Ok(Some(zipped(&words.a, &theirs, u64::wrapping_add)))
            }
            _ => {
                self.wire.send(step, role, &words.a).await?;
                Ok(None)
            }
        }
    }

    /// Summands masked so that the sum of both roles' is what it was.
    fn masked_for_dealer(&self, step: u32, words: &[u64]) -> Vec<u64> {
        let mut masked = words.to_vec();
        let first = self.role == 0;
        self.common().apply(StreamPosition { step, lane: SHARE }, &mut masked, |word, random| {
            *word = if first { word.wrapping_add(random) } else { word.wrapping_sub(random) };
        });
        masked
    }

    async fn take_opened(&mut self, step: u32, len: usize) -> Result<Vec<u64>, Error> {
        let first = self.wire.receive(step, Role(0), len).await?;
        let second = self.wire.receive(step, Role(1), len).await?;
        Ok(zipped(&first, &second, u64::wrapping_add))
    }

    /// > §D.7 An order that roles 0 and 1 know and the dealer does not; then one that role 0 and the
    /// > dealer know, then one that role 1 and the dealer know.
    pub(super) async fn shuffle_columns(
        &mut self,
        columns: Vec<Words>,
    ) -> Result<Vec<Words>, Error> {
        let Some(rows) = columns.first().map(|column| column.len) else { return Ok(columns) };
        let mut all = Words::concat(&columns);
        let step = self.next_step();
        if !self.is_dealer() {
            let order = permutation(self.common(), StreamPosition { step, lane: ORDER }, rows);
            all = Words::new(reordered(&all.a, &order), Vec::new());
        }
        for knows in [0, 1] {
            all = self.shuffle_once(all, rows, knows).await?;
        }
        let columns = all.len.checked_div(rows).unwrap_or(0);
        Ok((0..columns).map(|j| all.slice(j * rows..(j + 1) * rows)).collect())
    }

    /// The role that `knows` the order gets x - a of the other, and order(a) - b of the dealer; the
    /// other keeps b.
    async fn shuffle_once(&mut self, all: Words, rows: usize, knows: u8) -> Result<Words, Error> {
        let (step, other) = (self.next_step(), 1 - knows);
        let (order, a, b) = (
            StreamPosition { step, lane: ORDER },
            StreamPosition { step, lane: MASK },
            StreamPosition { step, lane: SHARE },
        );
        if self.is_dealer() {
            let order = permutation(self.dealt(knows), order, rows);
            let a = reordered(&self.dealt(other).words(a, all.len), &order);
            let dealt = zipped(&a, &self.dealt(other).words(b, all.len), u64::wrapping_sub);
            self.wire.deal(step, knows, &dealt).await?;
            return Ok(Words::absent(all.len));
        }
        if self.role == other {
            let a = self.dealt(other).words(a, all.len);
            let masked = zipped(&all.a, &a, u64::wrapping_sub);
            self.wire.send(step, Role(knows), &masked).await?;
            return Ok(Words::new(self.dealt(other).words(b, all.len), Vec::new()));
        }
        let order = permutation(self.dealt(knows), order, rows);
        let theirs = self.wire.receive(step, Role(other), all.len).await?;
        let dealt = self.wire.take(step, all.len).await?;
        let sum = reordered(&zipped(&all.a, &theirs, u64::wrapping_add), &order);
        Ok(Words::new(zipped(&sum, &dealt, u64::wrapping_add), Vec::new()))
    }

    pub(super) async fn toss(&mut self) -> Result<[u8; 32], Error> {
        let (role, step) = (self.role, self.next_step());
        let own = coin::contribution(&self.keys.own, step);
        let (link, traffic) = self.wire.parts();
        let committed = coin::commit(link, traffic, role, step, &own).await?;
        let step = self.next_step();
        let (link, traffic) = self.wire.parts();
        coin::open(link, traffic, role, step, &own, &committed).await
    }
}

fn reordered(words: &[u64], order: &[u32]) -> Vec<u64> {
    let columns = words.chunks_exact(order.len().max(1));
    columns.flat_map(|column| order.iter().map(|&row| column[row as usize])).collect()
}
