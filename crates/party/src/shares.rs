//! What one peer may take of this party: its share of the runs, connections, and calls at a rate.
//!
//! Nothing here decides what a peer may ask. It keeps one peer, pinned and admitted as it is, from
//! taking the place of all others: with runs that it agrees and never begins, with calls at full
//! speed, with calls that it drops as soon as they are made. Of a platform's share one lender may
//! take a part, so that it does not keep out the other lenders behind the same platform.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::PartyId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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
            Self::Receipts => 4.0,
            Self::Greet | Self::Refused | Self::Model => 20.0,
            Self::Deposit => 100.0,
        }
    }
}

/// Connections of a peer at once. One is enough for it; more are those that it has lost.
const CONNECTIONS: usize = 8;

/// Calls of a peer that are worked on at once; more wait their turn.
const AT_ONCE: usize = 8;

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
pub(crate) struct Place {
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
    pub(crate) fn connection(&self, peer: &PartyId) -> Option<Place> {
        let connection = take(&self.peers.get(peer)?.connections)?;
        Some(Place { _connection: connection })
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
        let call = tokio::time::timeout(patience, calls.acquire_owned()).await;
        let call = call.map_err(|_| too_many(peer))?;
        Ok(Turn { _call: call.map_err(|error| Trouble::said("OURS", &error))? })
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
        self.peers.get(peer).ok_or_else(|| Trouble::said("OURS", &"a peer without a share"))
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
mod tests {
    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn shares(live_runs: usize) -> Shares {
        Shares::new(live_runs, 200, ["bank", "tax"].map(party).into_iter())
    }

    #[test]
    fn a_greedy_peer_leaves_runs_for_another_and_for_the_operator() {
        let shares = shares(16);
        let take = |peer: &PartyId| {
            let mut taken = Vec::new();
            while let Ok(permit) = shares.proposed_run(peer, None) {
                taken.push(permit);
            }
            taken
        };
        let greedy = take(&party("tax"));
        assert_eq!(greedy.len(), 10);
        assert_eq!(shares.proposed_run(&party("tax"), None).err().unwrap().code, "BUSY");
        let honest = take(&party("bank"));
        assert_eq!(honest.len(), 4);
        let own = [shares.own_run().unwrap(), shares.own_run().unwrap()];
        assert_eq!(shares.own_run().err().unwrap().code, "BUSY");
        assert_eq!(shares.live_runs(), 16);
        drop((greedy, own));
        assert_eq!(take(&party("tax")).len(), 10, "what was given back is there again");
    }

    #[test]
    fn agreed_runs_that_nobody_begins_take_half_a_peers_share() {
        let shares = shares(16);
        let tax = party("tax");
        let pending: Vec<_> = (0..5).map(|_| shares.pending_run(&tax, None).unwrap()).collect();
        assert_eq!(shares.pending_run(&tax, None).err().unwrap().code, "BUSY");
        assert!(shares.pending_run(&party("bank"), None).is_ok());
        drop(pending);
        assert!(shares.pending_run(&tax, None).is_ok());
    }

    #[test]
    fn a_lender_that_fills_its_own_share_leaves_room_for_another_and_for_its_platforms_other_work()
    {
        let names = ["platform", "bank", "thrift"].map(party);
        for (live_runs, each, one, pending) in [(64, 42, 10, 6), (16, 10, 2, 2), (5, 3, 2, 1)] {
            let shares = Shares::new(live_runs, 200, names.iter().cloned());
            let [platform, bank, thrift] = &names;
            let fill = |lender: &PartyId| {
                let runs = std::iter::from_fn(|| shares.proposed_run(platform, Some(lender)).ok());
                let waiting =
                    std::iter::from_fn(|| shares.pending_run(platform, Some(lender)).ok());
                (runs.collect::<Vec<_>>(), waiting.collect::<Vec<_>>())
            };
            let taken = fill(bank);
            assert_eq!((taken.0.len(), taken.1.len()), (one, pending), "of {live_runs}");
            assert_eq!(shares.proposed_run(platform, Some(bank)).err().unwrap().code, "BUSY");
            assert_eq!(shares.pending_run(platform, Some(bank)).err().unwrap().code, "BUSY");
            // One after the other: in the smallest there is one place left for either.
            drop(shares.proposed_run(platform, Some(thrift)).unwrap());
            drop(shares.pending_run(platform, Some(thrift)).unwrap());
            let other = std::iter::from_fn(|| shares.proposed_run(platform, None).ok());
            let other: Vec<_> = other.collect();
            assert_eq!(other.len(), each - one, "of {live_runs}");
            assert!(shares.pending_run(platform, None).is_ok());
            drop((taken, other));
            assert!(shares.proposed_run(platform, Some(bank)).is_ok());
        }
    }

    #[test]
    fn a_lender_that_asks_for_itself_has_its_whole_share_and_one_that_nobody_pinned_none_of_its_own()
     {
        let shares = shares(16);
        let (bank, tax) = (party("bank"), party("tax"));
        let own = std::iter::from_fn(|| shares.proposed_run(&bank, Some(&bank)).ok());
        assert_eq!(own.collect::<Vec<_>>().len(), 10);
        for at in 0..100 {
            shares.proposed_run(&tax, Some(&party(&format!("made-up-{at}")))).unwrap();
        }
        let kept = shares.peers[&tax].lenders.lock().unwrap();
        assert!(kept.is_empty(), "whoever makes up lenders fills the memory");
    }

    #[test]
    fn four_runs_at_a_time_leave_one_for_the_operator_and_two_for_a_lender_behind_a_platform() {
        let shares = shares(4);
        let (tax, bank) = (party("tax"), party("bank"));
        let two = [(); 2].map(|()| shares.proposed_run(&tax, Some(&bank)).unwrap());
        let pending = shares.pending_run(&tax, Some(&bank)).unwrap();
        let direct = shares.proposed_run(&bank, None).unwrap();
        assert!(shares.proposed_run(&bank, None).is_err(), "the last is the operator's");
        let own = shares.own_run().unwrap();
        assert!(shares.own_run().is_err());
        drop((two, pending, direct, own));
        assert_eq!(shares.live_runs(), 0);
    }

    #[test]
    fn a_peer_has_so_many_connections_and_no_more_whatever_another_has() {
        let shares = shares(16);
        let (tax, bank) = (party("tax"), party("bank"));
        let mut places: Vec<_> = std::iter::from_fn(|| shares.connection(&tax)).collect();
        assert_eq!(places.len(), CONNECTIONS);
        assert!(shares.connection(&bank).is_some());
        places.pop();
        assert!(shares.connection(&tax).is_some(), "what was closed leaves its place");
        assert!(shares.connection(&party("nobody")).is_none());
    }

    #[test]
    fn one_run_at_a_time_can_still_be_a_peers() {
        let shares = shares(1);
        let run = shares.proposed_run(&party("tax"), Some(&party("bank"))).unwrap();
        assert!(shares.own_run().is_err());
        drop(run);
        assert!(shares.own_run().is_ok() && shares.pending_run(&party("tax"), None).is_ok());
    }

    #[test]
    fn a_bucket_lets_a_burst_pass_then_the_rate_and_refuses_what_would_wait_too_long() {
        let start = Instant::now();
        let mut bucket = Bucket::full(10.0, start);
        for _ in 0..100 {
            assert_eq!(bucket.take(start), Some(Duration::ZERO));
        }
        for waiting in 1..=20_u32 {
            let wait = bucket.take(start).unwrap().as_secs_f64();
            assert!((wait - f64::from(waiting) / 10.0).abs() < 1e-6, "{wait}");
        }
        assert_eq!(bucket.take(start), None, "21 calls would wait for more than two seconds");
        assert!(bucket.take(start + Duration::from_millis(150)).is_some());
        // However long nobody calls, there is one burst.
        let later = start + Duration::from_secs(10_000);
        let burst = (0..200).filter(|_| bucket.take(later) == Some(Duration::ZERO)).count();
        assert_eq!(burst, 100);
    }

    #[tokio::test]
    async fn a_peer_at_full_speed_does_not_slow_another_nor_its_own_other_calls() {
        let shares = shares(16);
        let (tax, bank) = (party("tax"), party("bank"));
        for _ in 0..200 {
            let _ = tokio::time::timeout(Duration::ZERO, shares.turn(&tax, Rpc::Deposit)).await;
        }
        let began = Instant::now();
        let late = shares.turn(&tax, Rpc::Deposit).await;
        assert_eq!(late.err().unwrap().code, "BUSY");
        assert!(began.elapsed() >= PATIENCE, "it would call again at once");
        let began = Instant::now();
        drop(shares.turn(&bank, Rpc::Deposit).await.unwrap());
        drop(shares.turn(&tax, Rpc::Propose).await.unwrap());
        assert!(began.elapsed() < Duration::from_millis(500));
    }

    #[tokio::test]
    async fn so_many_calls_of_a_peer_are_worked_on_at_once_and_no_more() {
        let shares = shares(16);
        let tax = party("tax");
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(shares.turn(&tax, Rpc::Attest).await.unwrap());
        }
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, shares.turn(&tax, Rpc::Attest)).await.is_err());
        let late = shares.turn_within(soon, &tax, Rpc::Attest).await;
        assert_eq!(late.err().unwrap().code, "BUSY", "it does not wait for ever");
        assert!(shares.turn(&party("bank"), Rpc::Attest).await.is_ok());
        turns.pop();
        assert!(shares.turn(&tax, Rpc::Attest).await.is_ok());
    }
}
