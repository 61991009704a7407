//! Sessions that are no protocols: they send and expect what a table of rounds says.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use session::{Blame, Chunk, Culprit, Misplaced, Role, Session, Turn};

use super::BOB;

/// A session that sends and expects as many chunks a round as its tables say, to and from each of
/// its peers. It ends a round in the call that completes it, and takes the next round's chunks from
/// a peer that has said all of this one.
pub(crate) struct Talk {
    pub(crate) peers: Vec<Role>,
    pub(crate) say: Vec<usize>,
    pub(crate) expect: Vec<usize>,
    pub(crate) body: Bytes,
    /// The round it is in, counted from 0.
    pub(crate) at: usize,
    pub(crate) begun: bool,
    pub(crate) queue: VecDeque<(Role, Chunk)>,
    /// Chunks of this round and of the next, by sender.
    pub(crate) heard: [BTreeMap<Role, usize>; 2],
    /// How often a peer was a round ahead.
    pub(crate) ahead: Arc<AtomicUsize>,
    /// How long it computes over every chunk that comes.
    pub(crate) work: Duration,
    /// Fails by itself at the first chunk of round 2.
    pub(crate) fails: bool,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Confused {
    #[error("{from}: {why}")]
    Misplaced { from: Role, why: Misplaced },
    #[error("out of paper")]
    Broken,
    #[error("{from} was to send {agreed} chunks, and sent more")]
    TooMuch { from: Role, agreed: usize },
}

impl Blame for Confused {
    fn blame(&self) -> Culprit {
        match self {
            Self::Broken => Culprit::Us,
            Self::Misplaced { from, .. } | Self::TooMuch { from, .. } => Culprit::Peer(*from),
        }
    }
}

impl Talk {
    pub(crate) fn new(peer: Role, rounds: &[usize]) -> Self {
        Self::among(&[peer], rounds)
    }

    pub(crate) fn with(peer: Role, rounds: &[usize], body: &Bytes) -> Self {
        Self { body: body.clone(), ..Self::new(peer, rounds) }
    }

    pub(crate) fn among(peers: &[Role], rounds: &[usize]) -> Self {
        Self {
            peers: peers.into(),
            say: rounds.into(),
            expect: rounds.into(),
            body: Bytes::from_static(b"said"),
            at: 0,
            begun: false,
            queue: VecDeque::new(),
            heard: Default::default(),
            ahead: Arc::default(),
            work: Duration::ZERO,
            fails: false,
        }
    }

    pub(crate) fn telling(peer: Role, chunks: usize) -> Self {
        Self { expect: vec![0], ..Self::new(peer, &[chunks]) }
    }

    pub(crate) fn hearing(peer: Role, chunks: usize) -> Self {
        Self::hearing_rounds(peer, &[chunks])
    }

    pub(crate) fn hearing_rounds(peer: Role, rounds: &[usize]) -> Self {
        Self { say: vec![0; rounds.len()], ..Self::new(peer, rounds) }
    }

    fn round(&self) -> u32 {
        u32::try_from(self.at + 1).expect("a handful of rounds")
    }

    /// Whether `peer` has said all of this round.
    fn said_all(&self, peer: Role) -> bool {
        let heard = self.heard[0].get(&peer).copied().unwrap_or(0);
        self.expect.get(self.at).is_some_and(|expected| heard == *expected)
    }

    /// Ends the rounds that are complete, and begins the next one.
    fn settle(&mut self) {
        while self.at < self.say.len() {
            if !self.begun {
                self.begun = true;
                let (round, chunks) = (self.round(), self.say[self.at]);
                for nth in 1..=chunks {
                    let chunk = Chunk { round, last: nth == chunks, body: self.body.clone() };
                    self.queue.extend(self.peers.iter().map(|peer| (*peer, chunk.clone())));
                }
            }
            if !self.queue.is_empty() || !self.peers.iter().all(|peer| self.said_all(*peer)) {
                return;
            }
            self.at += 1;
            self.begun = false;
            let [this, next] = &mut self.heard;
            *this = std::mem::take(next);
        }
    }
}

impl Session for Talk {
    type Output = ();
    type Error = Confused;

    fn advance(&mut self) -> Result<Turn<()>, Confused> {
        self.settle();
        let turn = match self.queue.pop_front() {
            Some((to, chunk)) => Turn::Send(to, chunk),
            None if self.at == self.say.len() => Turn::Done(()),
            None => Turn::Await,
        };
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Confused> {
        thread::sleep(self.work);
        if self.fails && chunk.round == 2 {
            return Err(Confused::Broken);
        }
        let ahead = self.said_all(from) && chunk.round == self.round() + 1;
        let agreed = self.expect.get(self.at + usize::from(ahead)).copied().unwrap_or(0);
        let round = self.round() + u32::from(ahead);
        chunk.in_round(round).map_err(|why| Confused::Misplaced { from, why })?;
        self.ahead.fetch_add(usize::from(ahead), Ordering::SeqCst);
        let heard = self.heard[usize::from(ahead)].entry(from).or_default();
        *heard += 1;
        if *heard > agreed {
            return Err(Confused::TooMuch { from, agreed });
        }
        self.settle();
        Ok(())
    }
}

/// A session that expects one chunk and is done.
pub(crate) fn hearing() -> Talk {
    Talk::hearing(BOB, 1)
}
