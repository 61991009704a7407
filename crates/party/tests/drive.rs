//! What `drive` promises of any session, hazard by hazard, over streams in memory.
//!
//! The sessions here are no protocols: they send and expect what a table of rounds says. The network
//! is a pump a direction that counts what it holds, and can be slow.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use party::Trouble;
use party::drive::{DriveError, Journal, Link, Moved, Outgoing, drive, drive_keeping};
use session::{Blame, Chunk, Culprit, MAX_CHUNK, Misplaced, Role, Session, Turn};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use wire::peer::{self, frame};

const ALICE: Role = Role(0);
const BOB: Role = Role(1);
const CAROL: Role = Role(2);

/// Longer than any run here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An idle limit for peers in memory that read nothing: our farewell to them waits for it.
const SOON: Duration = Duration::from_secs(1);

// 1. Full duplex

#[test]
fn two_sessions_that_both_stream_64_mib_at_once_finish_with_a_few_frames_in_flight() {
    runtime(2).block_on(async {
        let body = Bytes::from(vec![7; MAX_CHUNK]);
        let (mut alice, mut bob) = (Notes::default(), Notes::default());
        let (at_alice, at_bob, held) = connected(Duration::ZERO);
        let run = async {
            tokio::join!(
                drive(Talk::with(BOB, &[64], &body), vec![at_alice], PATIENCE, &mut alice),
                drive(Talk::with(ALICE, &[64], &body), vec![at_bob], PATIENCE, &mut bob),
            )
        };
        let (one, other) = in_time(run).await;
        assert!(one.unwrap().confirmed && other.unwrap().confirmed);
        assert_eq!((alice.sent, alice.received), (64 << 20, 64 << 20));
        assert_eq!((bob.sent, bob.received), (64 << 20, 64 << 20));
        // Two in an outbox, one in the pump's hand, one in its channel, one on its way to the session.
        assert!(held.most() <= 5, "{} frames were in flight one way", held.most());
    });
}

#[test]
fn sending_everything_before_receiving_anything_over_the_same_channels_deadlocks() {
    // The test of the test above: it is the driver that saves those two.
    runtime(2).block_on(async {
        let naive = |out: mpsc::Sender<u32>, mut inbox: mpsc::Receiver<u32>| async move {
            for number in 0..64 {
                out.send(number).await.unwrap();
            }
            drop(out);
            while inbox.recv().await.is_some() {}
        };
        let (to_bob, at_bob) = mpsc::channel(4);
        let (to_alice, at_alice) = mpsc::channel(4);
        let both = async { tokio::join!(naive(to_bob, at_alice), naive(to_alice, at_bob)) };
        assert!(timeout(Duration::from_secs(1), both).await.is_err(), "it should deadlock");
    });
}

// 2. The peer may be a round ahead

