//! A model of a lab's platform, ready for use.

use control::Client;
use control::messages::JudgeModelRequest;

use super::PartyProcess;
use crate::document::Document;
use crate::failure::Failure;
use crate::language::Text;

/// Has the platform register a model of its configuration, and every holder countersign it.
pub(crate) async fn countersigned(
    platform: &PartyProcess,
    holders: &[PartyProcess],
    model: &str,
) -> Result<(), Failure> {
    let answer = Document::of(&platform.control().register_model(model.into()).await?);
    if let Some(party) = answer.view().list("not_reached").next() {
        let what = Text { en: party.word("en"), zh: party.word("zh") };
        return Err(Failure::new("NOT_REACHED", what));
    }
    for holder in holders {
        countersign(holder.control(), model).await?;
    }
    Ok(())
}

async fn countersign(holder: &Client, model: &str) -> Result<(), Failure> {
    let judge = JudgeModelRequest {
        model: model.into(),
        countersign: true,
        ..JudgeModelRequest::default()
    };
    holder.judge_model(judge).await?;
    Ok(())
}
