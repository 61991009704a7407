//! Encrypted scores: asked one by one, compared with the clear text, and what each party saw.

use std::time::{Duration, Instant};

use domain::{Refusal, Text};
use terminal::Failure;
use terminal::units::{as_float, bytes, count, seconds, span};

use super::commands;
use super::comparison::Comparison;
use super::parties::PLATFORM;
use super::phrases;
use super::show::length;
use super::stage::{Stage, Usage};
use super::steps::{self, Answer};
use super::story::{expected, not_refused};

/// The scores of all banks.
pub(super) struct Scored {
    /// What the comparison found, a bank each.
    pub(super) verdicts: Vec<Comparison>,
    /// The same of all the first bank's customers in one batch.
    batch: Option<Comparison>,
    /// Each of the first bank's applicants with the number of its run.
    pub(super) runs: Vec<(String, String)>,
}

impl Scored {
    /// Of each bank, the comparison over the most customers.
    pub(super) fn widest(&self) -> impl Iterator<Item = &Comparison> {
        let first = self.batch.as_ref().or(self.verdicts.first());
        first.into_iter().chain(self.verdicts.iter().skip(1))
    }

    /// The run of an applicant's score.
    pub(super) fn run_of(&self, subject: &str) -> Result<String, Failure> {
        let found = self.runs.iter().find(|(scored, _)| scored == subject);
        let found = found.map(|(_, run)| run.clone());
        found.ok_or_else(|| Failure::new("PARTY", phrases::endings::empty_answer()))
    }
}

/// The banks score their applicants; fails unless every score is right.
pub(super) async fn score(
    stage: &Stage<'_>,
    applicants: &[Vec<String>],
) -> Result<Scored, Failure> {
    let (material, show) = (stage.material, stage.show);
    let wanted = usize::try_from(stage.demo.scores).unwrap_or(usize::MAX);
    let before = stage.usage().await?;
    let mut answered = Vec::with_capacity(material.banks.len());
    for (at, ((process, bank), applicants)) in stage.banks().zip(applicants).enumerate() {
        show.rest().await;
        // The second bank is a small one.
        let wanted = if at == 0 { wanted } else { wanted.div_ceil(4) };
        let asked = &applicants[..applicants.len().min(wanted)];
        let began = Instant::now();
        let bar = show.bar(&phrases::scoring(), asked.len());
        let whose = (material, bank.name);
        let answers = steps::score(process, whose, &stage.letters, asked, || bar.inc(1)).await?;
        bar.finish_and_clear();
        let took = began.elapsed();
        let scored = phrases::step_score(&length(answers.len()), &phrases::party(bank.name));
        show.step(&scored, took, &commands::score(material, bank.name));
        if at == 0 && asked.len() < wanted {
            show.under(&phrases::fewer(&length(wanted), &length(asked.len())));
        }
        answered.push((bank, asked.len(), answers, took));
    }
    let after = stage.usage().await?;

    let began = Instant::now();
    let compared = answered.iter().map(|(bank, asked, answers, took)| {
        let comparison = Comparison::of((material, bank), *asked, answers);
        (bank.name, comparison, answers.len(), *took)
    });
    let compared: Vec<_> = compared.collect();
    show.step(&phrases::step_compare(), began.elapsed(), &[]);
    let mut verdicts = Vec::with_capacity(compared.len());
    for (name, comparison, answers, took) in compared {
        if material.banks.len() > 1 {
            show.under(&phrases::of_bank(&phrases::party(name)));
        }
        show.list(&found(&comparison, answers, took));
        verdicts.push(comparison);
    }
    let asked = answered.iter().map(|(_, asked, ..)| asked).sum();
    saw(stage, (&before, &after), asked).await?;
    verdicts.iter().try_for_each(sound)?;
    let batch = if stage.demo.batch { Some(batch(stage).await?) } else { None };
    let first = answered.into_iter().next().map(|(_, _, answers, _)| answers);
    let run = |answer: Answer| (answer.subject, answer.run);
    Ok(Scored { verdicts, batch, runs: first.into_iter().flatten().map(run).collect() })
}

