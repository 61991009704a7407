//! Numbers: input, constants, resharing, opening.

use session::Role;

use super::Rep3;
use crate::exchange::{Incoming, Outgoing, exchange};
use crate::prg::StreamPosition;
use crate::words::{Words, zipped};
use crate::{Error, coin};

/// Lanes of a step.
const ZERO: u32 = 0;
const SHARE: u32 = 1;

impl Rep3 {
    /// Component 0 is the public word, the others are zero.
    pub(super) fn shares_of_constant(&self, values: &[u64]) -> Words {
        let zero = || vec![0; values.len()];
        match self.role {
            0 => Words::new(values.to_vec(), zero()),
            2 => Words::new(zero(), values.to_vec()),
            _ => Words::new(zero(), zero()),
        }
    }

    /// > §3.3 Component p is F(K_p); component p + 1 is what is left, sent to the role after p;
    /// > component p + 2 is zero.
    pub(super) async fn share_input(
        &mut self,
        from: Role,
        values: Option<&[u64]>,
        len: usize,
    ) -> Result<Words, Error> {
        let step = self.next_step();
        let place = StreamPosition { step, lane: SHARE };
        let (previous, next) = self.peers();
        if from.0 == self.role {
            let values = values.expect("the role that brings an input has it");
            let a = self.keys.a.words(place, len);
            let b = zipped(values, &a, u64::wrapping_sub);
            let out = [Outgoing { to: next, words: &b }];
            exchange(&mut self.link, &mut self.traffic, step, &out, &mut []).await?;
            return Ok(Words::new(a, b));
        }
        if from == previous {
            let mut a = vec![0; len];
            let mut incoming = [Incoming { from, words: &mut a }];
            exchange(&mut self.link, &mut self.traffic, step, &[], &mut incoming).await?;
            return Ok(Words::new(a, vec![0; len]));
        }
        Ok(Words::new(vec![0; len], self.keys.b.words(place, len)))
    }

    /// > §3.4 z_i + zero_i goes to the role before for the first half, and to the role after for
    /// > the second.
    pub(super) async fn reshare_summands(&mut self, mut own: Vec<u64>) -> Result<Words, Error> {
        let step = self.next_step();
        self.add_zero(StreamPosition { step, lane: ZERO }, &mut own);
        let (previous, next) = self.peers();
        let mut other = vec![0; own.len()];
        let half = own.len().div_ceil(2);
        {
            let (first, second) = own.split_at(half);
            let outgoing =
                [Outgoing { to: previous, words: first }, Outgoing { to: next, words: second }];
            let (first, second) = other.split_at_mut(half);
            let mut incoming =
                [Incoming { from: next, words: first }, Incoming { from: previous, words: second }];
            exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut incoming).await?;
        }
        // In the second half, what was sent to the role after is the component shared with it.
        own[half..].swap_with_slice(&mut other[half..]);
        Ok(Words::new(own, other))
    }

    /// > §3.10 Each role gets the component that it lacks from the role before.
    pub(super) async fn open_words(&mut self, words: &Words) -> Result<Vec<u64>, Error> {
        let step = self.next_step();
        let (previous, next) = self.peers();
        let mut missing = vec![0; words.len];
        let outgoing = [Outgoing { to: next, words: &words.a }];
        let mut incoming = [Incoming { from: previous, words: &mut missing }];
        exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut incoming).await?;
        Ok(sum_of(words, &missing))
    }

    pub(super) async fn open_words_to(
        &mut self,
        role: Role,
        words: &Words,
    ) -> Result<Option<Vec<u64>>, Error> {
        let step = self.next_step();
        let (previous, next) = self.peers();
        if next == role {
            let outgoing = [Outgoing { to: next, words: &words.a }];
            exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut []).await?;
        }
        if role.0 != self.role {
            return Ok(None);
        }
        let mut missing = vec![0; words.len];
        let mut incoming = [Incoming { from: previous, words: &mut missing }];
        exchange(&mut self.link, &mut self.traffic, step, &[], &mut incoming).await?;
        Ok(Some(sum_of(words, &missing)))
    }

    /// > §3.11 Each role commits to 32 bytes, then opens them; the coin is the hash of all.
    pub(super) async fn toss(&mut self) -> Result<[u8; 32], Error> {
        let step = self.next_step();
        let own = coin::contribution(&self.keys.own, step);
        let (link, traffic) = (&mut self.link, &mut self.traffic);
        let committed = coin::commit(link, traffic, self.role, step, &own).await?;
        let step = self.next_step();
        let (link, traffic) = (&mut self.link, &mut self.traffic);
        coin::open(link, traffic, self.role, step, &own, &committed).await
    }
}

fn sum_of(words: &Words, missing: &[u64]) -> Vec<u64> {
    let held = zipped(&words.a, &words.b, u64::wrapping_add);
    zipped(&held, missing, u64::wrapping_add)
}
