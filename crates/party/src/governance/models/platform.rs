//! The platform's side: registers, hears its holders, retires.

use std::collections::BTreeMap;
use std::fs;

use audit::ModelChange;
use consent::Registration;
use domain::{Digest, Duty, ModelId, ModelState, PartyId, Slot};
use envelope::Envelope;
use rand::Rng;
use scorecard::admission::{Admission, Verdict};
use scorecard::{Reference, Scorecard};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Countersignature, ModelPart, StoredRegistration};
use wire::{ModelMessage, control};
use zeroize::Zeroizing;

use crate::clock::now_ms;
use crate::config;
use crate::governance::countersigning::{Word, not_told};
use crate::governance::models::slots::{Slots, no_slot};
use crate::governance::models::{named, retired, show, tell, unfit, unknown};
use crate::identity::opened_by_one_of;
use crate::node::Node;
use crate::{Trouble, setup};

/// A model as it was registered: what is published is this, whatever the file says by then.
#[derive(Serialize, Deserialize)]
pub(crate) struct Registered {
    /// The model file.
    card: String,
    /// Opens the digest, and seeds the tables' encryption.
    salt: String,
    /// Which party fills which slot.
    pub(crate) holders: BTreeMap<Slot, PartyId>,
    pub(crate) research: bool,
}

impl Registered {
    /// What a platform's registration holds.
    pub(crate) fn of(stored: &StoredRegistration) -> Result<Self, Trouble> {
        serde_json::from_str(&stored.document).map_err(|error| Trouble::from_error("STORE", &error))
    }

    /// Sees that the configuration has not changed since: who fills the slots, and for what data.
    fn fits(&self, model: &ModelId, configured: &config::Model) -> Result<(), Trouble> {
        if self.holders == configured.holders && self.research == configured.research {
            return Ok(());
        }
        Err(Trouble::us(
            "MODEL_EXISTS",
            format!(
                "{model} is registered with other holders or for other data than party.toml says now, and they have been asked about that: give the model a new version, or put the entry back"
            ),
            format!(
                "{model} 登记时的数据方或数据用途与 party.toml 现在所写的不同，且已据此征询：请为模型另起版本，或恢复原配置"
            ),
        ))
    }

    /// Who fills the slots of its card.
    pub(crate) fn slots(&self, card: &Scorecard) -> Result<Slots, Trouble> {
        Slots::of(&self.holders, card)
    }

    /// Derives the seed that a table is encrypted from. One that is sent again is the same byte for
    /// byte: a holder takes no other in its place. As secret as the salt, which never leaves.
    pub(crate) fn table_seed(
        &self,
        publication: &[u8; 32],
        lender_key: &[u8; 32],
        (slot, batch): (&Slot, bool),
    ) -> Zeroizing<[u8; 32]> {
        let seed = Sha256::new()
            .chain_update(b"tacit/party/v1/table-seed")
            .chain_update(&self.salt)
            .chain_update(publication)
            .chain_update(lender_key)
            .chain_update([u8::from(batch)])
            .chain_update(slot.as_str());
        Zeroizing::new(seed.finalize().into())
    }

    pub(crate) fn card(&self) -> Result<Scorecard, Trouble> {
        Scorecard::from_toml(&self.card).map_err(|error| Trouble::from_error("STORE", &error))
    }
}

/// Registers a model of the configuration: holds it against the rules of admission, and lays it
/// before its holders. A second time, asks those again who have not answered.
pub(crate) async fn register(node: &Node, model: &ModelId) -> Result<control::ModelReply, Trouble> {
    let (configured, card) = configured(node, model)?;
    let stored = {
        let _alone = node.models.lock().await;
        let before = node.store.registrations().await?.into_iter().find(|registered| {
            registered.part == ModelPart::Platform && registered.model == *model
        });
        match before {
            Some(stored) if stored.state == ModelState::Retired => return Err(retired()),
            Some(stored) => {
                let before = Registered::of(&stored)?;
                if before.card()? != card {
                    return Err(store::Error::ModelExists.into());
                }
                before.fits(model, configured)?;
                stored
            }
            None => first(node, configured, &card).await?,
        }
    };
    let troubles = ask(node, &stored, &card).await?;
    let model = Some(show::one(node, &stored).await?);
    Ok(control::ModelReply { model, not_reached: troubles })
}

