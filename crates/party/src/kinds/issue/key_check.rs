//! A holder tries a lender's batch key, before it takes any table under it.
//!
//! Holder and lender speak directly: each has pinned the other, and the platform need not be
//! trusted to carry a key check that protects against a lender it may be in league with.

use std::sync::Arc;

use domain::{PartyId, RunKind, RunRole};
use scoring::batch::key_check;
use scoring::{Fingerprint, LENDER, batch, holder};
use serde_json::json;
use session::Role;
use store::Phase;
use wire::{KeyCheckTerms, peer};

use crate::Trouble;
use crate::clock::now_ms;
use crate::drive::Link;
use crate::governance::models;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::Asking;
use crate::runs::driving::{Outcome, drive_with_peer, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};
use crate::runs::record::{new_run, unseen};
use crate::runs::{Run, not_offered, phase};
use crate::setup;

/// The holder's side: passes at once where a check of this key is on record, and makes one elsewhere.
pub(crate) async fn passed(
    node: &Arc<Node>,
    lender: &PartyId,
    key: Fingerprint,
) -> Result<(), Trouble> {
    if node.store.is_checked_key(&key.0).await? {
        return Ok(());
    }
    let json = json!({ "lender": lender }).to_string();
    let kind = (RunKind::KeyCheck, RunRole::Holder);
    let run = Run::ours(node, kind, vec![lender.clone()], json, unseen()).await?;
    let tried = async {
        let ask = Asking::new(node, &run, (LENDER, lender), models::PURPOSE);
        ask.propose(KeyCheckTerms { lender_key: key.0 }).await?;
        run.agreed().await?;
        let check = key_check::Holder::new(key, &mut setup::chacha()?);
        let journal = RunJournal::new(&run, round);
        let keep = async |tried: batch::CheckedKey| {
            Ok(node.store.keep_checked_key(&tried.fingerprint().0, lender, now_ms()).await?)
        };
        ask.drive_run_keeping(journal, check, keep).await.map(Outcome::of)
    };
    let done = tried.await;
    run.end(done).await
}

/// A check of our key that we have agreed to.
pub(crate) struct AcceptedKeyCheck {
    run: Run,
    key: Arc<batch::LenderKey>,
}

/// Trying a lender's batch key.
pub(crate) struct KeyCheck;

#[tonic::async_trait]
impl Kind for KeyCheck {
    type Terms = KeyCheckTerms;

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, KeyCheckTerms>,
    ) -> Result<Answer, Trouble> {
        accept(node, proposed).await
    }
}

/// The lender's side: a holder of a model that was published to us may try our key.
async fn accept(
    node: &Arc<Node>,
    Proposed { peer, run: id, terms, .. }: Proposed<'_, KeyCheckTerms>,
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
    let new =
        new_run(id, RunKind::KeyCheck, RunRole::Lender, vec![peer.clone()], false, "{}".into());
    let run = Run::begin_unseen(&node.store, new).await?;
    let accepted = AcceptedKeyCheck { run, key: Arc::clone(key) };
    Ok(agreed(accepted, peer::KeyCheckAgreement {}))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedKeyCheck {
    fn proposer(&self) -> Role {
        holder(0)
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Shows the key, and answers one challenge.
    async fn drive(self: Box<Self>, node: &Arc<Node>, peer: PartyId, link: Link) {
        let Self { run, key } = *self;
        let journal = RunJournal::new(&run, round);
        let shown =
            drive_with_peer(node, journal, (holder(0), &peer), key_check::Lender::new(key), link);
        let done = shown.await.map(Outcome::of);
        record(run, done).await;
    }
}

/// A round of a check of a lender's batch key.
fn round(round: u32) -> Phase {
    let zh = match round {
        1 => "公钥",
        2 => "质询",
        3 => "应答",
        _ => "未知轮次",
    };
    phase::round(round, key_check::round_name(round), zh)
}
