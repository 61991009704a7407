//! `tacit bench match`: a list of claims, one holder, from file to file.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, value_parser};
use control::messages::{self, Claim, MatchRequest, Run};
use documents::Sample;
use domain::{Answer, Duty, Purpose, SubjectKind};
use lab::{Lab, Offer, PartyProcess, Register, Sketch};
use terminal::units::{count, seconds};
use terminal::{Failure, Voice, follow, say};

use crate::phrases;
use crate::psi::{folder, statuses};
use crate::record::{PartyCost, Record};
use crate::signed::{BANK, Firm, PLATFORM, PROVINCE};

const HOLDER: &str = "holder";
const REGISTER: &str = "titles";
const COLUMN: &str = "subject";

/// What is claimed: columns, and the fields that they are of firms.
const CLAIMS: [(&str, &str); 2] =
    [("owner", "27.right_holder_name"), ("number", "27.right_holder_id_no")];

#[derive(Args, Debug)]
pub struct MatchBench {
    /// How many subjects the list has
    #[arg(long, value_name = "ROWS", default_value_t = 100_000)]
    #[arg(value_parser = value_parser!(u32).range(1..=2_000_000))]
    rows: u32,
    /// Of firms, each of which has signed an authorisation; else of nobody (research data)
    #[arg(long)]
    signed: bool,
    /// One JSON object on a line instead of a table
    #[arg(long)]
    json: bool,
    /// Leave the parties' folders behind
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(bench: &MatchBench, voice: Voice) -> Result<(), Failure> {
    let root = folder()?;
    let outcome = measure(bench, root.path(), voice).await;
    if bench.keep {
        voice.note(&phrases::bench_kept(root.keep().display()));
    }
    let (record, answers) = outcome?;
    if bench.json {
        say::line(&serde_json::to_string(&record).expect("a record is plain JSON"));
    } else {
        for line in record.table(voice) {
            say::line(&line);
        }
        voice.tell(&phrases::bench_wall(seconds(record.wall_s)));
        if record.wrong == Some(0) {
            let [yes, no, unknown] = [Answer::Yes, Answer::No, Answer::Unknown]
                .map(|answer| count(answers.get(answer.code()).copied().unwrap_or(0)));
            voice.tell(&phrases::bench_matched(count(bench.rows.into()), yes, no, unknown));
        }
    }
    match record.wrong {
        None | Some(0) => Ok(()),
        Some(wrong) => {
            let what = phrases::bench_answers_wrong(count(wrong), bench.rows);
            Err(Failure::new("WRONG_RESULT", what))
        }
    }
}

async fn measure(
    bench: &MatchBench,
    root: &Path,
    voice: Voice,
) -> Result<(Record, HashMap<String, u64>), Failure> {
    let issuer = Sample::new("licences".parse().expect("a constant that is a name"))?;
    voice.note(&phrases::bench_registers(count(bench.rows.into()), 1));
    let list = root.join("list.csv");
    let mut lab = build(bench, &issuer, root, &list)?;
    voice.note(&phrases::bench_starting_all(if bench.signed { 4 } else { 3 }));
    let parties = lab.start().await?;
    let bank = &parties[1];
    let mut letters = Vec::new();
    if let Some(province) = parties.get(3) {
        voice.note(&phrases::bench_signing(count(bench.rows.into())));
        for row in 0..bench.rows {
            let letter = Firm::new(row).signs(&issuer, [27])?;
            province.control().submit(letter.clone()).await?;
            letters.push(letter);
        }
    }
    let before = statuses(&parties).await?;
    let began = Instant::now();
    let run = ask(bench, bank, &list, letters, voice).await?;
    let wall_s = began.elapsed().as_secs_f64();
    let after = statuses(&parties).await?;
    let pairs = before.iter().zip(&after);
    let costs = pairs.map(|(before, after)| PartyCost::between(before, after)).collect();
    lab::stop(parties).await?;
    let (wrong, answers) = judged(bench, Path::new(&run.result))?;
    let record = Record {
        bench: "match",
        protocol: if bench.signed { "signed" } else { "research" },
        rows: Some(bench.rows),
        wrong: Some(wrong),
        wall_s,
        parties: costs,
        ..Record::default()
    };
    Ok((record, answers))
}

/// A platform, a bank with its list, a holder, and the registry where firms sign.
fn build(bench: &MatchBench, issuer: &Sample, root: &Path, list: &Path) -> Result<Lab, Failure> {
    let trusted = (issuer.name().to_string(), issuer.public().to_string());
    let sketch = |name: &str, duty| -> Result<Sketch, Failure> {
        Ok(Sketch::new(name, &[duty])?.governed(PROVINCE, &trusted).with_limit("idle_s", 600))
    };
    let register = root.join("register.csv");
    let (mut claimed, mut held) = (head(), head());
    for row in 0..bench.rows {
        let subject = bench.subject(row);
        let [owner, certificate] = [format!("Owner {row} Ltd."), format!("2026-{row:07}")];
        // Spelt in another way, as registers are.
        line(&mut claimed, &subject, &owner.to_uppercase(), &certificate);
        match expected(row) {
            Answer::Yes => line(&mut held, &subject, &owner, &certificate),
            Answer::No => line(&mut held, &subject, &owner, "2026-9999999"),
            Answer::Unknown => {}
        }
    }
    for (path, text) in [(&register, held), (&list.to_path_buf(), claimed)] {
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| Failure::file(path, &error))?;
    }
    let file = text(&register)?;
    let kind = bench.kind().code();
    let mut table = Register::new(REGISTER, &file, COLUMN, kind);
    if bench.signed {
        table = table.bound(&CLAIMS);
    }
    let offer = Offer::over("match", REGISTER, PLATFORM, &[BANK]);
    let holder = sketch(HOLDER, Duty::Holder)?.with_register(&table).with_offer(&offer);
    let mut sketches = vec![sketch(PLATFORM, Duty::Platform)?, sketch(BANK, Duty::Lender)?, holder];
    if bench.signed {
        sketches.push(sketch(PROVINCE, Duty::Supervisor)?);
    }
    Ok(Lab::build(root, &sketches)?)
}

