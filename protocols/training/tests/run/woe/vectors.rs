//! The same seed gives the same bytes: on every link, and the same tables.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use session::Fate;
use sha2::{Digest, Sha256};

use super::job::Job;

/// What is written down of a counting.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    rows: u32,
    seed: u64,
    hidden: bool,
    terms: String,
    /// SHA-256 of all that went over each link: round (4, big-endian), last (1), length (4,
    /// big-endian), body, chunk after chunk.
    links: BTreeMap<String, String>,
    /// Each holder's tables, as they print.
    tables: Vec<String>,
}

fn run(rows: u32, seed: u64, hidden: bool) -> Run {
    let job = Job::made(seed, rows, vec![vec![7, 12], vec![2]], hidden);
    let mut links: BTreeMap<String, Sha256> = BTreeMap::new();
    let ends = job.run(seed, |from, to, chunk| {
        let hash = links.entry(format!("{} to {}", from.0, to.0)).or_default();
        hash.update(chunk.round.to_be_bytes());
        hash.update([u8::from(chunk.last)]);
        hash.update(u32::try_from(chunk.body.len()).unwrap().to_be_bytes());
        hash.update(&chunk.body);
        Fate::Deliver
    });
    ends.result.unwrap();
    let counted = ends.counted.map(Option::unwrap);
    let tables = (0..job.holders.len()).map(|holder| {
        let learnt = job.released(&counted, holder, None, |_, _, _| Fate::Deliver).unwrap();
        format!("{:?}", learnt.tables)
    });
    Run {
        rows,
        seed,
        hidden,
        terms: hex::encode(job.terms.binding()),
        links: links.into_iter().map(|(link, hash)| (link, hex::encode(hash.finalize()))).collect(),
        tables: tables.collect(),
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let found = [run(700, 1, false), run(901, 2, true)];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v1/woe.json");
    // Set only when the protocol's version changes: what is compared then is what was written.
    if std::env::var_os("TRAINING_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let known: Vec<Run> = serde_json::from_str(&text).unwrap();
    assert_eq!(known, found);
}
