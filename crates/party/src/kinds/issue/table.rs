//! A holder takes a model: encrypted points from a platform, for one lender.

use std::sync::Arc;

use consent::Registration;
use domain::{Duty, PartyId, RunKind, RunRole};
use scorecard::Part;
use scoring::issue::TableReceiver;
use scoring::{Encode, Fingerprint, PLATFORM, Shape, batch};
use serde_json::json;
use session::Role;
use sha2::{Digest as _, Sha256};
use store::{ModelPart, StoredModel, TableName};
use wire::{Publication, peer};

use crate::Trouble;
use crate::clock::now_ms;
use crate::config::{self, Offer};
use crate::drive::Link;
use crate::governance::models::{self, Published};
use crate::identity::Peer;
use crate::kinds::issue::key_check;
use crate::kinds::issue::{bad_model, no_key, report, table_terms};
use crate::kinds::{issue, score};
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::driving::{Outcome, drive_keeping_for, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};
use crate::runs::record::new_run;
use crate::runs::{Run, not_offered};

/// A platform's table, agreed to.
pub(crate) struct AcceptedTable {
    run: Run,
    terms: wire::TableTerms,
    shape: Shape,
}

/// Handing a model's encrypted points to a holder.
pub(crate) struct Table;

#[tonic::async_trait]
impl Kind for Table {
    type Terms = wire::TableTerms;

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, wire::TableTerms>,
    ) -> Result<Answer, Trouble> {
        accept(node, proposed).await
    }
}

