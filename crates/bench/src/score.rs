//! `tacit bench score`: a province of made-up firms, scored in one batch and one by one.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use control::messages::{self, BatchRequest, PublishRequest, Run, ScoreRequest, score_reply};
use domain::{Duty, Purpose, SubjectKind};
use lab::{Lab, Model, Offer, PartyProcess, Register, Sketch};
use terminal::units::{as_float, count, seconds, span};
use terminal::{Failure, Voice, follow, say};

use crate::firms::{COLUMN, Firms, MODEL};
use crate::percentile::percentile;
use crate::phrases;
use crate::psi::{folder, statuses};
use crate::record::{PartyCost, Record};

const PLATFORM: &str = "platform";
const BANK: &str = "bank";
const REGISTER: &str = "firms";
const PURPOSE: Purpose = Purpose::ProductDevelopment;

/// A large register is one long turn: patience for it.
const IDLE_S: u32 = 3600;

#[derive(Args, Debug)]
pub struct ScoreBench {
    /// How many firms the batch scores
    #[arg(long, value_name = "FIRMS", value_parser = value_parser!(u32).range(1..=100_000_000))]
    firms: u32,
    /// How many features each holder has
    #[arg(long, default_value_t = 16, value_parser = value_parser!(u32).range(1..=64))]
    features: u32,
    /// How many bins each feature has
    #[arg(long, default_value_t = 8, value_parser = value_parser!(u32).range(1..=32))]
    bins: u32,
    /// How many holders there are
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u32).range(1..=7))]
    holders: u32,
    /// Also ask for this many scores one by one
    #[arg(long, value_name = "SCORES", value_parser = value_parser!(u32).range(1..))]
    single: Option<u32>,
    /// One JSON object on a line instead of a table
    #[arg(long)]
    json: bool,
    /// Leave the parties' folders behind
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(bench: &ScoreBench, voice: Voice) -> Result<(), Failure> {
    let ScoreBench { firms, features, bins, holders, .. } = *bench;
    if holders * features > Firms::WIDEST {
        return Err(Failure::usage(phrases::bench_too_wide(Firms::WIDEST)));
    }
    let firms = Firms { firms, holders, features, bins };
    let root = folder()?;
    let outcome = measure(bench, firms, root.path(), voice).await;
    if bench.keep {
        voice.note(&phrases::bench_kept(root.keep().display()));
    }
    let record = outcome?;
    if bench.json {
        say::line(&serde_json::to_string(&record).expect("a record is plain JSON"));
    } else {
        tell(&record, bench.single, voice);
    }
    match record.wrong {
        None | Some(0) => Ok(()),
        Some(wrong) => {
            let all = u64::from(firms.firms) + u64::from(bench.single.unwrap_or(0));
            let what = phrases::bench_scores_wrong(count(wrong), count(all));
            Err(Failure::new("WRONG_RESULT", what))
        }
    }
}

async fn measure(
    bench: &ScoreBench,
    firms: Firms,
    root: &Path,
    voice: Voice,
) -> Result<Record, Failure> {
    voice.note(&phrases::bench_registers(count(firms.firms.into()), firms.holders));
    let mut lab = build(firms, root)?;
    voice.note(&phrases::bench_starting_all(firms.holders + 2));
    let parties = lab.start().await?;
    let [platform, bank] = [&parties[0], &parties[1]];
    voice.note(&phrases::bench_publishing());
    lab::countersigned(platform, &parties[2..], MODEL).await?;
    let publish = PublishRequest { model: MODEL.into(), lender: BANK.into() };
    follow(voice, platform.control().publish(publish).await?).await?;

    let before = statuses(&parties).await?;
    let began = Instant::now();
    let run = batch(root, bank, voice).await?;
    let wall_s = began.elapsed().as_secs_f64();
    let after = statuses(&parties).await?;
    let costs: Vec<PartyCost> = before
        .iter()
        .zip(&after)
        .map(|(before, after)| PartyCost::between(before, after))
        .collect();

    let mut wrong = wrong(&run, firms)?;
    let (mut p50, mut p99) = (None, None);
    if let Some(asked) = bench.single {
        let (mut spans, differing) = single(bank, firms, asked).await?;
        wrong += differing;
        let milliseconds = |span: Duration| span.as_secs_f64() * 1e3;
        p50 = percentile(&mut spans, 50).map(milliseconds);
        p99 = percentile(&mut spans, 99).map(milliseconds);
    }
    lab::stop(parties).await?;
    let sent: u64 = costs.iter().map(|party| party.sent_bytes).sum();
    Ok(Record {
        bench: "score",
        protocol: "batch",
        firms: Some(firms.firms),
        features: Some(firms.features),
        bins: Some(firms.bins),
        holders: Some(firms.holders),
        wrong: Some(wrong),
        wall_s,
        bytes_per_score: Some(as_float(sent) / f64::from(firms.firms)),
        p50_ms: p50,
        p99_ms: p99,
        parties: costs,
        ..Record::default()
    })
}

