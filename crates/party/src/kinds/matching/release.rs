//! Answers to claims on their way out: decided once more, counted, written down, and only then sent.

use std::sync::Arc;

use ::catalogue::TypedAtom;
use domain::{Digest, RunId};
use psi::equality::{ANSWERS, Holder};
use time::Date;

use crate::Trouble;
use crate::governance::authorise::{self, Granted};
use crate::governance::disclosures;
use crate::governance::release::{Asking, PendingRelease, ReleaseContext, release, revalidate};
use crate::node::Node;
use crate::runs::journal::ReleaseGate;
use crate::runs::observed::{Observed, Sending};

/// What has to be written down before answers may leave: a release a row, in the order of the rows.
pub(super) struct PendingAnswers {
    pub(super) rows: Vec<Row>,
    /// What is claimed context: one match of a tuple.
    pub(super) claim: TypedAtom,
    /// The SHA-256 that names it.
    pub(super) hash: Digest,
    pub(super) today: Date,
}

/// A subject that may be answered about.
pub(super) struct Row {
    pub(super) number: RunId,
    pub(super) request: Digest,
    pub(super) granted: Granted,
}

/// Answers that are about to leave: they are released first, or they do not.
pub(crate) struct AnswerGate<'a> {
    node: &'a Arc<Node>,
    due: Option<PendingAnswers>,
    batch: Digest,
    /// Bytes of an answer.
    length: usize,
    sending: Sending,
}

impl<'a> AnswerGate<'a> {
    /// What `session` is about to send, and the session as it is to be driven.
    pub(super) fn of(
        node: &'a Arc<Node>,
        due: PendingAnswers,
        batch: Digest,
        (session, length): (Holder, usize),
    ) -> (Self, Observed<Holder>) {
        let (shown, sending) = Observed::of(session, ANSWERS);
        (Self { node, due: Some(due), batch, length, sending }, shown)
    }
}

#[tonic::async_trait]
impl ReleaseGate for AnswerGate<'_> {
    /// The second look at every row, and their releases: all of them, or none.
    async fn before_round(&mut self, _run: RunId, round: u32) -> Result<(), Trouble> {
        if round != ANSWERS {
            return Ok(());
        }
        let (node, pending) = (self.node, self.sending.take());
        let answers = pending.chunks_exact(self.length);
        let due = self.due.take().filter(|due| {
            // A run is one chunk of answers: all of them are here.
            answers.len() == due.rows.len() && answers.remainder().is_empty()
        });
        let due =
            due.ok_or_else(|| Trouble::from_error("OURS", &"answers would leave unreleased"))?;
        let PendingAnswers { rows, claim, hash, today } = due;
        let still = |Row { number, request, granted }| {
            let node = Arc::clone(node);
            async move {
                let granted =
                    revalidate(&node, granted, (number, request), &Asking::Claim(hash)).await?;
                Ok(Row { number, request, granted })
            }
        };
        let rows = authorise::map_concurrently(rows, still).await?;
        let rows = rows.into_iter().collect::<Result<Vec<Row>, Trouble>>()?;
        // Two questions that were decided at once must not both count from the same start.
        let _alone = node.disclosures.lock().await;
        let claims = std::slice::from_ref(&claim);
        let mut pending = Vec::with_capacity(rows.len());
        for (Row { number: run, request, granted }, answer) in rows.into_iter().zip(answers) {
            let asked = granted.covered.request();
            let disclosure = disclosures::after(node, asked, claims, &[], today).await?;
            let context = ReleaseContext {
                run,
                request,
                question: None,
                asking: Asking::Claim(hash),
                batch: self.batch,
                repeats: None,
                disclosure: Some(disclosure),
            };
            pending.push(PendingRelease { context, granted, answer: answer.to_vec() });
        }
        release(node, pending).await
    }
}
