//! A holder's atoms on their way out: decided once more, counted, written down, and only then sent.

use ::catalogue::TypedAtom;
use domain::{Digest, RunId};
use store::StoredDisclosure;
use time::Date;
use verification::verify::{ATOMS, Holder};

use crate::Trouble;
use crate::governance::authorise::Granted;
use crate::governance::disclosures;
use crate::governance::questions::VerifiedQuestion;
use crate::governance::release::{Asking, PendingRelease, ReleaseContext, release, revalidate};
use crate::node::Node;
use crate::runs::journal::ReleaseGate;
use crate::runs::observed::{Observed, Sending};

/// What has to be written down before atoms may leave.
pub(super) struct PendingAtoms {
    pub(super) run: RunId,
    pub(super) question: VerifiedQuestion,
    pub(super) formula: Digest,
    pub(super) granted: Granted,
    pub(super) own: Vec<TypedAtom>,
    /// What came encrypted, by slot.
    pub(super) slots: Vec<Digest>,
    pub(super) today: Date,
}

impl PendingAtoms {
    /// What the lender's questions about the subject could tell once these atoms are answered too.
    pub(super) async fn disclosed(&self, node: &Node) -> Result<StoredDisclosure, Trouble> {
        let request = self.granted.covered.request();
        disclosures::after(node, request, &self.own, &self.slots, self.today).await
    }
}

/// Atoms that are about to leave: they are released first, or they do not.
pub(crate) struct AtomGate<'a> {
    node: &'a Node,
    due: Option<PendingAtoms>,
    batch: Digest,
    sending: Sending,
}

impl<'a> AtomGate<'a> {
    /// What `session` is about to send, and the session as it is to be driven.
    pub(super) fn of(
        node: &'a Node,
        due: PendingAtoms,
        batch: Digest,
        session: Holder,
    ) -> (Self, Observed<Holder>) {
        let (shown, sending) = Observed::of(session, ATOMS);
        (Self { node, due: Some(due), batch, sending }, shown)
    }
}

#[tonic::async_trait]
impl ReleaseGate for AtomGate<'_> {
    /// The second look, and the release with all that is written down of it.
    async fn before_round(&mut self, _run: RunId, round: u32) -> Result<(), Trouble> {
        if round != ATOMS {
            return Ok(());
        }
        let pending = self.sending.take();
        let due = self.due.take().filter(|_| !pending.is_empty());
        let mut due = due.ok_or_else(|| Trouble::from_error("OURS", &"atoms would leave twice"))?;
        let asking = Asking::Formula(due.formula);
        due.granted =
            revalidate(self.node, due.granted, (due.run, due.question.id), &asking).await?;
        // Two questions that were decided at once must not both count from the same start.
        let _alone = self.node.disclosures.lock().await;
        let disclosure = due.disclosed(self.node).await?;
        let context = ReleaseContext {
            run: due.run,
            request: due.question.id,
            question: Some(due.question),
            asking,
            batch: self.batch,
            repeats: None,
            disclosure: Some(disclosure),
        };
        let pending = PendingRelease { context, granted: due.granted, answer: pending.to_vec() };
        release(self.node, vec![pending]).await
    }
}
