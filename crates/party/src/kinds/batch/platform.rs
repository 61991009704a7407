//! The platform's side: hands the list on, adds the holders' answers, learns nothing.

use std::sync::Arc;

use domain::{PartyId, Purpose, RunId, RunRole};
use scoring::batch::{Platform, PublicKey, Span, Terms};
use scoring::{LENDER, holder};
use tokio::task::JoinSet;
use wire::{BatchStep, BatchTerms, WithoutBin, peer};

use super::rounds;
use crate::Trouble;
use crate::drive::Link;
use crate::kinds::batch::{
    Bringer, Step, accept_list, bring_list, end, no_batch_form, reached, standing, under_way,
    without_bin,
};
use crate::kinds::score::{mask_keys, published};
use crate::node::Node;
use crate::runs::Run;
use crate::runs::agreed::{Answer, agreed, without_exchange};
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::drive_run;
use crate::runs::journal::RunJournal;
use crate::runs::kind::Proposed;

/// A span that this platform has agreed to relay: every holder has agreed to answer it.
pub(crate) struct AcceptedRelay {
    pub(super) run: Run,
    terms: Terms,
    span: Span,
    holders: Vec<PartyId>,
}

/// Decides on a step of a batch that `lender` asks for.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: lender, run: id, purpose, terms: asked, .. }: Proposed<'_, BatchTerms>,
) -> Result<Answer, Trouble> {
    let (model, card) = published(node, &asked.digest, lender).await?;
    let key = node.store.batch_model(&asked.digest).await?.ok_or_else(no_batch_form)?;
    let key = PublicKey::from_bytes(&key).map_err(|error| Trouble::from_error("STORE", &error))?;
    let holders = mask_keys(node, &model.holders)?;
    let terms = super::terms(key.fingerprint(), id, &asked, card.most_points, holders)?;
    match asked.step {
        BatchStep::List => {
            let bringer = Bringer {
                peer: lender,
                from: LENDER,
                role: RunRole::Platform,
                peers: std::iter::once(lender).chain(&model.holders).cloned().collect(),
                model: model.model.to_string(),
            };
            accept_list(node, id, &asked, &terms, bringer).await
        }
        BatchStep::Span { from, to } => {
            under_way(node, id, &terms).await?;
            let span = Span::new(from, to).map_err(|error| Trouble::from_error("TERMS", &error))?;
            let run = Run::unseen(&node.store, id);
            let (_, subjects) = super::subjects_of(&terms, span);
            match ask_holders(node, &model.holders, &run, (&asked, subjects), purpose).await {
                Ok(without_bin) => {
                    let relay = AcceptedRelay { run, terms, span, holders: model.holders };
                    Ok(agreed(Step::Relay(relay), without_bin.into_agreement()))
                }
                Err(trouble) => Err(run.fail(trouble).await),
            }
        }
        BatchStep::Over => {
            if standing(node, id, &terms).await?.is_some() {
                let told = tell_holders(node, &model.holders, id, &asked, purpose).await;
                if let Err(trouble) = &told {
                    tracing::warn!(run = %id, code = trouble.code, "not told of its end: {trouble}");
                }
                end(node, id, told.is_ok()).await?;
            }
            Ok(without_exchange(peer::BatchAgreement::default()))
        }
    }
}

/// Sees to it that every holder has the list, and proposes the span to all; all must agree. Returns the
/// subjects that some holder has no bin for.
async fn ask_holders(
    node: &Arc<Node>,
    holders: &[PartyId],
    run: &Run,
    (asked, subjects): (&BatchTerms, usize),
    purpose: Purpose,
) -> Result<WithoutBin, Trouble> {
    let mut asking = JoinSet::new();
    for (index, party) in holders.iter().enumerate() {
        let (node, party, asked) = (Arc::clone(node), party.clone(), asked.clone());
        let run = Run::unseen(&node.store, run.id);
        asking.spawn(async move {
            bring_list(&node, (holder(index), &party), &run, &asked, purpose).await?;
            let agreed = node.propose(&party, run.id, purpose, asked).await?;
            without_bin(&agreed.added, subjects, &party)
        });
    }
    let mut marked = WithoutBin::default();
    while let Some(answered) = asking.join_next().await {
        marked.join(&answered.map_err(|error| Trouble::from_error("OURS", &error))??);
    }
    Ok(marked)
}

/// Tells every holder that the lender has every score. All are told, whoever of them answers.
async fn tell_holders(
    node: &Arc<Node>,
    holders: &[PartyId],
    id: RunId,
    asked: &BatchTerms,
    purpose: Purpose,
) -> Result<(), Trouble> {
    let mut telling = JoinSet::new();
    for party in holders {
        let (node, party, asked) = (Arc::clone(node), party.clone(), asked.clone());
        telling.spawn(async move { node.propose(&party, id, purpose, asked).await });
    }
    let mut told = Ok(());
    while let Some(answered) = telling.join_next().await {
        let answered = answered.map_err(|error| Trouble::from_error("OURS", &error));
        told = told.and(answered.and_then(|answered| answered).map(|_| ()));
    }
    told
}

impl AcceptedRelay {
    /// Collects the holders' answers, adds them, and hands each block's sum to the lender.
    pub(super) async fn drive(
        self,
        node: &Arc<Node>,
        lender: &PartyId,
        link: Link,
    ) -> (Run, Result<(), Trouble>) {
        let Self { run, terms, span, holders } = self;
        let relayed = async {
            let (to, all) = (span.to(), terms.blocks());
            let platform =
                Platform::new(terms, span).map_err(|error| Trouble::from_error("TERMS", &error))?;
            let mut links = vec![link];
            let mut assignment = RoleAssignment::from([(LENDER, lender.clone())]);
            for (index, party) in holders.into_iter().enumerate() {
                links.push(node.exchange(&party, holder(index), run.id).await?);
                assignment.insert(holder(index), party);
            }
            let journal = RunJournal::brief(&run, rounds::round);
            drive_run(node, journal, &assignment, platform, links).await?;
            reached(&run, to, all).await
        };
        let done = relayed.await;
        (run, done)
    }
}