/// Writes a new registration, with a sheet for every holder.
async fn first(
    node: &Node,
    configured: &config::Model,
    card: &Scorecard,
) -> Result<StoredRegistration, Trouble> {
    let Slots { holders, own } = Slots::of(&configured.holders, card)?;
    let reference = reference(configured, card)?;
    let admission = Admission::of(card, own.as_ref(), reference.as_ref());
    if !admission.holds() && !configured.research {
        return Err(broken(card.model(), &admission));
    }
    let mut salt = [0; 32];
    setup::chacha()?.fill_bytes(&mut salt);
    let digest = digest(&salt, card);
    let registered = Registered {
        card: card.to_toml(),
        salt: hex::encode(salt),
        holders: configured.holders.clone(),
        research: configured.research,
    };
    let changed_ms = now_ms();
    let said = |(slot, party): &(Slot, PartyId)| {
        let part = card.part(slot).ok_or_else(|| no_slot(card.model(), slot))?;
        let sheet = Registration {
            model: card.model().clone(),
            digest: Digest::from_bytes(digest),
            platform: node.config.name.clone(),
            holder: party.clone(),
            slot: slot.clone(),
            holders: holders.iter().map(|(_, party)| party.clone()).collect(),
            part: Registration::hash_of(&part),
            lender: own.clone(),
            max_points: card.most_points_without(own.as_ref()),
            valid_until: card.valid_until(),
            research: configured.research,
            figures: admission.findings().iter().map(|finding| finding.seen_by(slot)).collect(),
        };
        let envelope = sheet.sign(&node.identity.signing_key).map_err(|error| unfit(&error))?;
        Ok(Countersignature {
            registration: digest,
            holder: party.clone(),
            state: ModelState::Asked,
            envelope: envelope.to_json(),
            reason: String::new(),
            changed_ms,
        })
    };
    let said = holders.iter().map(said).collect::<Result<Vec<_>, Trouble>>()?;
    let stored = StoredRegistration {
        digest,
        part: ModelPart::Platform,
        model: card.model().clone(),
        platform: node.config.name.clone(),
        document: serde_json::to_string(&registered)
            .map_err(|e| Trouble::from_error("OURS", &e))?,
        envelope: Vec::new(),
        state: ModelState::Asked,
        reason: String::new(),
        changed_ms,
    };
    let change = ModelChange::Registered;
    node.record_model(Duty::Platform, change, stored.clone(), said).await?;
    Ok(stored)
}

/// Lays the model before every holder that has not answered. Returns who could not be told, and why.
async fn ask(
    node: &Node,
    stored: &StoredRegistration,
    card: &Scorecard,
) -> Result<Vec<control::NotReached>, Trouble> {
    let mut troubles = Vec::new();
    for said in node.store.countersignatures(&stored.digest).await? {
        if said.state != ModelState::Asked {
            continue;
        }
        let sheet =
            Envelope::from_json(&said.envelope).map_err(|e| Trouble::from_error("STORE", &e))?;
        let ours = node.identity.signing_keys();
        let sheet = opened_by_one_of(&ours, |key| Registration::open(&sheet, key))
            .map_err(|error| Trouble::from_error("STORE", &error))?;
        let part = card.part(&sheet.slot).ok_or_else(|| no_slot(card.model(), &sheet.slot))?;
        let part =
            serde_json::to_string(&part).map_err(|error| Trouble::from_error("OURS", &error))?;
        let asked = ModelMessage::Asked { registration: said.envelope, part };
        if let Err(trouble) = tell(node, &said.holder, asked).await {
            troubles.push(not_told(&said.holder, trouble));
        }
    }
    Ok(troubles)
}

/// A holder has countersigned.
pub(super) async fn countersigned(
    node: &Node,
    caller: &PartyId,
    envelope: &[u8],
) -> Result<(), Trouble> {
    let theirs = node.line(caller)?.peer.signing_keys();
    let sealed = Envelope::from_json(envelope).map_err(|error| unfit(&error).by(caller))?;
    let bad = |error| unfit(&error).by(caller);
    let keys = node.identity.signing_keys();
    let ours = opened_by_one_of(&keys, |key| Registration::open(&sealed, key)).map_err(bad)?;
    opened_by_one_of(&theirs, |key| Registration::open(&sealed, key)).map_err(bad)?;
    if ours.holder != *caller {
        return Err(unknown());
    }
    let word = Word::countersigned(envelope);
    heard(node, caller, ours.digest.as_bytes(), ModelChange::Countersigned, word).await
}

/// A holder will not serve it, or not any more.
pub(super) async fn refused(
    node: &Node,
    caller: &PartyId,
    registration: &[u8; 32],
    reason: String,
) -> Result<(), Trouble> {
    heard(node, caller, registration, ModelChange::Refused, Word::refused(reason)).await
}

/// Keeps what a holder says, and what the model comes to by it.
async fn heard(
    node: &Node,
    caller: &PartyId,
    registration: &[u8; 32],
    change: ModelChange,
    word: Word,
) -> Result<(), Trouble> {
    let _alone = node.models.lock().await;
    let stored = node.store.registration(registration).await?;
    let stored = stored.filter(|stored| stored.part == ModelPart::Platform);
    let stored = stored.ok_or_else(unknown)?;
    if stored.state == ModelState::Retired {
        return Err(retired());
    }
    let Some((said, state)) = word.heard(node, caller, registration).await? else { return Ok(()) };
    let changed_ms = said.changed_ms;
    let stored = StoredRegistration { state, changed_ms, ..stored };
    tracing::info!(holder = %caller, model = %stored.model, said = %said.state, "model judged");
    node.record_model(Duty::Platform, change, stored, vec![said]).await
}