#[test]
fn a_peer_that_says_two_rounds_before_we_look_is_fine() {
    runtime(2).block_on(async {
        // It has our round 1, says its own and its round 2 at once, and reads only afterwards.
        let (say, link, mut outgoing) = raw();
        tokio::spawn(async move {
            for _ in 0..3 {
                outgoing.next().await.unwrap();
            }
            say.send(Ok(said(1, true))).await.unwrap();
            say.send(Ok(said(2, true))).await.unwrap();
            say.send(Ok(peer::Frame::farewell())).await.unwrap();
            sleep(Duration::from_millis(100)).await;
            while outgoing.next().await.is_some() {}
        });
        let talk = Talk { expect: vec![1, 1], ..Talk::new(BOB, &[3, 5]) };
        let driven = in_time(drive(talk, vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(driven.unwrap().confirmed);
    });
}

#[test]
fn a_fast_peer_runs_a_round_ahead_while_we_still_wait_for_a_slow_one() {
    runtime(2).block_on(async {
        let rounds = [2, 1, 3, 1, 2];
        let (alice_bob, bob, _) = connected(Duration::from_millis(10));
        let (alice_carol, carol, _) = connected_as(ALICE, CAROL, Duration::ZERO);
        let ahead = Arc::new(AtomicUsize::new(0));
        let hub = Talk { ahead: Arc::clone(&ahead), ..Talk::among(&[BOB, CAROL], &rounds) };
        let (mut a, mut b, mut c) = (Notes::default(), Notes::default(), Notes::default());
        let run = async {
            tokio::join!(
                drive(hub, vec![alice_bob, alice_carol], PATIENCE, &mut a),
                drive(Talk::new(ALICE, &rounds), vec![bob], PATIENCE, &mut b),
                drive(Talk::new(ALICE, &rounds), vec![carol], PATIENCE, &mut c),
            )
        };
        let (a, b, c) = in_time(run).await;
        assert!(a.unwrap().confirmed && b.unwrap().confirmed && c.unwrap().confirmed);
        assert!(ahead.load(Ordering::SeqCst) > 0, "nobody was ahead: this test tests nothing");
    });
}

#[test]
fn many_small_rounds_survive_every_mixture_of_delays() {
    runtime(2).block_on(async {
        let rounds = [1, 3, 1, 1, 5, 2, 1, 1, 1, 4];
        for (ours, theirs) in [(0, 0), (0, 3), (3, 0), (2, 2), (1, 5)] {
            let (at_alice, at_bob, _) =
                connected_with(Duration::from_millis(ours), Duration::from_millis(theirs));
            let (mut alice, mut bob) = (Notes::default(), Notes::default());
            let run = async {
                tokio::join!(
                    drive(Talk::new(BOB, &rounds), vec![at_alice], PATIENCE, &mut alice),
                    drive(Talk::new(ALICE, &rounds), vec![at_bob], PATIENCE, &mut bob),
                )
            };
            let (one, other) = in_time(run).await;
            assert!(one.unwrap().confirmed && other.unwrap().confirmed, "{ours} {theirs}");
        }
    });
}

// 3. Hang up in order

#[test]
fn who_finishes_first_waits_until_the_slow_peer_has_everything() {
    runtime(2).block_on(async {
        // Alice says twenty chunks and expects none: she is done long before Bob has them.
        let (at_alice, at_bob, _) = connected(Duration::from_millis(20));
        let heard = Arc::new(AtomicUsize::new(0));
        let by_then = Arc::clone(&heard);
        let alice = tokio::spawn(async move {
            let talk = Talk::telling(BOB, 20);
            let driven = drive(talk, vec![at_alice], PATIENCE, &mut Notes::default()).await;
            (driven.unwrap().confirmed, by_then.load(Ordering::SeqCst))
        });
        let bob = tokio::spawn(async move {
            let mut notes = Notes { heard, ..Notes::default() };
            let talk = Talk::hearing(ALICE, 20);
            drive(talk, vec![at_bob], PATIENCE, &mut notes).await.unwrap().confirmed
        });
        let (alice, bob) = in_time(async { tokio::join!(alice, bob) }).await;
        assert_eq!(alice.unwrap(), (true, 20), "confirmed, and not before Bob had all twenty");
        assert!(bob.unwrap());
    });
}

#[test]
fn a_stream_that_only_ends_leaves_the_output_unconfirmed() {
    // What a cancelled call looks like to the side that answers it.
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        drop(say);
        let driven = in_time(drive(hearing(), vec![link], SOON, &mut Notes::default())).await;
        assert!(!driven.unwrap().confirmed);
    });
}

#[test]
fn a_farewell_confirms_whatever_becomes_of_the_line_after_it() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        say.send(Ok(peer::Frame::farewell())).await.unwrap();
        say.send(Err(Status::unavailable("the connection broke"))).await.unwrap();
        drop(say);
        let driven = in_time(drive(hearing(), vec![link], SOON, &mut Notes::default())).await;
        assert!(driven.unwrap().confirmed);
    });
}

#[test]
fn a_peer_that_says_a_byte_now_and_then_is_given_up_in_the_end() {
    runtime(2).block_on(async {
        let idle = Duration::from_millis(60);
        let (say, link, _outgoing) = raw();
        tokio::spawn(async move {
            loop {
                sleep(idle / 2).await;
                let chunk = Chunk { round: 1, last: false, body: Bytes::from_static(b"x") };
                if say.send(Ok(chunk.into())).await.is_err() {
                    return;
                }
            }
        });
        let talk = Talk::hearing(BOB, 1_000_000);
        let began = Instant::now();
        let slow = in_time(drive(talk, vec![link], idle, &mut Notes::default())).await;
        assert!(matches!(slow.unwrap_err(), DriveError::Slow(_)));
        assert!((idle * 10..idle * 100).contains(&began.elapsed()), "{:?}", began.elapsed());
    });
}

