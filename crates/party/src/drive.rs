//! Drives any [`Session`] over the streams of its peers.
//!
//! One loop for every protocol and every number of peers. What it promises:
//!
//! 1. *Full duplex.* It reads while it writes: two parties that both stream a large round cannot
//!    deadlock.
//! 2. *A peer may be a round ahead.* A chunk is handed to the session when it comes; it is the
//!    session that ends its rounds in time.
//! 3. *Hang up in order.* When the session is done we send our closing frame, and the run counts as confirmed
//!    when every peer has said its own. The end of a stream alone confirms nothing: gRPC shows a
//!    cancelled call as a stream that ended. Nobody lets go of a call before its own last words
//!    have left.
//! 4. *Sizes agreed first.* A frame above [`session::MAX_CHUNK`] is refused here, and what does not
//!    fit the terms is refused by the session; while our own outbox is full we still read.
//! 5. *Store before send.* Before the first chunk of a round leaves, the [`Journal`] has recorded
//!    the round; if it cannot, nothing leaves. Before the closing frame leaves, the output is kept
//!    ([`drive_keeping`]).
//! 6. *An end in any case.* A peer that says nothing for the idle limit ends the run, and so does one
//!    that says just enough to go on for ever: all waiting together may take no longer than ten idle
//!    limits and what the bytes take at 16 KiB a second. No more bytes move than were agreed, so that
//!    this is a bound on the whole run.
//! 7. *Off the reactor.* A session's turn may take a second of arithmetic: the runtime is told.

mod link;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use domain::Refusal;
use session::{Blame, Role, Session, Turn};
use tokio::sync::mpsc;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_stream::{StreamExt, StreamMap};
use tonic::Status;
use wire::{Frame, peer};

use self::link::{Event, Inbox};
pub use self::link::{Link, Outgoing};
pub(crate) use self::link::{Outbox, any_lost, ready};
use crate::Trouble;
use crate::waited::Waited;

/// What a run tells of itself while it goes on.
pub trait Journal {
    /// Called before the first chunk of `round` leaves for `to`; nothing leaves before it returns.
    ///
    /// # Errors
    ///
    /// When the round cannot be recorded: the run ends.
    fn before_round(
        &mut self,
        to: Role,
        round: u32,
    ) -> impl Future<Output = Result<(), Trouble>> + Send;

    /// Called after every chunk with its body's length in bytes.
    fn moved(&mut self, chunk: Moved);

    /// What is said of a session that failed under this code; nothing where what it displays says enough.
    fn failure(&self, _code: &str) -> Option<Trouble> {
        None
    }

    /// Whether what has this code reaches the other parties as it is, whoever said it; of what has
    /// none of these they learn only that the run has failed.
    fn passes_on(&self, code: &str) -> bool {
        code.parse::<Refusal>().is_ok()
    }

    /// Resolves with why the run is to end now, and the peers are told; never where nobody ends it.
    fn ended(&mut self) -> impl Future<Output = Trouble> + Send {
        std::future::pending()
    }
}

/// A chunk that left or came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// This many bytes left.
    Sent(usize),
    /// This many bytes of this round came.
    Received(u32, usize),
}

/// The output of a run, and whether every peer hung up in order.
#[derive(Debug)]
pub struct Driven<T> {
    /// What the session yielded.
    pub output: T,
    /// Whether every peer hung up in order; otherwise they may not have finished.
    pub confirmed: bool,
    /// What a peer said that gave the run up once we had our output.
    pub refused: Option<(Role, peer::Refusal)>,
}

