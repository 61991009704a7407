//! Straight-line protocol code behind the seam: a future that the session itself polls.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use crate::{Blame, Chunk, Culprit, MAX_CHUNK, Misplaced, Role, Session, Turn};

/// Bytes that the outbox may hold before a program that sends more has to wait for the driver.
const OUTBOX: usize = 2 * MAX_CHUNK;
/// What a waiting chunk costs beyond its body, so that empty ones are not free.
const OVERHEAD: usize = 64;

/// Runs an `async` program as a [`Session`]: for protocols of many rounds.
///
/// There is no runtime: [`advance`](Session::advance) polls the program with a waker that does
/// nothing, the program goes on until it awaits a chunk that has not come, and what it sent is
/// handed out chunk by chunk. Everything that a program awaits comes from its [`Link`].
///
/// ```
/// # use session::{Chunk, Coroutine, Expected, Fate, Fault, Network, Role};
/// let peers = |other| [Role(other)];
/// let mut network = Network::new();
/// network.join(Role(0), Coroutine::new(&peers(1), 1024, async |mut link| {
///     link.send(Role(1), Chunk::whole(1, "hello")).await?;
///     Ok::<_, Fault>(())
/// }));
/// let heard = network.join(Role(1), Coroutine::new(&peers(0), 1024, async |mut link| {
///     link.receive(Role(0), Expected { round: 1, last: true, bytes: 5 }).await
/// }));
/// network.run(|_from, _to, _chunk| Fate::Deliver)?;
/// assert_eq!(heard.take().as_deref(), Some(&b"hello"[..]));
/// # Ok::<(), session::NetworkError>(())
/// ```
pub struct Coroutine<T, E> {
    program: Option<Program<T, E>>,
    output: Option<T>,
    mailboxes: Arc<Mutex<Mailboxes>>,
}

type Program<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// What the program of a [`Coroutine`] holds of the network.
pub struct Link {
    mailboxes: Arc<Mutex<Mailboxes>>,
}

/// The one chunk that a program accepts next from a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The round that it belongs to.
    pub round: u32,
    /// Whether it must be its sender's last of that round.
    pub last: bool,
    /// How many bytes it must have.
    pub bytes: usize,
}

/// Why a [`Coroutine`] refuses a chunk, or to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The session was driven on after its output or an error.
    #[error("this session has ended: start a new run")]
    Ended,
    /// The program sends to a role, or awaits one, that is not its peer.
    #[error("{role} takes no part in this run")]
    Stranger {
        /// The role that is no peer.
        role: Role,
    },
    /// A chunk came that cannot belong where it came.
    #[error("{misplaced}")]
    Misplaced {
        /// Who sent it.
        from: Role,
        /// What is wrong with its place.
        misplaced: Misplaced,
    },
    /// A chunk is longer or shorter than was agreed.
    #[error("the next chunk of round {round} has {expected} bytes, one of {found} came")]
    Length {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// How many bytes it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A round ended early, or goes on when it should be over.
    #[error("round {round}: the last chunk is expected {}", if *expected { "now" } else { "later" })]
    Last {
        /// Who sent it.
        from: Role,
        /// Its round.
        round: u32,
        /// Whether this chunk had to be the last.
        expected: bool,
    },
    /// A peer sent further ahead than the protocol lets it.
    #[error("{from} sent over {agreed} bytes before they were due")]
    Flood {
        /// Who sent them.
        from: Role,
        /// How many may wait.
        agreed: usize,
    },
}

impl Blame for Fault {
    fn blame(&self) -> Culprit {
        match self {
            Self::Ended | Self::Stranger { .. } => Culprit::Us,
            Self::Misplaced { from, .. }
            | Self::Length { from, .. }
            | Self::Last { from, .. }
            | Self::Flood { from, .. } => Culprit::Peer(*from),
        }
    }
}

impl<T, E: Blame + From<Fault>> Coroutine<T, E> {
    /// A session that runs `program` with `peers`, each of whom may be `ahead` bytes ahead of it.
    pub fn new<F>(peers: &[Role], ahead: usize, program: impl FnOnce(Link) -> F) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let inboxes = peers.iter().map(|&peer| (peer, Inbox::default())).collect();
        let mailboxes = Mailboxes { inboxes, outbox: VecDeque::new(), unsent: 0, ahead };
        let mailboxes = Arc::new(Mutex::new(mailboxes));
        let program = program(Link { mailboxes: Arc::clone(&mailboxes) });
        Self { program: Some(Box::pin(program)), output: None, mailboxes }
    }

    /// Ends the run: whatever still waits has come from a peer that should have been silent.
    fn finish(&mut self) -> Result<Turn<T>, E> {
        let output = self.output.take().ok_or(Fault::Ended)?;
        let mailboxes = lock(&self.mailboxes);
        match mailboxes.inboxes.iter().find(|(_, inbox)| !inbox.chunks.is_empty()) {
            None => Ok(Turn::Done(output)),
            Some((&from, _)) => {
                let misplaced = Misplaced::OutOfTurn { from };
                Err(Fault::Misplaced { from, misplaced }.into())
            }
        }
    }
}

