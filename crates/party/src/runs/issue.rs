//! Publishing a model to a lender: the lender's key to the platform, encrypted points to holders.

use std::fs;
use std::sync::Arc;

use domain::{Field, ModelId, Output, Part, PartyId, Purpose, Refusal, RunId, Scorecard};
use rand::Rng;
use scoring::issue::{KeyReceiver, KeySender, TableReceiver, TableSender};
use scoring::{
    Encode, Fingerprint, LENDER, ModelDigest, PLATFORM, PublicKey, Shape, TableTerms, holder,
};
use sha2::{Digest, Sha256};
use store::{ModelPart, RunState, StoredModel, StoredRun};
use wire::{KeyTerms, Publication, peer};

use crate::clock::now_ms;
use crate::config::{self, Offer};
use crate::drive::{Driven, Link};
use crate::node::Node;
use crate::runs::card::Card;
use crate::runs::conduct::{Outcome, conduct_with, record};
use crate::runs::journal::RunJournal;
use crate::runs::record::{new_run, stored};
use crate::runs::{self, Run, Watcher, not_offered, phase};
use crate::{Trouble, setup};

/// What a model is handed out for; what it is used for each question says.
const PURPOSE: Purpose = Purpose::ProductDevelopment;

/// Publishes a model of the configuration to a lender: one run for its key, one a holder for the
/// tables. Returns the last of them.
pub(crate) async fn publish(
    node: &Arc<Node>,
    model: &ModelId,
    lender: &PartyId,
    watcher: Watcher,
) -> Result<StoredRun, Trouble> {
    let _permit = node.permit()?;
    let (scorecard, holders) = configured(node, model, lender)?;
    let mut salt = [0; 32];
    setup::chacha()?.fill_bytes(&mut salt);
    let publication = Publication {
        model: model.clone(),
        digest: digest(&salt, &scorecard),
        lender: lender.clone(),
        holders: holders.iter().map(|(_, party)| party.clone()).collect(),
    };
    let (mut last, key) = fetch_key(node, &publication, &scorecard, Arc::clone(&watcher)).await?;
    for (slot, party) in &holders {
        let part = scorecard.part(slot).ok_or_else(|| no_slot(model, slot.as_str()))?;
        let points = scorecard.points(slot).ok_or_else(|| no_slot(model, slot.as_str()))?;
        let table = OutgoingTable { publication: &publication, part, points, key: &key };
        last = table.send(node, party, scorecard.most_points(), Arc::clone(&watcher)).await?;
    }
    let facts =
        serde_json::to_string(&Card::of(&scorecard)).map_err(|e| Trouble::said("OURS", &e))?;
    // Only now may the lender ask: every holder has its table.
    let model = StoredModel {
        digest: publication.digest,
        part: ModelPart::Platform,
        model: publication.model,
        lender: publication.lender,
        platform: node.config.name.clone(),
        holders: publication.holders,
        facts,
        content: key.to_bytes(),
    };
    node.store.keep_model(&model, now_ms()).await?;
    stored(&node.store, last).await
}

/// A model of the configuration that may be published to this lender, and who fills its slots.
fn configured(
    node: &Node,
    model: &ModelId,
    lender: &PartyId,
) -> Result<(Scorecard, Vec<(domain::Slot, PartyId)>), Trouble> {
    for configured in &node.config.models {
        let config::Model { file, lenders, holders } = configured;
        let text = fs::read_to_string(file).map_err(|error| Trouble::file(file, &error))?;
        let scorecard = Scorecard::from_toml(&text).map_err(|error| {
            let path = file.display();
            Trouble::us(
                "MODEL",
                format!("{path}: {error}"),
                format!("模型文件 {path} 有误：{error}"),
            )
        })?;
        if scorecard.model() != model || !lenders.contains(lender) {
            continue;
        }
        let filled = scorecard.holders().into_iter().map(|slot| {
            let party = holders.get(&slot).cloned().ok_or_else(|| no_slot(model, slot.as_str()))?;
            Ok((slot, party))
        });
        let filled = filled.collect::<Result<Vec<_>, Trouble>>()?;
        return Ok((scorecard, filled));
    }
    Err(Trouble::us(
        "MODEL",
        format!("no [[model]] of this party's configuration is {model} for {lender}"),
        format!("本方配置中没有面向 {lender} 的模型 {model}（[[model]]）"),
    ))
}