#[test]
fn an_output_is_kept_before_the_farewell_and_where_it_cannot_be_the_peer_is_told() {
    runtime(2).block_on(async {
        for fails in [false, true] {
            let (say, link, mut outgoing) = raw();
            say.send(Ok(said(1, true))).await.unwrap();
            let kept = Arc::new(AtomicUsize::new(0));
            let (keeping, seen) = (Arc::clone(&kept), Arc::clone(&kept));
            let keep = async move |_| {
                sleep(Duration::from_millis(200)).await;
                keeping.store(1, Ordering::SeqCst);
                if fails { Err(Trouble::us("FILE", "no room", "空间不足")) } else { Ok(7) }
            };
            let peer = tokio::spawn(async move {
                let last = outgoing.next().await.unwrap();
                assert_eq!(seen.load(Ordering::SeqCst), 1, "the last word came before the output");
                // It goes on talking: what is kept is kept.
                let _ = say.send(Ok(said(2, true))).await;
                last
            });
            let mut notes = Notes::default();
            let driven = in_time(drive_keeping(hearing(), vec![link], SOON, &mut notes, keep));
            match driven.await {
                Ok(driven) => assert!(!fails && !driven.confirmed && driven.output == 7),
                Err(error) => assert!(fails && matches!(error, DriveError::Journal(_)), "{error}"),
            }
            let last = in_time(peer).await.unwrap();
            let parting = matches!(last.kind, Some(frame::Kind::Farewell(_)));
            assert_eq!(parting, !fails);
        }
    });
}

#[test]
fn a_peer_that_parts_before_it_has_said_all_or_speaks_after_parting_is_named() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(peer::Frame::farewell())).await.unwrap();
        drop(say);
        let early = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(early.unwrap_err(), DriveError::HungUp(BOB)));

        for last in [said(1, true), peer::Frame::farewell()] {
            let (say, link, _outgoing) = raw();
            say.send(Ok(peer::Frame::farewell())).await.unwrap();
            say.send(Ok(last)).await.unwrap();
            let late = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
            assert!(matches!(late.unwrap_err(), DriveError::Trailing(BOB)));
        }
    });
}

#[test]
fn nobody_lets_go_of_a_call_before_the_last_words_have_left() {
    runtime(2).block_on(async {
        let (say, link, mut outgoing) = raw();
        say.send(Ok(gave_up("no room"))).await.unwrap();
        // A transport that takes its time.
        let slow = tokio::spawn(async move {
            sleep(Duration::from_millis(300)).await;
            assert!(!say.is_closed(), "the call was let go with our last words still in it");
            abort_of(outgoing.next().await.unwrap());
        });
        let gave_up = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(gave_up.unwrap_err(), DriveError::Aborted(BOB, _)));
        in_time(slow).await.unwrap();
    });
}

#[test]
fn a_peer_that_dies_exactly_after_our_output_leaves_it_unconfirmed() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        say.send(Err(Status::unavailable("the connection broke"))).await.unwrap();
        drop(say);
        let driven = in_time(drive(hearing(), vec![link], SOON, &mut Notes::default())).await;
        assert!(!driven.unwrap().confirmed);
    });
}

#[test]
fn a_peer_that_never_hangs_up_leaves_the_output_unconfirmed_after_the_idle_limit() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        let idle = Duration::from_millis(200);
        let driven = in_time(drive(hearing(), vec![link], idle, &mut Notes::default())).await;
        assert!(!driven.unwrap().confirmed);
        drop(say);
    });
}

#[test]
fn a_peer_that_gives_up_after_our_output_leaves_it_unconfirmed_at_once() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        say.send(Ok(gave_up("no room"))).await.unwrap();
        drop(say);
        let driven = in_time(drive(hearing(), vec![link], SOON, &mut Notes::default())).await;
        assert!(!driven.unwrap().confirmed);
    });
}

#[test]
fn a_peer_that_dies_at_the_end_does_not_hurry_us_away_from_the_others() {
    runtime(2).block_on(async {
        // Bob breaks at once, Carol needs a while: whoever leaves her early may cancel what she
        // has not yet read.
        let (say, bob, _to_bob) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        say.send(Err(Status::unavailable("the connection broke"))).await.unwrap();
        drop(say);
        let (carol_says, inbox) = mpsc::channel(1);
        let (carol, _to_carol) = Link::new(CAROL, ReceiverStream::new(inbox));
        let left = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&left);
        tokio::spawn(async move {
            sleep(Duration::from_millis(200)).await;
            // We have left already when nobody would hear this.
            seen.store(usize::from(carol_says.is_closed()), Ordering::SeqCst);
        });
        let talk = Talk::hearing(BOB, 1);
        let driven = in_time(drive(talk, vec![bob, carol], SOON, &mut Notes::default())).await;
        assert!(!driven.unwrap().confirmed);
        assert_eq!(left.load(Ordering::SeqCst), 0, "we left before Carol had hung up");
    });
}

