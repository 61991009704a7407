//! `tacit receipt`: what a run proves, fetched and verified.

use control::{Address, Client};
use documents::TrainingChange;
use terminal::units::{count, moment_of};
use terminal::{Document, Failure, Language, Table, View, Voice};

use crate::arguments::ReceiptCommand;
use crate::commands::{json_line, print, runs};
use crate::phrases;

pub(super) async fn receipt(
    party: &Address,
    command: &ReceiptCommand,
    voice: Voice,
) -> Result<(), Failure> {
    match command {
        ReceiptCommand::Fetch { run, row, out } => {
            let control = Client::open(party).await?;
            let run = runs::find(&control, run).await?;
            let answer = Document::of(&control.receipt(run.id, *row).await?);
            let proofs = documents::keep_receipt(answer.json(), out)?;
            voice.tell(&phrases::proofs_kept(proofs, out.display()));
            Ok(())
        }
        ReceiptCommand::Verify { file, peers, issuers, max_age_s, json } => {
            let mut trusted = documents::Trusted::default();
            for folder in peers {
                trusted = trusted.with_parties(party::known_parties(folder)?);
            }
            for issuer in issuers {
                let (name, key) = named_key(issuer)?;
                trusted = trusted.with_issuer(name, key);
            }
            let verified = documents::verify_receipts(file, &trusted, *max_age_s)?;
            let documents::Verified { releases, trainings } = &verified;
            if json.json {
                releases.iter().for_each(|proof| json_line(&object(proof)));
                trainings.iter().for_each(|proof| json_line(&training(proof)));
            } else {
                if !releases.is_empty() {
                    print(&holding(releases, voice));
                }
                if !trainings.is_empty() {
                    print(&took_part(trainings, voice.language()));
                }
                voice.tell(&phrases::proofs_hold(releases.len() + trainings.len()));
            }
            Ok(())
        }
    }
}

/// An issuer as it is typed: `NAME=ed25519:...`.
fn named_key(text: &str) -> Result<(domain::PartyId, documents::PublicKey), Failure> {
    let read =
        text.split_once('=').and_then(|(name, key)| Some((name.parse().ok()?, key.parse().ok()?)));
    read.ok_or_else(|| Failure::usage(phrases::issuer_form()))
}

fn object(proof: &documents::Proven) -> serde_json::Value {
    serde_json::json!({
        "holder": proof.holder, "receiver": proof.receiver, "receipt": proof.receipt,
        "authorisation": proof.authorisation, "released": proof.time, "steps": steps(&proof.steps),
    })
}

fn training(proof: &documents::ProvenTraining) -> serde_json::Value {
    let change = |(change, time): &(TrainingChange, documents::Moment)| serde_json::json!({ "change": change, "time": time });
    let changes: Vec<serde_json::Value> = proof.changes.iter().map(change).collect();
    let (job, digest) = &proof.job;
    serde_json::json!({
        "party": proof.party, "lender": proof.lender, "job": job, "digest": digest,
        "run": proof.run, "purpose": proof.purpose, "rows": proof.rows, "changes": changes,
        "steps": steps(&proof.steps),
    })
}

fn steps(steps: &[(&'static str, bool)]) -> serde_json::Map<String, serde_json::Value> {
    let word = |(step, applied): &(&'static str, bool)| {
        ((*step).into(), (if *applied { "passed" } else { "not_applicable" }).into())
    };
    steps.iter().map(word).collect()
}

fn held(steps: &[(&'static str, bool)]) -> String {
    let held = steps.iter().filter(|(_, applied)| *applied).map(|(step, _)| *step);
    held.collect::<Vec<_>>().join(", ")
}

/// Who took part in a training, by what each has written down.
fn took_part(proven: &[documents::ProvenTraining], language: Language) -> Vec<String> {
    let heads = [
        phrases::head_party(),
        phrases::head_job(),
        phrases::head_lender(),
        phrases::head_purpose(),
        phrases::head_rows(),
        phrases::head_act(),
        phrases::head_last(),
        phrases::head_steps(),
    ];
    let mut table = Table::new(language, &heads).right(&[4]);
    for proof in proven {
        let changes = proof.changes.iter().map(|(change, _)| told(*change, language));
        let last = proof.changes.last().map(|(_, time)| moment_of(time.time()));
        table.row(vec![
            proof.party.to_string(),
            proof.job.0.to_string(),
            proof.lender.to_string(),
            proof.purpose.code().to_owned(),
            count(proof.rows.into()),
            changes.collect::<Vec<_>>().join(", "),
            last.unwrap_or_default(),
            held(&proof.steps),
        ]);
    }
    table.lines()
}

/// What a record says of a training; one that we do not know, in its own word.
pub(super) fn change(record: View<'_>, language: Language) -> String {
    let known = record.read::<TrainingChange>("change");
    known.map_or_else(|| record.word("change"), |change| told(change, language))
}

fn told(change: TrainingChange, language: Language) -> String {
    let text = match change {
        TrainingChange::Uploaded => phrases::training_uploaded(),
        TrainingChange::Counted => phrases::training_counted(),
        TrainingChange::Disclosed => phrases::training_disclosed(),
        TrainingChange::Begun => phrases::training_begun(),
        TrainingChange::Trained => phrases::training_trained(),
        TrainingChange::NotCompleted => phrases::training_not_completed(),
    };
    language.words(&text).to_owned()
}

fn holding(proven: &[documents::Proven], voice: Voice) -> Vec<String> {
    let heads = [
        phrases::head_holder(),
        phrases::head_receiver(),
        phrases::head_authorisation(),
        phrases::head_released(),
        phrases::head_steps(),
    ];
    let mut table = Table::new(voice.language(), &heads);
    for proof in proven {
        table.row(vec![
            proof.holder.to_string(),
            proof.receiver.to_string(),
            proof.authorisation.clone().unwrap_or_else(|| "-".into()),
            proof.time.clone(),
            held(&proof.steps),
        ]);
    }
    table.lines()
}