/// The publication's name: binds the whole scorecard and, being salted, tells nothing of it.
fn digest(salt: &[u8; 32], scorecard: &Scorecard) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"tacit/party/v1/publication")
        .chain_update(salt)
        .chain_update(scorecard.canonical())
        .finalize()
        .into()
}

async fn fetch_key(
    node: &Arc<Node>,
    publication: &Publication,
    scorecard: &Scorecard,
    watcher: Watcher,
) -> Result<(RunId, PublicKey), Trouble> {
    let lender = &publication.lender;
    let pinned = node.line(lender)?.peer.scoring_key.ok_or_else(|| no_key(lender))?;
    let id = node.new_run_id()?;
    let json = serde_json::json!({ "model": publication.model, "lender": lender }).to_string();
    let new = new_run(id, "key", "platform", vec![lender.clone()], true, json);
    let run = Run::begin(&node.store, new, watcher).await?;
    let fetched = async {
        let card =
            serde_json::to_string(&Card::of(scorecard)).map_err(|e| Trouble::said("OURS", &e))?;
        let terms = KeyTerms { publication: publication.clone(), card };
        node.propose(lender, id, PURPOSE, wire::Terms::Key(terms)).await?;
        run.advance(RunState::Agreed, phase::named("agreed", "已约定")).await?;
        let link = node.exchange(lender, LENDER, id).await?;
        let journal = RunJournal::new(&run, phase::issue);
        conduct_with(node, journal, (LENDER, lender), KeyReceiver::new(pinned), link).await
    };
    match fetched.await {
        Ok(Driven { output, confirmed }) => {
            run.finish(confirmed, report(&publication.model, lender), None).await?;
            Ok((id, output))
        }
        Err(trouble) => Err(run.fail(trouble).await),
    }
}

/// A holder's table on its way.
struct OutgoingTable<'a> {
    publication: &'a Publication,
    part: Part,
    points: Vec<Vec<u16>>,
    key: &'a PublicKey,
}

impl OutgoingTable<'_> {
    async fn send(
        self,
        node: &Arc<Node>,
        party: &PartyId,
        max_points: u16,
        watcher: Watcher,
    ) -> Result<RunId, Trouble> {
        let Self { publication, part, points, key } = self;
        let ours = |error: scoring::Error| Trouble::said("OURS", &error);
        let id = node.new_run_id()?;
        let json = serde_json::json!({ "model": publication.model, "lender": publication.lender, "holder": party });
        let new = new_run(id, "table", "platform", vec![party.clone()], true, json.to_string());
        let run = Run::begin(&node.store, new, watcher).await?;
        let sent = async {
            let terms = wire::TableTerms {
                publication: publication.clone(),
                slot: part.holder().to_string(),
                part: serde_json::to_string(&part).map_err(|e| Trouble::said("OURS", &e))?,
                lender_key: key.fingerprint().0,
                max_points,
            };
            node.propose(party, id, PURPOSE, wire::Terms::Table(terms)).await?;
            run.advance(RunState::Agreed, phase::named("agreed", "已约定")).await?;
            let card = scoring::Scorecard::new(&points).map_err(ours)?;
            let table = table_terms(publication.digest, key.fingerprint(), card.shape().clone());
            let mut rng = setup::chacha()?;
            let sender = TableSender::new(&table, key, card, &mut rng).map_err(ours)?;
            let link = node.exchange(party, holder(0), id).await?;
            conduct_with(
                node,
                RunJournal::new(&run, phase::issue),
                (holder(0), party),
                sender,
                link,
            )
            .await
        };
        match sent.await {
            Ok(Driven { confirmed, .. }) => {
                run.finish(confirmed, report(&publication.model, party), None).await?;
                Ok(id)
            }
            Err(trouble) => Err(run.fail(trouble).await),
        }
    }
}

