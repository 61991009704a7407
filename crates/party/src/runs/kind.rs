//! What a kind of run is to the party that hosts it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::{Digest, PartyId, Purpose, RunId, RunKind};
use store::StoredRun;
use wire::{Proposal, Rules, Terms, peer};

use crate::Trouble;
use crate::node::Node;
use crate::runs::Watcher;
use crate::runs::again::not_again;
use crate::runs::agreed::Answer;
use crate::runs::not_offered;

/// A kind of run: decides on what peers propose, and takes up what was ours. What it agrees to is an
/// [`AgreedRun`](crate::runs::agreed::AgreedRun).
#[tonic::async_trait]
pub(crate) trait Kind: Send + Sync + 'static {
    /// What is proposed; read whole before anything is decided.
    type Terms: Terms + Send + Sync;

    /// Codes of refusals that keep their meaning when a peer says them: this program goes on from them
    /// by itself.
    fn refusal_codes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Codes that keep their meaning when a peer breaks a run off under them.
    fn abort_codes(&self) -> &'static [&'static str] {
        &[]
    }

    /// The lender that a question is asked for, whoever brings it.
    fn lender<'a>(&self, _terms: &'a Self::Terms) -> Option<&'a PartyId> {
        None
    }

    /// The number under which a row of a list is released, counted from 0; nothing where runs of this
    /// kind ask about no list.
    fn row_number(&self, _lender: &PartyId, _list: RunId, _place: u64) -> Option<RunId> {
        None
    }

    /// Decides on a peer's proposal, and prepares the run.
    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, Self::Terms>,
    ) -> Result<Answer, Trouble>;

    /// Forgets what it keeps of runs under a training job that is over.
    fn job_ended(&self, _node: &Node, _job: Digest) {}

    /// Runs a failed run of ours again; most kinds are asked for anew by their own commands.
    async fn again(
        &self,
        _node: &Arc<Node>,
        _run: StoredRun,
        _watcher: Watcher,
    ) -> Result<StoredRun, Trouble> {
        Err(not_again())
    }

    /// Tidies up, at a start, after runs of this kind that an earlier process left unfinished. Returns
    /// what remains to be done once peers can be reached.
    async fn restarted(
        &self,
        _node: &Arc<Node>,
        _unfinished: &[StoredRun],
    ) -> Result<Option<Later>, Trouble> {
        Ok(None)
    }
}

/// Work that waits until peers can be reached.
pub(crate) type Later = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a peer proposes, as its kind decides on it.
pub(crate) struct Proposed<'a, T> {
    pub(crate) peer: &'a PartyId,
    pub(crate) run: RunId,
    pub(crate) purpose: Purpose,
    pub(crate) terms: T,
    /// As it came: what both sides hash.
    pub(crate) message: &'a peer::Proposal,
}

/// The kinds of runs that a party hosts.
#[derive(Clone, Copy)]
pub(crate) struct Kinds(pub(crate) &'static [&'static dyn AnyKind]);

impl Kinds {
    /// The kind of this name; nothing where it is not hosted.
    pub(crate) fn find(self, kind: RunKind) -> Option<&'static dyn AnyKind> {
        self.0.iter().copied().find(|hosted| hosted.kind() == kind)
    }

    /// Has a proposal read by its kind.
    ///
    /// # Errors
    ///
    /// `VERSION` and `UNREADABLE` as the message is, `NOT_OFFERED` for a kind that is not hosted.
    pub(crate) fn read(self, message: peer::Proposal) -> Result<Box<dyn ReadProposal>, Trouble> {
        let kind = wire::kind_of(&message).map_err(|error| crate::runs::unreadable(&error))?;
        let kind = self.find(kind).ok_or_else(not_offered)?;
        kind.read(message).map_err(|error| crate::runs::unreadable(&error))
    }
}

/// Any [`Kind`], whatever its terms are.
#[tonic::async_trait]
pub(crate) trait AnyKind: Send + Sync {
    /// Which it is.
    fn kind(&self) -> RunKind;