/// Why a run ended without an output.
#[derive(Debug, thiserror::Error)]
pub enum DriveError<E: std::error::Error + 'static> {
    /// The session refused what a peer sent, or failed by itself.
    #[error(transparent)]
    Session(E),
    /// A peer sent a frame that is none.
    #[error("{1}")]
    Frame(Role, #[source] wire::Error),
    /// The connection to a peer broke.
    #[error("the connection broke")]
    Broken(Role, #[source] Box<Status>),
    /// A peer hung up before the run was over.
    #[error("the peer hung up before the run was over")]
    HungUp(Role),
    /// A peer gave the run up, and said why.
    #[error("the peer gave up: {}", .1.en)]
    Aborted(Role, peer::Refusal),
    /// Nothing moved for the idle limit.
    #[error("nothing moved for {0:?}")]
    Silent(Duration),
    /// Something moved again and again, and too little in all.
    #[error("what moved took {0:?}, which is too slow")]
    Slow(Duration),
    /// A peer went on talking after the run was over.
    #[error("the peer sent a chunk after the last one")]
    Trailing(Role),
    /// A round could not be recorded, or the output not kept; or our operator has ended the run.
    #[error(transparent)]
    Journal(Trouble),
}

/// Drives `session` to its output.
///
/// # Errors
///
/// Every peer is told that the run is given up before this returns an error.
pub async fn drive<S: Session>(
    mut session: S,
    links: Vec<Link>,
    idle: Duration,
    journal: &mut impl Journal,
) -> Result<Driven<S::Output>, DriveError<S::Error>> {
    let mut ends = Ends::of(links);
    let output = ends.take_turns(&mut session, idle, journal).await?;
    let Parted { confirmed, refused } = ends.part(idle).await?;
    Ok(Driven { output, confirmed, refused })
}

/// Drives `session` to its output, and has `keep` store it before the closing frame: a peer that has our
/// close knows that the output is on disk here, whatever happens to this process.
///
/// # Errors
///
/// As [`drive`], and when the output cannot be kept; then the peers are told that the run is given up.
/// Once it is kept there is no error any more: whatever a peer does then leaves the run unconfirmed.
pub async fn drive_keeping<S: Session, T, F>(
    mut session: S,
    links: Vec<Link>,
    idle: Duration,
    journal: &mut impl Journal,
    keep: impl FnOnce(S::Output) -> F,
) -> Result<Driven<T>, DriveError<S::Error>>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let mut ends = Ends::of(links);
    let output = ends.take_turns(&mut session, idle, journal).await?;
    let kept = match keep(output).await {
        Ok(kept) => kept,
        Err(trouble) => {
            let error = DriveError::Journal(trouble);
            ends.give_up(given_up(&error, journal)).await;
            return Err(error);
        }
    };
    let Parted { confirmed, refused } = match ends.part(idle).await {
        Ok(parted) => parted,
        Err::<_, DriveError<S::Error>>(error) => {
            tracing::warn!("the output is kept, its end is in doubt: {error}");
            Parted { confirmed: false, refused: None }
        }
    };
    Ok(Driven { output: kept, confirmed, refused })
}

/// How peers hung up.
struct Parted {
    confirmed: bool,
    refused: Option<(Role, peer::Refusal)>,
}

/// Our ends of all exchanges of a run.
struct Ends {
    inboxes: StreamMap<Role, Inbox>,
    outboxes: BTreeMap<Role, Outbox>,
    /// Who has closed.
    parted: BTreeSet<Role>,
}

impl Ends {
    fn of(links: Vec<Link>) -> Self {
        let (mut inboxes, mut outboxes) = (StreamMap::new(), BTreeMap::new());
        for Link { role, inbox, outbox, ahead } in links {
            let inbox: Inbox = Box::pin(tokio_stream::iter(ahead).chain(inbox));
            inboxes.insert(role, inbox);
            outboxes.insert(role, outbox);
        }
        Self { inboxes, outboxes, parted: BTreeSet::new() }
    }

    /// Takes turns until there is an output; where there is none, the peers are told.
    async fn take_turns<S: Session>(
        &mut self,
        session: &mut S,
        idle: Duration,
        journal: &mut impl Journal,
    ) -> Result<S::Output, DriveError<S::Error>> {
        let Self { inboxes, outboxes, parted } = self;
        match take_turns(session, inboxes, outboxes, parted, idle, journal).await {
            Ok(output) => Ok(output),
            Err(error) => {
                self.give_up(given_up(&error, journal)).await;
                Err(error)
            }
        }
    }

    /// Tells the peers why there will be no output.
    async fn give_up(&mut self, why: peer::Frame) {
        last_words(std::mem::take(&mut self.outboxes), &why, LAST_WORDS).await;
    }