/// Takes a model out of use and tells its holders and lenders; a second time, tells them again.
pub(crate) async fn retire(
    node: &Node,
    model: &ModelId,
    reason: String,
) -> Result<control::ModelReply, Trouble> {
    let stored = {
        let _alone = node.models.lock().await;
        let stored = named(node, ModelPart::Platform, model, None).await?;
        if stored.state == ModelState::Retired {
            stored
        } else {
            let (state, changed_ms) = (ModelState::Retired, now_ms());
            let stored = StoredRegistration { state, reason, changed_ms, ..stored };
            let change = ModelChange::Retired;
            node.record_model(Duty::Platform, change, stored.clone(), Vec::new()).await?;
            stored
        }
    };
    let published = node.store.models().await?.into_iter();
    let lenders = published
        .filter(|model| model.part == ModelPart::Platform && model.registration == stored.digest);
    let holders = node.store.countersignatures(&stored.digest).await?;
    let holders = holders.into_iter().map(|said| said.holder);
    let mut troubles = Vec::new();
    for party in holders.chain(lenders.map(|model| model.lender)) {
        if let Err(trouble) = tell(node, &party, ModelMessage::Retired(stored.digest)).await {
            troubles.push(not_told(&party, trouble));
        }
    }
    let model = Some(show::one(node, &stored).await?);
    Ok(control::ModelReply { model, not_reached: troubles })
}

/// A model that every holder has countersigned, for one of the lenders of the configuration.
pub(crate) async fn publishable(
    node: &Node,
    model: &ModelId,
    lender: &PartyId,
) -> Result<(StoredRegistration, Registered), Trouble> {
    let (configured, _) = configured(node, model)?;
    if !configured.lenders.contains(lender) {
        return Err(Trouble::us(
            "MODEL",
            format!("no [[model]] of this party's configuration is {model} for {lender}"),
            format!("本方配置中没有面向 {lender} 的模型 {model}（[[model]]）"),
        ));
    }
    let stored = named(node, ModelPart::Platform, model, None).await?;
    if !stored.state.is_in_force() {
        let said = node.store.countersignatures(&stored.digest).await?;
        let waiting = said.iter().filter(|said| !said.state.is_in_force());
        let waiting: Vec<&str> = waiting.map(|said| said.holder.as_str()).collect();
        let (waiting, state) = (waiting.join(", "), stored.state);
        return Err(Trouble::us(
            "MODEL_NOT_COUNTERSIGNED",
            format!(
                "{model} is {}: {waiting} must countersign it first (`tacit model countersign {model}`)",
                state.en()
            ),
            format!(
                "{model} {}：须先由 {waiting} 会签（`tacit model countersign {model}`）",
                state.zh()
            ),
        ));
    }
    let registered = Registered::of(&stored)?;
    Ok((stored, registered))
}

/// The model of this name in the configuration, and its file.
fn configured<'a>(
    node: &'a Node,
    model: &ModelId,
) -> Result<(&'a config::Model, Scorecard), Trouble> {
    for configured in &node.config.models {
        let file = &configured.file;
        let text = fs::read_to_string(file).map_err(|error| Trouble::file(file, &error))?;
        let card = Scorecard::from_toml(&text).map_err(|error| {
            let path = file.display();
            Trouble::us(
                "MODEL",
                format!("{path}: {error}"),
                format!("模型文件 {path} 有误：{error}"),
            )
        })?;
        if card.model() == model {
            return Ok((configured, card));
        }
    }
    Err(Trouble::us(
        "MODEL",
        format!("no [[model]] of this party's configuration is {model}"),
        format!("本方配置中没有模型 {model}（[[model]]）"),
    ))
}

/// The statistics of the model, where the configuration names them.
fn reference(configured: &config::Model, card: &Scorecard) -> Result<Option<Reference>, Trouble> {
    let Some(file) = &configured.reference else { return Ok(None) };
    let text = fs::read_to_string(file).map_err(|error| Trouble::file(file, &error))?;
    Reference::from_toml(&text, card).map(Some).map_err(|error| {
        let path = file.display();
        Trouble::us(
            "MODEL",
            format!("{path}: {error}"),
            format!("参考统计文件 {path} 有误：{error}"),
        )
    })
}

/// The registration's name: binds the whole scorecard and, being salted, tells nothing of it.
fn digest(salt: &[u8; 32], card: &Scorecard) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"tacit/party/v1/registration")
        .chain_update(salt)
        .chain_update(card.canonical())
        .finalize()
        .into()
}

fn broken(model: &ModelId, admission: &Admission) -> Trouble {
    let broken = admission.findings().iter().filter(|it| it.verdict == Verdict::Fails);
    let (en, zh): (Vec<_>, Vec<_>) = broken
        .map(|finding| {
            let rule = finding.rule;
            (
                format!("{} ({})", rule.code(), rule.en()),
                format!("{}（{}）", rule.code(), rule.zh()),
            )
        })
        .unzip();
    Trouble::us(
        "MODEL_RULES",
        format!(
            "{model} breaks {}: `tacit model check` has the figures. A model for research data alone may be registered with `research = true`.",
            en.join("; ")
        ),
        format!(
            "{model} 违反 {}：数值见 `tacit model check`。仅用于研究数据的模型可设 `research = true` 登记。",
            zh.join("；")
        ),
    )
}
