//! What an operator may see of registered models.

use consent::Registration;
use domain::{ModelId, PartyId};
use scorecard::Part;
use scorecard::admission::{FigureOf, Finding, Limit, Verdict};
use store::{ModelPart, StoredRegistration};
use wire::control;
use wire::control::registration::Seen;
use wire::control::rule_finding;

use crate::Trouble;
use crate::governance::models::{holder, platform::Registered};
use crate::node::Node;

/// All registered models, newest first; or the one of this name with its figures and bins.
pub(crate) async fn registrations(
    node: &Node,
    model: Option<&ModelId>,
    platform: Option<&PartyId>,
) -> Result<control::RegistrationsReply, Trouble> {
    let all = node.store.registrations().await?.into_iter();
    let wanted = all.filter(|registered| {
        model.is_none_or(|model| *model == registered.model)
            && platform.is_none_or(|platform| *platform == registered.platform)
    });
    let mut models = Vec::new();
    for registered in wanted {
        models.push(one(node, &registered).await?);
    }
    Ok(control::RegistrationsReply { models })
}

/// One registered model: at a platform with what each holder has said, at a holder with its part.
pub(super) async fn one(
    node: &Node,
    stored: &StoredRegistration,
) -> Result<control::Registration, Trouble> {
    let seen = match stored.part {
        ModelPart::Platform => Some(Seen::AtPlatform(at_platform(node, stored).await?)),
        ModelPart::Holder => {
            let sheet = holder::sheet(node, stored)?;
            let part: Part = serde_json::from_str(&stored.document)
                .map_err(|e| Trouble::from_error("STORE", &e))?;
            Some(Seen::AtHolder(at_holder(&sheet, &part)))
        }
        // A lender has publications, and no registration.
        ModelPart::Lender => None,
    };
    Ok(control::Registration {
        model: stored.model.to_string(),
        registration: hex::encode(stored.digest),
        part: part(stored.part).into(),
        platform: stored.platform.to_string(),
        state: control::ModelState::from(stored.state).into(),
        reason: stored.reason.clone(),
        changed_ms: stored.changed_ms,
        seen,
    })
}

/// A party's part in a model, as calls name it.
pub(crate) fn part(part: ModelPart) -> control::ModelPart {
    match part {
        ModelPart::Platform => control::ModelPart::Platform,
        ModelPart::Lender => control::ModelPart::Lender,
        ModelPart::Holder => control::ModelPart::Holder,
    }
}

async fn at_platform(
    node: &Node,
    stored: &StoredRegistration,
) -> Result<control::RegistrationAtPlatform, Trouble> {
    let registered = Registered::of(stored)?;
    let said = node.store.countersignatures(&stored.digest).await?;
    let holders = registered.holders.iter().map(|(slot, party)| {
        let said = said.iter().find(|said| said.holder == *party);
        control::HolderWord {
            holder: party.to_string(),
            slot: slot.to_string(),
            state: said.map(|said| control::ModelState::from(said.state).into()),
            reason: said.map(|said| said.reason.clone()),
        }
    });
    Ok(control::RegistrationAtPlatform {
        holders: holders.collect(),
        research: registered.research,
    })
}

fn at_holder(sheet: &Registration, part: &Part) -> control::RegistrationAtHolder {
    let features = part.features().iter().map(|feature| {
        let bins = (0..feature.binning().len()).filter_map(|bin| feature.binning().label(bin));
        control::ModelFeature { column: feature.column().into(), bins: bins.collect() }
    });
    control::RegistrationAtHolder {
        slot: sheet.slot.to_string(),
        features: features.collect(),
        holders: sheet.holders.iter().map(ToString::to_string).collect(),
        lender_slot: sheet.lender.as_ref().map(ToString::to_string),
        max_points: sheet.max_points.into(),
        valid_until: sheet.valid_until.map(|day| day.to_string()),
        research: sheet.research,
        figures: sheet.figures.iter().map(figure).collect(),
    }
}

/// How a model fares with a rule of admission.
fn figure(finding: &Finding) -> control::RuleFinding {
    let verdict = match finding.verdict {
        Verdict::Holds => rule_finding::Verdict::Kept,
        Verdict::Flagged => rule_finding::Verdict::Flagged,
        Verdict::Fails => rule_finding::Verdict::Broken,
        Verdict::Unknown => rule_finding::Verdict::Unknown,
    };
    let limit = match finding.limit {
        Limit::Least(least) => rule_finding::Limit::Least(least),
        Limit::Most(most) => rule_finding::Limit::Most(most),
    };
    let (holder, column, bin, spans_up_to) = match &finding.place {
        FigureOf::Model => (None, None, None, None),
        FigureOf::Holder(slot) => (Some(slot), None, None, None),
        FigureOf::Feature(slot, column) => (Some(slot), Some(column), None, None),
        FigureOf::Bin(slot, column, bin) => (Some(slot), Some(column), Some(bin), None),
        FigureOf::Below(span) => (None, None, None, Some(*span)),
    };
    control::RuleFinding {
        rule: finding.rule.code().into(),
        verdict: verdict.into(),
        figure: finding.figure,
        limit: Some(limit),
        holder: holder.map(ToString::to_string),
        column: column.cloned(),
        bin: bin.cloned(),
        spans_up_to: spans_up_to.map(u32::from),
    }
}
