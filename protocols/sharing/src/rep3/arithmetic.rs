//! Numbers: input, constants, resharing, opening.

use session::Role;

use super::exchange::{Incoming, Outgoing, exchange, receive, send};
use super::{Rep3, neighbours};
use crate::prg::Place;
use crate::words::{Words, zipped};
use crate::{DOMAIN_COIN, Error};

use sha2::{Digest, Sha256};

/// Lanes of a step.
const ZERO: u32 = 0;
const SHARE: u32 = 1;
const COIN: u32 = 2;

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
        let place = Place { step, lane: SHARE };
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
        self.add_zero(Place { step, lane: ZERO }, &mut own);
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
        let mut own = [0; 32];
        let words = self.keys.own.words(Place { step, lane: COIN }, 4);
        for (bytes, word) in own.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
        let (previous, next) = neighbours(self.role);
        let peers = [previous, next];
        let (link, traffic) = (&mut self.link, &mut self.traffic);
        for peer in peers {
            send(link, traffic, peer, step, &commitment(self.role, step, &own)).await?;
        }
        let mut committed = [[0; 32]; 2];
        for (committed, peer) in committed.iter_mut().zip(peers) {
            *committed = receive(link, peer, step).await?;
        }
        let step = self.next_step();
        let (link, traffic) = (&mut self.link, &mut self.traffic);
        for peer in peers {
            send(link, traffic, peer, step, &own).await?;
        }
        let mut opened = [[0; 32]; 3];
        opened[usize::from(self.role)] = own;
        for (committed, peer) in committed.iter().zip(peers) {
            let theirs = receive(link, peer, step).await?;
            if commitment(peer.0, step - 1, &theirs) != *committed {
                return Err(Error::Commitment { from: peer });
            }
            opened[usize::from(peer.0)] = theirs;
        }
        let mut hash = Sha256::new_with_prefix(DOMAIN_COIN);
        opened.iter().for_each(|bytes| hash.update(bytes));
        Ok(hash.finalize().into())
    }
}

fn commitment(role: u8, step: u32, bytes: &[u8; 32]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(DOMAIN_COIN);
    hash.update([role]);
    hash.update(step.to_be_bytes());
    hash.update(bytes);
    hash.finalize().into()
}

fn sum_of(words: &Words, missing: &[u64]) -> Vec<u64> {
    let held = zipped(&words.a, &words.b, u64::wrapping_add);
    zipped(&held, missing, u64::wrapping_add)
}