    /// Sends our closing frame, and waits until the peers have; says how they did.
    async fn part<E: std::error::Error + 'static>(
        mut self,
        idle: Duration,
    ) -> Result<Parted, DriveError<E>> {
        // A peer that does not take it shows below: it will not have said its own.
        last_words(self.outboxes, &peer::Frame::close(), idle).await;
        hang_up(&mut self.inboxes, self.parted, idle).await
    }
}

async fn take_turns<S: Session>(
    session: &mut S,
    inboxes: &mut StreamMap<Role, Inbox>,
    outboxes: &BTreeMap<Role, Outbox>,
    parted: &mut BTreeSet<Role>,
    idle: Duration,
    journal: &mut impl Journal,
) -> Result<S::Output, DriveError<S::Error>> {
    let mut rounds: BTreeMap<Role, u32> = BTreeMap::new();
    let mut waited = Waited::new(idle);
    loop {
        // Our own arithmetic is no peer's fault.
        let computing = Instant::now();
        let mut unsent = match block_in_place(|| session.advance()).map_err(DriveError::Session)? {
            Turn::Done(output) => return Ok(output),
            Turn::Await => None,
            Turn::Send(to, chunk) => {
                let outbox = &outboxes.get(&to).ok_or(DriveError::HungUp(to))?.frames;
                if rounds.insert(to, chunk.round) != Some(chunk.round) {
                    journal.before_round(to, chunk.round).await.map_err(DriveError::Journal)?;
                }
                Some((to, outbox, chunk))
            }
        };
        waited.computed(computing.elapsed());
        let mut deadline = Instant::now() + idle;
        loop {
            if unsent.is_none() && inboxes.is_empty() {
                // Whoever was to speak has hung up.
                let role = outboxes.keys().next().copied().unwrap_or(Role(0));
                return Err(DriveError::HungUp(role));
            }
            tokio::select! {
                room = reserve(unsent.as_ref().map(|(_, outbox, _)| *outbox)), if unsent.is_some() => {
                    if let Some((to, _, chunk)) = unsent.take() {
                        let bytes = chunk.body.len();
                        let Some(room) = room else { return Err(why_deaf(inboxes, to).await) };
                        room.send(chunk.into());
                        waited.moved(bytes);
                        journal.moved(Moved::Sent(bytes));
                    }
                    break;
                }
                event = inboxes.next(), if !inboxes.is_empty() => {
                    if let Some(bytes) = hear(session, event, parted, journal)? {
                        waited.moved(bytes);
                        if unsent.is_none() {
                            break;
                        }
                        deadline = Instant::now() + idle;
                    }
                }
                trouble = journal.ended() => return Err(DriveError::Journal(trouble)),
                () = sleep_until(deadline) => return Err(DriveError::Silent(idle)),
                () = sleep_until(waited.end()) => {
                    return Err(DriveError::Slow(waited.so_far()));
                }
            }
        }
    }
}

/// Room for one frame; never resolves where there is nothing to send.
async fn reserve(
    outbox: Option<&mpsc::Sender<peer::Frame>>,
) -> Option<mpsc::Permit<'_, peer::Frame>> {
    match outbox {
        Some(outbox) => outbox.reserve().await.ok(),
        None => std::future::pending().await,
    }
}

/// Why a peer no longer reads: what it said last tells, if it said anything.
async fn why_deaf<E: std::error::Error + 'static>(
    inboxes: &mut StreamMap<Role, Inbox>,
    silent: Role,
) -> DriveError<E> {
    let until = Instant::now() + LAST_WORDS;
    while let Ok(Some((from, event))) = timeout_at(until, inboxes.next()).await {
        match event {
            Event::HungUp if from == silent => break,
            Event::Frame(Err(status)) => return DriveError::Broken(from, Box::new(status)),
            Event::Frame(Ok(frame)) => {
                if let Ok(Frame::Abort(why)) = Frame::try_from(frame) {
                    return DriveError::Aborted(from, why);
                }
            }
            Event::HungUp => {}
        }
    }
    DriveError::HungUp(silent)
}

