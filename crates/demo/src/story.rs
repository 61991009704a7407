//! The order of the story, and its first half: admitted, authorised, aligned, published.

use std::collections::HashSet;
use std::time::Instant;

use domain::Refusal;
use lab::PartyProcess;
use terminal::Failure;

use super::books;
use super::closing;
use super::commands;
use super::formulas;
use super::limits;
use super::material::Bank;
use super::parties::PLATFORM;
use super::phrases;
use super::scores;
use super::show::length;
use super::stage::Stage;
use super::steps;

/// Everything, step by step.
pub(super) async fn tell(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let began = Instant::now();
    admit(stage).await?;
    if stage.material.is_governed() {
        stage.show.rest().await;
        authorise(stage).await?;
    }
    let mut applicants = Vec::with_capacity(stage.material.banks.len());
    for (process, bank) in stage.banks() {
        stage.show.rest().await;
        applicants.push(align(stage, process, bank).await?);
    }
    stage.show.rest().await;
    publish(stage).await?;
    let scored = scores::score(stage, &applicants).await?;

    let mut latencies = Vec::new();
    if stage.material.is_governed() {
        stage.show.rest().await;
        scores::refused(stage).await?;
        let chosen = formulas::chosen(stage, &applicants[0], &scored)?;
        stage.show.rest().await;
        latencies = formulas::ask(stage, &chosen).await?;
        stage.show.rest().await;
        formulas::ask_sealed(stage, &chosen.sealed).await?;
        stage.show.rest().await;
        limits::revoke(stage, &chosen.revoking).await?;
        stage.show.rest().await;
        limits::probe(stage, &chosen.probed).await?;
        stage.show.rest().await;
        books::receipt(stage, &scored.run_of(&chosen.proven)?).await?;
        stage.show.rest().await;
        books::usage(stage).await?;
        books::self_report(stage, &chosen.revoking).await?;
    } else {
        stage.show.gap();
        stage.show.under(&phrases::left_out());
    }
    stage.show.rest().await;
    books::verify(stage).await?;
    stage.show.rest().await;
    closing::tell(stage, &scored, &latencies, began.elapsed()).await
}

/// Everybody assesses and admits everybody; before that, nothing is done for anybody.
async fn admit(stage: &Stage<'_>) -> Result<(), Failure> {
    let (material, show) = (stage.material, stage.show);
    let holder = &material.holders[0];
    let [first, others @ ..] = stage.all() else { return Ok(()) };
    let began = Instant::now();
    let mut decisions = 0;
    for party in others {
        decisions += lab::admit_all(party).await?;
    }
    // One party has admitted nobody yet.
    let refused =
        steps::align(stage.bank(), (holder.name, holder.register), material.key).await.err();
    let refusal = refused.ok_or_else(|| not_refused(Refusal::MemberState))?;
    expected(Refusal::MemberState, &refusal)?;
    decisions += lab::admit_all(first).await?;
    show.step(
        &phrases::limits::step_admit(&length(decisions)),
        began.elapsed(),
        &commands::admit(material),
    );
    show.list(&[(phrases::party(holder.name), phrases::limits::stranger(&refusal))]);
    Ok(())
}

/// Every customer signs, and the registry takes note.
async fn authorise(stage: &mut Stage<'_>) -> Result<(), Failure> {
    let began = Instant::now();
    let material = stage.material;
    let all = material.banks.iter().map(|bank| bank.customers().len()).sum();
    let bar = stage.show.bar(&phrases::signing(), all);
    let (registry, letters) = stage.signing();
    for bank in &material.banks {
        steps::authorise(registry, (material, bank), letters, || bar.inc(1)).await?;
    }
    bar.finish_and_clear();
    let signed = phrases::step_authorise(&length(all));
    stage.show.step(&signed, began.elapsed(), &commands::authorise(material));
    stage.show.under(&phrases::authorised_how());
    Ok(())
}

/// A bank's customers that are on every register, in the order of the bank's file.
async fn align(
    stage: &Stage<'_>,
    process: &PartyProcess,
    bank: &Bank,
) -> Result<Vec<String>, Failure> {
    let (material, show) = (stage.material, stage.show);
    let began = Instant::now();
    let mut known: Vec<HashSet<String>> = Vec::with_capacity(material.holders.len());
    for holder in &material.holders {
        known.push(steps::align(process, (holder.name, holder.register), material.key).await?);
    }
    let took = began.elapsed();
    let on_all = |key: &&String| known.iter().all(|known| known.contains(*key));
    let applicants: Vec<_> = bank.customers().iter().filter(on_all).cloned().collect();
    let holders = material.holders.iter().zip(&known);
    let each = holders.map(|(holder, known)| phrases::known(holder.name, &length(known.len())));
    let found = phrases::step_align(&phrases::party(bank.name), each, &length(applicants.len()));
    show.step(&found, took, &commands::align(material, bank.name));
    show.under(&phrases::aligned_blindly());
    let expected = material.on_all(bank);
    if applicants.len() != expected {
        let what = phrases::endings::alignment_differs(applicants.len(), expected);
        return Err(Failure::new("ALIGNMENT_DIFFERS", what));
    }
    if applicants.is_empty() {
        return Err(Failure::new("NOBODY", phrases::endings::nobody_to_score()));
    }
    Ok(applicants)
}

/// The holders countersign, and each bank's ciphertexts are handed out.
async fn publish(stage: &Stage<'_>) -> Result<(), Failure> {
    let material = stage.material;
    let began = Instant::now();
    let model = material.card.model().to_string();
    lab::countersigned(stage.platform(), stage.holders(), &model).await?;
    for bank in &material.banks {
        steps::publish(stage.platform(), bank.name, material).await?;
    }
    let took = began.elapsed();
    stage.show.step(&phrases::step_publish(), took, &commands::publish(material));
    let most = length(material.card.most_points().into());
    let features = length(material.card.features().count());
    let holds = phrases::published(&model, &features, &most);
    stage.show.list(&[(phrases::party(PLATFORM), holds)]);
    Ok(())
}

/// Fails unless a refusal is the one that was to come.
pub(super) fn expected(refusal: Refusal, came: &Failure) -> Result<(), Failure> {
    if came.code() == refusal.code() { Ok(()) } else { Err(came.clone()) }
}

/// What was to be refused was not.
pub(super) fn not_refused(refusal: Refusal) -> Failure {
    Failure::new("NOT_REFUSED", phrases::limits::not_refused(refusal.code()))
}