/// A platform, a bank, and the holders with their registers.
fn build(firms: Firms, root: &Path) -> Result<Lab, Failure> {
    let card = root.join("bench.toml");
    fs::write(&card, firms.card()).map_err(|error| Failure::file(&card, &error))?;
    firms.write_list(&root.join("list.txt"))?;
    let plain = |path: &Path| -> Result<String, Failure> {
        let plain = path.to_str().map(ToOwned::to_owned);
        plain.ok_or_else(|| Failure::new("FILE", phrases::path_not_unicode(path.display())))
    };
    let sketch = |name: &str, duty| -> Result<Sketch, Failure> {
        Ok(Sketch::new(name, &[duty])?
            .with_limit("idle_s", IDLE_S)
            .with_limit("max_items", firms.firms))
    };
    let model = Model::new(&plain(&card)?, &[BANK], firms.slots()).of_research();
    let mut sketches = vec![
        sketch(PLATFORM, Duty::Platform)?.with_model(&model),
        sketch(BANK, Duty::Lender)?.with_offer(&Offer::key(PLATFORM)),
    ];
    for holder in 0..firms.holders {
        let name = Firms::holder(holder);
        let file = root.join(format!("{name}.csv"));
        firms.write_register(&file, holder)?;
        let offer = Offer::over("score", REGISTER, PLATFORM, &[BANK]);
        sketches.push(
            sketch(&name, Duty::Holder)?
                // Nobody's data: what is measured is the protocol.
                .with_register(&Register::new(REGISTER, &plain(&file)?, COLUMN, "opaque"))
                .with_offer(&offer),
        );
    }
    Ok(Lab::build(root, &sketches)?)
}

async fn batch(root: &Path, bank: &PartyProcess, voice: Voice) -> Result<Run, Failure> {
    let list = root.join("list.txt");
    let request = BatchRequest {
        model: MODEL.into(),
        file: list.to_str().unwrap_or_default().into(),
        kind: messages::SubjectKind::from(SubjectKind::Opaque).into(),
        purpose: messages::Purpose::from(PURPOSE).into(),
        ..BatchRequest::default()
    };
    follow(voice, bank.control().batch(request).await?).await
}

/// How many rows of the result are not as they should be.
fn wrong(run: &Run, firms: Firms) -> Result<u64, Failure> {
    let path = Path::new(&run.result);
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let mut missing = firms.firms;
    let mut strange = 0;
    // The first line is the header; the list is in the order of its identifiers.
    for (firm, line) in (0..).zip(BufReader::new(file).lines().skip(1)) {
        let line = line.map_err(|error| Failure::file(path, &error))?;
        let mut fields = line.split(',');
        let expected = (Firms::id(firm), firms.clear_points(firm).to_string());
        let right = fields.next() == Some(&expected.0) && fields.next() == Some(&expected.1);
        strange += u64::from(!right);
        missing = missing.saturating_sub(1);
    }
    Ok(strange + u64::from(missing))
}

/// Asks for scores one by one; how long each took, and how many were wrong.
async fn single(
    bank: &PartyProcess,
    firms: Firms,
    asked: u32,
) -> Result<(Vec<Duration>, u64), Failure> {
    let who: Vec<u32> = (0..asked).map(|at| at % firms.firms).collect();
    let request = ScoreRequest {
        model: MODEL.into(),
        kind: messages::SubjectKind::from(SubjectKind::Opaque).into(),
        subjects: who.iter().map(|firm| Firms::id(*firm)).collect(),
        authorisations: Vec::new(),
        purpose: messages::Purpose::from(PURPOSE).into(),
    };
    let mut replies = bank.control().score(request).await?;
    let (mut spans, mut wrong) = (Vec::new(), 0);
    for firm in who {
        let Some(reply) = replies.next().await? else {
            wrong += 1;
            continue;
        };
        spans.push(Duration::from_micros(reply.latency_us));
        let right = match reply.outcome {
            Some(score_reply::Outcome::Score(score)) => score.points == firms.clear_points(firm),
            Some(score_reply::Outcome::Failed(_)) | None => false,
        };
        wrong += u64::from(!right);
    }
    Ok((spans, wrong))
}

fn tell(record: &Record, single: Option<u32>, voice: Voice) {
    for line in record.table(voice) {
        say::line(&line);
    }
    voice.tell(&phrases::bench_wall(seconds(record.wall_s)));
    let milliseconds =
        |found: Option<f64>| span(Duration::from_secs_f64(found.unwrap_or(0.0) / 1e3));
    if let Some(single) = single {
        let (p50, p99) = (milliseconds(record.p50_ms), milliseconds(record.p99_ms));
        voice.tell(&phrases::bench_single(count(single.into()), p50, p99));
    }
    if record.wrong == Some(0) {
        let each = format!("{:.1}", record.bytes_per_score.unwrap_or(0.0));
        voice.tell(&phrases::bench_scores(count(record.firms.unwrap_or(0).into()), each));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use control::messages::Run;

    use super::wrong;
    use crate::firms::Firms;

    #[test]
    fn every_missing_strange_and_surplus_score_is_counted() {
        let firms = Firms { firms: 3, holders: 1, features: 2, bins: 3 };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        let run = Run { result: path.to_str().unwrap().into(), ..Run::default() };
        let row = |firm| format!("{},{},0,0.5,\n", Firms::id(firm), firms.clear_points(firm));
        let written = |rows: &[String]| {
            fs::write(&path, format!("head\n{}", rows.concat())).unwrap();
            wrong(&run, firms).unwrap()
        };
        assert_eq!(written(&[row(0), row(1), row(2)]), 0);
        assert_eq!(written(&[row(0), row(1)]), 1);
        assert_eq!(written(&[row(0), row(2), row(1)]), 2);
        assert_eq!(written(&[row(0), row(1), row(2), row(2)]), 1);
    }
}
