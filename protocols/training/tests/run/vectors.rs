//! The same seed gives the same bytes: on every link, and the same model.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use session::Fate;
use sha2::{Digest, Sha256};
use training::{Population, Terms};

use crate::support::made::Made;
use crate::support::run::{Job, Labelled, Trained};

/// What is written down of a run.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    rows: u32,
    seed: u64,
    weighted: bool,
    terms: String,
    /// SHA-256 of all that went over each link: round (4, big-endian), last (1), length (4,
    /// big-endian), body, chunk after chunk.
    links: BTreeMap<String, String>,
    /// The weights as ring elements, the intercept last.
    weights: Vec<i64>,
}

fn run(rows: u32, seed: u64, weighted: bool) -> Run {
    let table = Made::from(seed).table(rows as usize, &[0.8, -0.5, 0.3], -0.2);
    let mut terms = Terms::new(rows, vec![2, 1], [seed as u8; 32]);
    if weighted {
        terms.population = Population::Weighted { cover: 2 };
    }
    terms.held_out_percent = 10;
    terms.evaluation = true;
    let mut job = Job::of(&table, terms);
    if weighted {
        let label = |bad: &bool| match bad {
            true => training::Outcome::Bad(2.0),
            false => training::Outcome::Good(1.0),
        };
        job.labels = Labelled::Rows(table.bad.iter().map(label).collect());
    }
    let mut links: BTreeMap<String, Sha256> = BTreeMap::new();
    let ends = job.run(seed, |from, to, chunk| {
        let hash = links.entry(format!("{} to {}", from.0, to.0)).or_default();
        hash.update(chunk.round.to_be_bytes());
        hash.update([u8::from(chunk.last)]);
        hash.update(u32::try_from(chunk.body.len()).unwrap().to_be_bytes());
        hash.update(&chunk.body);
        Fate::Deliver
    });
    let ends = ends.unwrap();
    ends.result.unwrap();
    let [_, _, lender] = ends.finished;
    let weights = Trained::of(lender.unwrap()).weights;
    Run {
        rows,
        seed,
        weighted,
        terms: hex::encode(job.terms.binding()),
        links: links.into_iter().map(|(link, hash)| (link, hex::encode(hash.finalize()))).collect(),
        weights: weights.iter().map(|weight| sharing::encode::<20>(*weight).unwrap()).collect(),
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let found = [run(700, 1, false), run(901, 2, true)];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v1/training.json");
    // Set only when the protocol's version changes: what is compared then is what was written.
    if std::env::var_os("TRAINING_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let known: Vec<Run> = serde_json::from_str(&text).unwrap();
    assert_eq!(known, found);
}
