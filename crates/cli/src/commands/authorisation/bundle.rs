//! `tacit authorisation export`, `import`: states for parties that are offline, line by line.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use control::messages::BundleLine;
use control::{Address, Client};
use documents::{BundleFile, BundleLines};
use domain::PartyId;
use terminal::units::{count, moment_of};
use terminal::{Document, Failure, Voice, say, table};

use crate::commands::print;
use crate::phrases;

pub(super) async fn export(
    party: &Address,
    lender: &PartyId,
    out: &Path,
    voice: Voice,
) -> Result<(), Failure> {
    let mut lines = Client::open(party).await?.export_bundle(lender.to_string()).await?;
    let mut bundle = BundleFile::begin(out)?;
    while let Some(line) = lines.next().await? {
        bundle.push(&line.line)?;
    }
    let statements = bundle.finish()?;
    voice.tell(&phrases::exported(count(statements), out.display()));
    Ok(())
}

pub(super) async fn import(
    party: &Address,
    file: &Path,
    json: bool,
    voice: Voice,
) -> Result<(), Failure> {
    let control = Client::open(party).await?;
    let lines = BundleLines::open(file)?;
    let (collected, all) = (lines.collected_at(), lines.statements());
    // The stream has no place for an error of ours: it ends, and the error is told afterwards.
    let broken = Arc::new(OnceLock::new());
    let note = Arc::clone(&broken);
    let sent = lines.map_while(move |line| match line {
        Ok(line) => Some(BundleLine { line: line.into() }),
        Err(trouble) => {
            note.get_or_init(|| trouble);
            None
        }
    });
    let answer = Document::of(&control.import_bundle(tokio_stream::iter(sent)).await?);
    if let Some(trouble) = broken.get() {
        return Err(trouble.clone().into());
    }
    if json {
        say::line(answer.json());
        return Ok(());
    }
    let entries = [
        (phrases::head_collected(), moment_of(collected)),
        (phrases::head_statements(), count(all)),
        (phrases::head_taken(), answer.view().count("taken")),
        (phrases::head_refused(), answer.view().count("refused")),
    ];
    print(&table::list(voice.language(), &entries));
    Ok(())
}
