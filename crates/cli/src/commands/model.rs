//! `tacit model`: files of models, and what a party does with them.

mod check;
mod convert;
mod monitor;
mod registry;

use std::fs;
use std::path::Path;

use control::messages::PublishRequest;
use control::{Address, Client};
use scorecard::Scorecard;
use terminal::{Failure, Voice, follow_or_leave};

use crate::arguments::ModelCommand;
use crate::phrases;

pub(super) async fn model(
    party: &Address,
    command: &ModelCommand,
    voice: Voice,
) -> Result<(), Failure> {
    match command {
        ModelCommand::Import(import) => convert::import(import, voice),
        ModelCommand::Export(export) => convert::export(export, voice),
        ModelCommand::Check(check) => check::check(check, voice),
        ModelCommand::Monitor(monitor) => monitor::monitor(monitor, voice),
        ModelCommand::Register { model, json } => {
            registry::register(party, model.to_string(), json.json, voice).await
        }
        ModelCommand::Show(named) => registry::show(party, named, voice).await,
        ModelCommand::Countersign(named) => registry::countersign(party, named, voice).await,
        ModelCommand::Refuse(refusal) => registry::refuse(party, refusal, voice).await,
        ModelCommand::Retire { model, reason, json } => {
            let (model, reason) = (model.to_string(), reason.clone());
            registry::retire(party, model, reason, json.json, voice).await
        }
        ModelCommand::Publish { model, lender } => {
            let control = Client::open(party).await?;
            let request = PublishRequest { model: model.to_string(), lender: lender.to_string() };
            follow_or_leave(voice, control.publish(request).await?).await?;
            voice.tell(&phrases::published(model, lender));
            Ok(())
        }
        ModelCommand::List(json) => registry::list(party, json, voice).await,
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

fn unusable(file: &Path, error: &scorecard::Error) -> Failure {
    Failure::new("MODEL", phrases::file_trouble(file.display(), error))
}
