//! Full duplex, and peers that are a round ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use party::drive::drive;
use session::MAX_CHUNK;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;
use wire::peer;

use super::network::{Notes, connected, connected_as, connected_with, raw, said};
use super::talk::Talk;
use super::{ALICE, BOB, CAROL, PATIENCE, in_time, runtime};

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
            say.send(Ok(peer::Frame::close())).await.unwrap();
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
