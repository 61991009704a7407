//! The network: a pump a direction that counts what it holds, and can be slow; and a journal that notes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use party::Trouble;
use party::drive::{Journal, Link, Moved, Outgoing};
use session::{Chunk, Role};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use wire::peer::{self, frame};

use super::{ALICE, BOB};

/// A journal that remembers, and can be slow or fail.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) rounds: Vec<u32>,
    pub(crate) sent: usize,
    pub(crate) received: usize,
    pub(crate) received_chunks: usize,
    /// The chunks that came, for others to see.
    pub(crate) heard: Arc<AtomicUsize>,
    pub(crate) fail_at: Option<u32>,
    pub(crate) slow: Duration,
    /// The network, to ask what the peer has seen when a round is recorded.
    pub(crate) held: Option<Held>,
    pub(crate) seen_before: Vec<Vec<u32>>,
}

impl Journal for Notes {
    async fn before_round(&mut self, _to: Role, round: u32) -> Result<(), Trouble> {
        if !self.slow.is_zero() {
            sleep(self.slow).await;
        }
        if self.fail_at == Some(round) {
            return Err(Trouble::us("STORE", "the disk is full", "磁盘已满"));
        }
        self.rounds.push(round);
        if let Some(held) = &self.held {
            // What left earlier may still be on its way.
            sleep(self.slow).await;
            self.seen_before.push(held.seen(ALICE));
        }
        Ok(())
    }

    fn moved(&mut self, chunk: Moved) {
        match chunk {
            Moved::Sent(bytes) => self.sent += bytes,
            Moved::Received(_, bytes) => {
                self.received += bytes;
                self.received_chunks += 1;
                self.heard.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Frames on their way between two links, and the rounds of those that have passed.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<Passage>>);

#[derive(Default)]
struct Passage {
    /// Taken from an outbox and not yet from the inbox that it goes to, by sender.
    pub(crate) now: BTreeMap<Role, usize>,
    pub(crate) most: usize,
    pub(crate) seen: BTreeMap<Role, Vec<u32>>,
}

impl Held {
    fn locked(&self) -> MutexGuard<'_, Passage> {
        self.0.lock().expect("nothing panics while it is locked")
    }

    fn took(&self, from: Role, frame: &peer::Frame) {
        let mut passage = self.locked();
        let now = passage.now.entry(from).or_default();
        *now += 1;
        // What the outbox holds besides: its two.
        let most = *now + 2;
        passage.most = passage.most.max(most);
        if let Some(frame::Kind::Chunk(chunk)) = &frame.kind {
            passage.seen.entry(from).or_default().push(chunk.round);
        }
    }

    fn delivered(&self, from: Role) {
        *self.locked().now.entry(from).or_default() -= 1;
    }

    pub(crate) fn most(&self) -> usize {
        self.locked().most
    }

    /// The rounds of the chunks that have left `from`, in order.
    pub(crate) fn seen(&self, from: Role) -> Vec<u32> {
        self.locked().seen.get(&from).cloned().unwrap_or_default()
    }
}

/// Alice's link to Bob and Bob's to Alice, each frame as late as said.
pub(crate) fn connected(late: Duration) -> (Link, Link, Held) {
    connected_as(ALICE, BOB, late)
}

pub(crate) fn connected_with(to_bob: Duration, to_alice: Duration) -> (Link, Link, Held) {
    cross(ALICE, BOB, to_bob, to_alice)
}

pub(crate) fn connected_as(one: Role, other: Role, late: Duration) -> (Link, Link, Held) {
    cross(one, other, late, late)
}

fn cross(one: Role, other: Role, there: Duration, back: Duration) -> (Link, Link, Held) {
    let held = Held::default();
    let (to_one, at_one) = mpsc::channel(1);
    let (to_other, at_other) = mpsc::channel(1);
    let arrived = |from: Role, inbox| {
        let held = held.clone();
        ReceiverStream::new(inbox).map(move |frame| {
            held.delivered(from);
            Ok(frame)
        })
    };
    // Each link speaks of the role at its other end.
    let (at_one, from_one) = Link::new(other, arrived(other, at_one));
    let (at_other, from_other) = Link::new(one, arrived(one, at_other));
    pump(one, from_one, to_other, there, held.clone());
    pump(other, from_other, to_one, back, held.clone());
    (at_one, at_other, held)
}

pub(crate) fn pump(
    from: Role,
    mut outgoing: Outgoing,
    inbox: mpsc::Sender<peer::Frame>,
    late: Duration,
    held: Held,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(frame) = outgoing.next().await {
            held.took(from, &frame);
            if !late.is_zero() {
                sleep(late).await;
            }
            if inbox.send(frame).await.is_err() {
                return;
            }
        }
    })
}

/// Frames that a peer without a driver can have on their way.
pub(crate) const RAW: usize = 8;

/// A peer without a driver: what it says, our link to it, what we send to it.
pub(crate) fn raw() -> (mpsc::Sender<Result<peer::Frame, Status>>, Link, Outgoing) {
    let (say, inbox) = mpsc::channel(RAW);
    let (link, outgoing) = Link::new(BOB, ReceiverStream::new(inbox));
    (say, link, outgoing)
}

pub(crate) fn said(round: u32, last: bool) -> peer::Frame {
    Chunk { round, last, body: Bytes::from_static(b"said") }.into()
}

pub(crate) fn gave_up(why: &str) -> peer::Frame {
    peer::Refusal { code: "RUN_FAILED".into(), en: why.into(), zh: why.into() }.into()
}

pub(crate) fn abort_of(frame: peer::Frame) -> peer::Refusal {
    match frame.kind {
        Some(frame::Kind::Abort(refusal)) => refusal,
        other => panic!("an abort was expected, not {other:?}"),
    }
}