#[test]
fn a_chunk_after_the_last_one_is_trailing_and_names_its_sender() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        say.send(Ok(said(2, true))).await.unwrap();
        let driven = in_time(drive(hearing(), vec![link], SOON, &mut Notes::default())).await;
        assert!(matches!(driven.unwrap_err(), DriveError::Trailing(BOB)));
    });
}

#[test]
fn a_peer_that_hangs_up_too_early_or_breaks_is_named() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        drop(say);
        let gone = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(gone.unwrap_err(), DriveError::HungUp(BOB)));

        let (say, link, _outgoing) = raw();
        say.send(Err(Status::unavailable("broke"))).await.unwrap();
        let broke = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(broke.unwrap_err(), DriveError::Broken(BOB, _)));

        // It hangs up while we have not yet sent all that it should hear before it speaks again.
        let (say, link, mut outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        drop(say);
        tokio::spawn(async move {
            sleep(Duration::from_millis(100)).await;
            while outgoing.next().await.is_some() {}
        });
        let talk = Talk { expect: vec![1, 1], ..Talk::new(BOB, &[4, 0]) };
        let early = in_time(drive(talk, vec![link], PATIENCE * 3, &mut Notes::default())).await;
        assert!(matches!(early.unwrap_err(), DriveError::HungUp(BOB)));

        // Nobody reads any more, which shows only when we send.
        let (_say, link, outgoing) = raw();
        drop(outgoing);
        let talk = Talk::telling(BOB, 1);
        let deaf = in_time(drive(talk, vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(deaf.unwrap_err(), DriveError::HungUp(BOB)));
    });
}

// 4. Sizes agreed first

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

// 5. Store before send

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

// 6. Off the reactor

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

// The idle limit, giving up, and more than two roles

#[test]
fn a_silent_peer_ends_the_run_at_the_idle_limit_and_is_told() {
    runtime(2).block_on(async {
        let (_say, link, mut outgoing) = raw();
        let idle = Duration::from_millis(300);
        let began = Instant::now();
        let silent = in_time(drive(hearing(), vec![link], idle, &mut Notes::default())).await;
        assert!(matches!(silent.unwrap_err(), DriveError::Silent(limit) if limit == idle));
        assert!(began.elapsed() >= idle, "it ended after {:?}", began.elapsed());
        let farewell = abort_of(in_time(outgoing.next()).await.unwrap());
        assert!(farewell.en.contains("nothing moved"), "{}", farewell.en);
        assert!(in_time(outgoing.next()).await.is_none());
    });
}

#[test]
fn a_peer_that_speaks_now_and_then_is_not_silent() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        tokio::spawn(async move {
            for round in 1..=5 {
                sleep(Duration::from_millis(200)).await;
                say.send(Ok(said(round, true))).await.unwrap();
            }
            say.send(Ok(peer::Frame::farewell())).await.unwrap();
        });
        // A second of talk in all, and never more than 600 ms of silence.
        let talk = Talk::hearing_rounds(BOB, &[1, 1, 1, 1, 1]);
        let idle = Duration::from_millis(600);
        let driven = in_time(drive(talk, vec![link], idle, &mut Notes::default())).await;
        assert!(driven.unwrap().confirmed);
    });
}

#[test]
fn a_peer_that_does_not_read_cannot_hold_up_the_end_of_a_failed_run() {
    runtime(2).block_on(async {
        // The outbox is full when the run fails: the farewell cannot even be handed over.
        let (_say, link, _outgoing) = raw();
        let idle = Duration::from_millis(200);
        let talk = Talk::telling(BOB, 10);
        let began = Instant::now();
        let stuck = in_time(drive(talk, vec![link], idle, &mut Notes::default())).await;
        assert!(matches!(stuck.unwrap_err(), DriveError::Silent(_)));
        assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
    });
}

