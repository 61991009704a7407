//! The running party: what its calls and runs share.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use audit::{Deposits, Head, Note};
use domain::{PartyId, Purpose, Refusal, RunId};
use rand::Rng;
use rustls_pki_types::CertificateDer;
use session::Role;
use store::Store;
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::Request;
use tonic::metadata::MetadataValue;
use wire::peer::{self, reply};
use wire::{Proposal, Terms};

use crate::at_rest::DataKey;
use crate::config::Config;
use crate::dial::{self, PeerChannel};
use crate::drive::Link;
use crate::governance::jobs::ended::EndedJobs;
use crate::governance::refusals::Refusals;
use crate::governance::{Members, Rules, deposits, revocations};
use crate::identity::{self, Identity, Peer};
use crate::kinds;
use crate::kinds::batch::Batches;
use crate::kinds::issue::{HolderCache, OwnCache};
use crate::kinds::train::Trainings;
use crate::kinds::verify::{LenderKeys, forget_unpinned};
use crate::meter::Meter;
use crate::register_cache::RegisterCache;
use crate::runs::agreed::{Agreed, AgreedRun};
use crate::runs::cancel::Cancellations;
use crate::runs::kind::Kinds;
use crate::shares::{PendingPermit, Permit, Shares};
use crate::succession::{self, Successions};
use crate::{Trouble, generations, setup, tls};

/// The running party.
pub(crate) struct Node {
    pub(crate) dir: PathBuf,
    pub(crate) config: Config,
    pub(crate) identity: Identity,
    /// What seals the secrets that the store keeps.
    pub(crate) at_rest: DataKey,
    pub(crate) lines: BTreeMap<PartyId, PeerChannel>,
    /// Lines to the same peers under the keys that they will switch to.
    successors: BTreeMap<PartyId, PeerChannel>,
    pub(crate) successions: Arc<Successions>,
    pub(crate) store: Store,
    pub(crate) meter: Arc<Meter>,
    /// The kinds of runs that it hosts.
    pub(crate) kinds: Kinds,
    /// Runs that we have agreed to and whose proposer has not come yet.
    pending: Mutex<HashMap<RunId, Pending>>,
    tickets: AtomicU64,
    /// What each peer may take.
    pub(crate) shares: Shares,
    pub(crate) holder_cache: HolderCache,
    pub(crate) own_cache: OwnCache,
    pub(crate) batches: Batches,
    /// Runs that the operator has ended.
    pub(crate) cancellations: Cancellations,
    /// Training jobs that are over.
    pub(crate) ended_jobs: EndedJobs,
    /// Trainings that this party computes in.
    pub(crate) trainings: Trainings,
    pub(crate) lender_keys: LenderKeys,
    /// Our registers, as far as anybody asked about them.
    pub(crate) registers: RegisterCache,
    /// Held by whoever adds to what a lender's questions could tell.
    pub(crate) disclosures: tokio::sync::Mutex<()>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) members: Members,
    /// Held by whoever changes an authorisation, as a registry.
    pub(crate) registry: tokio::sync::Mutex<()>,
    /// What was refused to each peer in this minute.
    pub(crate) refusals: Refusals,
    /// Held by whoever takes in a list of revoked keys.
    pub(crate) revocations: tokio::sync::Mutex<()>,
    /// Held by whoever changes where a registered model stands.
    pub(crate) models: tokio::sync::Mutex<()>,
    /// The last checkpoint that a proof was made with.
    pub(crate) checkpoint: tokio::sync::Mutex<Option<(Note, Head)>>,
    /// As a supervisor: the last checkpoint of every log.
    pub(crate) deposits: tokio::sync::Mutex<Deposits>,
    /// Held by whoever deposits a checkpoint of our own log.
    pub(crate) depositing: tokio::sync::Mutex<()>,
    /// Turns true when the party is to stop.
    pub(crate) stop: watch::Sender<bool>,
}

struct Pending {
    /// Tells two of one number apart: the steps of a batch follow one another under one.
    ticket: u64,
    peer: PartyId,
    agreed: Box<dyn AgreedRun>,
    permit: Permit,
    _pending: PendingPermit,
}

impl Node {
    /// Reads the party in `dir` and opens its store.
    pub(crate) async fn open(dir: PathBuf) -> Result<Arc<Self>, Trouble> {
        Self::hosting(dir, kinds::ALL).await
    }

