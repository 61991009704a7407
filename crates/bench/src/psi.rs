//! `tacit bench psi`: two registers, two parties, one intersection, from file to file.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum, value_parser};
use control::messages::{self, PsiRequest, Run, RunsRequest, StatusReply};
use domain::{CheckMode, Duty, Purpose, Uscc};
use lab::{Lab, Offer, PartyProcess, Register, Sketch};
use tempfile::TempDir;
use terminal::Output;
use terminal::runs::PsiReport;
use terminal::units::{count, seconds};
use terminal::{Failure, Voice, follow, say, short};

use crate::codes::{self, COLUMN, Codes};
use crate::phrases;
use crate::record::{PartyCost, Record, Stages};

/// The two sides: the left one asks.
const SIDES: [&str; 2] = ["left", "right"];

const REGISTER: &str = "firms";

/// A large set is one long turn: patience for it.
const IDLE_S: u32 = 3600;

#[derive(Args, Debug)]
pub struct PsiBench {
    /// The protocol to measure
    #[arg(long, default_value = "ecdh")]
    protocol: Protocol,
    /// VOLE's checked variant
    #[arg(long)]
    checked: bool,
    /// How many codes the asking side has
    #[arg(long, value_name = "CODES", value_parser = value_parser!(u32).range(1..))]
    left: u32,
    /// How many codes the answering side has
    #[arg(long, value_name = "CODES", value_parser = value_parser!(u32).range(1..))]
    right: u32,
    /// Which share of the smaller side both have, 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share)]
    overlap: f64,
    /// Who learns what
    #[arg(long, default_value = "one-sided")]
    output: Output,
    /// Show what each side's time went to
    #[arg(long)]
    profile: bool,
    /// One JSON object on a line instead of a table
    #[arg(long)]
    json: bool,
    /// Leave the two parties' folders behind
    #[arg(long)]
    keep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Protocol {
    /// ECDH over ristretto255
    Ecdh,
    /// VOLE, for large sets
    Vole,
}

impl Protocol {
    const fn word(self) -> &'static str {
        match self {
            Self::Ecdh => "ecdh",
            Self::Vole => "vole",
        }
    }
}

impl From<Protocol> for messages::PsiProtocol {
    fn from(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Ecdh => Self::Ecdh,
            Protocol::Vole => Self::Vole,
        }
    }
}

pub(super) async fn run(bench: &PsiBench, voice: Voice) -> Result<(), Failure> {
    let codes = Codes::new(bench.left, bench.right, bench.overlap)?;
    let root = folder()?;
    let outcome = measure(bench, &codes, root.path(), voice).await;
    if bench.keep {
        voice.note(&phrases::bench_kept(root.keep().display()));
    }
    let record = outcome?;
    if bench.json {
        say::line(&serde_json::to_string(&record).expect("a record is plain JSON"));
    } else {
        tell(&record, voice);
    }
    let expected = codes.both().len() as u64;
    let (found, wrong) = (record.matches.unwrap_or(0), record.wrong.unwrap_or(0));
    if found != expected || wrong > 0 {
        let what = phrases::bench_wrong(count(expected), count(found), count(wrong));
        return Err(Failure::new("WRONG_RESULT", what));
    }
    Ok(())
}

async fn measure(
    bench: &PsiBench,
    codes: &Codes,
    root: &Path,
    voice: Voice,
) -> Result<Record, Failure> {
    let (left, right) = (count(bench.left.into()), count(bench.right.into()));
    voice.note(&phrases::bench_writing(left, right));
    let mut lab = build(bench, codes, root)?;
    voice.note(&phrases::bench_starting());
    let parties = lab.start().await?;

    let before = statuses(&parties).await?;
    let began = Instant::now();
    let run = intersect(bench, &parties[0], voice).await?;
    let wall_s = began.elapsed().as_secs_f64();
    let after = statuses(&parties).await?;
    let stages = if bench.profile { Some(stages(&run, &parties[1]).await?) } else { None };
    lab::stop(parties).await?;

    let report = PsiReport::read(&run.report).unwrap_or_default();
    let matches = report
        .matches
        .ok_or_else(|| Failure::new("NO_COUNT", phrases::bench_no_count(short(&run.id))))?;
    Ok(Record {
        bench: "psi",
        protocol: bench.protocol.word(),
        checked: (bench.protocol == Protocol::Vole).then_some(bench.checked),
        output: Some(bench.output.word()),
        left: Some(bench.left),
        right: Some(bench.right),
        overlap: Some(bench.overlap),
        matches: Some(matches),
        wrong: Some(wrong(&run, codes)?),
        wall_s,
        stages,
        parties: before.iter().zip(&after).map(|(b, a)| PartyCost::between(b, a)).collect(),
        ..Record::default()
    })
}

