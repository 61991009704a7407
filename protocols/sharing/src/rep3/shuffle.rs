//! Rows brought into an order that no role knows.

use session::Role;
use zeroize::Zeroizing;

use super::Rep3;
use super::seat::Seat;
use crate::Error;
use crate::exchange::{Incoming, Outgoing, exchange};
use crate::prg::{Prg, StreamPosition};
use crate::words::Words;

/// Lanes of a step.
const ORDER: u32 = 0;
const SHARE: u32 = 1;

impl Rep3 {
    /// > §3.12 Three times, with another role left out: the other two, who hold all components
    /// > between them, bring the rows into an order that their common key tells, and share them anew.
    pub(super) async fn shuffle_columns(
        &mut self,
        columns: Vec<Words>,
    ) -> Result<Vec<Words>, Error> {
        let Some(rows) = columns.first().map(|column| column.len) else { return Ok(columns) };
        assert!(columns.iter().all(|column| column.len == rows), "columns have the same length");
        let mut all = Words::concat(&columns);
        drop(columns);
        for turn in 0..3 {
            all = self.shuffle_once(all, rows, Seat { turn, mirrored: false }).await?;
        }
        let columns = all.len.checked_div(rows).unwrap_or(0);
        Ok((0..columns).map(|j| all.slice(j * rows..(j + 1) * rows)).collect())
    }

    /// C0 is left out: C1 and C2 reorder under K_2.
    async fn shuffle_once(&mut self, all: Words, rows: usize, seat: Seat) -> Result<Words, Error> {
        let step = self.next_step();
        let (before, after) = seat.keys(&self.keys);
        let (previous, next) = seat.neighbours(self.role);
        let order = StreamPosition { step, lane: ORDER };
        let share = StreamPosition { step, lane: SHARE };
        let summand = match seat.part(self.role) {
            0 => return Ok(Words::new(before.words(share, all.len), after.words(share, all.len))),
            1 => Zeroizing::new(crate::words::zipped(&all.a, &all.b, u64::wrapping_add)),
            _ => Zeroizing::new(all.b.clone()),
        };
        let (key, masks, peer): (&Prg, &Prg, Role) = match seat.part(self.role) {
            1 => (after, before, next),
            _ => (before, after, previous),
        };
        let order = permutation(key, order, rows);
        let shares = masks.words(share, all.len);
        let mut own = Vec::with_capacity(all.len);
        for column in summand.chunks_exact(rows.max(1)) {
            own.extend(order.iter().map(|&row| column[row as usize]));
        }
        own.iter_mut().zip(&shares).for_each(|(word, share)| *word = word.wrapping_sub(*share));
        let mut theirs = vec![0; own.len()];
        let out = [Outgoing { to: peer, words: &own }];
        let mut incoming = [Incoming { from: peer, words: &mut theirs }];
        exchange(&mut self.link, &mut self.traffic, step, &out, &mut incoming).await?;
        own.iter_mut().zip(&theirs).for_each(|(word, other)| *word = word.wrapping_add(*other));
        Ok(match seat.part(self.role) {
            1 => Words::new(shares, own),
            _ => Words::new(own, shares),
        })
    }
}

/// A uniform order of `rows` rows (Fisher and Yates); a draw is biased by less than rows / 2^64.
pub(crate) fn permutation(key: &Prg, place: StreamPosition, rows: usize) -> Vec<u32> {
    let rows = u32::try_from(rows).expect("at most 2^32 rows are shuffled");
    let mut order: Vec<u32> = (0..rows).collect();
    let draws = key.words(place, order.len());
    for i in (1..order.len()).rev() {
        let drawn = (u128::from(draws[i]) * (i as u128 + 1)) >> 64;
        #[expect(clippy::cast_possible_truncation, reason = "at most i")]
        order.swap(i, drawn as usize);
    }
    order
}
