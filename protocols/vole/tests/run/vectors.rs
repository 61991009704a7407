//! Same seed, same bytes: a silent change of the format fails here.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use vole::{RECEIVER, Terms};

use crate::Run;

const EXPECTED: &str = include_str!("../vectors/v1/run.txt");

#[test]
fn the_bytes_of_known_seeds_are_those_on_record() {
    let mut run = Run::new(70_000);
    run.terms = Terms { context: [9; 32], ..run.terms };
    let (receiver, sender, passed) = run.honest();
    let mut record = String::new();
    for (from, chunk) in passed {
        let name = if from == RECEIVER { "receiver" } else { "sender" };
        let hash = hex::encode(Sha256::digest(&chunk.body));
        writeln!(record, "round {} {name} {} {hash}", chunk.round, chunk.body.len()).unwrap();
    }
    let outputs = [("a", receiver.factors()), ("c", receiver.products()), ("b", sender.sums())];
    for (name, values) in outputs {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        writeln!(record, "output {name} {}", hex::encode(Sha256::digest(bytes))).unwrap();
    }
    assert_eq!(record, EXPECTED);
}
