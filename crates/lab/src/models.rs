//! A model of a lab's platform, ready for use.

use control::messages::JudgeModelRequest;
use control::{Client, text};

use crate::{Error, PartyProcess};

/// Has the platform register a model of its configuration, and every holder countersign it.
///
/// # Errors
///
/// When a call is not carried out, or a holder could not be told of the model.
pub async fn countersigned(
    platform: &PartyProcess,
    holders: &[PartyProcess],
    model: &str,
) -> Result<(), Error> {
    let answer = platform.control().register_model(model.into()).await?;
    if let Some(party) = answer.not_reached.into_iter().next() {
        return Err(Error::NotReached(text(party.text)));
    }
    for holder in holders {
        countersign(holder.control(), model).await?;
    }
    Ok(())
}

async fn countersign(holder: &Client, model: &str) -> Result<(), Error> {
    let judge = JudgeModelRequest {
        model: model.into(),
        countersign: true,
        ..JudgeModelRequest::default()
    };
    holder.judge_model(judge).await?;
    Ok(())
}