#[test]
fn when_a_session_fails_the_peer_is_told_and_reports_our_sentence() {
    runtime(2).block_on(async {
        let (at_alice, at_bob, _) = connected(Duration::ZERO);
        // Alice expects two chunks in the first round, where Bob has three to say.
        let bob = Talk { expect: vec![2, 1, 1], ..Talk::new(ALICE, &[3, 1, 1]) };
        let (mut notes_a, mut notes_b) = (Notes::default(), Notes::default());
        let run = async {
            tokio::join!(
                drive(Talk::new(BOB, &[2, 1, 1]), vec![at_alice], PATIENCE, &mut notes_a),
                drive(bob, vec![at_bob], PATIENCE, &mut notes_b),
            )
        };
        let (one, other) = in_time(run).await;
        let DriveError::Session(ours) = one.unwrap_err() else { panic!("Alice's session failed") };
        assert_eq!(ours.blame(), Culprit::Peer(BOB));
        let DriveError::Aborted(ALICE, why) = other.unwrap_err() else { panic!("Bob was told") };
        assert_eq!(why.code, "RUN_FAILED");
        assert!(
            why.en.contains(&ours.to_string()) && why.zh.contains(&ours.to_string()),
            "{why:?}"
        );
    });
}

#[test]
fn an_abort_ends_our_run_with_the_peers_sentence_cleaned() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(gave_up("disk full\u{1b}[2J"))).await.unwrap();
        let error = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        let error = error.unwrap_err();
        assert_eq!(error.to_string(), "the peer gave up: disk full[2J");
    });
}

#[test]
fn one_of_three_roles_that_fails_ends_the_run_of_all_and_all_know_why() {
    runtime(2).block_on(async {
        let rounds = [2, 1, 3];
        let (alice_bob, bob, _) = connected(Duration::from_millis(2));
        let (alice_carol, carol, _) = connected_as(ALICE, CAROL, Duration::ZERO);
        let hub = Talk::among(&[BOB, CAROL], &rounds);
        let fails = Talk { fails: true, ..Talk::new(ALICE, &rounds) };
        let (mut a, mut b, mut c) = (Notes::default(), Notes::default(), Notes::default());
        let run = async {
            tokio::join!(
                drive(hub, vec![alice_bob, alice_carol], PATIENCE, &mut a),
                drive(Talk::new(ALICE, &rounds), vec![bob], PATIENCE, &mut b),
                drive(fails, vec![carol], PATIENCE, &mut c),
            )
        };
        let (a, b, c) = in_time(run).await;
        assert!(matches!(c.unwrap_err(), DriveError::Session(Confused::Broken)));
        let DriveError::Aborted(CAROL, why) = a.unwrap_err() else { panic!("Alice was told") };
        assert!(why.en.contains("out of paper"), "{why:?}");
        let DriveError::Aborted(ALICE, why) = b.unwrap_err() else { panic!("Bob was told") };
        assert!(why.en.contains("out of paper"), "{why:?}");
    });
}

/// A session that sends and expects as many chunks a round as its tables say, to and from each of
/// its peers. It ends a round in the call that completes it, and takes the next round's chunks from
/// a peer that has said all of this one.
struct Talk {
    peers: Vec<Role>,
    say: Vec<usize>,
    expect: Vec<usize>,
    body: Bytes,
    /// The round it is in, counted from 0.
    at: usize,
    begun: bool,
    queue: VecDeque<(Role, Chunk)>,
    /// Chunks of this round and of the next, by sender.
    heard: [BTreeMap<Role, usize>; 2],
    /// How often a peer was a round ahead.
    ahead: Arc<AtomicUsize>,
    /// How long it computes over every chunk that comes.
    work: Duration,
    /// Fails by itself at the first chunk of round 2.
    fails: bool,
}

#[derive(Debug, thiserror::Error)]
enum Confused {
    #[error("{from}: {why}")]
    Misplaced { from: Role, why: Misplaced },
    #[error("out of paper")]
    Broken,
    #[error("{from} was to send {agreed} chunks, and sent more")]
    TooMuch { from: Role, agreed: usize },
}

impl Blame for Confused {
    fn blame(&self) -> Culprit {
        match self {
            Self::Broken => Culprit::Us,
            Self::Misplaced { from, .. } | Self::TooMuch { from, .. } => Culprit::Peer(*from),
        }
    }
}

impl Talk {
    fn new(peer: Role, rounds: &[usize]) -> Self {
        Self::among(&[peer], rounds)
    }

