//! A machine that loses its power at any byte: what was acknowledged is there, what was not is there
//! whole or not at all, and the store goes on.
//!
//! The write-ahead log is the file that grows; its state after a crash is what had reached the disk by
//! then, and perhaps a torn piece of what had not. Here it is cut at an arbitrary byte.

use std::fs;
use std::path::Path;

use audit::{Head, leaf_hash};
use domain::{Output, RunId, RunKind, RunRole};
use proptest::collection::vec;
use proptest::prelude::*;
use store::{
    Drafted, Ending, Log, LogPosition, NewAuthorisation, NewRelease, NewRun, ReleaseLimits,
    RunState, Store,
};
use tokio::runtime::Builder;

/// Something that a party does with its store.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Several records at once.
    Append(u8),
    Release,
    Authorise,
    BeginRun,
    BeginBatch,
    EndRun,
}

/// What is to be seen of a store.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    audit: Head,
    registry: Head,
    releases: Vec<(RunId, u64)>,
    runs: Vec<(RunId, RunState, bool)>,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_acknowledged_survives_a_crash_at_any_byte(
        deeds in vec(deed(), 1..20),
        cut in 0..=WHOLE,
        torn in vec(any::<u8>(), 0..5_000),
    ) {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(crash(&deeds, cut, &torn));
    }
}

/// As a fraction of this, where the log is cut.
const WHOLE: u64 = 1 << 20;

async fn crash(deeds: &[Deed], cut: u64, torn: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("party.db");
    let store = Store::open(&path).await.expect("it opens");
    let length = || fs::metadata(log_of(&path)).expect("the store is open").len();
    // What was to be seen when the write-ahead log had this length, and the deed was acknowledged.
    let mut acknowledged = vec![(length(), seen(&store).await)];
    for (at, deed) in deeds.iter().enumerate() {
        let number = u8::try_from(at).expect("few deeds");
        do_it(&store, *deed, number).await;
        acknowledged.push((length(), seen(&store).await));
    }
    let all = length();
    let cut = all * cut / WHOLE;
    let other = folder.path().join("after.db");
    fs::copy(&path, &other).expect("a copy");
    let mut log = fs::read(log_of(&path)).expect("the log");
    log.truncate(usize::try_from(cut).expect("a short file"));
    log.extend_from_slice(if cut < all { torn } else { &[] });
    fs::write(log_of(&other), log).expect("a copy");
    store.close().await;

    let after = Store::open(&other).await.expect("a crash leaves a store that opens");
    let found = seen(&after).await;
    let due = acknowledged.iter().rposition(|(length, _)| *length <= cut).unwrap_or(0);
    let states: Vec<&Seen> = acknowledged.iter().map(|(_, seen)| seen).collect();
    assert!(
        states[due..].contains(&&found),
        "cut at {cut} of {all}: {found:?} is no state from deed {due} on: {states:?}",
    );
    in_order(&after).await;
    do_it(&after, Deed::Append(2), 200).await;
    do_it(&after, Deed::Release, 201).await;
    do_it(&after, Deed::Authorise, 202).await;
    in_order(&after).await;
}

async fn do_it(store: &Store, deed: Deed, number: u8) {
    let run = RunId::from_bytes([number; 16]);
    let new = |kind| NewRun {
        id: run,
        kind,
        role: RunRole::Holder,
        peers: vec!["platform".parse().expect("a name")],
        ours: false,
        terms: "{}".into(),
        state: RunState::Agreed,
    };
    match deed {
        Deed::Append(records) => {
            let records = (0..records).map(|at| vec![number, at]).collect();
            let draft = move |_| Drafted { records, ..Drafted::default() };
            store.append(Box::new(draft)).await.expect("it is appended");
        }
        Deed::Release => {
            let draft =
                move |place| Drafted { releases: vec![(0, release(run))], ..record(place, number) };
            store.append(Box::new(draft)).await.expect("it is released");
        }
        Deed::Authorise => {
            let draft = move |place| Drafted {
                authorisation: Some(authorisation(number)),
                ..record(place, number)
            };
            store.append(Box::new(draft)).await.expect("it is registered");
        }
        Deed::BeginRun => store.begin(&new(RunKind::Psi), 1).await.expect("it begins"),
        Deed::BeginBatch => {
            store.begin_batch(&new(RunKind::Batch), &[number; 32], 1).await.expect("it begins");
        }
        Deed::EndRun => {
            // One: each end is a commit of its own.
            if let Some(run) = store.unfinished().await.expect("they can be read").first() {
                let report = "{}".into();
                let ending = Ending::Output { confirmed: true, report, result: None };
                store.end(run.id, &ending, 2).await.expect("it ends");
            }
        }
    }
}

async fn seen(store: &Store) -> Seen {
    let releases = store.releases(0, u32::MAX).await.expect("they can be read");
    let mut runs = Vec::new();
    for run in store.runs("", u32::MAX).await.expect("they can be read") {
        let batch = store.batch(run.id).await.expect("it can be read").is_some();
        assert_eq!(batch, run.kind == Some(RunKind::Batch), "a batch stands with its record");
        runs.push((run.id, run.state, batch));
    }
    Seen {
        audit: store.head(Log::Audit).await.expect("it can be read"),
        registry: store.head(Log::Registry).await.expect("it can be read"),
        releases: releases.into_iter().map(|found| (found.release.run, found.seq)).collect(),
        runs,
    }
}

/// Every record has its hash and its number, and every release its record.
async fn in_order(store: &Store) {
    for log in [Log::Audit, Log::Registry] {
        let records = store.records(log, 0, u32::MAX).await.expect("they can be read");
        assert_eq!(records.len() as u64, store.head(log).await.expect("it can be read").size);
        for (at, record) in records.iter().enumerate() {
            assert_eq!((record.seq, record.leaf), (at as u64, leaf_hash(&record.bytes)));
        }
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (1..4_u8).prop_map(Deed::Append),
        Just(Deed::Release),
        Just(Deed::Authorise),
        Just(Deed::BeginRun),
        Just(Deed::BeginBatch),
        Just(Deed::EndRun),
    ]
}

fn record(place: LogPosition, number: u8) -> Drafted {
    format!("record {} of deed {number}", place.seq).into_bytes().into()
}

fn release(run: RunId) -> NewRelease {
    NewRelease {
        run,
        released_ms: 1_000,
        lender: "bank".parse().expect("a name"),
        platform: "platform".parse().expect("a name"),
        subject: [7; 32],
        authorisation: Some("AU-1".into()),
        output: Output::Score,
        model: Some("m@1".parse().expect("a model")),
        model_digest: [4; 32],
        batch: [5; 32],
        repeats: None,
        answer: vec![1; 40_000],
        salt: [9; 32],
        receipt: b"{}".to_vec(),
        evidence: "{}".into(),
        limits: ReleaseLimits::default(),
        disclosure: None,
    }
}

fn authorisation(number: u8) -> NewAuthorisation {
    NewAuthorisation {
        id: format!("AU-{number}"),
        version: 1,
        record_hash: "sha256:00".into(),
        state: "granted".into(),
        subject: [number; 32],
        lender: "bank".parse().expect("a name"),
        platform: "platform".parse().expect("a name"),
        classes: vec!["1".parse().expect("a class")],
        not_before_ms: 0,
        not_after_ms: 100,
        leaf: vec![number],
        history: "{}".into(),
        envelope: b"{}".to_vec(),
        changed_ms: 1,
    }
}

fn log_of(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}
