//! Same seed, same bytes: the transcripts of `tests/vectors/v1/cached.json`.

use std::fs;
use std::path::PathBuf;

use psi::Lanes;
use psi::cached::{ASKER, Period, Terms};
use serde::{Deserialize, Serialize};

use crate::{Run, tags};

/// A run from its seeds to its output.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Transcript {
    tags: u64,
    queries_of_the_period: u64,
    context_of_the_period: String,
    delivers: bool,
    queries: u64,
    context: String,
    /// What the asker's randomness gives when it is asked for 32 bytes.
    seed_of_the_asker: String,
    seed_of_the_period: String,
    entries: Vec<String>,
    items: Vec<String>,
    list: Vec<String>,
    chunks: Vec<Passed>,
    /// The places of the items that are in the register.
    found: Vec<u32>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Passed {
    round: u32,
    from: String,
    last: bool,
    body: String,
}

/// A run that delivers the list, and one of another lender's that keeps it; both padded.
fn cases() -> [Run; 2] {
    let mut run = Run::new(3, 2, 2).padded(2, 1);
    run.seeds = [0, 32].map(|from| std::array::from_fn(|byte| u8::try_from(byte + from).unwrap()));
    let mut kept = run.clone().kept();
    kept.seeds[0] = [0x55; 32];
    kept.terms.context = [0x66; 32];
    [run, kept]
}

fn path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/vectors/v1/cached.json"].iter().collect()
}

fn written() -> Vec<Transcript> {
    serde_json::from_str(&fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn the_same_seeds_give_the_bytes_of_the_vectors() {
    // Set only when the protocol's version changes: what is compared then is what was written.
    if std::env::var_os("PSI_WRITE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&cases().map(|run| transcript(&run))).unwrap();
        fs::write(path(), text + "\n").unwrap();
    }
    for lanes in Lanes::available() {
        let runs = cases().map(|run| Run { lanes: [lanes; 2], ..run });
        let transcripts = runs.map(|run| transcript(&run));
        assert_eq!(transcripts[..], written()[..], "{}", lanes.name());
    }
}

#[test]
fn the_vectors_alone_say_how_to_run_them() {
    for written in written() {
        let period = Period {
            items: written.tags,
            queries: written.queries_of_the_period,
            context: bytes(&written.context_of_the_period),
        };
        let run = Run {
            terms: Terms {
                period,
                delivers: written.delivers,
                queries: written.queries,
                context: bytes(&written.context),
            },
            entries: written.entries.clone(),
            items: written.items.clone(),
            seeds: [bytes(&written.seed_of_the_asker), bytes(&written.seed_of_the_period)],
            lanes: [Lanes::detect(); 2],
        };
        assert_eq!(transcript(&run), written);
    }
}

fn transcript(run: &Run) -> Transcript {
    let (answer, passed) = run.honest();
    let Terms { period, delivers, queries, context } = run.terms;
    Transcript {
        tags: period.items,
        queries_of_the_period: period.queries,
        context_of_the_period: hex::encode(period.context),
        delivers,
        queries,
        context: hex::encode(context),
        seed_of_the_asker: hex::encode(run.seeds[0]),
        seed_of_the_period: hex::encode(run.seeds[1]),
        entries: run.entries.clone(),
        items: run.items.clone(),
        list: tags(&answer.list).iter().map(hex::encode).collect(),
        chunks: passed
            .into_iter()
            .map(|(from, chunk)| Passed {
                round: chunk.round,
                from: if from == ASKER { "asker" } else { "holder" }.into(),
                last: chunk.last,
                body: hex::encode(chunk.body),
            })
            .collect(),
        found: answer.found,
    }
}

fn bytes<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}