    fn with(peer: Role, rounds: &[usize], body: &Bytes) -> Self {
        Self { body: body.clone(), ..Self::new(peer, rounds) }
    }

    fn among(peers: &[Role], rounds: &[usize]) -> Self {
        Self {
            peers: peers.into(),
            say: rounds.into(),
            expect: rounds.into(),
            body: Bytes::from_static(b"said"),
            at: 0,
            begun: false,
            queue: VecDeque::new(),
            heard: Default::default(),
            ahead: Arc::default(),
            work: Duration::ZERO,
            fails: false,
        }
    }

    fn telling(peer: Role, chunks: usize) -> Self {
        Self { expect: vec![0], ..Self::new(peer, &[chunks]) }
    }

    fn hearing(peer: Role, chunks: usize) -> Self {
        Self::hearing_rounds(peer, &[chunks])
    }

    fn hearing_rounds(peer: Role, rounds: &[usize]) -> Self {
        Self { say: vec![0; rounds.len()], ..Self::new(peer, rounds) }
    }

    fn round(&self) -> u32 {
        u32::try_from(self.at + 1).expect("a handful of rounds")
    }

    /// Whether `peer` has said all of this round.
    fn said_all(&self, peer: Role) -> bool {
        let heard = self.heard[0].get(&peer).copied().unwrap_or(0);
        self.expect.get(self.at).is_some_and(|expected| heard == *expected)
    }

    /// Ends the rounds that are complete, and begins the next one.
    fn settle(&mut self) {
        while self.at < self.say.len() {
            if !self.begun {
                self.begun = true;
                let (round, chunks) = (self.round(), self.say[self.at]);
                for nth in 1..=chunks {
                    let chunk = Chunk { round, last: nth == chunks, body: self.body.clone() };
                    self.queue.extend(self.peers.iter().map(|peer| (*peer, chunk.clone())));
                }
            }
            if !self.queue.is_empty() || !self.peers.iter().all(|peer| self.said_all(*peer)) {
                return;
            }
            self.at += 1;
            self.begun = false;
            let [this, next] = &mut self.heard;
            *this = std::mem::take(next);
        }
    }
}

impl Session for Talk {
    type Output = ();
    type Error = Confused;

    fn advance(&mut self) -> Result<Turn<()>, Confused> {
        self.settle();
        let turn = match self.queue.pop_front() {
            Some((to, chunk)) => Turn::Send(to, chunk),
            None if self.at == self.say.len() => Turn::Done(()),
            None => Turn::Await,
        };
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Confused> {
        thread::sleep(self.work);
        if self.fails && chunk.round == 2 {
            return Err(Confused::Broken);
        }
        let ahead = self.said_all(from) && chunk.round == self.round() + 1;
        let agreed = self.expect.get(self.at + usize::from(ahead)).copied().unwrap_or(0);
        let round = self.round() + u32::from(ahead);
        chunk.in_round(round).map_err(|why| Confused::Misplaced { from, why })?;
        self.ahead.fetch_add(usize::from(ahead), Ordering::SeqCst);
        let heard = self.heard[usize::from(ahead)].entry(from).or_default();
        *heard += 1;
        if *heard > agreed {
            return Err(Confused::TooMuch { from, agreed });
        }
        self.settle();
        Ok(())
    }
}

/// A session that expects one chunk and is done.
fn hearing() -> Talk {
    Talk::hearing(BOB, 1)
}

/// A journal that remembers, and can be slow or fail.
#[derive(Default)]
struct Notes {
    rounds: Vec<u32>,
    sent: usize,
    received: usize,
    received_chunks: usize,
    /// The chunks that came, for others to see.
    heard: Arc<AtomicUsize>,
    fail_at: Option<u32>,
    slow: Duration,
    /// The network, to ask what the peer has seen when a round is recorded.
    held: Option<Held>,
    seen_before: Vec<Vec<u32>>,
}

impl Journal for Notes {
    async fn before_round(&mut self, _to: Role, round: u32) -> Result<(), Trouble> {
        if !self.slow.is_zero() {
            sleep(self.slow).await;
        }
        if self.fail_at == Some(round) {
            return Err(Trouble::us("STORE", "the disk is full", "磁盘已满"));
        }
        self.rounds.push(round);
        if let Some(held) = &self.held {
            // What left earlier may still be on its way.
            sleep(self.slow).await;
            self.seen_before.push(held.seen(ALICE));
        }
        Ok(())
    }

