//! The holder's side: looks at a model, countersigns or refuses it, heeds its end.

use audit::ModelChange;
use consent::Registration;
use domain::{Duty, Field, ModelId, ModelState, Output, PartyId, Refusal, RunKind};
use envelope::Envelope;
use scorecard::Part;
use scorecard::admission::Reported;
use store::{ModelPart, StoredModel, StoredRegistration};
use wire::{ModelMessage, control};

use crate::Trouble;
use crate::clock::now_ms;
use crate::config::Register;
use crate::governance::countersigning::own_word_is_kept;
use crate::governance::models::{
    PURPOSE, named, retired as is_retired, show, tell, unfit, unknown,
};
use crate::identity::opened_by_one_of;
use crate::node::Node;
use crate::runs::not_offered;

/// A platform lays a model before this holder.
pub(super) async fn asked(
    node: &Node,
    platform: &PartyId,
    envelope: &[u8],
    part: String,
) -> Result<(), Trouble> {
    let bad = |error: &dyn std::fmt::Display| unfit(error).by(platform);
    let sealed = Envelope::from_json(envelope).map_err(|error| bad(&error))?;
    // A platform that has renewed its key lays again what it registered under the former one.
    let theirs = node.line(platform)?.peer.signing_keys();
    let sheet = opened_by_one_of(&theirs, |key| Registration::open(&sealed, key));
    let sheet = sheet.map_err(|error| bad(&error))?;
    if sheet.platform != *platform || sheet.holder != node.config.name {
        return Err(bad(&"it is another party's"));
    }
    let seen: Part = serde_json::from_str(&part).map_err(|error| bad(&error))?;
    let fits = *seen.model() == sheet.model && *seen.holder() == sheet.slot;
    if !fits || Registration::hash_of(&seen) != sheet.part {
        return Err(bad(&"the part is not the one that is registered"));
    }
    servable(node, platform, &sheet, &seen)?;
    admissible(node, &sheet, &seen).map_err(|trouble| trouble.by(platform))?;
    let _alone = node.models.lock().await;
    let digest = *sheet.digest.as_bytes();
    if let Some(before) = node.store.registration(&digest).await? {
        // Asked again: the answer that there is stands.
        let same = before.platform == *platform && before.document == part;
        return if same { Ok(()) } else { Err(bad(&"it was laid before this party otherwise")) };
    }
    let stored = StoredRegistration {
        digest,
        part: ModelPart::Holder,
        model: sheet.model,
        platform: platform.clone(),
        document: part,
        envelope: envelope.to_vec(),
        state: ModelState::Asked,
        reason: String::new(),
        changed_ms: now_ms(),
    };
    tracing::info!(%platform, model = %stored.model, "a model awaits countersignature");
    node.record_model(Duty::Holder, ModelChange::Registered, stored, Vec::new()).await
}

/// Whether one of the registers that are offered over this platform may serve the model at all.
fn servable(
    node: &Node,
    platform: &PartyId,
    sheet: &Registration,
    part: &Part,
) -> Result<(), Trouble> {
    let mut refused = not_offered();
    for register in node.config.offered(RunKind::Score, platform) {
        match serves(node, register, sheet.research, part) {
            Ok(()) => return Ok(()),
            Err(trouble) => refused = trouble,
        }
    }
    Err(refused)
}

/// Checks what a platform reports of a model, and who else takes part: a holder does not leave the
/// rules of admission to the platform that registers.
fn admissible(node: &Node, sheet: &Registration, part: &Part) -> Result<(), Trouble> {
    let reported = Reported {
        figures: &sheet.figures,
        holders: sheet.holders.len(),
        lender_takes_part: sheet.lender.is_some(),
        max_points: sheet.max_points,
    };
    reported.check(part, !sheet.research).map_err(|objection| {
        let (en, zh) = (objection.en(), objection.zh());
        Trouble::us(
            "MODEL_RULES",
            format!("the registration of {} is not taken: {en}", sheet.model),
            format!("不接受模型 {} 的登记：{zh}", sheet.model),
        )
    })?;
    co_holders(node, &sheet.holders)
}