/// A firm that has signed nothing: every holder refuses, and says no more than that.
pub(super) async fn refused(stage: &Stage<'_>) -> Result<(), Failure> {
    let Some(stranger) = stage.material.stranger() else { return Ok(()) };
    let began = Instant::now();
    let asked = [stranger.to_owned()];
    let mut answers =
        steps::score(stage.bank(), stage.asking(), &stage.letters, &asked, || ()).await?;
    match answers.pop().map(|answer| answer.outcome) {
        Some(Err(refusal)) => {
            expected(Refusal::AuthMissing, &refusal)?;
            let command = commands::score_unsigned(stage.material, stranger);
            stage.show.step(&phrases::step_refused(&refusal), began.elapsed(), &[command]);
            Ok(())
        }
        Some(Ok(_)) | None => Err(not_refused(Refusal::AuthMissing)),
    }
}

/// Every customer in one batch, compared like the single scores.
async fn batch(stage: &Stage<'_>) -> Result<Comparison, Failure> {
    let (material, show) = (stage.material, stage.show);
    let asked = material.bank().customers().len();
    let began = Instant::now();
    let answers = steps::batch(stage.bank(), material).await?;
    let took = began.elapsed();
    let comparison = Comparison::of((material, material.bank()), asked, &answers);
    show.step(&phrases::step_batch(&length(asked)), took, &commands::batch(material));
    let mut entries = counted(&comparison);
    entries.push((phrases::label_separation(), phrases::separation(comparison.separation())));
    if let Some(of_record) = material.of_record() {
        entries.push((phrases::label_sklearn(), phrases::sklearn(of_record)));
    }
    show.list(&entries);
    sound(&comparison)?;
    Ok(comparison)
}

/// Fails unless every question was answered, and rightly.
fn sound(comparison: &Comparison) -> Result<(), Failure> {
    if comparison.holds() {
        return Ok(());
    }
    let differ = phrases::endings::scores_differ(comparison.wrong, comparison.unanswered);
    let failure = Failure::new("SCORES_DIFFER", differ);
    Err(match &comparison.reason {
        Some(reason) => failure.advise(reason.what().clone()),
        None => failure,
    })
}

/// What the comparison found.
fn found(comparison: &Comparison, answers: usize, took: Duration) -> Vec<(Text, Text)> {
    let mut entries = counted(comparison);
    let each_second = format!("{:.1}", as_float(answers as u64) / took.as_secs_f64());
    let [p50, p99] = [50, 99].map(|percent| span(comparison.latency(percent)));
    entries.push((phrases::label_latency(), phrases::latency(&p50, &p99, &each_second)));
    entries.push((phrases::label_separation(), phrases::separation(comparison.separation())));
    let grades = comparison.grades.iter().map(|(name, grade)| {
        let share = 100.0 * as_float(grade.bads) / as_float(grade.all);
        phrases::grade(name, &count(grade.all), share)
    });
    entries.push((phrases::label_grades(), phrases::joined(grades)));
    entries
}

/// How many scores are right.
fn counted(comparison: &Comparison) -> Vec<(Text, Text)> {
    let found = |number: usize| Text::same(length(number));
    let mut entries = vec![
        (phrases::label_right(), found(comparison.right)),
        (phrases::label_wrong(), found(comparison.wrong)),
    ];
    if comparison.unanswered > 0 {
        entries.push((phrases::label_unanswered(), found(comparison.unanswered)));
    }
    entries
}

/// For each party, what went through it while scoring, and what of it it could read.
async fn saw(
    stage: &Stage<'_>,
    (before, after): (&[Usage], &[Usage]),
    asked: usize,
) -> Result<(), Failure> {
    let show = stage.show;
    // Each party also has its records of alignment and publication.
    let records = u32::try_from(asked).unwrap_or(u32::MAX).saturating_add(100);
    let mut rows = Vec::with_capacity(stage.all().len());
    let used = before.iter().zip(after);
    for ((name, process), (before, after)) in stage.names().zip(stage.all()).zip(used) {
        rows.push(vec![
            show.words(&phrases::party(name)),
            count(steps::questions(process, records).await?),
            bytes(after.received.saturating_sub(before.received)),
            bytes(after.sent.saturating_sub(before.sent)),
            seconds(after.cpu_s - before.cpu_s),
        ]);
    }
    show.gap();
    show.title(&phrases::saw_title());
    show.table(&phrases::saw_heads(), &[1, 2, 3, 4], rows);
    show.gap();
    let holders: Vec<&str> = stage.material.holders.iter().map(|holder| holder.name).collect();
    let banks: Vec<&str> = stage.material.banks.iter().map(|bank| bank.name).collect();
    for parties in [&holders[..], &[PLATFORM], &banks] {
        show.under(&phrases::parties(parties));
        show.list(&phrases::saw(parties[0]));
    }
    Ok(())
}