    fn moved(&mut self, chunk: Moved) {
        match chunk {
            Moved::Sent(bytes) => self.sent += bytes,
            Moved::Received(_, bytes) => {
                self.received += bytes;
                self.received_chunks += 1;
                self.heard.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Frames on their way between two links, and the rounds of those that have passed.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<Passage>>);

#[derive(Default)]
struct Passage {
    /// Taken from an outbox and not yet from the inbox that it goes to, by sender.
    now: BTreeMap<Role, usize>,
    most: usize,
    seen: BTreeMap<Role, Vec<u32>>,
}

impl Held {
    fn locked(&self) -> MutexGuard<'_, Passage> {
        self.0.lock().expect("nothing panics while it is locked")
    }

    fn took(&self, from: Role, frame: &peer::Frame) {
        let mut passage = self.locked();
        let now = passage.now.entry(from).or_default();
        *now += 1;
        // What the outbox holds besides: its two.
        let most = *now + 2;
        passage.most = passage.most.max(most);
        if let Some(frame::Kind::Chunk(chunk)) = &frame.kind {
            passage.seen.entry(from).or_default().push(chunk.round);
        }
    }

    fn delivered(&self, from: Role) {
        *self.locked().now.entry(from).or_default() -= 1;
    }

    fn most(&self) -> usize {
        self.locked().most
    }

    /// The rounds of the chunks that have left `from`, in order.
    fn seen(&self, from: Role) -> Vec<u32> {
        self.locked().seen.get(&from).cloned().unwrap_or_default()
    }
}

/// Alice's link to Bob and Bob's to Alice, each frame as late as said.
fn connected(late: Duration) -> (Link, Link, Held) {
    connected_as(ALICE, BOB, late)
}

fn connected_with(to_bob: Duration, to_alice: Duration) -> (Link, Link, Held) {
    cross(ALICE, BOB, to_bob, to_alice)
}

fn connected_as(one: Role, other: Role, late: Duration) -> (Link, Link, Held) {
    cross(one, other, late, late)
}

fn cross(one: Role, other: Role, there: Duration, back: Duration) -> (Link, Link, Held) {
    let held = Held::default();
    let (to_one, at_one) = mpsc::channel(1);
    let (to_other, at_other) = mpsc::channel(1);
    let arrived = |from: Role, inbox| {
        let held = held.clone();
        ReceiverStream::new(inbox).map(move |frame| {
            held.delivered(from);
            Ok(frame)
        })
    };
    // Each link speaks of the role at its other end.
    let (at_one, from_one) = Link::new(other, arrived(other, at_one));
    let (at_other, from_other) = Link::new(one, arrived(one, at_other));
    pump(one, from_one, to_other, there, held.clone());
    pump(other, from_other, to_one, back, held.clone());
    (at_one, at_other, held)
}

fn pump(
    from: Role,
    mut outgoing: Outgoing,
    inbox: mpsc::Sender<peer::Frame>,
    late: Duration,
    held: Held,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(frame) = outgoing.next().await {
            held.took(from, &frame);
            if !late.is_zero() {
                sleep(late).await;
            }
            if inbox.send(frame).await.is_err() {
                return;
            }
        }
    })
}

/// Frames that a peer without a driver can have on their way.
const RAW: usize = 8;

/// A peer without a driver: what it says, our link to it, what we send to it.
fn raw() -> (mpsc::Sender<Result<peer::Frame, Status>>, Link, Outgoing) {
    let (say, inbox) = mpsc::channel(RAW);
    let (link, outgoing) = Link::new(BOB, ReceiverStream::new(inbox));
    (say, link, outgoing)
}

fn said(round: u32, last: bool) -> peer::Frame {
    Chunk { round, last, body: Bytes::from_static(b"said") }.into()
}

fn gave_up(why: &str) -> peer::Frame {
    peer::Refusal { code: "RUN_FAILED".into(), en: why.into(), zh: why.into() }.into()
}

fn abort_of(frame: peer::Frame) -> peer::Refusal {
    match frame.kind {
        Some(frame::Kind::Abort(refusal)) => refusal,
        other => panic!("an abort was expected, not {other:?}"),
    }
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

/// The runtime of a party, with so many workers.
fn runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().expect("a runtime")
}

/// What must end, and be it on a loaded machine.
async fn in_time<F: Future>(what: F) -> F::Output {
    timeout(PATIENCE * 2, what).await.expect("it hangs")
}
