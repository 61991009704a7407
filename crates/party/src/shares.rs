//! What one peer may take of this party: its share of the runs, connections, and calls at a rate.
//!
//! Nothing here decides what a peer may ask. It keeps one peer, pinned and admitted as it is, from
//! taking the place of all others: with runs that it agrees and never begins, with calls at full
//! speed, with calls that it drops as soon as they are made. Of a platform's share one lender may
//! take a part, so that it does not keep out the other lenders behind the same platform.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::PartyId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::Trouble;

/// What a peer calls. Each has a rate of its own, so that many of one do not hold up another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rpc {
    Greet,
    Propose,
    /// A proposal that was refused: on top of [`Rpc::Propose`], for a refusal is written down.
    Refused,
    Exchange,
    Attest,
    /// Lists of revoked keys, which are long and seldom new.
    KeyRevocations,
    Register,
    Receipts,
    Model,
    Deposit,
}

impl Rpc {
    /// Of how many calls at the full rate one of these takes the place.
    const fn weight(self) -> f64 {
        match self {
            // A holder asks its registry about every firm of a list, at its own speed.
            Self::Attest => 0.2,
            Self::Register => 0.5,
            Self::Propose | Self::Exchange => 1.0,
            Self::Receipts | Self::KeyRevocations => 4.0,
            Self::Greet | Self::Refused | Self::Model => 20.0,
            Self::Deposit => 100.0,
        }
    }
}

/// Connections of a peer at once. One is enough for it; more are those that it has lost.
const CONNECTIONS: usize = 8;

/// Calls of a peer that are worked on at once; more wait their turn.
const AT_ONCE: usize = 8;

/// How long a call that may wait for others holds its turn: then its peer's next call begins. What it
/// takes of this party is bounded by its run's permit as well.
const HELD: Duration = Duration::from_millis(250);

/// How long a call may wait for others of its peer to be answered before it is refused.
const QUEUE: Duration = Duration::from_secs(10);

/// Seconds of calls at the full rate that may come at once.
const BURST_S: f64 = 10.0;

/// The fewest calls that may come at once, however heavy.
const BURST_LEAST: f64 = 20.0;

/// How long a call may wait for its rate before it is refused.
const PATIENCE: Duration = Duration::from_secs(2);

/// The shares of all peers.
pub(crate) struct Shares {
    /// One permit a live run.
    live: Arc<Semaphore>,
    live_runs: usize,
    /// One permit a live run that a peer has proposed: the rest is the operator's.
    proposed: Arc<Semaphore>,
    /// Calls a second of one peer.
    rate: f64,
    /// Runs of one lender behind a platform, and those of them that are agreed and not yet begun.
    one_lender: (usize, usize),
    peers: BTreeMap<PartyId, Peer>,
}

/// What one peer has left.
struct Peer {
    runs: Arc<Semaphore>,
    pending: Arc<Semaphore>,
    connections: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    buckets: Mutex<BTreeMap<Rpc, Bucket>>,
    /// Of the lenders, pinned here, that it has asked for as their platform.
    lenders: Mutex<BTreeMap<PartyId, Lender>>,
}

/// What one lender has left of its platform's share.
#[derive(Clone)]
struct Lender {
    runs: Arc<Semaphore>,
    pending: Arc<Semaphore>,
}

/// A connection's place, given back when it is dropped.
pub(crate) struct ConnectionPermit {
    _connection: OwnedSemaphorePermit,
}

/// A permit for a run, given back when it is dropped.
pub(crate) struct Permit {
    _runs: Vec<OwnedSemaphorePermit>,
}

/// A permit for a run that is agreed and not yet begun.
pub(crate) struct PendingPermit {
    _pending: Vec<OwnedSemaphorePermit>,
}

/// A turn for a call, given back when it is dropped.
pub(crate) struct Turn {
    _call: OwnedSemaphorePermit,
}

impl Turn {
    /// Does work that may wait for other parties: for a holder, for the registry. The turn is held for a
    /// moment only, so that whoever is slow there does not hold up its peer's other calls.
    pub(crate) async fn begin<T>(self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Ok(done) = timeout(HELD, &mut work).await {
            return done;
        }
        drop(self);
        work.await
    }
}