async fn ask(
    bench: &MatchBench,
    bank: &PartyProcess,
    list: &Path,
    letters: Vec<Vec<u8>>,
    voice: Voice,
) -> Result<Run, Failure> {
    let claim = |(column, field): (&str, &str)| Claim {
        column: column.into(),
        field: if bench.signed { field } else { column }.into(),
    };
    let request = MatchRequest {
        peer: HOLDER.into(),
        their_register: REGISTER.into(),
        file: text(list)?,
        column: COLUMN.into(),
        kind: messages::SubjectKind::from(bench.kind()).into(),
        claims: CLAIMS.map(claim).to_vec(),
        authorisations: letters.into_iter().map(Into::into).collect(),
        purpose: messages::Purpose::from(Purpose::PreLoan).into(),
        ..MatchRequest::default()
    };
    follow(voice, bank.control().matching(request).await?).await
}

impl MatchBench {
    const fn kind(&self) -> SubjectKind {
        if self.signed { SubjectKind::Uscc } else { SubjectKind::Opaque }
    }

    fn subject(&self, row: u32) -> String {
        if self.signed { Firm::new(row).code } else { format!("subject-{row:08}") }
    }
}

/// Six in ten rows are so, three are not, of one the holder knows nothing.
fn expected(row: u32) -> Answer {
    match row % 10 {
        0..=5 => Answer::Yes,
        6..=8 => Answer::No,
        _ => Answer::Unknown,
    }
}

/// How many rows of the result are not as they should be, and how often each answer comes.
fn judged(bench: &MatchBench, path: &Path) -> Result<(u64, HashMap<String, u64>), Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let mut lines = text.lines().skip(1);
    let (mut wrong, mut answers) = (0, HashMap::new());
    for row in 0..bench.rows {
        let answer = expected(row).code();
        let due = format!("{},{},{answer},", row + 1, bench.subject(row));
        wrong += u64::from(lines.next() != Some(&due));
        *answers.entry(answer.to_owned()).or_default() += 1;
    }
    Ok((wrong + lines.count() as u64, answers))
}

fn head() -> String {
    let [owner, certificate] = CLAIMS.map(|(column, _)| column);
    format!("{COLUMN},{owner},{certificate}\n")
}

fn line(table: &mut String, subject: &str, owner: &str, certificate: &str) {
    writeln!(table, "{subject},{owner},{certificate}").expect("text can always be appended to");
}

fn text(path: &Path) -> Result<String, Failure> {
    let text = path.to_str().map(ToOwned::to_owned);
    text.ok_or_else(|| {
        Failure::new("FILE", phrases::path_not_unicode(PathBuf::from(path).display()))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{MatchBench, judged};

    #[test]
    fn every_missing_wrong_and_strange_row_is_counted() {
        let bench = MatchBench { rows: 10, signed: false, json: false, keep: false };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        let mut lines = vec!["row,subject,answer,reason".to_owned()];
        for row in 0..10_u32 {
            let answer = super::expected(row).code();
            lines.push(format!("{},{},{answer},", row + 1, bench.subject(row)));
        }
        fs::write(&path, lines.join("\n")).unwrap();
        let (wrong, answers) = judged(&bench, &path).unwrap();
        assert_eq!((wrong, answers["yes"], answers["no"], answers["unknown"]), (0, 6, 3, 1));
        lines[3] = lines[3].replace("yes", "no");
        lines.pop();
        fs::write(&path, lines.join("\n")).unwrap();
        assert_eq!(judged(&bench, &path).unwrap().0, 2);
    }
}
