//! Sizes agreed first, stored before sent, computed off the reactor.

use std::thread;
use std::time::{Duration, Instant};

use party::drive::{DriveError, drive};
use session::{Chunk, MAX_CHUNK};
use tokio::time::sleep;
use wire::peer;

use super::network::{Notes, RAW, connected, raw, said};
use super::talk::{Confused, Talk, hearing};
use super::{ALICE, BOB, PATIENCE, SOON, in_time, runtime};

#[test]
fn a_frame_longer_than_any_chunk_may_be_never_reaches_the_session_and_is_blamed() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        let long = Chunk { round: 1, last: true, body: vec![0; MAX_CHUNK + 1].into() };
        say.send(Ok(long.into())).await.unwrap();
        let mut notes = Notes::default();
        let error = in_time(drive(hearing(), vec![link], PATIENCE, &mut notes)).await.unwrap_err();
        assert!(
            matches!(
                error,
                DriveError::Frame(BOB, wire::Error::Oversized { found }) if found == MAX_CHUNK + 1
            ),
            "{error:?}"
        );
        assert_eq!(notes.received, 0);
    });
}

#[test]
fn a_frame_without_content_is_refused_and_blamed() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(peer::Frame { kind: None })).await.unwrap();
        let error = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(error.unwrap_err(), DriveError::Frame(BOB, wire::Error::Missing(_))));
    });
}

#[test]
fn a_peer_that_only_talks_while_our_outbox_is_full_is_cut_off_at_what_was_agreed() {
    runtime(2).block_on(async {
        // We have ten chunks to say, nobody reads them, and the peer floods: three were agreed.
        let (say, link, _outgoing) = raw();
        let flood = tokio::spawn(async move {
            let mut taken = 0;
            while say.send(Ok(said(1, false))).await.is_ok() {
                taken += 1;
            }
            taken
        });
        let mut notes = Notes::default();
        let talk = Talk { expect: vec![3], ..Talk::telling(BOB, 10) };
        let error = in_time(drive(talk, vec![link], PATIENCE, &mut notes)).await.unwrap_err();
        assert!(
            matches!(error, DriveError::Session(Confused::TooMuch { from: BOB, agreed: 3 })),
            "{error:?}"
        );
        assert_eq!(notes.received_chunks, 4, "the fourth is refused, a fifth is never read");
        let taken = in_time(flood).await.unwrap();
        // Those four, what the channel holds, and one on its way.
        assert!(taken <= 4 + RAW + 1, "{taken} frames were taken off the peer");
    });
}

#[test]
fn a_round_that_cannot_be_recorded_is_never_sent() {
    runtime(2).block_on(async {
        let (at_alice, at_bob, held) = connected(Duration::ZERO);
        let mut alice = Notes { fail_at: Some(3), ..Notes::default() };
        let mut bob = Notes::default();
        let rounds = [2, 1, 2, 1];
        let run = async {
            tokio::join!(
                drive(Talk::new(BOB, &rounds), vec![at_alice], PATIENCE, &mut alice),
                drive(Talk::new(ALICE, &rounds), vec![at_bob], PATIENCE, &mut bob),
            )
        };
        let (one, other) = in_time(run).await;
        assert!(
            matches!(one.unwrap_err(), DriveError::Journal(trouble) if trouble.code == "STORE")
        );
        assert!(matches!(other.unwrap_err(), DriveError::Aborted(ALICE, _)));
        let from_alice: Vec<u32> = held.seen(ALICE);
        assert_eq!(from_alice, [1, 1, 2], "no chunk of round 3 left");
        assert_eq!(alice.rounds, [1, 2], "and what left was recorded");
    });
}

#[test]
fn every_round_is_recorded_once_and_before_its_first_chunk_is_at_the_peer() {
    runtime(2).block_on(async {
        let (at_alice, at_bob, held) = connected(Duration::ZERO);
        // Recording takes its time, so that a chunk that does not wait for it overtakes it.
        let slow = Duration::from_millis(15);
        let mut alice = Notes { slow, held: Some(held.clone()), ..Notes::default() };
        let mut bob = Notes::default();
        let rounds = [2, 1, 3, 1];
        let run = async {
            tokio::join!(
                drive(Talk::new(BOB, &rounds), vec![at_alice], PATIENCE, &mut alice),
                drive(Talk::new(ALICE, &rounds), vec![at_bob], PATIENCE, &mut bob),
            )
        };
        let (one, other) = in_time(run).await;
        one.unwrap();
        other.unwrap();
        assert_eq!(alice.rounds, [1, 2, 3, 4]);
        assert_eq!(held.seen(ALICE), [1, 1, 2, 3, 3, 3, 4]);
        // What had left by the time that each round stood in the journal.
        for (round, left) in alice.rounds.iter().zip(&alice.seen_before) {
            assert!(left.iter().all(|earlier| earlier < round), "round {round} after {left:?}");
        }
    });
}

#[test]
fn a_session_that_computes_does_not_delay_a_timer_on_the_same_runtime() {
    let work = Duration::from_millis(600);
    for workers in [1, 2] {
        runtime(workers).block_on(async move {
            let ticking = tokio::spawn(longest_gap(Duration::from_millis(10), work * 4));
            let (say, link, _outgoing) = raw();
            for round in 1..=3 {
                say.send(Ok(said(round, true))).await.unwrap();
            }
            drop(say);
            let computing = Talk { work, ..Talk::hearing_rounds(BOB, &[1, 1, 1]) };
            let running = tokio::spawn(async move {
                drive(computing, vec![link], SOON, &mut Notes::default()).await.unwrap();
            });
            in_time(running).await.unwrap();
            let gap = in_time(ticking).await.unwrap();
            assert!(gap < work / 2, "{workers} workers: the timer stood still for {gap:?}");
        });
    }
}

#[test]
fn computing_on_the_reactor_would_delay_the_timer() {
    // The test of the test above: one worker, the same work, nobody told.
    let work = Duration::from_millis(600);
    runtime(1).block_on(async move {
        let ticking = tokio::spawn(longest_gap(Duration::from_millis(10), work * 2));
        sleep(Duration::from_millis(50)).await;
        tokio::spawn(async move { thread::sleep(work) }).await.unwrap();
        assert!(in_time(ticking).await.unwrap() >= work - Duration::from_millis(20));
    });
}

/// The longest that a timer of this period stood still, over so long a time.
async fn longest_gap(period: Duration, over: Duration) -> Duration {
    let (began, mut last, mut longest) = (Instant::now(), Instant::now(), Duration::ZERO);
    while began.elapsed() < over {
        sleep(period).await;
        longest = longest.max(last.elapsed());
        last = Instant::now();
    }
    longest
}