impl Shares {
    /// Divides what this party can do among its peers.
    pub(crate) fn new(
        live_runs: usize,
        calls_per_s: u32,
        peers: impl Iterator<Item = PartyId>,
    ) -> Self {
        let peers: Vec<PartyId> = peers.collect();
        let proposed = live_runs - (live_runs / 8).max(usize::from(live_runs > 1));
        // Not all that there is: another finds a place next to the greediest.
        let each = if peers.len() > 1 { (proposed * 3 / 4).max(1) } else { proposed };
        // A lender goes on while the end of its last run is still being written down: that takes two.
        let one_lender = ((each / 4).max(2).min(each), each.div_ceil(8));
        let share = |peer| {
            let share = Peer {
                runs: semaphore(each),
                pending: semaphore(each.div_ceil(2)),
                connections: semaphore(CONNECTIONS),
                calls: semaphore(AT_ONCE),
                buckets: Mutex::default(),
                lenders: Mutex::default(),
            };
            (peer, share)
        };
        Self {
            live: semaphore(live_runs),
            live_runs,
            proposed: semaphore(proposed),
            rate: f64::from(calls_per_s),
            one_lender,
            peers: peers.into_iter().map(share).collect(),
        }
    }

    /// A permit for a run of the operator's.
    pub(crate) fn own_run(&self) -> Result<Permit, Trouble> {
        let all = Arc::clone(&self.live).try_acquire_owned().map_err(|_| self.busy())?;
        Ok(Permit { _runs: vec![all] })
    }

    /// A permit for a run that `peer` proposes, for a lender where it is one's question.
    pub(crate) fn proposed_run(
        &self,
        peer: &PartyId,
        lender: Option<&PartyId>,
    ) -> Result<Permit, Trouble> {
        let mut runs = Vec::new();
        if let Some(lender) = self.lender(peer, lender)? {
            runs.push(take(&lender.runs).ok_or_else(|| lenders_share_taken(peer))?);
        }
        runs.push(take(&self.peer(peer)?.runs).ok_or_else(|| share_taken(peer))?);
        for all in [&self.proposed, &self.live] {
            runs.push(take(all).ok_or_else(|| self.busy())?);
        }
        Ok(Permit { _runs: runs })
    }

    /// A permit for one more run that `peer` has agreed with us and not begun, likewise.
    pub(crate) fn pending_run(
        &self,
        peer: &PartyId,
        lender: Option<&PartyId>,
    ) -> Result<PendingPermit, Trouble> {
        let mut pending = Vec::new();
        if let Some(lender) = self.lender(peer, lender)? {
            pending.push(take(&lender.pending).ok_or_else(|| lenders_share_taken(peer))?);
        }
        pending.push(take(&self.peer(peer)?.pending).ok_or_else(|| share_taken(peer))?);
        Ok(PendingPermit { _pending: pending })
    }

    /// A place for one more connection of `peer`; `None` where it has as many as it may.
    pub(crate) fn connection(&self, peer: &PartyId) -> Option<ConnectionPermit> {
        let connection = take(&self.peers.get(peer)?.connections)?;
        Some(ConnectionPermit { _connection: connection })
    }

    /// How many runs are under way.
    pub(crate) fn live_runs(&self) -> usize {
        self.live_runs.saturating_sub(self.live.available_permits())
    }

    /// Waits for a call's turn. Dropped while it waits, it has cost nothing but its token.
    ///
    /// # Errors
    ///
    /// `BUSY` when the turn is too far away.
    pub(crate) async fn turn(&self, peer: &PartyId, rpc: Rpc) -> Result<Turn, Trouble> {
        self.turn_within(QUEUE, peer, rpc).await
    }

    async fn turn_within(
        &self,
        patience: Duration,
        peer: &PartyId,
        rpc: Rpc,
    ) -> Result<Turn, Trouble> {
        self.spend(peer, rpc).await?;
        let calls = Arc::clone(&self.peer(peer)?.calls);
        let call = timeout(patience, calls.acquire_owned()).await;
        let call = call.map_err(|_| too_many(peer))?;
        Ok(Turn { _call: call.map_err(|error| Trouble::from_error("OURS", &error))? })
    }

    /// Has a peer whose proposal was refused wait, where it is refused too often: a refusal is written
    /// down, and a log does not grow at a peer's speed.
    pub(crate) async fn refused(&self, peer: &PartyId) {
        // The refusal stands, and is told after the wait.
        let _ = self.spend(peer, Rpc::Refused).await;
    }