    /// See [`Kind::refusal_codes`].
    fn refusal_codes(&self) -> &'static [&'static str];

    /// See [`Kind::abort_codes`].
    fn abort_codes(&self) -> &'static [&'static str];

    /// See [`Kind::row_number`].
    fn row_number(&self, lender: &PartyId, list: RunId, place: u64) -> Option<RunId>;

    /// Reads a proposal of this kind.
    fn read(&'static self, message: peer::Proposal) -> Result<Box<dyn ReadProposal>, wire::Error>;

    /// See [`Kind::job_ended`].
    fn job_ended(&self, node: &Node, job: Digest);

    /// See [`Kind::again`].
    async fn again(
        &self,
        node: &Arc<Node>,
        run: StoredRun,
        watcher: Watcher,
    ) -> Result<StoredRun, Trouble>;

    /// See [`Kind::restarted`].
    async fn restarted(
        &self,
        node: &Arc<Node>,
        unfinished: &[StoredRun],
    ) -> Result<Option<Later>, Trouble>;
}

/// A proposal that its kind has read: nothing about it is decided yet.
#[tonic::async_trait]
pub(crate) trait ReadProposal: Send + Sync {
    /// Who says that it proposes, and to whom.
    fn parties(&self) -> (&PartyId, &PartyId);

    /// The run's number.
    fn run(&self) -> RunId;

    /// By which rules the proposer decides.
    fn rules(&self) -> &Rules;

    /// See [`Kind::lender`].
    fn lender(&self) -> Option<&PartyId>;

    /// See [`Kind::accept`].
    async fn accept(self: Box<Self>, node: &Arc<Node>, peer: &PartyId) -> Result<Answer, Trouble>;
}

/// A proposal and the kind that has read it.
struct Reading<K: Kind> {
    kind: &'static K,
    proposal: Proposal<K::Terms>,
    message: peer::Proposal,
}

#[tonic::async_trait]
impl<K: Kind> AnyKind for K {
    fn kind(&self) -> RunKind {
        K::Terms::KIND
    }

    fn refusal_codes(&self) -> &'static [&'static str] {
        Kind::refusal_codes(self)
    }

    fn abort_codes(&self) -> &'static [&'static str] {
        Kind::abort_codes(self)
    }

    fn row_number(&self, lender: &PartyId, list: RunId, place: u64) -> Option<RunId> {
        Kind::row_number(self, lender, list, place)
    }

    fn read(&'static self, message: peer::Proposal) -> Result<Box<dyn ReadProposal>, wire::Error> {
        let proposal = message.clone().try_into()?;
        Ok(Box::new(Reading { kind: self, proposal, message }))
    }

    fn job_ended(&self, node: &Node, job: Digest) {
        Kind::job_ended(self, node, job);
    }

    async fn again(
        &self,
        node: &Arc<Node>,
        run: StoredRun,
        watcher: Watcher,
    ) -> Result<StoredRun, Trouble> {
        Kind::again(self, node, run, watcher).await
    }

    async fn restarted(
        &self,
        node: &Arc<Node>,
        unfinished: &[StoredRun],
    ) -> Result<Option<Later>, Trouble> {
        Kind::restarted(self, node, unfinished).await
    }
}

#[tonic::async_trait]
impl<K: Kind> ReadProposal for Reading<K> {
    fn parties(&self) -> (&PartyId, &PartyId) {
        (&self.proposal.from, &self.proposal.to)
    }

    fn run(&self) -> RunId {
        self.proposal.run
    }

    fn rules(&self) -> &Rules {
        &self.proposal.rules
    }

    fn lender(&self) -> Option<&PartyId> {
        self.kind.lender(&self.proposal.terms)
    }

    async fn accept(self: Box<Self>, node: &Arc<Node>, peer: &PartyId) -> Result<Answer, Trouble> {
        let Self { kind, proposal, message } = *self;
        let Proposal { run, rules, terms, .. } = proposal;
        let purpose = rules.purpose;
        kind.accept(node, Proposed { peer, run, purpose, terms, message: &message }).await
    }
}