impl<T, E: Blame + From<Fault>> Session for Coroutine<T, E> {
    type Output = T;
    type Error = E;

    fn advance(&mut self) -> Result<Turn<T>, E> {
        loop {
            if let Some((to, chunk)) = lock(&self.mailboxes).next_to_send() {
                return Ok(Turn::Send(to, chunk));
            }
            let Some(program) = &mut self.program else { return self.finish() };
            match program.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(result) => {
                    self.program = None;
                    self.output = Some(result?);
                }
                Poll::Pending if lock(&self.mailboxes).outbox.is_empty() => return Ok(Turn::Await),
                Poll::Pending => {}
            }
        }
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), E> {
        let mut mailboxes = lock(&self.mailboxes);
        let ahead = mailboxes.ahead;
        let inbox = match mailboxes.inboxes.get_mut(&from) {
            Some(inbox) if self.program.is_some() => inbox,
            _ => {
                let misplaced = Misplaced::OutOfTurn { from };
                return Err(Fault::Misplaced { from, misplaced }.into());
            }
        };
        if chunk.body.len() > MAX_CHUNK {
            let misplaced = Misplaced::Oversized { found: chunk.body.len() };
            return Err(Fault::Misplaced { from, misplaced }.into());
        }
        inbox.waiting += chunk.body.len() + OVERHEAD;
        if inbox.waiting > ahead.saturating_add(MAX_CHUNK) {
            return Err(Fault::Flood { from, agreed: ahead }.into());
        }
        inbox.chunks.push_back(chunk);
        Ok(())
    }
}

impl Link {
    /// Sends a chunk, after the driver has taken most of what was sent before.
    ///
    /// # Errors
    ///
    /// [`Fault::Stranger`] if `to` is no peer.
    pub async fn send(&mut self, to: Role, chunk: Chunk) -> Result<(), Fault> {
        poll_fn(|_| match lock(&self.mailboxes).unsent {
            full if full >= OUTBOX => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
        let mut mailboxes = lock(&self.mailboxes);
        if !mailboxes.inboxes.contains_key(&to) {
            return Err(Fault::Stranger { role: to });
        }
        mailboxes.unsent += chunk.body.len() + OVERHEAD;
        mailboxes.outbox.push_back((to, chunk));
        Ok(())
    }

    /// Takes the next chunk of `from`, which must be the one that is due.
    ///
    /// # Errors
    ///
    /// When it is another one: always the fault of `from`.
    pub async fn receive(&mut self, from: Role, due: Expected) -> Result<Bytes, Fault> {
        let chunk = poll_fn(|_| {
            let mut mailboxes = lock(&self.mailboxes);
            let Some(inbox) = mailboxes.inboxes.get_mut(&from) else {
                return Poll::Ready(Err(Fault::Stranger { role: from }));
            };
            let Some(chunk) = inbox.chunks.pop_front() else { return Poll::Pending };
            inbox.waiting -= chunk.body.len() + OVERHEAD;
            Poll::Ready(Ok(chunk))
        })
        .await?;
        let Expected { round, last: expected, bytes } = due;
        let placed = chunk.in_round(round);
        let (body, last) = placed.map_err(|misplaced| Fault::Misplaced { from, misplaced })?;
        if body.len() != bytes {
            return Err(Fault::Length { from, round, expected: bytes, found: body.len() });
        }
        if last != expected {
            return Err(Fault::Last { from, round, expected });
        }
        Ok(body)
    }
}

/// What lies between the program and the driver.
struct Mailboxes {
    inboxes: BTreeMap<Role, Inbox>,
    outbox: VecDeque<(Role, Chunk)>,
    /// Bytes in the outbox.
    unsent: usize,
    /// Bytes that a peer may have sent before they are due.
    ahead: usize,
}

#[derive(Default)]
struct Inbox {
    chunks: VecDeque<Chunk>,
    /// Bytes in it.
    waiting: usize,
}

impl Mailboxes {
    fn next_to_send(&mut self) -> Option<(Role, Chunk)> {
        let (to, chunk) = self.outbox.pop_front()?;
        self.unsent -= chunk.body.len() + OVERHEAD;
        Some((to, chunk))
    }
}

// A panic cannot leave the mailboxes half changed: every change is one push or pop with its count.
fn lock(mailboxes: &Mutex<Mailboxes>) -> MutexGuard<'_, Mailboxes> {
    mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Coroutine, Expected, Fault, OVERHEAD};
    use crate::{Blame, Chunk, Culprit, MAX_CHUNK, Misplaced, Role, Session, Turn};

