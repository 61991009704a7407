//! What a log costs on this machine.
//!
//! `cargo bench -p audit --bench log [-- RECORDS]`: microseconds of wall time of each operation on a
//! log of RECORDS releases (100,000 unless told), on one core, with the nodes in memory.

#![expect(clippy::unwrap_used, reason = "what fails here fails the bench")]

#[expect(dead_code, reason = "the tests use more of the story")]
#[path = "../tests/whole/story.rs"]
mod story;
#[expect(dead_code, reason = "the tests use more of the store")]
#[path = "../tests/whole/support.rs"]
mod support;

use std::hint::black_box;
use std::time::Instant;

use audit::{
    Event, Freshness, Frontier, Record, leaf_hash, verify, verify_consistency, verify_inclusion,
};
use story::{Ledger, NOW, Story, keys, release, used};
use support::Log;

/// How often what takes microseconds is done.
const SAMPLE: u64 = 2_000;

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let records = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let row = |name: &str, times: u64, work: &mut dyn FnMut(u64)| {
        let start = Instant::now();
        for time in 0..times {
            work(time);
        }
        let each = start.elapsed() / u32::try_from(times).unwrap_or(u32::MAX).max(1);
        println!("{name:<52} {times:>9} {:>11.2}", each.as_nanos() as f64 / 1e3);
    };
    println!("{:<52} {:>9} {:>11}", "operation", "times", "µs each");

    let mut chain = Ledger::of("tax").chain;
    let ground = audit::LegalBasis::Public;
    let event = Event::ReleaseBegun(used(release(1, ground), 2));
    let mut leaves = Vec::new();
    row("write a record", records, &mut |_| {
        let logged = chain.write(story::stamp(NOW), event.clone());
        leaves.push((logged.leaf(), logged.bytes().to_vec()));
    });
    let bytes: usize = leaves.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut frontier = Frontier::default();
    row("append its leaf hash to the tree", records, &mut |time| {
        black_box(frontier.append(leaves[usize::try_from(time).unwrap()].0));
    });

    let log = Log::of(leaves.iter().map(|(_, bytes)| bytes));
    let (head, size) = (log.head(), records);
    assert_eq!(head, frontier.head());
    row("reopen", SAMPLE, &mut |_| assert_eq!(black_box(log.at(size)), head));
    row("prove inclusion", SAMPLE, &mut |time| {
        black_box(log.inclusion(spread(time, size), size));
    });
    let (index, old) = (size / 3, size / 3 * 2);
    let (path, growth) = (log.inclusion(index, size), log.consistency(old, size));
    let (leaf, before) = (leaf_hash(&leaves[usize::try_from(index).unwrap()].1), log.at(old));
    row("verify inclusion", SAMPLE, &mut |_| {
        verify_inclusion(&leaf, index, &head, black_box(&path)).unwrap();
    });
    row("prove consistency", SAMPLE, &mut |time| {
        black_box(log.consistency(spread(time, size), size));
    });
    row("verify consistency", SAMPLE, &mut |_| {
        verify_consistency(&before, &head, black_box(&growth)).unwrap();
    });
    let mut whole = 0;
    row("verify the whole log", 1, &mut |_| {
        let leaves = leaves.iter().map(|(leaf, bytes)| (*leaf, bytes));
        whole = Record::verify_chain(leaves, &[head]).unwrap().confirmed;
    });
    assert_eq!(whole, size);

    let proof = Story::verification().proof(&mut Ledger::of("tax")).to_json();
    let keys = keys();
    row("verify a receipt's proof", SAMPLE / 10, &mut |_| {
        verify(black_box(&proof), &keys, Freshness::default()).unwrap();
    });
    println!("\n{records} records have {bytes} bytes, the proof {}", proof.len());
}

/// Places all over a log.
fn spread(time: u64, size: u64) -> u64 {
    time.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size.max(1)
}
