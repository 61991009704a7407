//! Publishing a model to a lender: the lender's key to the platform, encrypted points to holders,
//! who take them in [`table`].

pub(crate) mod card;
pub(crate) mod holder_cache;
pub(crate) mod key_check;
mod offer;
pub(crate) mod own;
mod rounds;
pub(crate) mod table;

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use domain::{Duty, ModelId, PartyId, RunId, RunKind, RunRole};
use scorecard::{Part, Scorecard};
use scoring::issue::{KeyReceiver, KeySender, TableSender};
use scoring::{
    Encode, Fingerprint, LENDER, ModelDigest, PLATFORM, Shape, TableKey, TableTerms, batch, holder,
};
use serde_json::json;
use session::Role;
use store::{ModelPart, StoredModel, StoredRun};
use wire::{KeyTerms, Publication, peer};
use zeroize::Zeroizing;

pub(crate) use holder_cache::HolderCache;
pub(crate) use offer::Offer;
pub(crate) use own::OwnCache;

use crate::Trouble;
use crate::clock::now_ms;
use crate::config;
use crate::drive::{Driven, Link};
use crate::governance::models::platform::{self, Registered};
use crate::governance::models::slots::{Slots, no_slot};
use crate::governance::models::{self, Published, publication_digest};
use crate::identity::Identity;
use crate::kinds::issue::card::Card;
use crate::node::Node;
use crate::runs::agreed::{AgreedRun, Answer, agreed};
use crate::runs::asking::Asking;
use crate::runs::driving::{Outcome, drive_run_keeping, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};
use crate::runs::record::{new_run, stored};
use crate::runs::{Run, Watcher, not_offered};

/// Publishes a countersigned model to a lender: one run for its key, one a holder for the
/// tables, and all of it again for the batch form. Returns the last of them.
///
/// A lender whose `.party` file was made before there were batches gets the single form alone.
pub(crate) async fn publish(
    node: &Arc<Node>,
    model: &ModelId,
    lender: &PartyId,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    let (registration, registered) = platform::publishable(node, model, lender).await?;
    let scorecard = registered.card()?;
    let Slots { holders, own } = registered.slots(&scorecard)?;
    let publication = Publication {
        model: model.clone(),
        registration: registration.digest,
        lender: lender.clone(),
        holders: holders.iter().map(|(_, party)| party.clone()).collect(),
    };
    let card = Card::of(&scorecard, own.as_ref());
    let issue = Issue {
        node,
        publication: &publication,
        registered: &registered,
        scorecard: &scorecard,
        card: &card,
        watcher,
    };
    let pinned = node.line(lender)?.peer.scoring_key.ok_or_else(|| no_key(lender))?;
    let (mut last, key) = issue.fetch_key(false, pinned, KeyReceiver::new(pinned)).await?;
    last = issue.send_tables(&holders, &key, false).await?.unwrap_or(last);
    let batch = match node.line(lender)?.peer.batch_key {
        Some(pinned) => {
            let receiver = KeyReceiver::for_batch(pinned);
            let (_, key) = issue.fetch_key(true, pinned, receiver).await?;
            last = issue.send_tables(&holders, &key, true).await?.unwrap_or(last);
            Some(key)
        }
        None => None,
    };
    let facts = serde_json::to_string(&card).map_err(|e| Trouble::from_error("OURS", &e))?;
    // Only now may the lender ask: every holder has its table.
    let model = StoredModel {
        digest: publication_digest(&publication),
        part: ModelPart::Platform,
        model: publication.model.clone(),
        lender: publication.lender.clone(),
        platform: node.config.name.clone(),
        registration: publication.registration,
        retired: false,
        holders: publication.holders.clone(),
        facts,
        content: key.to_bytes(),
    };
    let batch = batch.map(|key: batch::PublicKey| key.to_bytes());
    let kept = Published { model: Some(model), batch };
    node.record_published(Duty::Platform, &publication, kept).await?;
    stored(&node.store, last).await
}

/// A publication on its way, in one form after the other.
struct Issue<'a> {
    node: &'a Arc<Node>,
    publication: &'a Publication,
    registered: &'a Registered,
    scorecard: &'a Scorecard,
    card: &'a Card,
    watcher: Watcher,
}