    const PEER: Role = Role(1);

    fn listener() -> Coroutine<Bytes, Fault> {
        Coroutine::new(&[PEER], 100, async |mut link| {
            link.receive(PEER, Expected { round: 1, last: true, bytes: 3 }).await
        })
    }

    fn refused(chunk: Chunk) -> Fault {
        let mut session = listener();
        session.receive(PEER, chunk).unwrap();
        let fault = session.advance().unwrap_err();
        assert_eq!(fault.blame(), Culprit::Peer(PEER));
        fault
    }

    #[test]
    fn a_chunk_that_came_before_it_was_awaited_is_kept() {
        let mut session = listener();
        session.receive(PEER, Chunk::whole(1, "abc")).unwrap();
        assert_eq!(session.advance().unwrap(), Turn::Done(Bytes::from("abc")));
        assert_eq!(session.advance().unwrap_err(), Fault::Ended);
    }

    #[test]
    fn a_chunk_that_is_not_the_one_due_is_refused() {
        let length = Fault::Length { from: PEER, round: 1, expected: 3, found: 2 };
        assert_eq!(refused(Chunk::whole(1, "ab")), length);
        let last = Fault::Last { from: PEER, round: 1, expected: true };
        assert_eq!(refused(Chunk { round: 1, last: false, body: "abc".into() }), last);
        let misplaced = Misplaced::Round { expected: 1, found: 2 };
        assert_eq!(refused(Chunk::whole(2, "abc")), Fault::Misplaced { from: PEER, misplaced });
    }

    #[test]
    fn what_comes_after_the_last_chunk_due_is_refused() {
        let mut session = listener();
        session.receive(PEER, Chunk::whole(1, "abc")).unwrap();
        session.receive(PEER, Chunk::whole(2, "more")).unwrap();
        let misplaced = Misplaced::OutOfTurn { from: PEER };
        let fault = Fault::Misplaced { from: PEER, misplaced };
        assert_eq!(session.advance().unwrap_err(), fault);
        assert_eq!(session.receive(PEER, Chunk::whole(3, "")).unwrap_err(), fault);
    }

    #[test]
    fn a_stranger_is_refused_whether_it_speaks_or_is_spoken_to() {
        let stranger = Role(9);
        let fault = listener().receive(stranger, Chunk::whole(1, "abc")).unwrap_err();
        assert_eq!(fault.blame(), Culprit::Peer(stranger));
        let mut session: Coroutine<(), Fault> =
            Coroutine::new(&[PEER], 0, async move |mut link| {
                link.send(stranger, Chunk::whole(1, "")).await
            });
        assert_eq!(session.advance().unwrap_err(), Fault::Stranger { role: stranger });
        let mut session: Coroutine<Bytes, Fault> =
            Coroutine::new(&[PEER], 0, async move |mut link| {
                link.receive(stranger, Expected { round: 1, last: true, bytes: 0 }).await
            });
        assert_eq!(session.advance().unwrap_err().blame(), Culprit::Us);
    }

    #[test]
    fn empty_chunks_count_towards_what_may_wait() {
        let mut session = listener();
        let taken = (0..).take_while(|_| session.receive(PEER, Chunk::whole(1, "")).is_ok());
        assert_eq!(taken.count(), (100 + MAX_CHUNK) / OVERHEAD);
        let oversized = Chunk::whole(1, vec![0; MAX_CHUNK + 1]);
        let misplaced = Misplaced::Oversized { found: MAX_CHUNK + 1 };
        let fault = Fault::Misplaced { from: PEER, misplaced };
        assert_eq!(listener().receive(PEER, oversized).unwrap_err(), fault);
    }

    #[test]
    fn a_program_that_sends_a_lot_waits_for_the_driver() {
        let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&sent);
        let body = Bytes::from(vec![0; MAX_CHUNK]);
        let mut session: Coroutine<(), Fault> =
            Coroutine::new(&[PEER], 0, async move |mut link| {
                for round in 1..=20 {
                    link.send(PEER, Chunk::whole(round, body.clone())).await?;
                    count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                }
                Ok(())
            });
        let mut rounds = 0;
        loop {
            match session.advance().unwrap() {
                Turn::Send(to, chunk) => {
                    rounds += 1;
                    assert_eq!((to, chunk.round), (PEER, rounds));
                    let made = sent.load(std::sync::atomic::Ordering::Relaxed);
                    assert!(made <= rounds as usize + 2, "{made} made when {rounds} were taken");
                }
                Turn::Await => panic!("nothing is awaited"),
                Turn::Done(()) => break,
            }
        }
        assert_eq!(rounds, 20);
    }
}
