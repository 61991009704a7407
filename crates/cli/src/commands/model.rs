//! `tacit model`: files of models, and what a party does with them.

mod check;
mod convert;

use std::fs;
use std::path::Path;

use domain::Scorecard;
use serde_json::json;
use wire::control::PublishRequest;

use crate::arguments::ModelCommand;
use crate::commands::{json_line, print};
use crate::control::Control;
use crate::failure::Failure;
use crate::follow::follow_or_leave;
use crate::phrases;
use crate::say::Voice;
use crate::table::Table;

pub(super) async fn model(dir: &Path, command: &ModelCommand, voice: Voice) -> Result<(), Failure> {
    match command {
        ModelCommand::Import(import) => convert::import(import, voice),
        ModelCommand::Export(export) => convert::export(export, voice),
        ModelCommand::Check(check) => check::check(check, voice),
        ModelCommand::Publish { model, lender } => {
            let control = Control::open(dir).await?;
            let request = PublishRequest { model: model.to_string(), lender: lender.to_string() };
            follow_or_leave(voice, control.publish(request).await?).await?;
            voice.tell(&phrases::published(model, lender));
            Ok(())
        }
        ModelCommand::List(json) => list(&Control::open(dir).await?, json.json, voice).await,
    }
}

/// Reads a model file.
fn card_of(file: &Path) -> Result<Scorecard, Failure> {
    let text = text_of(file)?;
    Scorecard::from_toml(&text).map_err(|error| unusable(file, &error))
}

fn text_of(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| Failure::file(file, &error))
}

fn unusable(file: &Path, error: &domain::Error) -> Failure {
    Failure::new("MODEL", phrases::file_trouble(file.display(), error))
}

async fn list(control: &Control, json: bool, voice: Voice) -> Result<(), Failure> {
    let models = control.models().await?;
    if json {
        for model in models {
            json_line(&json!({
                "model": model.model,
                "digest": model.digest,
                "part": model.part,
                "lender": model.lender,
                "platform": model.platform,
                "holders": model.holders,
            }));
        }
        return Ok(());
    }
    if models.is_empty() {
        voice.note(&phrases::no_models());
        return Ok(());
    }
    let heads = [
        phrases::head_model(),
        phrases::head_part(),
        phrases::head_lender(),
        phrases::head_platform(),
        phrases::head_holders(),
        phrases::head_digest(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for model in models {
        let digest = model.digest.get(..16).unwrap_or(&model.digest).to_owned();
        let holders = model.holders.join(", ");
        table.row(vec![model.model, model.part, model.lender, model.platform, holders, digest]);
    }
    print(&table.lines());
    Ok(())
}
