//! A holder tries a lender's batch key, before it takes any table under it.
//!
//! Holder and lender speak directly: each has pinned the other, and the platform need not be
//! trusted to carry a trial that protects against a lender it may be in league with.

use std::sync::Arc;

use domain::{PartyId, Purpose, RunKind, RunRole};
use scoring::batch::trial;
use scoring::{Fingerprint, LENDER, batch, holder};
use serde_json::json;
use session::Role;
use store::RunState;
use wire::{TrialTerms, peer};

use crate::Trouble;
use crate::clock::now_ms;
use crate::drive::{Driven, Link};
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::conduct::{Outcome, conduct_keeping, conduct_with, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};
use crate::runs::record::new_run;
use crate::runs::{Run, not_offered, phase};
use crate::setup;

/// What a key is tried for; what it is used for each batch says.
const PURPOSE: Purpose = Purpose::ProductDevelopment;

/// The holder's side: passes at once where a trial of this key is on record, and makes one elsewhere.
pub(crate) async fn passed(
    node: &Arc<Node>,
    lender: &PartyId,
    key: Fingerprint,
) -> Result<(), Trouble> {
    if node.store.is_tried_key(&key.0).await? {
        return Ok(());
    }
    let id = node.new_run_id()?;
    let json = json!({ "lender": lender }).to_string();
    let new = new_run(id, RunKind::Trial, RunRole::Holder, vec![lender.clone()], true, json);
    let run = Run::begin_unseen(&node.store, new).await?;
    let tried = async {
        let terms = TrialTerms { lender_key: key.0 };
        node.propose(lender, id, PURPOSE, terms).await?;
        run.advance(RunState::Agreed, phase::named("agreed", "已约定")).await?;
        let trial = trial::Holder::new(key, &mut setup::chacha()?);
        let link = node.exchange(lender, LENDER, id).await?;
        let journal = RunJournal::new(&run, phase::trial);
        let keep = async |tried: batch::TriedKey| {
            Ok(node.store.keep_tried_key(&tried.fingerprint().0, lender, now_ms()).await?)
        };
        conduct_keeping(node, journal, (LENDER, lender), (trial, link), keep).await
    };
    match tried.await {
        Ok(Driven { output: (), confirmed, .. }) => run.finish(confirmed, "{}".into(), None).await,
        Err(trouble) => Err(run.fail(trouble).await),
    }
}

/// A trial of our key that we have agreed to.
pub(crate) struct AcceptedTrial {
    run: Run,
    key: Arc<batch::LenderKey>,
}

/// Trying a lender's batch key.
pub(crate) struct Trial;

#[tonic::async_trait]
impl Kind for Trial {
    type Terms = TrialTerms;

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, TrialTerms>,
    ) -> Result<Answer, Trouble> {
        accept(node, proposed).await
    }
}

/// The lender's side: a holder of a model that was published to us may try our key.
async fn accept(
    node: &Arc<Node>,
    Proposed { peer, run: id, terms, .. }: Proposed<'_, TrialTerms>,
) -> Result<Answer, Trouble> {
    let key = node.identity.batch_key.as_ref().ok_or_else(not_offered)?;
    let holds = node
        .store
        .models()
        .await?
        .iter()
        .any(|model| model.part == store::ModelPart::Lender && model.holders.contains(peer));
    if !holds || key.public().fingerprint().0 != terms.lender_key {
        return Err(not_offered());
    }
    let new = new_run(id, RunKind::Trial, RunRole::Lender, vec![peer.clone()], false, "{}".into());
    let run = Run::begin_unseen(&node.store, new).await?;
    let accepted = AcceptedTrial { run, key: Arc::clone(key) };
    Ok(agreed(accepted, peer::TrialAgreement {}))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedTrial {
    fn proposer(&self) -> Role {
        holder(0)
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Shows the key, and answers one challenge.
    async fn drive(self: Box<Self>, node: &Arc<Node>, peer: PartyId, link: Link) {
        let Self { run, key } = *self;
        let journal = RunJournal::new(&run, phase::trial);
        let shown = conduct_with(node, journal, (holder(0), &peer), trial::Lender::new(key), link);
        let done = shown.await.map(|Driven { confirmed, .. }| Outcome {
            confirmed,
            report: "{}".into(),
            result: None,
        });
        record(run, done).await;
    }
}
