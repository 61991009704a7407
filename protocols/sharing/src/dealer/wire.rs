//! What goes between the two computing roles, and what the dealer gives them at its own pace.

use session::{Link, Role};

use super::DEALER;
use crate::exchange::{Incoming, Outgoing, WORDS_PER_CHUNK, exchange, receive, send};
use crate::{Error, Traffic};

/// Bytes, chunks' overhead among them, that the dealer gives a role before it awaits a word of it:
/// it hears nothing otherwise, and would deal a whole run at once.
const PACE: usize = 4 << 20;
/// What a chunk counts beyond its body.
const OVERHEAD: usize = 64;
/// What a role says when it has taken so much.
const TAKEN: [u8; 1] = [1];

/// A role's link, and how much was dealt since the dealer last heard of its receiver.
pub(crate) struct Wire {
    link: Link,
    pub(crate) traffic: Traffic,
    role: u8,
    /// By receiver: both ends count alike.
    dealt: [usize; 2],
}

impl Wire {
    pub(crate) fn new(link: Link, traffic: Traffic, role: u8) -> Self {
        Self { link, traffic, role, dealt: [0; 2] }
    }

    pub(crate) fn parts(&mut self) -> (&mut Link, &mut Traffic) {
        (&mut self.link, &mut self.traffic)
    }

    /// Exchanges words of the same length with the other computing role.
    pub(crate) async fn swap(&mut self, step: u32, own: &[u64]) -> Result<Vec<u64>, Error> {
        let peer = Role(1 - self.role);
        let mut theirs = vec![0; own.len()];
        let outgoing = [Outgoing { to: peer, words: own }];
        let mut incoming = [Incoming { from: peer, words: &mut theirs }];
        exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut incoming).await?;
        Ok(theirs)
    }

    pub(crate) async fn send(&mut self, step: u32, to: Role, own: &[u64]) -> Result<(), Error> {
        let outgoing = [Outgoing { to, words: own }];
        exchange(&mut self.link, &mut self.traffic, step, &outgoing, &mut []).await
    }

    pub(crate) async fn receive(
        &mut self,
        step: u32,
        from: Role,
        len: usize,
    ) -> Result<Vec<u64>, Error> {
        let mut theirs = vec![0; len];
        let mut incoming = [Incoming { from, words: &mut theirs }];
        exchange(&mut self.link, &mut self.traffic, step, &[], &mut incoming).await?;
        Ok(theirs)
    }

    /// At the dealer: gives words to a role.
    pub(crate) async fn deal(&mut self, step: u32, to: u8, words: &[u64]) -> Result<(), Error> {
        let pieces = words.len().div_ceil(WORDS_PER_CHUNK);
        for (piece, words) in words.chunks(WORDS_PER_CHUNK).enumerate() {
            let mut body = vec![0; words.len() * 8];
            for (bytes, word) in body.as_chunks_mut().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
            *self.traffic.sent.entry(Role(to)).or_default() += body.len() as u64;
            let last = piece + 1 == pieces;
            let chunk = session::Chunk { round: step, last, body: body.into() };
            self.link.send(Role(to), chunk).await?;
            if self.is_time(to, words.len()) {
                receive::<1>(&mut self.link, Role(to), step).await?;
            }
        }
        Ok(())
    }

    /// At a computing role: takes words that the dealer gives it.
    pub(crate) async fn take(&mut self, step: u32, len: usize) -> Result<Vec<u64>, Error> {
        let mut words = vec![0; len];
        let pieces = len.div_ceil(WORDS_PER_CHUNK);
        for (piece, words) in words.chunks_mut(WORDS_PER_CHUNK).enumerate() {
            let last = piece + 1 == pieces;
            let due = session::Expected { round: step, last, bytes: words.len() * 8 };
            let body = self.link.receive(Role(DEALER), due).await?;
            for (word, bytes) in words.iter_mut().zip(body.as_chunks().0) {
                *word = u64::from_le_bytes(*bytes);
            }
            if self.is_time(self.role, words.len()) {
                send(&mut self.link, &mut self.traffic, Role(DEALER), step, &TAKEN).await?;
            }
        }
        Ok(words)
    }

    /// Counts what was dealt, and says whether its receiver must say that it took it.
    fn is_time(&mut self, receiver: u8, words: usize) -> bool {
        let dealt = &mut self.dealt[usize::from(receiver)];
        *dealt += words * 8 + OVERHEAD;
        match *dealt >= PACE {
            true => {
                *dealt = 0;
                true
            }
            false => false,
        }
    }
}