/// Checks that those who take part beside this holder are holders, as far as they are pinned here. A
/// lender among them would know its own mask, and with it the others' sum.
pub(crate) fn co_holders(node: &Node, holders: &[PartyId]) -> Result<(), Trouble> {
    let pinned = holders.iter().filter_map(|holder| node.lines.get(holder));
    match pinned.map(|line| &line.peer).find(|peer| !peer.duties.contains(&Duty::Holder)) {
        None => Ok(()),
        Some(peer) => Err(Trouble::us(
            "MODEL",
            format!("{} takes part in the model and is not pinned here as a holder", peer.name),
            format!("{} 参与该模型，但本方登记的职责不是数据方", peer.name),
        )),
    }
}

/// Whether a register may serve a model: what the catalogue does not allow as a feature, and a
/// model that need not keep the rules over firms or persons, is refused here, not firm by firm.
pub(crate) fn serves(
    node: &Node,
    register: &Register,
    research: bool,
    part: &Part,
) -> Result<(), Trouble> {
    if !register.is_governed() {
        return Ok(());
    }
    if research {
        return Err(Trouble::us(
            "MODEL_RESEARCH_ONLY",
            "the model is registered for research data alone: it does not serve firms or persons",
            "该模型仅登记用于研究数据，不得用于企业或个人",
        ));
    }
    holds_everybody(part)?;
    let fields = fields(register, part)?;
    node.rules.needs_of(&fields, Output::Score, PURPOSE).map(|_| ())
}

/// Refuses a part that lacks a bin for some firm or person. To refuse an answer for want of a bin would
/// tell, in clear, what this holder has of the subject, or has not.
pub(crate) fn holds_everybody(part: &Part) -> Result<(), Trouble> {
    let Some(lacks) = part.lacks() else { return Ok(()) };
    Err(Trouble::us(
        "MODEL_BINS",
        format!(
            "over firms and persons every feature needs `missing`, and every one of categories `other`, so that everybody is answered alike. Without: {lacks}. Give the model points for them under a new version (`tacit model import --missing --other`, or in its file) and register that"
        ),
        format!(
            "用于企业或个人的模型，每个特征须有 `missing` 分箱，类别特征还须有 `other`，使所有主体得到同样的答复。缺少者：{lacks}。请在新版本中补上相应分值（`tacit model import --missing --other`，或写入模型文件）后重新登记"
        ),
    ))
}

/// This holder's operator countersigns a model, or refuses it; either may follow the other.
pub(crate) async fn judge(
    node: &Node,
    model: &ModelId,
    platform: Option<&PartyId>,
    refusal: Option<String>,
) -> Result<control::ModelReply, Trouble> {
    let stored = {
        let _alone = node.models.lock().await;
        let stored = named(node, ModelPart::Holder, model, platform).await?;
        match (stored.state, &refusal) {
            (ModelState::Retired, _) => return Err(is_retired()),
            (ModelState::Countersigned, None) | (ModelState::Refused, Some(_)) => stored,
            (_, None) => countersign(node, stored).await?,
            (_, Some(reason)) => {
                let (reason, changed_ms) = (reason.clone(), now_ms());
                let state = ModelState::Refused;
                let stored = StoredRegistration { state, reason, changed_ms, ..stored };
                let change = ModelChange::Refused;
                node.record_model(Duty::Holder, change, stored.clone(), Vec::new()).await?;
                stored
            }
        }
    };
    // Ours stands, whether or not the platform hears of it now.
    let message = match stored.state {
        ModelState::Refused => {
            ModelMessage::Refused { registration: stored.digest, reason: stored.reason.clone() }
        }
        ModelState::Asked | ModelState::Countersigned | ModelState::Retired => {
            ModelMessage::Countersigned(stored.envelope.clone())
        }
    };
    let told = tell(node, &stored.platform, message).await;
    told.map_err(|trouble| own_word_is_kept(&stored.platform, trouble))?;
    let model = Some(show::one(node, &stored).await?);
    Ok(control::ModelReply { model, not_reached: Vec::new() })
}

