//! Whoever waits for the store may go away at any moment: what was begun is whole or was never there,
//! and the log goes on.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use audit::{Head, inclusion_needs, inclusion_proof, leaf_hash, verify_inclusion};
use domain::{RunId, RunKind, RunRole};
use store::{Draft, Log, NewRun, RunState, Store};
use tempfile::TempDir;

/// More polls than any call of the store needs.
const MOST: usize = 200;
/// How often each is tried: what the other thread has done by then differs.
const TIMES: usize = 8;

#[tokio::test]
async fn an_append_that_is_dropped_at_any_await_leaves_a_log_that_goes_on() {
    let (_folder, store) = opened().await;
    let mut size = 0;
    for polls in 0..MOST {
        let mut over = true;
        for _ in 0..TIMES {
            let ended = {
                let append = pin!(store.append(draft("dropped")));
                polled(append, polls).await
            };
            // Whether or not it is there, there is room for the next three.
            for _ in 0..3 {
                store.append(draft("kept")).await.unwrap_or_else(|e| panic!("{polls} polls: {e}"));
            }
            let grown = head(&store).await.size - size;
            assert!((3..=4).contains(&grown), "{polls} polls: {grown} records");
            assert!(!ended || grown == 4, "what was acknowledged is there");
            size += grown;
            over &= ended;
        }
        if over {
            return in_order(&store).await;
        }
    }
    panic!("an append takes more than {MOST} polls");
}

#[tokio::test]
async fn appends_that_are_dropped_at_once_and_together_leave_a_log_that_goes_on() {
    let (_folder, store) = opened().await;
    for polls in 0..40 {
        let mut calls: Vec<_> = (0..5).map(|_| Box::pin(store.append(draft("d")))).collect();
        for call in &mut calls {
            polled(call.as_mut(), polls).await;
        }
        drop(calls);
        store.append(draft("kept")).await.unwrap_or_else(|e| panic!("{polls} polls: {e}"));
    }
    in_order(&store).await;
}

#[tokio::test]
async fn a_batch_run_whose_beginning_is_dropped_at_any_await_stands_whole_or_not_at_all() {
    let (_folder, store) = opened().await;
    for polls in 0..MOST {
        let run = NewRun {
            id: RunId::from_bytes([u8::try_from(polls).expect("fewer polls"); 16]),
            kind: RunKind::Batch,
            role: RunRole::Holder,
            peers: vec!["platform".parse().expect("a name")],
            ours: false,
            terms: "{}".into(),
            state: RunState::Agreed,
        };
        let over = {
            let beginning = pin!(store.begin_batch(&run, &[7; 32], 1));
            polled(beginning, polls).await
        };
        store.append(draft("kept")).await.unwrap_or_else(|e| panic!("{polls} polls: {e}"));
        let record = store.runs(&run.id.to_string(), 1).await.expect("it can be read").len() == 1;
        let batch = store.batch(run.id).await.expect("it can be read").is_some();
        assert_eq!(record, batch, "{polls} polls");
        if over {
            assert!(record, "what was acknowledged is there");
            return;
        }
    }
    panic!("a beginning takes more than {MOST} polls");
}

/// Polls a call so many times, with time in between for what it waits for; says whether it ended.
async fn polled<F: Future>(mut call: Pin<&mut F>, polls: usize) -> bool {
    for _ in 0..polls {
        let over = std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready())).await;
        if over {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    false
}

/// Every record is in its place, and the log's head proves it.
async fn in_order(store: &Store) {
    let head = head(store).await;
    let records = store.records(Log::Audit, 0, u32::MAX).await.expect("they can be read");
    assert_eq!(records.len() as u64, head.size);
    for (at, record) in records.iter().enumerate() {
        assert_eq!((record.seq, record.leaf), (at as u64, leaf_hash(&record.bytes)));
        let wanted = inclusion_needs(record.seq, head.size).expect("it is in the log");
        let found = store.nodes(Log::Audit, &wanted).await.expect("the nodes are there");
        let proof = inclusion_proof(record.seq, head.size, &found).expect("a proof");
        verify_inclusion(&record.leaf, record.seq, &head, &proof).expect("it is proven");
    }
}

async fn head(store: &Store) -> Head {
    store.head(Log::Audit).await.expect("it can be read")
}

fn draft(word: &'static str) -> Draft {
    Box::new(move |place| {
        format!("{word} {} after {:?}", place.seq, place.previous).into_bytes().into()
    })
}

async fn opened() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("party.db")).await.expect("it opens");
    (folder, store)
}
