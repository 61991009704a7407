//! Same seed, same bytes: a silent change of the format fails here.

use std::fmt::Write;

use psi::RECEIVER;
use sha2::{Digest, Sha256};

use crate::{KINDS, Run};

const EXPECTED: &str = include_str!("../vectors/v1/vole.txt");

#[test]
fn the_bytes_of_known_seeds_are_those_on_record() {
    let mut record = String::new();
    for (output, security) in KINDS {
        let run = Run::new(output, security, 40_000, 10_000, 50_000).padded(3, 4);
        let (learned, passed) = run.honest();
        assert_eq!(learned, run.ideal());
        writeln!(record, "{output:?} {security:?}").unwrap();
        for (from, chunk) in passed {
            let name = if from == RECEIVER { "receiver" } else { "sender" };
            let hash = hex::encode(Sha256::digest(&chunk.body));
            writeln!(record, "round {} {name} {} {hash}", chunk.round, chunk.body.len()).unwrap();
        }
    }
    assert_eq!(record, EXPECTED);
}
