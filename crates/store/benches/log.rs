//! What an audit log costs on this disk: appends that are on disk when they return, a reopening, a
//! proof, and a reading of the whole log.
//!
//! `cargo bench -p store --bench log [-- RECORDS]` prints a table.

use std::time::Instant;

use audit::{Walk, inclusion_needs, inclusion_proof, leaf_hash, verify_inclusion};
use store::{Log, LogPosition, Store};

#[expect(clippy::print_stdout, reason = "a bench prints its table")]
fn main() {
    let records: u64 =
        std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("party.db");
        let store = Store::open(&path).await.expect("a store");

        let began = Instant::now();
        for _ in 0..records {
            store.append(Box::new(record)).await.expect("room on the disk");
        }
        let appended = began.elapsed();
        let head = store.head(Log::Audit).await.expect("it can be read");
        store.close().await;

        let began = Instant::now();
        let store = Store::open(&path).await.expect("the same store");
        assert_eq!(store.head(Log::Audit).await.expect("it can be read"), head);
        let opened = began.elapsed();

        let began = Instant::now();
        let index = records / 3;
        let wanted = inclusion_needs(index, head.size).expect("it is in the log");
        let hashes = store.nodes(Log::Audit, &wanted).await.expect("nodes");
        let proof = inclusion_proof(index, head.size, &hashes).expect("a proof");
        let found = store.records(Log::Audit, index, 1).await.expect("a record").remove(0);
        verify_inclusion(&leaf_hash(&found.bytes), index, &head, &proof).expect("it holds");
        let proved = began.elapsed();

        let began = Instant::now();
        let mut walk = Walk::new(&[head]);
        let mut from = 0;
        while from < records {
            let page = store.records(Log::Audit, from, 1_000).await.expect("records");
            for record in &page {
                walk.step(&record.leaf, &record.bytes).expect("the log is whole");
            }
            from += page.len() as u64;
        }
        assert_eq!(walk.finish().expect("the log is whole").frontier.head(), head);
        let verified = began.elapsed();

        let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / records as f64;
        let size = std::fs::metadata(&path).map_or(0, |facts| facts.len());
        println!("{records} records, {} bytes each on disk\n", size / records.max(1));
        println!("operation                                   s     µs each");
        println!(
            "append, on disk          {:>20.3} {:>11.1}",
            appended.as_secs_f64(),
            each(appended)
        );
        println!("open again               {:>20.4}", opened.as_secs_f64());
        println!("prove and check one      {:>20.4}", proved.as_secs_f64());
        println!(
            "verify the whole log     {:>20.3} {:>11.1}",
            verified.as_secs_f64(),
            each(verified)
        );
    });
}

fn record(place: LogPosition) -> store::Drafted {
    use audit::{Clock, Event, Logged, Moment, Record, Version};
    let digest = domain::Digest::from_bytes([7; 32]);
    let time = time::OffsetDateTime::from_unix_timestamp(1_772_000_000).expect("in 2026");
    let record = Record {
        sequence: place.seq,
        previous: place.previous,
        time: Moment::new(time).expect("in 2026"),
        clock: Clock::Machine,
        party: "tax".parse().expect("a name"),
        duty: domain::Duty::Holder,
        software: Version([0, 1, 0]),
        event: Event::Configuration { catalogue: digest, profile: digest },
    };
    Logged::of(record).into_bytes().into()
}