impl Issue<'_> {
    /// Takes the key that is pinned for the lender.
    async fn fetch_key<K: TableKey>(
        &self,
        batch: bool,
        pinned: Fingerprint,
        receiver: KeyReceiver<K>,
    ) -> Result<(RunId, K), Trouble> {
        let Self { node, publication, card, watcher, .. } = self;
        let lender = &publication.lender;
        let json = json!({ "model": publication.model, "lender": lender, "batch": batch });
        let (kind, peers) = ((RunKind::Key, RunRole::Platform), vec![lender.clone()]);
        let run = Run::ours(node, kind, peers, json.to_string(), Arc::clone(watcher)).await?;
        let id = run.id;
        let fetched = async {
            let card =
                serde_json::to_string(card).map_err(|error| Trouble::from_error("OURS", &error))?;
            let ask = Asking::new(node, &run, (LENDER, lender), models::PURPOSE);
            ask.propose(KeyTerms { publication: (*publication).clone(), card, batch }).await?;
            run.agreed().await?;
            let Driven { output, confirmed, .. } =
                ask.drive_run(RunJournal::new(&run, rounds::round), receiver).await?;
            let outcome = Outcome::with_report(confirmed, report(&publication.model, lender));
            Ok(((output, confirmed), outcome))
        };
        let done = fetched.await;
        let (key, confirmed) = run.end_with(done).await?;
        debug_assert_eq!(key.fingerprint(), pinned);
        if confirmed { Ok((id, key)) } else { Err(not_confirmed(lender)) }
    }

    /// Hands its table to every holder; returns the last run.
    async fn send_tables<K: TableKey>(
        &self,
        holders: &[(domain::Slot, PartyId)],
        key: &K,
        batch: bool,
    ) -> Result<Option<RunId>, Trouble> {
        let Self { node, publication, registered, scorecard, card, watcher } = self;
        let (model, digest) = (&publication.model, publication_digest(publication));
        let mut last = None;
        for (slot, party) in holders {
            let part = scorecard.part(slot).ok_or_else(|| no_slot(model, slot))?;
            let points = scorecard.points(slot).ok_or_else(|| no_slot(model, slot))?;
            let max_points = card.most_points;
            let seed = registered.table_seed(&digest, &key.fingerprint().0, (slot, batch));
            let table = OutgoingTable { publication, part, points, key, batch, max_points, seed };
            last = Some(table.send(node, party, Arc::clone(watcher)).await?);
        }
        Ok(last)
    }
}

/// A holder's table on its way.
struct OutgoingTable<'a, K> {
    publication: &'a Publication,
    part: Part,
    points: Vec<Vec<u16>>,
    key: &'a K,
    batch: bool,
    max_points: u16,
    seed: Zeroizing<[u8; 32]>,
}

impl<K: TableKey> OutgoingTable<'_, K> {
    async fn send(
        self,
        node: &Arc<Node>,
        party: &PartyId,
        watcher: Watcher,
    ) -> Result<RunId, Trouble> {
        let Self { publication, part, points, key, batch, max_points, seed } = self;
        let ours = |error: scoring::Error| Trouble::from_error("OURS", &error);
        let json = json!({ "model": publication.model, "lender": publication.lender, "holder": party, "batch": batch });
        let (kind, peers) = ((RunKind::Table, RunRole::Platform), vec![party.clone()]);
        let run = Run::ours(node, kind, peers, json.to_string(), watcher).await?;
        let id = run.id;
        let sent = async {
            let terms = wire::TableTerms {
                publication: publication.clone(),
                slot: part.holder().to_string(),
                part: serde_json::to_string(&part).map_err(|e| Trouble::from_error("OURS", &e))?,
                lender_key: key.fingerprint().0,
                max_points,
                batch,
            };
            let ask = Asking::new(node, &run, (holder(0), party), models::PURPOSE);
            ask.propose(terms).await?;
            run.agreed().await?;
            let card = scoring::Scorecard::new(&points).map_err(ours)?;
            let digest = publication_digest(publication);
            let table = table_terms(digest, key.fingerprint(), card.shape().clone());
            let mut rng = ChaCha20Rng::from_seed(*seed);
            let sender = TableSender::new(&table, key, card, &mut rng).map_err(ours)?;
            let journal = RunJournal::new(&run, rounds::round);
            let lender = Some(&publication.lender);
            let confirmed = ask.drive_run_for(journal, lender, sender).await?.confirmed;
            Ok((confirmed, Outcome::with_report(confirmed, report(&publication.model, party))))
        };
        let done = sent.await;
        if run.end_with(done).await? { Ok(id) } else { Err(not_confirmed(party)) }
    }
}

