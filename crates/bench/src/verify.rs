//! `tacit bench verify`: one formula about made-up firms, one after the other.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::{Args, value_parser};
use control::messages::{self, PrepareRequest, VerifyRequest, verify_reply};
use documents::Sample;
use domain::{Duty, Purpose, SubjectKind};
use lab::{Lab, Offer, PartyProcess, Register, Route, Sketch};
use terminal::units::{bytes, count, span};
use terminal::{Document, Failure, Voice, say};

use crate::percentile::percentile;
use crate::phrases;
use crate::psi::{folder, statuses};
use crate::record::{PartyCost, Record};
use crate::signed::{Atom, BANK, FIELDS, Firm, PLATFORM, PROVINCE};

const REGISTER: &str = "firms";
const COLUMN: &str = "uscc";
const PURPOSE: Purpose = Purpose::PreLoan;

#[derive(Args, Debug)]
pub struct VerifyBench {
    /// How many atoms the formula has, spread over the holders
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u32).range(1..=27))]
    atoms: u32,
    /// How many holders there are
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u32).range(1..=3))]
    holders: u32,
    /// Compare with numbers that no holder sees
    #[arg(long)]
    sealed: bool,
    /// About how many firms the formula is asked, after a first one that warms up
    #[arg(long, value_name = "FIRMS", default_value_t = 30)]
    #[arg(value_parser = value_parser!(u32).range(1..=10_000))]
    questions: u32,
    /// One JSON object on a line instead of a table
    #[arg(long)]
    json: bool,
    /// Leave the parties' folders behind
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(bench: &VerifyBench, voice: Voice) -> Result<(), Failure> {
    let most = 3 * bench.holders * if bench.sealed { 1 } else { 3 };
    if bench.atoms > most || bench.holders > bench.atoms {
        return Err(Failure::usage(phrases::bench_atoms(bench.holders, most)));
    }
    let root = folder()?;
    let outcome = measure(bench, root.path(), voice).await;
    if bench.keep {
        voice.note(&phrases::bench_kept(root.keep().display()));
    }
    let record = outcome?;
    if bench.json {
        say::line(&serde_json::to_string(&record).expect("a record is plain JSON"));
    } else {
        tell(&record, voice);
    }
    match record.wrong {
        None | Some(0) => Ok(()),
        Some(wrong) => {
            let what = phrases::bench_answers_wrong(count(wrong), bench.questions + 1);
            Err(Failure::new("WRONG_RESULT", what))
        }
    }
}

async fn measure(bench: &VerifyBench, root: &Path, voice: Voice) -> Result<Record, Failure> {
    let issuer = Sample::new("licences".parse().expect("a constant that is a name"))?;
    let firms: Vec<Firm> = (0..=bench.questions).map(Firm::new).collect();
    voice.note(&phrases::bench_registers(count(firms.len() as u64), bench.holders));
    let mut lab = build(bench, &firms, &issuer, root)?;
    voice.note(&phrases::bench_starting_all(bench.holders + 3));
    let parties = lab.start().await?;
    let [bank, province] = [&parties[1], &parties[2]];
    let mut letters = Vec::with_capacity(firms.len());
    for firm in &firms {
        let classes = FIELDS[..bench.holders as usize].iter().map(|(class, _)| *class);
        let letter = firm.signs(&issuer, classes)?;
        province.control().submit(letter.clone()).await?;
        letters.push(letter);
    }
    let prepare = PrepareRequest { platform: PLATFORM.into() };
    let prepared = Document::of(&bank.control().prepare_verification(prepare).await?);
    let handed = prepared.view().list("handed").next();
    let number =
        |name: &str| handed.and_then(|handed| handed.word(name).parse::<u32>().ok()).unwrap_or(0);
    let (key_bytes, key_ms) = (number("bytes"), f64::from(number("milliseconds")));

    let (first, _) = ask(bench, bank, &firms[..1], &letters[..1]).await?;
    let before = statuses(&parties).await?;
    let began = Instant::now();
    let (mut spans, wrong) = ask(bench, bank, &firms[1..], &letters[1..]).await?;
    let wall_s = began.elapsed().as_secs_f64();
    let after = statuses(&parties).await?;
    let pairs = before.iter().zip(&after);
    let costs = pairs.map(|(before, after)| PartyCost::between(before, after)).collect();
    lab::stop(parties).await?;
    let milliseconds = |span: Duration| span.as_secs_f64() * 1e3;
    Ok(Record {
        bench: "verify",
        protocol: if bench.sealed { "sealed" } else { "plain" },
        firms: Some(bench.questions),
        atoms: Some(bench.atoms),
        holders: Some(bench.holders),
        wrong: Some(wrong),
        wall_s,
        first_ms: first.first().copied().map(milliseconds),
        target_ms: target(bench),
        p50_ms: percentile(&mut spans, 50).map(milliseconds),
        p99_ms: percentile(&mut spans, 99).map(milliseconds),
        key_bytes: Some(key_bytes),
        key_ms: Some(key_ms),
        parties: costs,
        ..Record::default()
    })
}

