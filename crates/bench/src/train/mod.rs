//! `tacit bench train`: one model over the columns of several holders, from upload to opened model.

mod data;
mod fit;
mod places;

use std::path::Path;
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use control::messages::{JudgeJobRequest, ProposeJobRequest, Run, RunsRequest, TrainRequest};
use lab::PartyProcess;
use terminal::units::{bytes, count, seconds};
use terminal::{Document, Failure, TrainingReport, Voice, follow, say, short};
use tokio::time::sleep;

use self::data::Table;
use self::places::{BANK, Places};
use crate::phrases;
use crate::psi::{folder, statuses};
use crate::record::{PartyCost, Record};

/// How far a weight may be from the one in clear.
const MOST_APART: f64 = 1e-2;

const RIDGE: f64 = 1e-3;

#[derive(Args, Debug)]
pub struct TrainBench {
    /// How many rows there are
    #[arg(long, value_name = "ROWS", default_value_t = 30_000)]
    #[arg(value_parser = value_parser!(u32).range(2_000..=2_097_152))]
    rows: u32,
    /// How many columns there are, over all holders
    #[arg(long, value_name = "COLUMNS", default_value_t = 23)]
    #[arg(value_parser = value_parser!(u16).range(1..=512))]
    columns: u16,
    /// How many holders bring them; the first is the department that computes, too
    #[arg(long, value_name = "HOLDERS", default_value_t = 1)]
    #[arg(value_parser = value_parser!(u16).range(1..=32))]
    holders: u16,
    /// A round-trip delay between all parties, half of it each way
    #[arg(long, value_name = "MS", default_value_t = 0)]
    #[arg(value_parser = value_parser!(u32).range(0..=10_000))]
    delay_ms: u32,
    /// Open standard errors and counts of scores too, whose bytes the SPEC has no formula for
    #[arg(long)]
    findings: bool,
    /// What the rows are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often the model is trained
    #[arg(long, value_name = "RUNS", default_value_t = 1)]
    #[arg(value_parser = value_parser!(u32).range(1..=1_000))]
    runs: u32,
    /// One JSON object a run instead of tables
    #[arg(long)]
    json: bool,
    /// Leave the parties' folders behind
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(bench: &TrainBench, voice: Voice) -> Result<(), Failure> {
    if bench.holders > bench.columns {
        return Err(Failure::usage(phrases::bench_holders(bench.holders, bench.columns)));
    }
    let root = folder()?;
    let outcome = measure(bench, root.path(), voice).await;
    if bench.keep {
        voice.note(&phrases::bench_kept(root.keep().display()));
    }
    let apart = outcome?;
    if apart > MOST_APART {
        let what = phrases::bench_weights_wrong(format!("{apart:.6}"), MOST_APART);
        return Err(Failure::new("WRONG_RESULT", what));
    }
    Ok(())
}

/// Trains as often as asked, tells of each training, and returns the largest difference of a weight
/// from the one in clear.
async fn measure(bench: &TrainBench, root: &Path, voice: Voice) -> Result<f64, Failure> {
    let (columns, holders) = (usize::from(bench.columns), usize::from(bench.holders));
    voice.note(&phrases::bench_registers(count(bench.rows.into()), holders));
    let places = Places { root, holders, columns, rows: bench.rows, findings: bench.findings };
    let clear = {
        // Gone before anything is measured.
        let table = Table::made(bench.rows as usize, columns, bench.seed);
        places.write(&table)?;
        fit::fit(&table.standardised(), RIDGE)
    };
    let mut lab = places.lab()?;
    let each_way = Duration::from_millis(bench.delay_ms.into()) / 2;
    let _relays = if each_way.is_zero() { Vec::new() } else { lab.delayed(each_way)? };
    voice.note(&phrases::bench_starting_all(holders + 2));
    let parties = lab.start().await?;
    let bank = &parties[0];
    let job = laid_and_accepted(&places, &parties).await?;
    let mut farthest = 0.0_f64;
    for _ in 0..bench.runs {
        let before = statuses(&parties).await?;
        let began = Instant::now();
        let request = TrainRequest { job: job.clone(), ..TrainRequest::default() };
        let run = follow(voice, bank.control().train(request).await?).await?;
        let wall_s = began.elapsed().as_secs_f64();
        let after = statuses(&parties).await?;
        let pairs = before.iter().zip(&after);
        let costs = pairs.map(|(before, after)| PartyCost::between(before, after)).collect();
        let (report, apart) = compared(&run, &clear)?;
        let sent = sent_on_shares(&parties, &run.id).await?;
        as_expected(&report, sent)?;
        let record = Record {
            bench: "train",
            protocol: "rep3",
            rows: Some(bench.rows),
            columns: Some(bench.columns.into()),
            holders: Some(bench.holders.into()),
            delay_ms: Some(bench.delay_ms),
            wall_s,
            trained_s: Some(report.seconds),
            passes: Some(report.passes),
            rounds: Some(report.rounds),
            sent_on_shares: Some(sent),
            expected_on_shares: report.expected_on_shares,
            lender_sent_bytes: Some(report.sent_bytes),
            lender_received_bytes: Some(report.received_bytes),
            farthest_weight: Some(apart),
            parties: costs,
            ..Record::default()
        };
        if bench.json {
            say::line(&serde_json::to_string(&record).expect("a record is plain JSON"));
        } else {
            tell(&record, &report, voice);
        }
        farthest = farthest.max(apart);
    }
    lab::stop(parties).await?;
    Ok(farthest)
}

/// How long those that compute may take to write down that they are done.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the three that compute, which are the first three parties, sent one another in a training.
async fn sent_on_shares(parties: &[PartyProcess], id: &str) -> Result<u64, Failure> {
    let (until, mut sent) = (Instant::now() + PATIENCE, 0);
    for party in parties.iter().take(3) {
        sent += loop {
            let request = RunsRequest { id: id.into(), ..RunsRequest::default() };
            let run = party.control().runs(request).await?.pop().unwrap_or_default();
            let report = TrainingReport::read(&run.report);
            match report.and_then(|report| report.sent_on_shares) {
                Some(sent) => break sent,
                None if Instant::now() < until => sleep(Duration::from_millis(20)).await,
                None => return Err(Failure::new("NO_MODEL", phrases::bench_no_model(short(id)))),
            }
        };
    }
    Ok(sent)
}

/// Refuses what the three sent one another if it is not to the byte and round what the SPEC says,
/// where it does.
fn as_expected(report: &TrainingReport, sent: u64) -> Result<(), Failure> {
    match (report.expected_on_shares, report.expected_rounds) {
        (Some(bytes), Some(rounds)) if (bytes, rounds) != (sent, report.rounds) => {
            let what = phrases::bench_cost_wrong(sent, report.rounds, bytes, rounds);
            Err(Failure::new("WRONG_COST", what))
        }
        _ => Ok(()),
    }
}

/// Has the bank propose the job, and everybody else accept it.
async fn laid_and_accepted(
    places: &Places<'_>,
    parties: &[PartyProcess],
) -> Result<String, Failure> {
    let request = ProposeJobRequest { job: places.job(RIDGE), folder: places.folder()? };
    let answer = Document::of(&parties[0].control().propose_job(request).await?);
    if let Some(party) = answer.view().list("not_reached").next() {
        let (en, zh) = (party.word("en"), party.word("zh"));
        return Err(Failure::new("NOT_REACHED", domain::Text { en, zh }));
    }
    let job = answer.view().word("job");
    for party in &parties[1..] {
        let judge = JudgeJobRequest {
            job: job.clone(),
            proposer: BANK.into(),
            rows: None,
            accept: true,
            reason: String::new(),
        };
        party.control().judge_job(judge).await?;
    }
    Ok(job)
}

/// A run's report, and how far its weights are from those in clear.
fn compared(run: &Run, clear: &[f64]) -> Result<(TrainingReport, f64), Failure> {
    let no_model = || Failure::new("NO_MODEL", phrases::bench_no_model(short(&run.id)));
    let report = TrainingReport::read(&run.report).ok_or_else(no_model)?;
    let model = report.model().filter(|model| model.len() == clear.len()).ok_or_else(no_model)?;
    let apart = model.iter().zip(clear).map(|(found, known)| (found - known).abs());
    // A weight that is no number is farther than any.
    let apart = apart.fold(0.0, |most: f64, apart| match apart.is_nan() {
        true => f64::INFINITY,
        false => most.max(apart),
    });
    Ok((report, apart))
}

fn tell(record: &Record, report: &TrainingReport, voice: Voice) {
    for line in record.table(voice) {
        say::line(&line);
    }
    voice.tell(&phrases::bench_trained(seconds(report.seconds), seconds(record.wall_s)));
    voice.tell(&phrases::bench_moved(
        bytes(report.sent_bytes),
        bytes(report.received_bytes),
        count(report.passes),
        count(report.rounds),
    ));
    if let (Some(sent), Some(rounds)) = (report.expected_on_shares, report.expected_rounds) {
        voice.tell(&phrases::bench_on_shares(bytes(sent), count(rounds)));
    }
    let apart = record.farthest_weight.unwrap_or_default();
    voice.tell(&phrases::bench_apart(format!("{apart:.6}")));
}

#[cfg(test)]
mod tests {
    use control::messages::Run;

