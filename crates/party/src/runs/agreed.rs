//! A run that a peer has proposed and that this party has agreed to, of whatever kind.

use std::sync::Arc;

use domain::PartyId;
use session::Role;
use wire::peer;

use crate::Trouble;
use crate::drive::Link;
use crate::node::Node;

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