/// A platform with its routes, a bank, the registry, and the holders with their registers.
fn build(
    bench: &VerifyBench,
    firms: &[Firm],
    issuer: &Sample,
    root: &Path,
) -> Result<Lab, Failure> {
    let trusted = (issuer.name().to_string(), issuer.public().to_string());
    let sketch = |name: &str, duty| -> Result<Sketch, Failure> {
        Ok(Sketch::new(name, &[duty])?.governed(PROVINCE, &trusted))
    };
    let mut platform = sketch(PLATFORM, Duty::Platform)?;
    let mut holders = Vec::new();
    for ((class, fields), at) in FIELDS.into_iter().zip(0..bench.holders) {
        let name = format!("holder-{at}");
        platform = platform.with_route(&Route::new(&[class], &name));
        let file = root.join(format!("{name}.csv"));
        let mut text = format!("{COLUMN},{}\n", fields.join(","));
        for firm in firms {
            let own = &firm.amounts[3 * at as usize..][..3];
            let own: Vec<String> = own.iter().map(ToString::to_string).collect();
            text += &format!("{},{}\n", firm.code, own.join(","));
        }
        fs::write(&file, text).map_err(|error| Failure::file(&file, &error))?;
        let plain = file.to_str().map(ToOwned::to_owned);
        let plain =
            plain.ok_or_else(|| Failure::new("FILE", phrases::path_not_unicode(file.display())))?;
        let bound: Vec<(&str, String)> =
            fields.iter().map(|field| (*field, format!("{class}.{field}"))).collect();
        let bound: Vec<(&str, &str)> =
            bound.iter().map(|(column, field)| (*column, field.as_str())).collect();
        let offer = Offer::over("verify", REGISTER, PLATFORM, &[BANK]);
        holders.push(
            sketch(&name, Duty::Holder)?
                .with_register(&Register::new(REGISTER, &plain, COLUMN, "uscc").bound(&bound))
                .with_offer(&offer),
        );
    }
    let province = sketch(PROVINCE, Duty::Supervisor)?;
    let mut sketches = vec![platform, sketch(BANK, Duty::Lender)?, province];
    sketches.extend(holders);
    Ok(Lab::build(root, &sketches)?)
}

/// Asks about these firms; how long each took, and how many answers were wrong.
async fn ask(
    bench: &VerifyBench,
    bank: &PartyProcess,
    firms: &[Firm],
    letters: &[Vec<u8>],
) -> Result<(Vec<Duration>, u64), Failure> {
    let atoms: Vec<Atom> = (0..bench.atoms).map(|at| Atom::new(at, bench.holders)).collect();
    let threshold = |atom: &Atom| atom.threshold.to_string();
    let words: Vec<String> = atoms
        .iter()
        .map(|atom| {
            let threshold = if bench.sealed { "sealed".into() } else { threshold(atom) };
            format!("{} >= {threshold}", atom.field)
        })
        .collect();
    let request = VerifyRequest {
        // Not `and` of all, which would be `no` for nearly every firm.
        formula: match &words[..] {
            [only] => only.clone(),
            _ => format!("at least {} of ({})", words.len().div_ceil(2), words.join(", ")),
        },
        sealed: if bench.sealed { atoms.iter().map(threshold).collect() } else { Vec::new() },
        kind: messages::SubjectKind::from(SubjectKind::Uscc).into(),
        subjects: firms.iter().map(|firm| firm.code.clone()).collect(),
        authorisations: letters.iter().cloned().map(Into::into).collect(),
        purpose: messages::Purpose::from(PURPOSE).into(),
        platform: PLATFORM.into(),
    };
    let mut replies = bank.control().verify(request).await?;
    let (mut spans, mut wrong) = (Vec::new(), 0);
    for firm in firms {
        let Some(reply) = replies.next().await? else {
            wrong += 1;
            continue;
        };
        spans.push(Duration::from_micros(reply.latency_us));
        let holding = atoms.iter().filter(|atom| firm.amounts[atom.amount] >= atom.threshold);
        let expected = if holding.count() >= atoms.len().div_ceil(2) {
            messages::Answer::Yes
        } else {
            messages::Answer::No
        };
        match reply.outcome {
            Some(verify_reply::Outcome::Answer(answer)) => {
                wrong += u64::from(answer != i32::from(expected));
            }
            Some(verify_reply::Outcome::Failed(trouble)) => {
                return Err(Failure::from_party(trouble));
            }
            Some(verify_reply::Outcome::Mistake(_)) | None => wrong += 1,
        }
    }
    Ok((spans, wrong))
}

fn tell(record: &Record, voice: Voice) {
    for line in record.table(voice) {
        say::line(&line);
    }
    let milliseconds =
        |found: Option<f64>| span(Duration::from_secs_f64(found.unwrap_or(0.0) / 1e3));
    let key = bytes(record.key_bytes.unwrap_or(0).into());
    voice.tell(&phrases::bench_key(key, milliseconds(record.key_ms)));
    let (p50, p99) = (milliseconds(record.p50_ms), milliseconds(record.p99_ms));
    let firms = count(record.firms.unwrap_or(0).into());
    voice.tell(&phrases::bench_verified(firms, p50, p99, milliseconds(record.first_ms)));
    if record.target_ms.is_some() {
        voice.tell(&phrases::bench_target(milliseconds(record.target_ms)));
    }
}

/// What the design asks of the median of three shapes of a formula.
fn target(bench: &VerifyBench) -> Option<f64> {
    match (bench.sealed, bench.atoms, bench.holders) {
        (false, 1, 1) => Some(150.0),
        (false, 5, 3) => Some(700.0),
        (true, 1, 1) => Some(1_500.0),
        _ => None,
    }
}
