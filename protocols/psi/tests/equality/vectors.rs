//! Same seed, same bytes: the transcript of `tests/vectors/v1`, and the chunks that are refused.

use std::fs;
use std::path::PathBuf;

use psi::equality::{ASKER, Answer};
use psi::{Error, Lanes};
use serde::{Deserialize, Serialize};
use session::{Chunk, Fate, NetworkError, Role};

use crate::{Row, Run};

/// A run from its seeds to its answers.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Transcript {
    context: String,
    /// What each side's randomness gives when it asks for its 32 bytes, the asker's first.
    seeds: [String; 2],
    rows: Vec<Stated>,
    chunks: Vec<Passed>,
    /// Chunks that must be refused in the place of the chunk of their round.
    refused: Vec<Refused>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Stated {
    about: String,
    claim: String,
    record: Option<String>,
    answer: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Passed {
    round: u32,
    from: String,
    last: bool,
    body: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Refused {
    why: String,
    round: u32,
    last: bool,
    body: String,
}

/// Equal, unequal, unknown, and a row that comes twice.
fn case() -> Run {
    let mut run = Run::new(3);
    run.rows.push(run.rows[0].clone());
    run.seeds = [0, 32].map(|from| std::array::from_fn(|byte| u8::try_from(byte + from).unwrap()));
    run
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/vectors/v1/equality.json"].iter().collect()
}

fn written() -> Transcript {
    serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn the_same_seeds_give_the_bytes_of_the_vectors() {
    // Set only when the protocol's version changes: what is compared then is what was written.
    if std::env::var_os("PSI_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&transcript(&case())).unwrap();
        fs::write(path(), text + "\n").unwrap();
    }
    assert_eq!(transcript(&case()), written());
}

#[test]
fn every_number_of_lanes_gives_the_bytes_of_the_vectors() {
    for lanes in Lanes::available() {
        let run = Run { lanes: [lanes; 2], ..case() };
        assert_eq!(transcript(&run), written(), "{}", lanes.name());
    }
}

#[test]
fn the_vectors_alone_say_how_to_run_them() {
    let written = written();
    let row = |row: &Stated| Row {
        about: row.about.clone(),
        claim: row.claim.clone(),
        record: row.record.clone(),
    };
    let run = Run {
        context: bytes(&written.context),
        rows: written.rows.iter().map(row).collect(),
        seeds: [bytes(&written.seeds[0]), bytes(&written.seeds[1])],
        lanes: [Lanes::detect(); 2],
    };
    assert_eq!(transcript(&run), written);
}

fn transcript(run: &Run) -> Transcript {
    let (answers, passed) = run.honest();
    let stated = |(row, answer): (&Row, Answer)| Stated {
        about: row.about.clone(),
        claim: row.claim.clone(),
        record: row.record.clone(),
        answer: match answer {
            Answer::Equal => "equal",
            Answer::Unequal => "unequal",
            Answer::Unknown => "unknown",
        }
        .into(),
    };
    Transcript {
        context: hex::encode(run.context),
        seeds: run.seeds.map(hex::encode),
        rows: run.rows.iter().zip(answers).map(stated).collect(),
        refused: refused(run, &passed),
        chunks: passed
            .into_iter()
            .map(|(from, chunk)| Passed {
                round: chunk.round,
                from: if from == ASKER { "asker" } else { "holder" }.into(),
                last: chunk.last,
                body: hex::encode(chunk.body),
            })
            .collect(),
    }
}

/// For each round: a bit flipped, a byte missing, not the last; for elements, bad ones too.
fn refused(run: &Run, passed: &[(Role, Chunk)]) -> Vec<Refused> {
    let mut refused = Vec::new();
    for (place, (_, honest)) in passed.iter().enumerate() {
        let mut refuse = |last, change: fn(&mut Vec<u8>)| {
            let mut body = honest.body.to_vec();
            change(&mut body);
            let chunk = Chunk { round: honest.round, last, body: body.clone().into() };
            let (round, why) = (honest.round, why(run, place, &chunk));
            refused.push(Refused { why, round, last, body: hex::encode(body) });
        };
        refuse(true, |body| body[1] ^= 4);
        refuse(true, |body| body.truncate(body.len() - 1));
        refuse(false, |_| ());
        if [2, 3].contains(&honest.round) {
            refuse(true, |body| body[..32].fill(0));
            refuse(true, |body| body[..32].fill(0xff));
            refuse(true, |body| body[32] = 2);
        }
    }
    refused
}

/// The variant of the error that ends the run when `chunk` comes in the place of the honest one.
fn why(run: &Run, place: usize, chunk: &Chunk) -> String {
    let mut seen = 0;
    let end = run.tampered(|_, _| {
        seen += 1;
        if seen - 1 == place { Fate::Replace(vec![chunk.clone()]) } else { Fate::Deliver }
    });
    let Err(NetworkError::Refused { error, .. }) = end.result else { panic!("{:?}", end.result) };
    let error = format!("{:?}", error.downcast_ref::<Error>().unwrap());
    error.split(' ').next().unwrap().to_owned()
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}
