//! Same seed, same bytes: a silent change of the format fails here.

use std::fmt::Write;
use std::fs;

use psi::RECEIVER;
use sha2::{Digest, Sha256};

use crate::{KINDS, Run};

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
    // Set only when the protocol's version changes: what is compared then is what was written.
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/v1/vole.txt");
    if std::env::var_os("PSI_WRITE_VECTORS").is_some() {
        fs::write(path, &record).unwrap();
    }
    assert_eq!(record, fs::read_to_string(path).unwrap());
}