async fn countersign(
    node: &Node,
    stored: StoredRegistration,
) -> Result<StoredRegistration, Trouble> {
    let sealed =
        Envelope::from_json(&stored.envelope).map_err(|e| Trouble::from_error("STORE", &e))?;
    let (said, seen) = (sheet(node, &stored)?, part(&stored)?);
    // One that was laid before an older version of this program was not checked then, and what the
    // registers are may have changed since.
    admissible(node, &said, &seen)?;
    servable(node, &stored.platform, &said, &seen)?;
    let key = &node.identity.signing_key;
    let both = match Registration::open(&sealed, &key.public()) {
        Ok(_) => sealed,
        Err(_) => sealed.also_signed_by(key),
    };
    let (state, reason, changed_ms) = (ModelState::Countersigned, String::new(), now_ms());
    let envelope = both.to_json();
    let stored = StoredRegistration { state, reason, changed_ms, envelope, ..stored };
    let change = ModelChange::Countersigned;
    node.record_model(Duty::Holder, change, stored.clone(), Vec::new()).await?;
    Ok(stored)
}

/// A platform takes a model out of use: its word is enough, for holder and lender alike.
pub(super) async fn retired(
    node: &Node,
    platform: &PartyId,
    digest: &[u8; 32],
) -> Result<(), Trouble> {
    let _alone = node.models.lock().await;
    let stored = node.store.registration(digest).await?;
    let stored = stored.filter(|s| s.part == ModelPart::Holder && s.platform == *platform);
    if let Some(stored) = stored
        && stored.state != ModelState::Retired
    {
        let (state, changed_ms) = (ModelState::Retired, now_ms());
        let stored = StoredRegistration { state, changed_ms, ..stored };
        node.record_model(Duty::Holder, ModelChange::Retired, stored, Vec::new()).await?;
    }
    // As a lender; of what was never published here there is nothing.
    Ok(node.store.retire_models(platform, digest).await?)
}

/// What this holder has countersigned, where it is in force today.
pub(crate) async fn countersigned(
    node: &Node,
    platform: &PartyId,
    digest: &[u8; 32],
) -> Result<Registration, Trouble> {
    let stored = node.store.registration(digest).await?;
    let stored = stored.filter(|s| s.part == ModelPart::Holder && s.platform == *platform);
    let stored = stored.ok_or_else(unknown)?;
    let sheet = sheet(node, &stored)?;
    let expired = sheet.valid_until.is_some_and(|last| last < crate::clock::today());
    if !stored.state.is_in_force() || expired {
        return Err(super::not_in_force());
    }
    admissible(node, &sheet, &part(&stored)?)?;
    Ok(sheet)
}

/// Looks once more, before a release, at a model that was agreed on: what is in memory is not asked.
///
/// # Errors
///
/// `MODEL_NOT_IN_FORCE` once it is refused, retired or over.
pub(crate) async fn revalidate(node: &Node, model: &StoredModel) -> Result<(), Trouble> {
    countersigned(node, &model.platform, &model.registration).await.map(drop)
}

/// The part that was laid before this holder.
fn part(stored: &StoredRegistration) -> Result<Part, Trouble> {
    serde_json::from_str(&stored.document).map_err(|error| Trouble::from_error("STORE", &error))
}

/// What a holder's registration says.
pub(super) fn sheet(node: &Node, stored: &StoredRegistration) -> Result<Registration, Trouble> {
    let sealed =
        Envelope::from_json(&stored.envelope).map_err(|e| Trouble::from_error("STORE", &e))?;
    let keys = node.line(&stored.platform)?.peer.signing_keys();
    opened_by_one_of(&keys, |key| Registration::open(&sealed, key))
        .map_err(|error| Trouble::from_error("STORE", &error))
}

/// The catalogue fields that a part reads, by this holder's own binding of its columns.
///
/// # Errors
///
/// `MODE_FORBIDS` for a column that is bound to none: what it is, nobody has said.
pub(crate) fn fields(register: &Register, part: &Part) -> Result<Vec<Field>, Trouble> {
    let field = |feature: &scorecard::Feature| {
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
