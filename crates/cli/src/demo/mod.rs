//! `tacit demo`: the main job on one machine, start to end, with every figure measured in the run.
//!
//! Party processes with mutual TLS between them: the holders, the platform, a bank. The bank finds
//! which of its customers are on every register, the platform hands out a scorecard encrypted to the
//! bank's key, the bank scores its applicants one by one. Nobody but this demonstration holds all
//! registers; it computes every score in clear as well and fails if one differs.
//!
//! The registers are made ([`province`]), for three holders, or are the UCI credit card data split by
//! columns ([`material`]): for two holders, and the bank with a block of its own. Each step prints what an operator would have typed.

mod commands;
mod letters;
mod material;
mod measures;
mod parties;
mod phrases;
mod place;
mod province;
mod sheet;
mod show;
mod steps;
mod verdict;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use indicatif::{ProgressBar, ProgressStyle};

use self::letters::Letters;
use self::material::{Material, OWN};
use self::parties::{BANK, PLATFORM};
use self::place::Place;
use self::province::Province;
use self::show::{Show, length};
use self::verdict::Verdict;
use crate::failure::Failure;
use crate::lab::{self, Lab, PartyProcess};
use crate::language::Text;
use crate::say::Voice;
use crate::units::{as_float, bytes, count, seconds, span};

/// What `tacit demo` can be told.
#[derive(Args, Clone, Debug)]
pub(crate) struct Demo {
    /// Folder with the UCI credit card data, instead of made registers
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["firms", "seed", "registers_only"])]
    data: Option<PathBuf>,
    /// How many firms to make
    #[arg(long, default_value_t = 2000, value_parser = value_parser!(u32).range(1..=MOST_FIRMS))]
    firms: u32,
    /// How many applicants to score
    #[arg(long, default_value_t = 1000, value_parser = value_parser!(u32).range(1..))]
    scores: u32,
    /// Also score every customer in one batch (research data: with --data)
    #[arg(long, requires = "data", conflicts_with_all = ["firms", "seed", "registers_only"])]
    batch: bool,
    /// What the made registers are drawn from; the same seed makes the same registers
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Leave the parties' folders behind
    #[arg(long)]
    keep: bool,
    /// Make the registers and no more: what the shipped card was fitted on
    #[arg(long, hide = true)]
    registers_only: bool,
}

/// The seed of the registers that the shipped card was fitted on.
const FITTED_SEED: u64 = 42;

const MOST_FIRMS: i64 = province::MOST_FIRMS as i64;

/// Shows the main job; parties live under `root`, or in a temporary folder that goes away.
///
/// # Errors
///
/// When a step fails, a score differs from the clear text, or a question gets no answer.
pub(crate) async fn run(demo: &Demo, root: Option<&Path>, voice: Voice) -> Result<(), Failure> {
    if demo.registers_only {
        return leave_registers(demo, root, voice);
    }
    let material = match &demo.data {
        Some(folder) => Material::of_folder(folder)?,
        None => Material::generated(demo.firms, demo.seed)?,
    };
    let place = Place::new(root, demo.keep)?;
    let mut show = Show::new(voice);
    introduce(&show, demo, &material);

    let began = Instant::now();
    let mut letters = Letters::new()?;
    let mut lab = Lab::build(place.path(), &parties::sketches(&material, &letters.issuer())?)?;
    parties::furnish(place.path(), &material)?;
    let processes = lab.start().await?;
    let parties = material.holders.len() + 2;
    let made = phrases::step_parties(parties);
    show.step(&made, began.elapsed(), &commands::parties(&material));

    // Whatever happens, the parties are stopped in order.
    let outcome = steps_with(&mut show, demo, &material, &mut letters, &processes).await;
    let stopped = lab::stop(processes).await;
    if let Some(folder) = place.left() {
        show.gap();
        show.under(&phrases::kept(&folder.display()));
    }
    outcome.and(stopped)
}

