//! What one peer may take of this party: its share of the runs, and calls at a rate.
//!
//! Nothing here decides what a peer may ask. It keeps one peer, pinned and admitted as it is, from
//! taking the place of all others: with runs that it agrees and never begins, with calls at full
//! speed, with calls that it drops as soon as they are made.

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

/// Calls of a peer that are worked on at once; more wait their turn.
const AT_ONCE: usize = 8;

/// Seconds of calls at the full rate that may come at once.
const BURST_S: f64 = 10.0;

/// The fewest calls that may come at once, however heavy.
const BURST_LEAST: f64 = 20.0;

/// How long a call may wait for its turn before it is refused.
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
    peers: BTreeMap<PartyId, Peer>,
}

/// What one peer has left.
struct Peer {
    runs: Arc<Semaphore>,
    pending: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    buckets: Mutex<BTreeMap<Rpc, Bucket>>,
}

/// A permit for a run, given back when it is dropped.
pub(crate) struct Permit {
    _runs: Vec<OwnedSemaphorePermit>,
}

/// A permit for a run that is agreed and not yet begun.
pub(crate) struct PendingPermit {
    _pending: OwnedSemaphorePermit,
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
        let proposed = live_runs - live_runs / 8;
        // Not all that there is: another finds a place next to the greediest.
        let each = if peers.len() > 1 { (proposed * 3 / 4).max(1) } else { proposed };
        let share = |peer| {
            let semaphore = |permits: usize| Arc::new(Semaphore::new(permits));
            let share = Peer {
                runs: semaphore(each),
                pending: semaphore(each.div_ceil(2)),
                calls: semaphore(AT_ONCE),
                buckets: Mutex::default(),
            };
            (peer, share)
        };
        Self {
            live: Arc::new(Semaphore::new(live_runs)),
            live_runs,
            proposed: Arc::new(Semaphore::new(proposed)),
            rate: f64::from(calls_per_s),
            peers: peers.into_iter().map(share).collect(),
        }
    }

    /// A permit for a run of the operator's.
    pub(crate) fn own_run(&self) -> Result<Permit, Trouble> {
        let all = Arc::clone(&self.live).try_acquire_owned().map_err(|_| self.busy())?;
        Ok(Permit { _runs: vec![all] })
    }

    /// A permit for a run that `peer` proposes.
    pub(crate) fn proposed_run(&self, peer: &PartyId) -> Result<Permit, Trouble> {
        let take = |semaphore: &Arc<Semaphore>| Arc::clone(semaphore).try_acquire_owned();
        let own = take(&self.peer(peer)?.runs).map_err(|_| share_taken(peer))?;
        let proposed = take(&self.proposed).map_err(|_| self.busy())?;
        let all = take(&self.live).map_err(|_| self.busy())?;
        Ok(Permit { _runs: vec![own, proposed, all] })
    }

    /// A permit for one more run that `peer` has agreed with us and not begun.
    pub(crate) fn pending_run(&self, peer: &PartyId) -> Result<PendingPermit, Trouble> {
        let pending = Arc::clone(&self.peer(peer)?.pending).try_acquire_owned();
        Ok(PendingPermit { _pending: pending.map_err(|_| share_taken(peer))? })
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
        self.spend(peer, rpc).await?;
        let calls = Arc::clone(&self.peer(peer)?.calls);
        let call = calls.acquire_owned().await.map_err(|error| Trouble::said("OURS", &error))?;
        Ok(Turn { _call: call })
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

fn share_taken(peer: &PartyId) -> Trouble {
    Trouble::us(
        "BUSY",
        "your share of this party's runs is taken: wait for one of yours to end, and begin what is agreed",
        "贵方可占用的运行数已满：请等待贵方某个运行结束，并开始已约定的运行",
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
            while let Ok(permit) = shares.proposed_run(peer) {
                taken.push(permit);
            }
            taken
        };
        let greedy = take(&party("tax"));
        assert_eq!(greedy.len(), 10);
        assert_eq!(shares.proposed_run(&party("tax")).err().unwrap().code, "BUSY");
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
        let pending: Vec<_> = (0..5).map(|_| shares.pending_run(&tax).unwrap()).collect();
        assert_eq!(shares.pending_run(&tax).err().unwrap().code, "BUSY");
        assert!(shares.pending_run(&party("bank")).is_ok());
        drop(pending);
        assert!(shares.pending_run(&tax).is_ok());
    }

    #[test]
    fn one_run_at_a_time_can_still_be_a_peers() {
        let shares = shares(1);
        let run = shares.proposed_run(&party("tax")).unwrap();
        assert!(shares.own_run().is_err());
        drop(run);
        assert!(shares.own_run().is_ok() && shares.pending_run(&party("tax")).is_ok());
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
        turns.pop();
        assert!(tokio::time::timeout(soon, shares.turn(&tax, Rpc::Attest)).await.is_ok());
    }
}
