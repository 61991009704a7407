//! The same seed gives the same bytes: on every link, and at every role.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use session::{Chunk, Fate, Role};
use sha2::{Digest, Sha256};

use crate::program::everything;
use crate::world::{dealer, tampered};

/// What is written down of a run.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    rows: usize,
    seed: u64,
    /// SHA-256 of all that went over each link: round (4, big-endian), last (1), length (4,
    /// big-endian), body, chunk after chunk.
    links: BTreeMap<String, String>,
    opened: Vec<i64>,
}

fn run(dealt: bool, seed: u64, rows: usize) -> Run {
    let mut links: BTreeMap<String, Sha256> = BTreeMap::new();
    let hear = |from: Role, to: Role, chunk: &mut Chunk| {
        let hash = links.entry(format!("{} to {}", from.0, to.0)).or_default();
        hash.update(chunk.round.to_be_bytes());
        hash.update([u8::from(chunk.last)]);
        hash.update(u32::try_from(chunk.body.len()).unwrap().to_be_bytes());
        hash.update(&chunk.body);
        Fate::Deliver
    };
    let found = match dealt {
        true => dealer(seed, move |mut e| async move { everything(&mut e, rows).await }, hear),
        false => tampered(seed, move |mut e| async move { everything(&mut e, rows).await }, hear),
    };
    let found = found.unwrap();
    let links =
        links.into_iter().map(|(link, hash)| (link, hex::encode(hash.finalize()))).collect();
    let [(opened, _), ..] = found;
    Run { rows, seed, links, opened }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let rep3 = include_str!("../vectors/v1/rep3.json");
    let dealt = include_str!("../vectors/v1/dealer.json");
    for (is_dealt, file) in [(false, rep3), (true, dealt)] {
        let stored: Vec<Run> = serde_json::from_str(file).unwrap();
        let found: Vec<Run> =
            stored.iter().map(|stored| run(is_dealt, stored.seed, stored.rows)).collect();
        assert_eq!(stored.len(), 3);
        // Set only when the protocol's version changes: what is compared then is what was written.
        if std::env::var_os("SHARING_WRITE_VECTORS").is_some() {
            let name = if is_dealt { "dealer.json" } else { "rep3.json" };
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v1").join(name);
            std::fs::write(path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
            continue;
        }
        assert!(found == stored, "found {}", serde_json::to_string(&found).unwrap());
    }
}

#[test]
fn another_seed_gives_other_bytes_and_the_same_numbers() {
    let (one, other) = (run(false, 1, 65), run(false, 2, 65));
    for (link, hash) in &one.links {
        assert_ne!(hash, &other.links[link]);
    }
    // The coin, last, is another one; the truncated sum may differ by a unit a row.
    assert_eq!(one.opened[0], other.opened[0]);
}