/// A platform's request for our key, agreed to.
pub(crate) struct AcceptedKey {
    pub(crate) run: Run,
    terms: KeyTerms,
}

/// The lender's side: decides whether this platform may have the key and bring a model.
pub(crate) async fn accept_key(
    node: &Arc<Node>,
    peer: &PartyId,
    id: RunId,
    terms: KeyTerms,
) -> Result<(runs::Accepted, peer::Agreement), Trouble> {
    let fits = |offer: &Offer| matches!(offer, Offer::Key { to } if to.contains(peer));
    let ours = terms.publication.lender == node.config.name && node.identity.scoring_key.is_some();
    if !ours || !node.config.offers.iter().any(fits) {
        return Err(not_offered());
    }
    let card: Card = serde_json::from_str(&terms.card).map_err(|error| bad_model(&error))?;
    if card.model != terms.publication.model || card.most_points > scoring::MAX_POINTS {
        return Err(bad_model(&"the card is not of this model, or its points do not fit"));
    }
    for holder in &terms.publication.holders {
        node.line(holder)?;
    }
    let json = serde_json::json!({ "model": terms.publication.model });
    let new = new_run(id, "key", "lender", vec![peer.clone()], false, json.to_string());
    let run = Run::begin_unseen(&node.store, new).await?;
    Ok((runs::Accepted::Key(AcceptedKey { run, terms }), peer::Agreement::default()))
}

impl AcceptedKey {
    /// Sends our key to the platform, and keeps what we may know of the model.
    pub(crate) async fn drive(self, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, terms } = self;
        let done = async {
            let key = node.identity.scoring_key.as_ref().ok_or_else(not_offered)?;
            let sender = KeySender::new(key.public());
            let Driven { confirmed, .. } = conduct_with(
                node,
                RunJournal::new(&run, phase::issue),
                (PLATFORM, &platform),
                sender,
                link,
            )
            .await?;
            let Publication { model, digest, lender, holders } = terms.publication;
            let report = report(&model, &platform);
            let kept = StoredModel {
                digest,
                part: ModelPart::Lender,
                model,
                lender,
                platform: platform.clone(),
                holders,
                facts: terms.card,
                content: Vec::new(),
            };
            node.store.keep_model(&kept, now_ms()).await?;
            Ok(Outcome { confirmed, report, result: None })
        };
        let done = done.await;
        record(run, done).await;
    }
}

/// A platform's table, agreed to.
pub(crate) struct AcceptedTable {
    pub(crate) run: Run,
    terms: wire::TableTerms,
    shape: Shape,
}

/// The holder's side: decides whether it answers this model for this lender over this platform.
pub(crate) async fn accept_table(
    node: &Arc<Node>,
    peer: &PartyId,
    id: RunId,
    terms: wire::TableTerms,
) -> Result<(runs::Accepted, peer::Agreement), Trouble> {
    let lender = &terms.publication.lender;
    let register = answering(node, peer, lender)?;
    // The platform must not put its own key in the lender's place: it could open every score.
    let pinned = node.line(lender)?.peer.scoring_key.ok_or_else(|| no_key(lender))?;
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
    for holder in terms.publication.holders.iter().filter(|holder| **holder != node.config.name) {
        // Its mask key must be known to us from its own file, not from the platform.
        node.line(holder)?;
    }
    let part: Part = serde_json::from_str(&terms.part).map_err(|error| bad_model(&error))?;
    if *part.model() != terms.publication.model || part.holder().as_str() != terms.slot {
        return Err(bad_model(&"the part is not of this model and slot"));
    }
    if register.is_governed() {
        // What the catalogue does not allow as a feature is refused here, not firm by firm.
        node.rules.needs_of(&fields(register, &part)?, Output::Score, PURPOSE)?;
    }
    let shape = shape(&part)?;
    let json = serde_json::json!({ "model": terms.publication.model, "lender": lender });
    let new = new_run(id, "table", "holder", vec![peer.clone()], false, json.to_string());
    let run = Run::begin_unseen(&node.store, new).await?;
    Ok((runs::Accepted::Table(AcceptedTable { run, terms, shape }), peer::Agreement::default()))
}

