//! A run that two parties have agreed on: as its acceptor keeps it, and as its proposer hears of it.

use std::sync::Arc;

use domain::PartyId;
use session::Role;
use wire::peer;

use crate::Trouble;
use crate::drive::Link;
use crate::node::Node;
use crate::runs::{context, unreadable};

/// What a kind of run answers to a proposal: the run that the proposer is to begin, or nothing where
/// nothing flows; and the agreement.
pub(crate) type Answer = (Option<Box<dyn AgreedRun>>, peer::Agreement);

/// A run that waits for its proposer, with all that it needs.
#[tonic::async_trait]
pub(crate) trait AgreedRun: Send {
    /// The role that the proposer plays.
    fn proposer(&self) -> Role;

    /// Plays our side of the run that `peer` has begun, and records its end.
    async fn drive(self: Box<Self>, node: &Arc<Node>, peer: PartyId, link: Link);

    /// Records that the run does not take place.
    async fn give_up(self: Box<Self>, why: Trouble);
}

/// Agrees to a run that its proposer begins.
pub(crate) fn agreed(run: impl AgreedRun + 'static, added: impl Into<peer::Agreement>) -> Answer {
    (Some(Box::new(run)), added.into())
}

/// Agrees to what needs no exchange.
pub(crate) fn without_exchange(added: impl Into<peer::Agreement>) -> Answer {
    (None, added.into())
}

/// What a peer has agreed to: the two messages as they travelled, and what it has added to the terms.
pub(crate) struct Agreed<A> {
    proposal: peer::Proposal,
    agreement: peer::Agreement,
    pub(crate) added: A,
}

impl<A: TryFrom<peer::Agreement, Error = wire::Error>> Agreed<A> {
    /// Reads what `peer` has added to the terms of a proposal.
    ///
    /// # Errors
    ///
    /// `UNREADABLE` where it is of another kind than the proposal.
    pub(crate) fn read(
        peer: &PartyId,
        proposal: peer::Proposal,
        agreement: peer::Agreement,
    ) -> Result<Self, Trouble> {
        let added = agreement.clone().try_into();
        let added = added.map_err(|error| unreadable(&error).by(peer))?;
        Ok(Self { proposal, agreement, added })
    }
}

impl<A> Agreed<A> {
    /// The hash of all that was agreed on, at the proposer.
    pub(crate) fn context(&self, domain: &str, ours: &[u8; 32], theirs: &[u8; 32]) -> [u8; 32] {
        context(domain, (&self.proposal, &self.agreement), ours, theirs)
    }
}