async fn steps_with(
    show: &mut Show,
    demo: &Demo,
    material: &Material,
    letters: &mut Letters,
    processes: &[PartyProcess],
) -> Result<(), Failure> {
    let (holders, others) = processes.split_at(material.holders.len());
    let [platform, bank] = others else {
        unreachable!("there are as many processes as sketches");
    };
    if material.is_governed() {
        let began = Instant::now();
        let customers = material.customer_keys().len();
        let bar = bar(show, &phrases::signing(), customers);
        steps::authorise(platform, material, letters, || bar.inc(1)).await?;
        bar.finish_and_clear();
        let signed = phrases::step_authorise(&length(customers));
        show.step(&signed, began.elapsed(), &commands::authorise(material));
        show.under(&phrases::authorised_how());
    }
    let applicants = align(show, material, holders, bank).await?;

    let began = Instant::now();
    steps::publish(platform, holders, material).await?;
    show.step(&phrases::step_publish(), began.elapsed(), &commands::publish(material));

    let wanted = usize::try_from(demo.scores).unwrap_or(usize::MAX);
    let applicants = &applicants[..applicants.len().min(wanted)];
    let before = usage(processes).await?;
    let began = Instant::now();
    let bar = bar(show, &phrases::scoring(), applicants.len());
    let answers = steps::score(bank, material, letters, applicants, || bar.inc(1)).await?;
    bar.finish_and_clear();
    let took = began.elapsed();
    let after = usage(processes).await?;
    let scored = length(answers.len());
    show.step(&phrases::step_score(&scored), took, &commands::score(material));
    if applicants.len() < wanted {
        show.under(&phrases::fewer(&length(wanted), &length(applicants.len())));
    }

    if let Some(stranger) = material.stranger().filter(|_| material.is_governed()) {
        refused(show, material, letters, bank, stranger).await?;
    }

    let began = Instant::now();
    let verdict = Verdict::of(material, applicants.len(), &answers);
    show.step(&phrases::step_compare(), began.elapsed(), &[]);
    tell(show, &verdict, answers.len(), took);
    if demo.batch {
        batch(show, material, bank).await?;
    }
    saw(show, material, processes, (&before, &after), applicants.len()).await?;
    sound(verdict)
}

/// Fails unless every question was answered, and rightly.
fn sound(verdict: Verdict) -> Result<(), Failure> {
    if verdict.holds() {
        return Ok(());
    }
    let differ = phrases::scores_differ(verdict.wrong, verdict.unanswered);
    let failure = Failure::new("SCORES_DIFFER", differ);
    Err(match verdict.reason {
        Some(reason) => failure.advise(reason.what().clone()),
        None => failure,
    })
}

/// Who takes part, and what each holds.
fn introduce(show: &Show, demo: &Demo, material: &Material) {
    show.title(&phrases::title());
    match &demo.data {
        Some(folder) => show.under(&phrases::taken(&folder.display())),
        None => show.under(&phrases::made(demo.seed)),
    }
    if demo.data.is_some() || demo.seed == FITTED_SEED {
        show.under(&phrases::fitted_on_these());
    }
    show.gap();
    let holders = material.holders.iter().map(|holder| {
        let columns = length(material.columns(holder.name));
        phrases::holder_has(&length(holder.rows()), &columns)
    });
    let most = count(material.card.most_points().into());
    let model = phrases::platform_has(material.card.model(), &most);
    let own = material.own().map(|_| length(material.columns(OWN)));
    let customers = phrases::bank_has(&length(material.customer_keys().len()), own.as_deref());
    let has = holders.chain([model, customers]);
    let entries: Vec<_> = names(material).map(phrases::party).zip(has).collect();
    show.list(&entries);
}

/// The bank's customers that are on every register, in the order of the bank's file.
async fn align(
    show: &mut Show,
    material: &Material,
    processes: &[PartyProcess],
    bank: &PartyProcess,
) -> Result<Vec<String>, Failure> {
    let began = Instant::now();
    let mut known: Vec<HashSet<String>> = Vec::with_capacity(processes.len());
    for holder in &material.holders {
        known.push(steps::align(bank, holder.name, holder.register, material).await?);
    }
    let took = began.elapsed();
    let on_all = |key: &&String| known.iter().all(|known| known.contains(*key));
    let applicants: Vec<_> = material.customer_keys().iter().filter(on_all).cloned().collect();
    let holders = material.holders.iter().zip(&known);
    let each = holders.map(|(holder, known)| phrases::known(holder.name, &length(known.len())));
    let found = phrases::step_align(each, &length(applicants.len()));
    show.step(&found, took, &commands::align(material));
    show.under(&phrases::aligned_blindly());
    let expected = material.on_all();
    if applicants.len() != expected {
        let what = phrases::alignment_differs(applicants.len(), expected);
        return Err(Failure::new("ALIGNMENT_DIFFERS", what));
    }
    if applicants.is_empty() {
        return Err(Failure::new("NOBODY", phrases::nobody_to_score()));
    }
    Ok(applicants)
}

/// A firm that has signed nothing: every holder refuses, and says no more than that.
async fn refused(
    show: &mut Show,
    material: &Material,
    letters: &Letters,
    bank: &PartyProcess,
    stranger: &str,
) -> Result<(), Failure> {
    let began = Instant::now();
    let asked = [stranger.to_owned()];
    let mut answers = steps::score(bank, material, letters, &asked, || ()).await?;
    match answers.pop().map(|answer| answer.outcome) {
        Some(Err(refusal)) if refusal.code() == domain::Refusal::AuthMissing.code() => {
            show.step(&phrases::step_refused(&refusal), began.elapsed(), &[]);
            Ok(())
        }
        Some(Err(failure)) => Err(failure),
        Some(Ok(_)) | None => {
            Err(Failure::new("NOT_REFUSED", phrases::scored_without_authorisation()))
        }
    }
}