/// A platform's request for our key, agreed to.
pub(crate) struct AcceptedKey {
    run: Run,
    terms: KeyTerms,
}

/// Handing the lender's key to a platform that brings a model.
pub(crate) struct Key;

#[tonic::async_trait]
impl Kind for Key {
    type Terms = KeyTerms;

    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, KeyTerms>,
    ) -> Result<Answer, Trouble> {
        accept(node, proposed).await
    }
}

/// The lender's side: decides whether this platform may have the key and bring a model.
async fn accept(
    node: &Arc<Node>,
    Proposed { peer, run: id, terms, .. }: Proposed<'_, KeyTerms>,
) -> Result<Answer, Trouble> {
    let fits = |offer: &config::Offer| matches!(offer, config::Offer::Key(offer) if offer.to.contains(peer));
    let identity = &node.identity;
    let has_key =
        if terms.batch { identity.batch_key.is_some() } else { identity.scoring_key.is_some() };
    let ours = terms.publication.lender == node.config.name && has_key;
    if !ours || !node.config.offers.iter().any(fits) {
        return Err(not_offered());
    }
    let card: Card = serde_json::from_str(&terms.card).map_err(|error| bad_model(&error))?;
    if !card.fits(&terms.publication.model) {
        return Err(bad_model(&"the card is not of this model, or its points do not fit"));
    }
    if let Some(own) = &card.own {
        own::can_fill(node, peer, own).await?;
    }
    for holder in &terms.publication.holders {
        node.line(holder)?;
    }
    let json = json!({ "model": terms.publication.model });
    let new =
        new_run(id, RunKind::Key, RunRole::Lender, vec![peer.clone()], false, json.to_string());
    let run = Run::begin_unseen(&node.store, new).await?;
    Ok(agreed(AcceptedKey { run, terms }, peer::KeyAgreement {}))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedKey {
    fn proposer(&self) -> Role {
        PLATFORM
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Sends our key to the platform, and keeps what we may know of the model.
    async fn drive(self: Box<Self>, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, terms } = *self;
        let done = async {
            let Identity { scoring_key, batch_key, .. } = &node.identity;
            let sender = if terms.batch {
                KeySender::new(batch_key.as_ref().ok_or_else(not_offered)?.public())
            } else {
                KeySender::new(scoring_key.as_ref().ok_or_else(not_offered)?.public())
            };
            let digest = publication_digest(&terms.publication);
            let Publication { model, registration, lender, holders } = terms.publication;
            let report = report(&model, &platform);
            let kept = StoredModel {
                digest,
                registration,
                retired: false,
                part: ModelPart::Lender,
                model,
                lender,
                platform: platform.clone(),
                holders,
                facts: terms.card,
                content: Vec::new(),
            };
            let journal = RunJournal::new(&run, rounds::round);
            let keep = async |()| {
                node.store.keep_model(&kept, now_ms()).await?;
                run.keep(&report, None).await
            };
            let from = (PLATFORM, &platform);
            let driven = drive_run_keeping(node, journal, from, (sender, link), keep).await?;
            Ok(Outcome::with_report(driven.confirmed, report))
        };
        let done = done.await;
        record(run, done).await;
    }
}

pub(crate) fn table_terms(digest: [u8; 32], lender_key: Fingerprint, shape: Shape) -> TableTerms {
    TableTerms::new(lender_key, ModelDigest(digest), shape)
}

pub(crate) fn report(model: &ModelId, peer: &PartyId) -> String {
    json!({ "model": model, "peer": peer }).to_string()
}

/// Without the closing frame it is not known whether a party has kept what it was sent.
fn not_confirmed(party: &PartyId) -> Trouble {
    Trouble::us(
        "LOST",
        format!("{party} went away before it had kept its part of the model: publish it again"),
        format!("{party} 在保存其模型部分之前断开：请重新发布"),
    )
    .by(party)
}

pub(crate) fn no_key(lender: &PartyId) -> Trouble {
    Trouble::us(
        "LENDER_KEY",
        format!(
            "no scoring key is pinned for {lender}: its .party file must come from a party with the duty \"lender\""
        ),
        format!("{lender} 没有登记评分密钥：其 .party 文件须来自职责为 \"lender\" 的参与方"),
    )
}

pub(crate) fn bad_model(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "MODEL",
        format!("the model cannot be taken: {error}"),
        format!("无法接受该模型：{error}"),
    )
}
