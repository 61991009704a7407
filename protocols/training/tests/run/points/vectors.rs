//! The same seed gives the same bytes: on every link, and the same shares.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use session::Fate;
use sha2::{Digest, Sha256};

use super::card::Card;

/// What is written down of a scaling.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    seed: u64,
    terms: String,
    /// SHA-256 of all that went over each link: round (4, big-endian), last (1), length (4,
    /// big-endian), body, chunk after chunk.
    links: BTreeMap<String, String>,
    /// What the three roles' shares add up to.
    points: Vec<Vec<i64>>,
}

fn run(seed: u64, lender: Option<usize>) -> Run {
    let mut card = Card::made(seed, 500, vec![vec![7, 4], vec![2, 32]]);
    card.terms.lender = lender;
    let models = card.shared(&[0.8, -0.4, 0.33, 0.9, -1.2]);
    let mut links: BTreeMap<String, Sha256> = BTreeMap::new();
    let ends = card.run(&models, seed, |from, to, chunk| {
        let hash = links.entry(format!("{} to {}", from.0, to.0)).or_default();
        hash.update(chunk.round.to_be_bytes());
        hash.update([u8::from(chunk.last)]);
        hash.update(u32::try_from(chunk.body.len()).unwrap().to_be_bytes());
        hash.update(&chunk.body);
        Fate::Deliver
    });
    ends.result.unwrap();
    Run {
        seed,
        terms: hex::encode(card.terms.binding()),
        links: links.into_iter().map(|(link, hash)| (link, hex::encode(hash.finalize()))).collect(),
        points: card.opened(&ends.scaled.map(Option::unwrap)),
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let found = [run(1, None), run(2, Some(1))];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v1/points.json");
    // Set only when the protocol's version changes: what is compared then is what was written.
    if std::env::var_os("TRAINING_WRITE_VECTORS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let known: Vec<Run> = serde_json::from_str(&text).unwrap();
    assert_eq!(known, found);
}