impl AcceptedTable {
    /// Takes the table and keeps it.
    pub(crate) async fn drive(self, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, terms, shape } = self;
        let done = async {
            let table = table_terms(terms.publication.digest, Fingerprint(terms.lender_key), shape);
            let receiver = TableReceiver::new(table);
            let Driven { output: table, confirmed } = conduct_with(
                node,
                RunJournal::new(&run, phase::issue),
                (PLATFORM, &platform),
                receiver,
                link,
            )
            .await?;
            let facts = HolderFacts { max_points: terms.max_points, part: terms.part };
            let Publication { model, digest, lender, holders } = terms.publication;
            let report = report(&model, &platform);
            let kept = StoredModel {
                digest,
                part: ModelPart::Holder,
                model,
                lender,
                platform: platform.clone(),
                holders,
                facts: serde_json::to_string(&facts).map_err(|e| Trouble::said("OURS", &e))?,
                content: table.to_bytes(),
            };
            node.store.keep_model(&kept, now_ms()).await?;
            Ok(Outcome { confirmed, report, result: None })
        };
        let done = done.await;
        record(run, done).await;
    }
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
    let offered = node.config.offers.iter().find_map(|offer| match offer {
        Offer::Score { register, platform: over, to }
            if over == platform && to.contains(lender) =>
        {
            node.config.register(register)
        }
        Offer::Score { .. } | Offer::Psi { .. } | Offer::Key { .. } => None,
    });
    offered.ok_or_else(not_offered)
}

/// The catalogue fields that a part reads, by this holder's own binding of its columns.
///
/// # Errors
///
/// `MODE_FORBIDS` for a column that is bound to none: what it is, nobody has said.
pub(crate) fn fields(register: &config::Register, part: &Part) -> Result<Vec<Field>, Trouble> {
    let field = |feature: &domain::Feature| {
        let column = feature.column();
        register.fields.get(column).cloned().ok_or_else(|| {
            let refusal = Refusal::ModeForbids;
            Trouble::us(
                refusal.code(),
                format!(
                    "{} (the column `{column}` is bound to no field of the catalogue)",
                    refusal.en()
                ),
                format!("{}（列 `{column}` 未绑定清单字段）", refusal.zh()),
            )
        })
    };
    let mut fields: Vec<Field> = part.features().iter().map(field).collect::<Result<_, _>>()?;
    fields.sort();
    fields.dedup();
    Ok(fields)
}

fn shape(part: &Part) -> Result<Shape, Trouble> {
    let bins = part.features().iter().map(|feature| {
        u16::try_from(feature.binning().len()).map_err(|_| bad_model(&"too many bins"))
    });
    Shape::new(bins.collect::<Result<_, _>>()?).map_err(|error| bad_model(&error))
}

fn table_terms(digest: [u8; 32], lender_key: Fingerprint, shape: Shape) -> TableTerms {
    TableTerms::new(lender_key, ModelDigest(digest), shape)
}

fn report(model: &ModelId, peer: &PartyId) -> String {
    serde_json::json!({ "model": model, "peer": peer }).to_string()
}

fn no_slot(model: &ModelId, slot: &str) -> Trouble {
    Trouble::us(
        "MODEL",
        format!("no party fills the slot `{slot}` of {model}: name one under [model.holders]"),
        format!("模型 {model} 的位置 `{slot}` 没有指定参与方：请在 [model.holders] 中配置"),
    )
}

fn no_key(lender: &PartyId) -> Trouble {
    Trouble::us(
        "LENDER_KEY",
        format!(
            "no scoring key is pinned for {lender}: its .party file must come from a party with the duty \"lender\""
        ),
        format!("{lender} 没有登记评分密钥：其 .party 文件须来自职责为 \"lender\" 的参与方"),
    )
}

fn bad_model(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "MODEL",
        format!("the model cannot be taken: {error}"),
        format!("无法接受该模型：{error}"),
    )
}
