//! A platform routes a formula, and combines what holders answer under the lender's key.

use std::sync::Arc;

use consent::{Need, SignedQuestion};
use domain::{Duty, Output, PartyId, Purpose, Refusal, RunId, RunKind, RunRole, SubjectKind};
use envelope::Envelope;
use serde_json::json;
use session::Role;
use verification::verify::Platform;
use verification::{Encode, Evaluator, LENDER, Terms, ThresholdDigest, holder};
use wire::{Routing, VerifyTerms, peer};

use super::formula::{AgreedFormula, Bindings, strange};
use super::{OTHER_HOLDERS, Recorded, claims, keys, ours, rounds, routed, subject_of};
use crate::drive::Link;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::{ask_all, open_all};
use crate::runs::driving::{Outcome, drive_run, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::Proposed;
use crate::runs::record::new_run;
use crate::runs::{Run, not_offered};
use crate::{Trouble, setup};

/// A question that every holder has agreed to answer.
pub(crate) struct AcceptedCombination {
    run: Run,
    terms: Terms,
    evaluator: Arc<Evaluator>,
    holders: Vec<PartyId>,
}

/// Decides on a lender's question, and proposes it to the holders of its classes.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: lender, run: id, purpose, terms: asked, .. }: Proposed<'_, VerifyTerms>,
) -> Result<Answer, Trouble> {
    let combines = node.config.duties.contains(&Duty::Platform);
    if !combines || node.config.routes.is_empty() || asked.kind == SubjectKind::Opaque {
        return Err(not_offered());
    }
    let key = keys::pinned(node, lender, asked.lender_key)?;
    let formula = AgreedFormula::received(&node.rules.catalogue, &asked.formula)?;
    let routing = routed(&formula, |class| node.config.route(class))?;
    agrees(&asked.question, &routing)?;
    let subject = subject_of(&asked)?;
    let platform = node.config.name.clone();
    let needs = node.rules.needs_of(&formula.fields(), Output::Verify, purpose)?;
    let authorises = |need: Need| matches!(need, Need::Subject | Need::SubjectAndPerson);
    if asked.authorisation.is_none() && needs.iter().any(|(_, need)| authorises(*need)) {
        // Holders decide for themselves; this only spares them what none of them may answer.
        let told = Recorded {
            run: id,
            asked: &asked,
            platform: &platform,
            purpose,
            formula: &formula,
            subject: &subject,
            fields: &[],
            question: None,
        };
        let trouble = Trouble::refused(Refusal::AuthMissing);
        return Err(told.refused(node, Duty::Platform, trouble).await);
    }
    if asked.boxes.len() != formula.claims().len() {
        return Err(strange(&"it has not one box for each claim"));
    }
    let thresholds: Vec<_> = asked.thresholds.iter().copied().map(ThresholdDigest).collect();
    let terms = formula.terms(&Bindings {
        run: id,
        lender,
        lender_key: key,
        platform: &platform,
        subject: &subject,
        purpose,
        routing: &routing,
        thresholds: &thresholds,
        claims: &claims::commitments(&asked),
    })?;
    let evaluator = node.lender_keys.evaluator(node, key).await?;
    let record = json!({ "formula": formula.text(), "lender": lender }).to_string();
    let peers = std::iter::once(lender).chain(&routing.holders).cloned().collect();
    let new = new_run(id, RunKind::Verify, RunRole::Platform, peers, false, record);
    let run = Run::begin_unseen(&node.store, new).await?;
    let holders = routing.holders.clone();
    let passed_on = VerifyTerms {
        routing: Some(routing.clone()),
        public_key: evaluator.public().to_bytes(),
        ..asked
    };
    match ask_holders(node, (&formula, &routing), id, &passed_on, purpose).await {
        Ok(()) => {
            let added = peer::VerifyAgreement { routing: Some(routing.into()) };
            Ok(agreed(AcceptedCombination { run, terms, evaluator, holders }, added))
        }
        Err(trouble) => Err(run.fail(trouble).await),
    }
}

/// Sees that the lender has signed for the holders that are to be asked: no other would answer. That
/// the signature holds is for them to say.
fn agrees(question: &[u8], routing: &Routing) -> Result<(), Trouble> {
    let signed = Envelope::from_json(question).ok();
    let signed = signed.and_then(|signed| SignedQuestion::unverified(&signed).ok());
    match signed {
        Some(signed) if signed.question.holders != routing.holders => Err(Trouble::us(
            OTHER_HOLDERS,
            "the question is signed for other holders than this platform asks now",
            "提问签名中的数据方与本平台现在询问的数据方不同",
        )),
        // What is not signed at all, each holder refuses and writes down.
        Some(_) | None => Ok(()),
    }
}

/// Proposes the question to every holder at once, with the boxes of its own claims; all must agree.
async fn ask_holders(
    node: &Arc<Node>,
    (formula, routing): (&AgreedFormula, &Routing),
    id: RunId,
    asked: &VerifyTerms,
    purpose: Purpose,
) -> Result<(), Trouble> {
    let asks = routing.holders.iter().enumerate().map(|(place, party)| {
        let (node, to) = (Arc::clone(node), party.clone());
        let is_own = |atom: usize| usize::from(routing.places[atom]) == place;
        let boxes = claims::boxes_of(&asked.boxes, formula, is_own);
        let terms = VerifyTerms { boxes, ..asked.clone() };
        (party.clone(), async move { node.propose(&to, id, purpose, terms).await })
    });
    ask_all(node, id, asks).await.map(drop)
}

#[tonic::async_trait]
impl AgreedRun for AcceptedCombination {
    fn proposer(&self) -> Role {
        LENDER
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Collects the holders' atoms, combines them, and hands the answer to the lender.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, terms, evaluator, holders } = *self;
        let done = async {
            let (links, assignment) =
                open_all(node, run.id, (LENDER, lender, link), (holder, holders)).await?;
            let mut rng = setup::chacha()?;
            let session =
                Platform::new(terms, evaluator, &mut rng).map_err(|error| ours(&error))?;
            let journal = RunJournal::brief(&run, rounds::round);
            drive_run(node, journal, &assignment, session, links).await
        };
        let done = done.await;
        record(run, done.map(Outcome::of)).await;
    }
}
