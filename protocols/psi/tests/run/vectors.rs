//! Same seed, same bytes: the transcripts of `tests/vectors/v1`, and the chunks that are refused.

use std::fs;
use std::path::PathBuf;

use psi::{Error, Lanes, Learned, Output, RECEIVER, SENDER, Terms};
use serde::{Deserialize, Serialize};
use session::{Chunk, Fate, NetworkError, Role};

use crate::Run;

/// A run from its seeds to its outputs.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Transcript {
    output: String,
    receiver_points: u64,
    sender_points: u64,
    context: String,
    /// What each side's randomness gives when it asks for its 32 bytes.
    seeds: [String; 2],
    receiver: Vec<String>,
    sender: Vec<String>,
    chunks: Vec<Passed>,
    /// The places of the shared items, or their number, or nothing; the receiver's first.
    learned: [serde_json::Value; 2],
    /// Chunks that must be refused in the place of the chunk of their round.
    refused: Vec<Refused>,
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

fn cases() -> [(&'static str, Run); 3] {
    let seeds = |seed: u8| {
        [0, 32].map(|from| {
            let mut bytes = [0; 32];
            bytes.iter_mut().zip(from + seed..).for_each(|(byte, next)| *byte = next);
            bytes
        })
    };
    let run = |output, seed| Run { seeds: seeds(seed), ..Run::new(output, 3, 1, 3) };
    [
        ("one-sided", run(Output::OneSided, 0)),
        ("two-sided", run(Output::TwoSided, 1).padded(1, 0)),
        ("cardinality", run(Output::Cardinality, 2).padded(0, 2)),
    ]
}

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/vectors/v1", &format!("{name}.json")].iter().collect()
}

#[test]
fn the_same_seeds_give_the_bytes_of_the_vectors() {
    for (name, run) in cases() {
        // Set only when the protocol's version changes: what is compared then is what was written.
        if std::env::var_os("PSI_WRITE_VECTORS").is_some() {
            let text = serde_json::to_string_pretty(&transcript(&run)).unwrap();
            fs::write(path(name), text + "\n").unwrap();
        }
        let written = fs::read_to_string(path(name)).unwrap();
        let written: Transcript = serde_json::from_str(&written).unwrap();
        assert_eq!(transcript(&run), written, "{name}");
    }
}

#[test]
fn every_number_of_lanes_gives_the_bytes_of_the_vectors() {
    for (name, run) in cases() {
        let written = fs::read_to_string(path(name)).unwrap();
        let written: Transcript = serde_json::from_str(&written).unwrap();
        for lanes in Lanes::available() {
            let run = Run { lanes: [lanes; 2], ..run.clone() };
            assert_eq!(transcript(&run), written, "{name}, {}", lanes.name());
        }
    }
}

#[test]
fn the_vectors_alone_say_how_to_run_them() {
    for (name, _) in cases() {
        let written = fs::read_to_string(path(name)).unwrap();
        let written: Transcript = serde_json::from_str(&written).unwrap();
        let run = Run {
            terms: Terms {
                receiver_items: written.receiver_points,
                sender_items: written.sender_points,
                output: match written.output.as_str() {
                    "one-sided" => Output::OneSided,
                    "two-sided" => Output::TwoSided,
                    "cardinality" => Output::Cardinality,
                    output => panic!("{output}"),
                },
                context: bytes(&written.context),
            },
            receiver: written.receiver.clone(),
            sender: written.sender.clone(),
            seeds: [bytes(&written.seeds[0]), bytes(&written.seeds[1])],
            lanes: [Lanes::detect(); 2],
        };
        assert_eq!(transcript(&run), written);
    }
}

fn transcript(run: &Run) -> Transcript {
    let (learned, passed) = run.honest();
    let learned = learned.map(|learned| match learned {
        Learned::Nothing => serde_json::Value::Null,
        Learned::Count(count) => count.into(),
        Learned::Items(items) => items.into(),
    });
    Transcript {
        output: match run.terms.output {
            Output::OneSided => "one-sided",
            Output::TwoSided => "two-sided",
            Output::Cardinality => "cardinality",
        }
        .into(),
        receiver_points: run.terms.receiver_items,
        sender_points: run.terms.sender_items,
        context: hex::encode(run.terms.context),
        seeds: run.seeds.map(hex::encode),
        receiver: run.receiver.clone(),
        sender: run.sender.clone(),
        learned,
        refused: refused(run, &passed),
        chunks: passed
            .into_iter()
            .map(|(from, chunk)| Passed {
                round: chunk.round,
                from: if from == RECEIVER { "receiver" } else { "sender" }.into(),
                last: chunk.last,
                body: hex::encode(chunk.body),
            })
            .collect(),
    }
}

/// For each round: a bit flipped, a byte missing, not the last; for points, bad ones too.
fn refused(run: &Run, passed: &[(Role, Chunk)]) -> Vec<Refused> {
    let mut refused = Vec::new();
    for (place, (from, honest)) in passed.iter().enumerate() {
        let mut refuse = |last, body: Vec<u8>| {
            let chunk = Chunk { round: honest.round, last, body: body.clone().into() };
            let (round, why) = (honest.round, why(run, place, &chunk));
            refused.push(Refused { why, round, last, body: hex::encode(body) });
        };
        let body = honest.body.to_vec();
        let with = |change: fn(&mut Vec<u8>)| {
            let mut body = body.clone();
            change(&mut body);
            body
        };
        refuse(true, with(|body| body[1] ^= 4));
        refuse(true, with(|body| body.truncate(body.len() - 1)));
        refuse(false, body.clone());
        if [4, 5].contains(&honest.round) {
            refuse(true, with(|body| body[..32].fill(0)));
            refuse(true, with(|body| body[32..64].fill(0xff)));
            refuse(true, with(|body| body.copy_within(..32, 64)));
        }
        assert!([RECEIVER, SENDER].contains(from));
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
