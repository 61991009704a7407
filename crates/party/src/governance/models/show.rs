//! What an operator may see of registered models, as JSON.

use domain::{ModelId, PartyId};
use scorecard::Part;
use serde_json::{Value, json};
use store::{ModelPart, StoredRegistration};

use crate::Trouble;
use crate::governance::models::{holder, platform::Registered};
use crate::node::Node;

/// All registered models, newest first; or the one of this name with its figures and bins.
pub(crate) async fn registrations(
    node: &Node,
    model: Option<&ModelId>,
    platform: Option<&PartyId>,
) -> Result<Value, Trouble> {
    let all = node.store.registrations().await?.into_iter();
    let wanted = all.filter(|registered| {
        model.is_none_or(|model| *model == registered.model)
            && platform.is_none_or(|platform| *platform == registered.platform)
    });
    let mut shown = Vec::new();
    for registered in wanted {
        shown.push(one(node, &registered).await?);
    }
    Ok(json!({ "models": shown }))
}

/// One registered model: at a platform with what each holder has said, at a holder with its part.
pub(super) async fn one(node: &Node, stored: &StoredRegistration) -> Result<Value, Trouble> {
    let mut shown = json!({
        "model": stored.model,
        "registration": hex::encode(stored.digest),
        "part": stored.part.to_string(),
        "platform": stored.platform,
        "state": stored.state,
        "reason": stored.reason,
        "changed_ms": stored.changed_ms,
    });
    match stored.part {
        ModelPart::Platform => {
            let registered = Registered::of(stored)?;
            let said = node.store.countersignatures(&stored.digest).await?;
            let holders = registered.holders.iter().map(|(slot, party)| {
                let said = said.iter().find(|said| said.holder == *party);
                json!({
                    "holder": party,
                    "slot": slot,
                    "state": said.map(|said| said.state),
                    "reason": said.map(|said| said.reason.as_str()),
                })
            });
            shown["holders"] = holders.collect();
            shown["research"] = registered.research.into();
        }
        ModelPart::Holder => {
            let sheet = holder::sheet(node, stored)?;
            let part: Part =
                serde_json::from_str(&stored.document).map_err(|e| Trouble::said("STORE", &e))?;
            let features = part.features().iter().map(|feature| {
                let bins = (0..feature.binning().len()).map(|bin| feature.binning().label(bin));
                json!({ "column": feature.column(), "bins": bins.collect::<Vec<_>>() })
            });
            shown["features"] = features.collect();
            shown["slot"] = json!(sheet.slot);
            shown["holders"] = json!(sheet.holders);
            shown["lender_slot"] = json!(sheet.lender);
            shown["max_points"] = sheet.max_points.into();
            shown["valid_until"] = json!(sheet.valid_until.map(|day| day.to_string()));
            shown["research"] = sheet.research.into();
            shown["figures"] = json!(sheet.figures);
        }
        // A lender has publications, and no registration.
        ModelPart::Lender => {}
    }
    Ok(shown)
}
