//! What can be shown afterwards: a receipt, the use of a holder's data, one firm's own view, logs.

use std::fs;
use std::path::Path;
use std::time::Instant;

use control::messages::{self, SelfReportRequest, UsageRequest};
use documents::{Trusted, keep_receipt, verify_receipts};
use domain::Text;
use party::known_parties;
use serde_json::Value;
use terminal::phrases::not_reconciled;
use terminal::units::count;
use terminal::{Document, Failure};

use super::commands;
use super::phrases;
use super::show::length;
use super::stage::Stage;

/// How old the registry's word may have been at a release, in seconds: what `tacit receipt verify`
/// takes when it is told nothing.
const MAX_AGE_S: u32 = 60;

/// The proof of one score is fetched and verified offline; a copy with one character changed fails.
pub(super) async fn receipt(stage: &Stage<'_>, run: &str) -> Result<(), Failure> {
    let began = Instant::now();
    let answer = Document::of(&stage.bank().control().receipt(run.into(), None).await?);
    let [whole, tampered] = ["receipt.json", "tampered.json"].map(|it| stage.bank().dir().join(it));
    keep_receipt(answer.json(), &whole)?;
    let (issuer, key) = stage.letters.issuer_key();
    let command = commands::receipt(run, &format!("{issuer}={key}"));
    // Public files only: what the parties handed to one another, the bank's own among them, for it has
    // signed the question; and the issuer's key.
    let bank = stage.bank().dir();
    let trusted = Trusted::default()
        .with_parties(known_parties(&bank.join("peers"))?)
        .with_parties(known_parties(bank)?);
    let trusted = trusted.with_issuer(issuer, key);
    let proven = verify_receipts(&whole, &trusted, MAX_AGE_S)?.releases;
    let holders = stage.material.holders.iter();
    if !holders.clone().all(|holder| proven.iter().any(|it| it.holder.as_str() == holder.name)) {
        return Err(Failure::new("PROOF_MISSING", phrases::books::proof_missing()));
    }
    tamper(&whole, &tampered)?;
    let found_out = verify_receipts(&tampered, &trusted, MAX_AGE_S).err();
    let found_out = found_out.map(Failure::from);
    let found_out =
        found_out.ok_or_else(|| Failure::new("NOT_FOUND_OUT", phrases::books::not_found_out()))?;
    stage.show.step(&phrases::books::step_receipt(), began.elapsed(), &command);
    let mut entries: Vec<(Text, Text)> = proven
        .iter()
        .map(|proof| {
            let steps = proof.steps.iter().filter(|(_, applied)| *applied);
            let steps: Vec<&str> = steps.map(|(step, _)| *step).collect();
            (phrases::party(proof.holder.as_str()), phrases::books::proven(&steps.join(", ")))
        })
        .collect();
    entries.push((phrases::books::label_tampered(), phrases::books::tampered(&found_out)));
    stage.show.list(&entries);
    Ok(())
}

/// Writes a copy with one character in the middle of the first proof changed.
fn tamper(whole: &Path, copy: &Path) -> Result<(), Failure> {
    let no_proof = || Failure::new("PROOF_MISSING", phrases::books::proof_missing());
    let text = fs::read_to_string(whole).map_err(|error| Failure::file(whole, &error))?;
    let mut file: Value = serde_json::from_str(&text).map_err(|_| no_proof())?;
    let proof = file["proofs"][0].as_str().ok_or_else(no_proof)?;
    let mut chars: Vec<char> = proof.chars().collect();
    // Inside a signed document, which is written in letters and digits.
    let middle = chars.len() / 2;
    let at = (middle..chars.len()).find(|at| chars[*at].is_ascii_alphanumeric());
    let at = at.ok_or_else(no_proof)?;
    chars[at] = if chars[at] == 'A' { 'B' } else { 'A' };
    file["proofs"][0] = chars.into_iter().collect::<String>().into();
    fs::write(copy, file.to_string()).map_err(|error| Failure::file(copy, &error))
}

/// What a holder is told of the use of its data: counted, no result in it.
pub(super) async fn usage(stage: &Stage<'_>) -> Result<(), Failure> {
    let (show, holder) = (stage.show, stage.material.holders[0].name);
    let began = Instant::now();
    let everything = UsageRequest { from_ms: 0, until_ms: 0 };
    let answer = Document::of(&stage.holders()[0].control().usage(everything).await?);
    let released = answer.view().count("released");
    let step = phrases::books::step_usage(&phrases::party(holder), &released);
    show.step(&step, began.elapsed(), &[commands::usage(holder)]);
    let rows = answer.view().list("lines").map(|line| {
        let mut row = ["lender", "output", "class", "purpose"].map(|name| line.word(name)).to_vec();
        row.push(line.count("count"));
        row
    });
    show.table(&phrases::books::usage_heads(), &[4], rows.collect());
    Ok(())
}

/// What a firm is told of what became of its data at a holder.
pub(super) async fn self_report(stage: &Stage<'_>, firm: &str) -> Result<(), Failure> {
    let (show, holder) = (stage.show, stage.material.holders[0].name);
    let began = Instant::now();
    let request = SelfReportRequest {
        kind: messages::SubjectKind::from(stage.material.kind).into(),
        subject: firm.into(),
    };
    let answer = Document::of(&stage.holders()[0].control().self_report(request).await?);
    let lines = answer.view().list("lines").count();
    let step = phrases::books::step_self_report(&phrases::party(holder), &length(lines));
    show.step(&step, began.elapsed(), &[commands::self_report(holder, firm)]);
    let rows = answer.view().list("lines").map(|line| {
        let mut row = vec![line.time("time"), line.word("event")];
        row.extend(["receiver", "output", "refusal"].map(|name| line.word(name)));
        row
    });
    show.table(&phrases::books::report_heads(), &[], rows.collect());
    Ok(())
}

/// Every party reads its whole log, and each holder holds its releases against its receipts.
pub(super) async fn verify(stage: &Stage<'_>) -> Result<(), Failure> {
    let (material, show) = (stage.material, stage.show);
    let began = Instant::now();
    let mut entries = Vec::with_capacity(stage.all().len());
    for (name, party) in stage.names().zip(stage.all()) {
        let verified = party.control().verify_log().await?;
        let records = count(verified.records);
        entries.push((phrases::party(name), phrases::books::log_whole(&records)));
    }
    let mut releases = 0;
    for holder in stage.holders() {
        let reconciled = holder.control().reconcile().await?;
        let findings = reconciled.findings.len();
        if findings > 0 {
            return Err(Failure::new("NOT_RECONCILED", not_reconciled(findings)));
        }
        releases += reconciled.releases;
    }
    let commands = commands::audit(material);
    show.step(&phrases::books::step_audit(), began.elapsed(), &commands);
    show.list(&entries);
    if releases > 0 {
        show.under(&phrases::books::reconciled(&count(releases)));
    }
    Ok(())
}