/// The holder's side: decides whether it answers this model for this lender over this platform.
async fn accept(
    node: &Arc<Node>,
    Proposed { peer, run: id, terms, .. }: Proposed<'_, wire::TableTerms>,
) -> Result<Answer, Trouble> {
    let lender = &terms.publication.lender;
    let register = answering(node, peer, lender)?;
    node.members.admitted(lender)?;
    // The platform must not put its own key in the lender's place: it could open every score.
    let Peer { scoring_key, batch_key, .. } = &node.line(lender)?.peer;
    let pinned = if terms.batch { batch_key } else { scoring_key };
    let pinned = pinned.ok_or_else(|| no_key(lender))?;
    if pinned.0 != terms.lender_key {
        return Err(Trouble::us(
            "LENDER_KEY",
            "the table is made for another key than the one pinned for this lender",
            "评分表所用密钥与登记的贷款方密钥不符",
        )
        .by(peer));
    }
    if !terms.publication.holders.contains(&node.config.name) {
        return Err(bad_model(&"this party is not among the model's holders"));
    }
    if terms.publication.holders.contains(lender) {
        return Err(bad_model(&"its lender is among its holders").by(peer));
    }
    for holder in terms.publication.holders.iter().filter(|holder| **holder != node.config.name) {
        // Its mask key must be known to us from its own file, not from the platform.
        node.line(holder)?;
    }
    models::holder::co_holders(node, &terms.publication.holders)?;
    let part: Part = serde_json::from_str(&terms.part).map_err(|error| bad_model(&error))?;
    // Nothing but what this holder has countersigned, and every word of it.
    let Publication { model, registration, holders, .. } = &terms.publication;
    let sheet = models::holder::countersigned(node, peer, registration).await?;
    let same = sheet.model == *model
        && sheet.holders == *holders
        && sheet.slot.as_str() == terms.slot
        && sheet.part == Registration::hash_of(&part)
        && sheet.max_points == terms.max_points;
    if !same {
        return Err(bad_model(&"it is not the model that this holder has countersigned").by(peer));
    }
    models::holder::serves(node, register, sheet.research, &part)?;
    let shape = shape(&part)?;
    if terms.batch {
        key_check::passed(node, lender, pinned).await?;
    }
    let json = json!({ "model": terms.publication.model, "lender": lender, "batch": terms.batch });
    let new =
        new_run(id, RunKind::Table, RunRole::Holder, vec![peer.clone()], false, json.to_string());
    let run = Run::begin_unseen(&node.store, new).await?;
    Ok(agreed(AcceptedTable { run, terms, shape }, peer::TableAgreement {}))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedTable {
    fn proposer(&self) -> Role {
        PLATFORM
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Takes the table and keeps it. One that is kept already, word for word, changes nothing: the log
    /// tells of it once, and what was read by it stays.
    async fn drive(self: Box<Self>, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, terms, shape } = *self;
        let done = async {
            let key = Fingerprint(terms.lender_key);
            let digest = models::publication_digest(&terms.publication);
            let table = table_terms(digest, key, shape);
            let journal = RunJournal::new(&run, issue::rounds::round);
            // Over the platform it is for the lender: cut off, neither is brought a table.
            let whom = ((PLATFORM, &platform), Some(&terms.publication.lender));
            if terms.batch {
                // Agreed to only after the key check, or on its record.
                let tried = batch::CheckedKey::from_record(key);
                let receiver = TableReceiver::for_batch(table, tried)
                    .map_err(|error| Trouble::from_error("OURS", &error))?;
                let report = report(&terms.publication.model, &platform);
                let keep = async |table: scoring::Table<batch::PublicKey>| {
                    let content = table.to_bytes();
                    first_of_its_name(node, &terms, &content).await?;
                    let had = node.store.batch_model(&digest).await?;
                    if had.is_none_or(|had| had != content) {
                        let kept = Published { batch: Some(content), ..Published::default() };
                        node.record_published(Duty::Holder, &terms.publication, kept).await?;
                    }
                    run.keep(&report, None).await
                };
                let session = (receiver, link);
                let driven = drive_keeping_for(node, journal, whom, session, keep).await?;
                return Ok(Outcome::with_report(driven.confirmed, report));
            }
            let report = report(&terms.publication.model, &platform);
            let facts = HolderFacts { max_points: terms.max_points, part: terms.part.clone() };
            let facts =
                serde_json::to_string(&facts).map_err(|e| Trouble::from_error("OURS", &e))?;
            let keep = async |table: scoring::Table| {
                let content = table.to_bytes();
                first_of_its_name(node, &terms, &content).await?;
                let Publication { model, registration, lender, holders } =
                    terms.publication.clone();
                let kept = StoredModel {
                    digest,
                    part: ModelPart::Holder,
                    model,
                    lender,
                    platform: platform.clone(),
                    registration,
                    retired: false,
                    holders,
                    facts,
                    content,
                };
                let had = node.store.model(&digest).await?;
                if had.is_none_or(|had| !same(&had, &kept)) {
                    let kept = Published { model: Some(kept), ..Published::default() };
                    node.record_published(Duty::Holder, &terms.publication, kept).await?;
                }
                run.keep(&report, None).await
            };
            let session = (TableReceiver::new(table), link);
            let driven = drive_keeping_for(node, journal, whom, session, keep).await?;
            Ok(Outcome::with_report(driven.confirmed, report))
        };
        let done = done.await;
        record(run, done).await;
    }
}

/// Sees that a table is the first of its registration, key and form, or the same again: nobody here
/// can look into it, so that another in its place would go unseen.
async fn first_of_its_name(
    node: &Node,
    terms: &wire::TableTerms,
    content: &[u8],
) -> Result<(), Trouble> {
    let wire::TableTerms { publication, lender_key, batch, .. } = terms;
    let registration = publication.registration;
    let name = TableName { registration, lender_key: *lender_key, batch: *batch };
    let digest: [u8; 32] = Sha256::digest(content).into();
    if node.store.first_table(&name, &digest, now_ms()).await? == digest {
        return Ok(());
    }
    let model = &publication.model;
    Err(Trouble::us(
        "TABLE_EXCHANGED",
        format!(
            "another table of {model} was taken for this lender's key before, and none is taken in its place: register a new version of the model"
        ),
        format!("此前已为该贷款方密钥接收过 {model} 的另一份评分表，不得替换：请为模型登记新版本"),
    ))
}

/// Whether a holder would keep of a publication what it has kept; what else a model has hangs on the
/// registration.
fn same(had: &StoredModel, new: &StoredModel) -> bool {
    (had.part, &had.platform, &had.facts, &had.content)
        == (new.part, &new.platform, &new.facts, &new.content)
}

/// What a holder keeps of a model beside the table.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct HolderFacts {
    pub(crate) max_points: u16,
    /// A [`Part`] as JSON.
    pub(crate) part: String,
}

/// The register from which this holder answers `lender` over `platform`.
pub(crate) fn answering<'a>(
    node: &'a Node,
    platform: &PartyId,
    lender: &PartyId,
) -> Result<&'a config::Register, Trouble> {
    let offered = node.config.offers.iter().find_map(|offer| {
        let Offer::Score(score::Offer { register, platform: over, to }) = offer else {
            return None;
        };
        let fits = over == platform && to.contains(lender);
        node.config.register(register).filter(|_| fits)
    });
    offered.ok_or_else(not_offered)
}

fn shape(part: &Part) -> Result<Shape, Trouble> {
    let bins = part.features().iter().map(|feature| {
        u16::try_from(feature.binning().len()).map_err(|_| bad_model(&"too many bins"))
    });
    Shape::new(bins.collect::<Result<_, _>>()?).map_err(|error| bad_model(&error))
}