/// Two parties with a register each; the right one offers its own to the left one.
fn build(bench: &PsiBench, codes: &Codes, root: &Path) -> Result<Lab, Failure> {
    let file = |side: &str| root.join(format!("{side}.csv"));
    let largest = bench.left.max(bench.right);
    let sketch = |side: &str| -> Result<Sketch, Failure> {
        let path = file(side);
        let path = path
            .to_str()
            .ok_or_else(|| Failure::new("FILE", phrases::path_not_unicode(path.display())))?;
        Ok(Sketch::new(side, &[Duty::Holder])?
            // Nobody's data: what is measured is the protocol, and no firm has authorised a bench.
            .with_register(&Register::new(REGISTER, path, COLUMN, "opaque"))
            .with_limit("max_items", largest)
            .with_limit("idle_s", IDLE_S))
    };
    for (seed, (side, range)) in (1..).zip(SIDES.iter().zip([&codes.left, &codes.right])) {
        codes::write(&file(side), range.clone(), seed)?;
    }
    let [left, right] = SIDES;
    let offer = Offer::psi(REGISTER, &[left]).up_to(largest.into());
    Ok(Lab::build(root, &[sketch(left)?, sketch(right)?.with_offer(&offer)])?)
}

pub(super) async fn statuses(parties: &[PartyProcess]) -> Result<Vec<StatusReply>, Failure> {
    let mut statuses = Vec::with_capacity(parties.len());
    for party in parties {
        statuses.push(party.status().await?);
    }
    Ok(statuses)
}

async fn intersect(bench: &PsiBench, left: &PartyProcess, voice: Voice) -> Result<Run, Failure> {
    let request = PsiRequest {
        peer: SIDES[1].into(),
        their_register: REGISTER.into(),
        register: REGISTER.into(),
        output: messages::PsiOutput::from(bench.output).into(),
        purpose: messages::Purpose::from(Purpose::ProductDevelopment).into(),
        protocol: messages::PsiProtocol::from(bench.protocol).into(),
        checked: bench.checked,
        ..PsiRequest::default()
    };
    follow(voice, left.control().psi(request).await?).await
}

/// What each side's time went to, by its own report.
async fn stages(run: &Run, right: &PartyProcess) -> Result<[Stages; 2], Failure> {
    let request = RunsRequest { id: run.id.clone(), limit: 1 };
    let theirs = right.control().runs(request).await?;
    let of = |run: Option<&Run>| {
        let report = run.and_then(|run| PsiReport::read(&run.report));
        report.map(|report| report.stages_s).unwrap_or_default()
    };
    Ok([of(Some(run)), of(theirs.first())])
}

/// How many rows of the result file are not as they should be; 0 where the run leaves no file.
fn wrong(run: &Run, codes: &Codes) -> Result<u64, Failure> {
    if run.result.is_empty() {
        return Ok(0);
    }
    let path = Path::new(&run.result);
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let mut missing: HashSet<Uscc> = codes.both().filter_map(Uscc::nth_pdy).collect();
    let mut strange = 0;
    // The first line is the header.
    for line in text.lines().skip(1) {
        let code = Uscc::parse(line.split(',').next().unwrap_or(""), CheckMode::Strict);
        if !code.is_ok_and(|code| missing.remove(&code.value)) {
            strange += 1;
        }
    }
    Ok(strange + missing.len() as u64)
}

fn tell(record: &Record, voice: Voice) {
    for line in record.table(voice) {
        say::line(&line);
    }
    for line in record.stages_table(voice) {
        say::line(&line);
    }
    let number = |number: Option<u32>| count(number.unwrap_or(0).into());
    let (left, right) = (number(record.left), number(record.right));
    let matches = count(record.matches.unwrap_or(0));
    voice.tell(&phrases::bench_wall(seconds(record.wall_s)));
    if record.wrong == Some(0) {
        voice.tell(&phrases::bench_sizes(left, right, matches));
    }
}

/// A folder that goes away at the end. Its path is short: a party's socket lies in it.
pub(super) fn folder() -> Result<TempDir, Failure> {
    let place: PathBuf = env::temp_dir();
    tempfile::Builder::new()
        .prefix("tacit-bench-")
        .tempdir_in(&place)
        .map_err(|error| Failure::file(&place, &error))
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "a number from 0 to 1, like 0.5".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("0 to 1".into()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use control::messages::Run;
    use domain::Uscc;

    use super::wrong;
    use crate::codes::Codes;

    #[test]
    fn every_missing_strange_and_repeated_row_is_counted() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("result.csv");
        let codes = Codes::new(4, 4, 0.5).unwrap();
        let code = |index| Uscc::nth_pdy(index).unwrap().reveal().to_owned();
        let run = Run { result: path.to_str().unwrap().into(), ..Run::default() };
        let mut rows = vec!["uscc".to_owned(), code(2), code(3)];
        fs::write(&path, rows.join("\n")).unwrap();
        assert_eq!(wrong(&run, &codes).unwrap(), 0);
        rows.extend([code(3), code(0), "nonsense".into()]);
        rows.remove(1);
        fs::write(&path, rows.join("\n")).unwrap();
        assert_eq!(wrong(&run, &codes).unwrap(), 4);
        assert_eq!(wrong(&Run::default(), &codes).unwrap(), 0);
    }
}