    /// Opens a party that hosts these kinds of runs.
    pub(crate) async fn hosting(dir: PathBuf, kinds: Kinds) -> Result<Arc<Self>, Trouble> {
        let config = Config::read(&dir)?;
        generations::finish_switch(&dir)?;
        let at_rest = DataKey::open(&dir)?;
        let identity = Identity::read(&dir, &at_rest)?;
        let peers = identity::pinned(&dir)?;
        forget_unpinned(&dir, &peers)?;
        let pseudonyms = identity::pseudonym_key(&dir, &at_rest)?;
        let mut pairs = Vec::new();
        for peer in peers {
            let successor = succession::successor(&dir, &peer)?;
            pairs.push((peer, successor));
        }
        let rules = Arc::new(Rules::read(&config, &identity, &pairs, pseudonyms)?);
        let ours = Arc::clone(&rules);
        let registers = RegisterCache::new(move |content| ours.pseudonyms.batch(content));
        let store = Store::open(&dir.join("party.db")).await?;
        revocations::restore(&rules, store.key_revocations().await?)?;
        let members = Members::new(store.members().await?);
        let deposits = deposits::watched(&pairs, &store).await?;
        let meter = Arc::new(Meter::default());
        let successions = Arc::new(Successions::new(&dir));
        let pins = tls::pins(pairs.iter().flat_map(|(peer, next)| [peer].into_iter().chain(next)));
        let (mut lines, mut successors) = (BTreeMap::new(), BTreeMap::new());
        for (peer, successor) in pairs {
            let line = |peer: Peer, successor: Option<Peer>| {
                let (pins, meter) = (pins.clone(), Arc::clone(&meter));
                let (connect, successions) = (config.limits.connect(), Arc::clone(&successions));
                PeerChannel::new(peer, successor, successions, &identity, pins, connect, meter)
            };
            if let Some(successor) = successor.clone() {
                successors.insert(peer.name.clone(), line(successor, None)?);
            }
            lines.insert(peer.name.clone(), line(peer, successor)?);
        }
        Ok(Arc::new(Self {
            shares: Shares::new(
                config.limits.live_runs,
                config.limits.calls_per_s,
                lines.keys().cloned(),
            ),
            dir,
            config,
            identity,
            at_rest,
            lines,
            successors,
            successions,
            store,
            meter,
            kinds,
            pending: Mutex::default(),
            tickets: AtomicU64::default(),
            holder_cache: HolderCache::default(),
            own_cache: OwnCache::default(),
            batches: Batches::default(),
            cancellations: Cancellations::default(),
            ended_jobs: EndedJobs::default(),
            trainings: Trainings::default(),
            lender_keys: LenderKeys::default(),
            registers,
            disclosures: tokio::sync::Mutex::default(),
            rules,
            members,
            registry: tokio::sync::Mutex::default(),
            refusals: Refusals::default(),
            revocations: tokio::sync::Mutex::default(),
            models: tokio::sync::Mutex::default(),
            checkpoint: tokio::sync::Mutex::default(),
            deposits: deposits.into(),
            depositing: tokio::sync::Mutex::default(),
            stop: watch::Sender::new(false),
        }))
    }

    /// The line to a pinned peer.
    pub(crate) fn line(&self, peer: &PartyId) -> Result<&PeerChannel, Trouble> {
        if self.successions.has_switched(peer)
            && let Some(line) = self.successors.get(peer)
        {
            return Ok(line);
        }
        self.lines.get(peer).ok_or_else(|| {
            Trouble::us(
                "UNKNOWN_PEER",
                format!("no peer is called {peer}. Add its .party file with `tacit peer add` and start this party again."),
                format!("没有名为 {peer} 的对方。请用 `tacit peer add` 添加其 .party 文件并重启本节点。"),
            )
        })
    }

