//! The platform's side: asks every holder, adds, hands on.

use std::sync::Arc;

use domain::{Duty, PartyId, Purpose, Refusal, RunId, RunKind, RunRole, SubjectKind};
use scoring::score::Platform;
use scoring::{LENDER, PublicKey, Terms, holder};
use session::Role;
use store::{ModelPart, StoredModel};
use wire::{ScoreTerms, peer};

use crate::Trouble;
use crate::drive::Link;
use crate::governance::models;
use crate::kinds::issue::card::Card;
use crate::kinds::score::{
    ANSWERS_DIFFER, asked_of, finish, mask_keys, request_hash, subject_of, talk, terms,
};
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::{ask_all, give_up, open_all};
use crate::runs::kind::Proposed;
use crate::runs::record::new_run;
use crate::runs::{Run, not_offered};

/// A question that this platform has agreed to relay: every holder has agreed to answer.
pub(crate) struct AcceptedRelay {
    run: Run,
    terms: Terms,
    holders: Vec<PartyId>,
}

/// What this platform has published to a lender under this digest, if it is in force.
pub(crate) async fn published(
    node: &Node,
    digest: &[u8; 32],
    lender: &PartyId,
) -> Result<(StoredModel, Card), Trouble> {
    let model = node.store.model(digest).await?;
    let model = model.filter(|m| m.part == ModelPart::Platform && m.lender == *lender);
    let model = model.ok_or_else(not_offered)?;
    models::in_force(node, &model.registration).await?;
    let card = serde_json::from_str(&model.facts).map_err(|e| Trouble::from_error("STORE", &e))?;
    Ok((model, card))
}

/// Decides on a question that `lender` asks: every holder must agree.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: lender, run: id, purpose, terms: asked, .. }: Proposed<'_, ScoreTerms>,
) -> Result<Answer, Trouble> {
    let (model, card) = published(node, &asked.digest, lender).await?;
    let key =
        PublicKey::from_bytes(&model.content).map_err(|e| Trouble::from_error("STORE", &e))?;
    if asked.kind != SubjectKind::Opaque && asked.authorisation.is_none() {
        // Holders decide for themselves; this only spares them what none of them may answer.
        let subject = subject_of(&asked)?;
        let request = request_hash(node, &asked, id, &subject);
        let told = asked_of(&asked, id, purpose, Vec::new(), &model, request)?;
        let trouble = Trouble::refused(Refusal::AuthMissing);
        return Err(node.record_refusal(Duty::Platform, told, &subject, trouble).await);
    }
    let json = serde_json::json!({ "model": model.model, "lender": lender }).to_string();
    let peers = std::iter::once(lender).chain(&model.holders).cloned().collect();
    let run = Run::begin_unseen(
        &node.store,
        new_run(id, RunKind::Score, RunRole::Platform, peers, false, json),
    )
    .await?;
    match ask_holders(node, &model.holders, id, &asked, purpose).await {
        Ok(added) => {
            let number = wire::stored_run(&added).ok().flatten().unwrap_or(id);
            let keys = mask_keys(node, &model.holders)?;
            let terms = terms(key.fingerprint(), asked.digest, number, card.most_points, keys)?;
            let relay = AcceptedRelay { run, terms, holders: model.holders };
            Ok(agreed(relay, added))
        }
        Err(trouble) => Err(run.fail(trouble).await),
    }
}

/// Proposes the question to every holder at once; all must agree, and to the same: a new answer, or
/// the one of the same earlier run.
async fn ask_holders(
    node: &Arc<Node>,
    holders: &[PartyId],
    id: RunId,
    asked: &ScoreTerms,
    purpose: Purpose,
) -> Result<peer::ScoreAgreement, Trouble> {
    let asks = holders.iter().map(|party| {
        let (node, asked, to) = (Arc::clone(node), asked.clone(), party.clone());
        (party.clone(), async move { node.propose(&to, id, purpose, asked).await })
    });
    let agreed = ask_all(node, id, asks).await?;
    let mut added = agreed.into_iter().map(|agreed| agreed.added);
    let first = added.next().ok_or_else(not_offered)?;
    if added.any(|other| other.stored != first.stored) {
        // The lender asks anew, of all.
        give_up(node, id, holders.to_vec()).await;
        return Err(Trouble::us(
            ANSWERS_DIFFER,
            "not every holder has the same earlier answer to this question: a register has changed since; ask for a new one",
            "各数据方保存的历史答复不一致（登记表已变更）：请重新计算",
        )
        .by_nobody());
    }
    Ok(first)
}

#[tonic::async_trait]
impl AgreedRun for AcceptedRelay {
    fn proposer(&self) -> Role {
        LENDER
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Collects the holders' answers, adds them, and hands the sum to the lender.
    async fn drive(self: Box<Self>, node: &Arc<Node>, lender: PartyId, link: Link) {
        let Self { run, terms, holders } = *self;
        let done = async {
            let (links, assignment) =
                open_all(node, run.id, (LENDER, lender, link), (holder, holders)).await?;
            talk(node, &run, &assignment, Platform::new(terms), links).await
        };
        let done = done.await;
        finish(run, done).await;
    }
}