/// Every customer in one batch, compared like the single scores.
async fn batch(show: &mut Show, material: &Material, bank: &PartyProcess) -> Result<(), Failure> {
    let asked = material.customer_keys().len();
    let began = Instant::now();
    let answers = steps::batch(bank, material).await?;
    let took = began.elapsed();
    let verdict = Verdict::of(material, asked, &answers);
    show.step(&phrases::step_batch(&length(asked)), took, &commands::batch(material));
    let mut entries = counted(&verdict);
    entries.push((phrases::label_separation(), phrases::separation(verdict.separation())));
    if let Some(of_record) = material.of_record() {
        entries.push((phrases::label_sklearn(), phrases::sklearn(of_record)));
    }
    show.list(&entries);
    sound(verdict)
}

/// What the comparison found.
fn tell(show: &Show, verdict: &Verdict, answers: usize, took: Duration) {
    let mut entries = counted(verdict);
    let each_second = format!("{:.1}", as_float(answers as u64) / took.as_secs_f64());
    let [p50, p99] = [50, 99].map(|percent| span(verdict.latency(percent)));
    entries.push((phrases::label_latency(), phrases::latency(&p50, &p99, &each_second)));
    entries.push((phrases::label_separation(), phrases::separation(verdict.separation())));
    let grades = verdict.grades.iter().map(|(name, grade)| {
        let share = 100.0 * as_float(grade.bads) / as_float(grade.all);
        phrases::grade(name, &count(grade.all), share)
    });
    entries.push((phrases::label_grades(), phrases::joined(grades)));
    show.list(&entries);
}

/// How many scores are right.
fn counted(verdict: &Verdict) -> Vec<(Text, Text)> {
    let found = |number: usize| Text::same(length(number));
    let mut entries = vec![
        (phrases::label_right(), found(verdict.right)),
        (phrases::label_wrong(), found(verdict.wrong)),
    ];
    if verdict.unanswered > 0 {
        entries.push((phrases::label_unanswered(), found(verdict.unanswered)));
    }
    entries
}

/// What one process had used at one moment.
struct Usage {
    received: u64,
    sent: u64,
    cpu_s: f64,
}

async fn usage(processes: &[PartyProcess]) -> Result<Vec<Usage>, Failure> {
    let mut usage = Vec::with_capacity(processes.len());
    for process in processes {
        let status = process.status().await?;
        usage.push(Usage {
            received: status.received_bytes,
            sent: status.sent_bytes,
            cpu_s: status.cpu_s,
        });
    }
    Ok(usage)
}

/// For each party, what went through it while scoring, and what of it it could read.
async fn saw(
    show: &Show,
    material: &Material,
    processes: &[PartyProcess],
    (before, after): (&[Usage], &[Usage]),
    asked: usize,
) -> Result<(), Failure> {
    // Each party also has its records of alignment and publication.
    let records = u32::try_from(asked).unwrap_or(u32::MAX).saturating_add(100);
    let mut rows = Vec::with_capacity(processes.len());
    let used = before.iter().zip(after);
    for ((name, process), (before, after)) in names(material).zip(processes).zip(used) {
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
    show.table(&phrases::saw_heads(), rows);
    show.gap();
    let entries = names(material).flat_map(|name| {
        [(phrases::party(name), phrases::saw(name)), (Text::default(), phrases::saw_not(name))]
    });
    show.list(&entries.collect::<Vec<_>>());
    Ok(())
}

/// The parties in the order of their processes.
fn names(material: &Material) -> impl Iterator<Item = &'static str> {
    let holders = material.holders.iter().map(|holder| holder.name);
    holders.chain([PLATFORM, BANK])
}

fn bar(show: &Show, what: &Text, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("   {msg} {bar:40} {pos}/{len} {eta}")
        .expect("the template is a constant");
    // Shown on a terminal only: indicatif looks at stderr.
    let bar = ProgressBar::new(length as u64).with_style(style);
    bar.with_message(show.words(what))
}

/// Writes the four registers and stops there.
fn leave_registers(demo: &Demo, root: Option<&Path>, voice: Voice) -> Result<(), Failure> {
    let folder = root.ok_or_else(|| Failure::usage(phrases::registers_only_needs_a_folder()))?;
    let Province { tax, social, power, bank } = Province::generate(demo.firms, demo.seed);
    let files =
        [("tax.csv", tax), ("social.csv", social), ("power.csv", power), ("bank.csv", bank)];
    for (name, csv) in files {
        parties::write(&folder.join(name), &csv)?;
    }
    voice.tell(&phrases::registers_left(&folder.display()));
    Ok(())
}