    use super::{as_expected, compared};

    fn run(report: &str) -> Run {
        Run { id: "00ff".into(), report: report.into(), ..Run::default() }
    }

    #[test]
    fn a_model_is_as_far_from_the_one_in_clear_as_its_farthest_weight() {
        let found = run(r#"{"weights":[0.5,-0.25],"intercept":-1.5}"#);
        let (_, apart) = compared(&found, &[0.5, -0.26, -1.497]).unwrap();
        assert!((apart - 0.01).abs() < 1e-12, "{apart}");
    }

    #[test]
    fn bytes_that_are_not_those_of_the_spec_are_no_result() {
        let report = |text| super::TrainingReport::read(text).unwrap();
        let known = report(r#"{"expected_on_shares":100,"expected_rounds":3,"rounds":3}"#);
        assert!(as_expected(&known, 100).is_ok());
        assert_eq!(as_expected(&known, 101).unwrap_err().code(), "WRONG_COST");
        let later = report(r#"{"expected_on_shares":100,"expected_rounds":3,"rounds":4}"#);
        assert_eq!(as_expected(&later, 100).unwrap_err().code(), "WRONG_COST");
        assert!(as_expected(&report(r#"{"rounds":4}"#), 7).is_ok());
    }

    #[test]
    fn a_report_without_a_model_or_with_another_width_is_no_result() {
        let narrow = run(r#"{"weights":[0.5],"intercept":-1.5}"#);
        for bad in [run(""), run(r#"{"weights":null}"#), narrow] {
            assert_eq!(compared(&bad, &[0.5, 0.1, -1.5]).unwrap_err().code(), "NO_MODEL");
        }
    }
}