    /// Waits until `peer` may make one more such call.
    pub(crate) async fn spend(&self, peer: &PartyId, rpc: Rpc) -> Result<(), Trouble> {
        let wait = {
            let mut buckets =
                self.peer(peer)?.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            let rate = self.rate / rpc.weight();
            let bucket = buckets.entry(rpc).or_insert_with(|| Bucket::full(rate, Instant::now()));
            bucket.take(Instant::now())
        };
        match wait {
            Some(Duration::ZERO) => Ok(()),
            Some(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            None => {
                // Refused at once it would only call again at once.
                tokio::time::sleep(PATIENCE).await;
                Err(too_fast(peer))
            }
        }
    }

    fn peer(&self, peer: &PartyId) -> Result<&Peer, Trouble> {
        // Whoever has passed the handshake is pinned.
        self.peers.get(peer).ok_or_else(|| Trouble::from_error("OURS", &"a peer without a share"))
    }

    /// What `lender` has left of its platform's share. `None` where `peer` asks for itself, and for a
    /// lender that is not pinned here: nothing is kept of it, and its question is refused.
    fn lender(&self, peer: &PartyId, lender: Option<&PartyId>) -> Result<Option<Lender>, Trouble> {
        let known = |lender: &&PartyId| *lender != peer && self.peers.contains_key(*lender);
        let Some(lender) = lender.filter(known) else { return Ok(None) };
        let (runs, pending) = self.one_lender;
        let mut lenders = self.peer(peer)?.lenders.lock().unwrap_or_else(PoisonError::into_inner);
        let share = || Lender { runs: semaphore(runs), pending: semaphore(pending) };
        Ok(Some(lenders.entry(lender.clone()).or_insert_with(share).clone()))
    }

    fn busy(&self) -> Trouble {
        let limit = self.live_runs;
        Trouble::us(
            "BUSY",
            format!(
                "{limit} runs are under way, which is the limit. Wait for one to end, or raise limits.live_runs."
            ),
            format!("已有 {limit} 个运行在进行，达到上限。请等待其结束，或调高 limits.live_runs。"),
        )
    }
}

fn semaphore(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits))
}

fn take(semaphore: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    Arc::clone(semaphore).try_acquire_owned().ok()
}

fn share_taken(peer: &PartyId) -> Trouble {
    Trouble::us(
        "BUSY",
        "your share of this party's runs is taken: wait for one of yours to end, and begin what is agreed",
        "贵方可占用的运行数已满：请等待贵方某个运行结束，并开始已约定的运行",
    )
    .by(peer)
}

fn lenders_share_taken(peer: &PartyId) -> Trouble {
    Trouble::us(
        "BUSY",
        "what one lender may take of your share of this party's runs is taken: wait for one of this lender's runs to end, and begin what is agreed",
        "单个贷款方在贵方份额内可占用的运行数已满：请等待该贷款方的某个运行结束，并开始已约定的运行",
    )
    .by(peer)
}

fn too_many(peer: &PartyId) -> Trouble {
    Trouble::us(
        "BUSY",
        "your earlier calls are still being answered: wait for them before you make more",
        "贵方先前的调用仍在处理：请待其答复后再调用",
    )
    .by(peer)
}

fn too_fast(peer: &PartyId) -> Trouble {
    Trouble::us(
        "BUSY",
        "you call faster than this party answers one peer (limits.calls_per_s): call more slowly",
        "贵方的调用快于本方对单个对方的应答速度（limits.calls_per_s）：请放慢调用",
    )
    .by(peer)
}

/// Tokens that come back at a rate: a call takes one, and waits for it where there is none.
struct Bucket {
    /// Below zero: so many calls wait.
    tokens: f64,
    rate: f64,
    at: Instant,
}

impl Bucket {
    fn full(rate: f64, at: Instant) -> Self {
        Self { tokens: Self::burst(rate), rate, at }
    }

    fn burst(rate: f64) -> f64 {
        (BURST_S * rate).max(BURST_LEAST)
    }

    /// Takes a token; how long to wait for it, or nothing where that is too long.
    fn take(&mut self, now: Instant) -> Option<Duration> {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * self.rate).min(Self::burst(self.rate));
        self.at = now;
        let left = self.tokens - 1.0;
        if left < -PATIENCE.as_secs_f64() * self.rate {
            return None;
        }
        self.tokens = left;
        Some(Duration::from_secs_f64((-left / self.rate).max(0.0)))
    }
}

#[cfg(test)]
mod tests;