    /// Every peer, and what those that have said so will switch to.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Peer> {
        self.lines.values().chain(self.successors.values()).map(|line| &line.peer)
    }

    /// Takes note of the certificate that a peer has shown; says whether it may show it.
    pub(crate) fn shown(&self, peer: &PartyId, certificate: &CertificateDer<'_>) -> bool {
        if let (Some(line), Some(successor)) = (self.lines.get(peer), self.successors.get(peer)) {
            self.successions.shown(&line.peer, &successor.peer, certificate);
        }
        // Once it has switched, its former certificate is nobody's.
        self.line(peer).is_ok_and(|line| line.peer.certificate == *certificate)
    }

    /// A permit for one more run of the operator's.
    pub(crate) fn permit(&self) -> Result<Permit, Trouble> {
        self.shares.own_run()
    }

    /// A number for a new run.
    pub(crate) fn new_run_id(&self) -> Result<RunId, Trouble> {
        let mut bytes = [0; 16];
        setup::chacha()?.fill_bytes(&mut bytes);
        Ok(RunId::from_bytes(bytes))
    }

    /// Proposes a run, and returns what the peer agreed to.
    pub(crate) async fn propose<T: Terms>(
        &self,
        peer: &PartyId,
        run: RunId,
        purpose: Purpose,
        terms: T,
    ) -> Result<Agreed<T::Agreement>, Trouble> {
        let line = self.line(peer)?;
        let (from, to) = (self.config.name.clone(), peer.clone());
        let rules = self.rules.terms(purpose);
        let proposal = peer::Proposal::from(Proposal { from, to, run, rules, terms });
        let idle = self.config.limits.idle();
        let mut client = line.client();
        let reply = timeout(idle, client.propose(Request::new(proposal.clone())))
            .await
            .map_err(|_| dial::silent(&line.peer))?
            .map_err(|status| line.trouble(&status))?
            .into_inner();
        match reply.outcome {
            Some(reply::Outcome::Agreement(agreement)) => Agreed::read(peer, proposal, agreement),
            Some(reply::Outcome::Refusal(refusal)) => Err(refused(peer, refusal)),
            None => Err(dial::silent(&line.peer)),
        }
    }

    /// Opens the exchange of an agreed run with the peer that plays `role`.
    pub(crate) async fn exchange(
        &self,
        peer: &PartyId,
        role: Role,
        run: RunId,
    ) -> Result<Link, Trouble> {
        let line = self.line(peer)?;
        let (outbox, outgoing) = Link::outbox();
        let mut request = Request::new(outgoing);
        request.metadata_mut().insert_bin(wire::RUN_KEY, MetadataValue::from_bytes(run.as_bytes()));
        let inbox = timeout(self.config.limits.idle(), line.client().exchange(request))
            .await
            .map_err(|_| dial::silent(&line.peer))?
            .map_err(|status| line.trouble(&status))?
            .into_inner();
        Ok(Link::with_outbox(role, inbox, outbox))
    }

    /// Tells a peer that a run which it has agreed to with us will not begin. Where it cannot be told,
    /// the run waits there until its idle limit.
    pub(crate) async fn give_up(&self, peer: &PartyId, run: RunId) {
        let told = async {
            let line = self.line(peer)?;
            let mut request = Request::new(tokio_stream::empty());
            let number = MetadataValue::from_bytes(run.as_bytes());
            request.metadata_mut().insert_bin(wire::GIVEN_UP_KEY, number);
            timeout(self.config.limits.idle(), line.client().exchange(request))
                .await
                .map_err(|_| dial::silent(&line.peer))?
                .map_err(|status| line.trouble(&status))
        };
        if let Err(trouble) = told.await {
            tracing::debug!(%peer, %run, code = trouble.code, "not told that there is no run: {trouble}");
        }
    }

    /// Drops an agreed run that `peer`, which proposed it, will not begin.
    pub(crate) async fn given_up(&self, run: RunId, peer: &PartyId) {
        let trouble = Trouble::us(
            "GIVEN_UP",
            format!(
                "{peer} proposed this run and took it back before it began. Nothing has flowed."
            ),
            format!("{peer} 提议本次运行后在开始前撤回。没有任何数据流动。"),
        );
        self.drop_pending(run, peer, trouble.by(peer)).await;
    }

    /// Drops an agreed run that `peer` has not begun, and records why; none where there is no such run.
    pub(crate) async fn drop_pending(&self, run: RunId, peer: &PartyId, why: Trouble) {
        if let Some((agreed, permit)) = self.take_pending(run, peer) {
            agreed.give_up(why).await;
            drop(permit);
        }
    }

    /// Keeps an agreed run until its proposer comes, or the idle limit has passed.
    pub(crate) fn await_exchange(
        self: &Arc<Self>,
        run: RunId,
        peer: PartyId,
        agreed: Box<dyn AgreedRun>,
        (permit, pending): (Permit, PendingPermit),
    ) {
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        let pending = Pending { ticket, peer, agreed, permit, _pending: pending };
        self.locked().insert(run, pending);
        let node = Arc::clone(self);
        tokio::spawn(async move {
            tokio::time::sleep(node.config.limits.idle()).await;
            let late = {
                let mut pending = node.locked();
                let late = pending.get(&run).is_some_and(|pending| pending.ticket == ticket);
                if late { pending.remove(&run) } else { None }
            };
            if let Some(Pending { peer, agreed, .. }) = late {
                let idle = node.config.limits.idle().as_secs();
                let trouble = Trouble::us(
                    "SILENT",
                    format!(
                        "{peer} proposed this run and did not begin it within {idle} s. Nothing has flowed; {peer} may propose it again."
                    ),
                    format!(
                        "{peer} 提议本次运行后 {idle} 秒内未开始。没有任何数据流动；{peer} 可重新提议。"
                    ),
                );
                agreed.give_up(trouble.by(&peer)).await;
            }
        });
    }

    /// Takes an agreed run that `peer` comes to begin.
    pub(crate) fn take_pending(
        &self,
        run: RunId,
        peer: &PartyId,
    ) -> Option<(Box<dyn AgreedRun>, Permit)> {
        let mut pending = self.locked();
        // Another peer that guesses the number must not take the run away.
        if pending.get(&run).is_none_or(|pending| pending.peer != *peer) {
            return None;
        }
        pending.remove(&run).map(|pending| (pending.agreed, pending.permit))
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<RunId, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A peer's refusal as our operator sees it.
///
/// One of the common table keeps its code, so that it is the same wherever it is seen.
pub(crate) fn refused(peer: &PartyId, refusal: peer::Refusal) -> Trouble {
    let peer::Refusal { code, en, zh } = refusal.shortened();
    if let Ok(refusal) = code.parse::<Refusal>() {
        return Trouble::us(refusal.code(), en, zh).by(peer);
    }
    if let Some(code) = kinds::refusal_code(&code) {
        return Trouble::us(code, en, zh).by(peer);
    }
    Trouble::us(
        "REFUSED",
        format!("{peer} refuses ({code}): {en}"),
        format!("{peer} 拒绝（{code}）：{zh}"),
    )
    .by(peer)
}