/// Hands what came to the session; says how many bytes of something new the session has heard.
fn hear<S: Session>(
    session: &mut S,
    event: Option<(Role, Event)>,
    parted: &mut BTreeSet<Role>,
    journal: &mut impl Journal,
) -> Result<Option<usize>, DriveError<S::Error>> {
    let Some((from, event)) = event else { return Ok(None) };
    match event {
        Event::HungUp => Ok(None),
        Event::Frame(Err(status)) => Err(DriveError::Broken(from, Box::new(status))),
        Event::Frame(Ok(frame)) => {
            match Frame::try_from(frame).map_err(|error| DriveError::Frame(from, error))? {
                Frame::Abort(why) => Err(DriveError::Aborted(from, why)),
                Frame::Chunk(_) | Frame::Close if parted.contains(&from) => {
                    Err(DriveError::Trailing(from))
                }
                Frame::Close => {
                    parted.insert(from);
                    Ok(None)
                }
                Frame::Chunk(chunk) => {
                    let bytes = chunk.body.len();
                    journal.moved(Moved::Received(chunk.round, bytes));
                    block_in_place(|| session.receive(from, chunk)).map_err(DriveError::Session)?;
                    Ok(Some(bytes))
                }
            }
        }
    }
}

/// Waits until every peer has hung up too, and says whether all had their output: dropping a stream
/// early cancels what is still in flight.
async fn hang_up<E: std::error::Error + 'static>(
    inboxes: &mut StreamMap<Role, Inbox>,
    mut parted: BTreeSet<Role>,
    idle: Duration,
) -> Result<Parted, DriveError<E>> {
    let mut refused = None;
    let peers: BTreeSet<Role> = inboxes.keys().copied().chain(parted.iter().copied()).collect();
    loop {
        let (from, frame) = match timeout(idle, inboxes.next()).await {
            Ok(None) => return Ok(Parted { confirmed: parted == peers, refused }),
            Err(_) => return Ok(Parted { confirmed: false, refused }),
            Ok(Some((_, Event::HungUp))) => continue,
            Ok(Some((from, Event::Frame(Err(_))))) => {
                // The others may still be reading.
                inboxes.remove(&from);
                continue;
            }
            Ok(Some((from, Event::Frame(Ok(frame))))) => (from, frame),
        };
        match Frame::try_from(frame) {
            Ok(Frame::Close) if parted.insert(from) => {}
            Ok(Frame::Abort(why)) => {
                parted.remove(&from);
                inboxes.remove(&from);
                refused = refused.or(Some((from, why)));
            }
            Ok(Frame::Chunk(_) | Frame::Close) | Err(_) => {
                return Err(DriveError::Trailing(from));
            }
        }
    }
}

/// How long a peer that does not read, or does not say why, may hold up the end of a failed run.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Says the last frame to every peer, and waits until it has left: whoever lets go of a call earlier
/// takes it back.
async fn last_words(outboxes: BTreeMap<Role, Outbox>, frame: &peer::Frame, patience: Duration) {
    let until = Instant::now() + patience;
    let mut leaving = Vec::new();
    for Outbox { frames, taken } in outboxes.into_values() {
        // A peer that is gone need not be told.
        let _ = timeout_at(until, frames.send(frame.clone())).await;
        leaving.push(taken);
    }
    for taken in leaving {
        let _ = timeout_at(until, taken).await;
    }
}

/// What the peers are told of a run that has failed. A refusal of the common table is passed on as it
/// is: whoever asked is to know it, however many parties lie between.
fn given_up<E: Blame>(error: &DriveError<E>, journal: &impl Journal) -> peer::Frame {
    if let DriveError::Session(inner) = error
        && let Some(trouble) = inner.code().and_then(|code| journal.failure(code))
    {
        return trouble.to_refusal().into();
    }
    if let DriveError::Journal(trouble) = error
        && journal.passes_on(trouble.code)
    {
        return trouble.to_refusal().into();
    }
    if let DriveError::Aborted(_, why) = error
        && journal.passes_on(&why.code)
    {
        return why.clone().into();
    }
    let refusal = peer::Refusal {
        code: "RUN_FAILED".into(),
        en: format!("the run failed on the other side: {error}"),
        zh: format!("对方运行失败：{error}"),
    };
    refusal.into()
}
