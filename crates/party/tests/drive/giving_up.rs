//! The idle limit, giving up, and more than two roles.

use std::time::{Duration, Instant};

use party::drive::{DriveError, drive};
use session::{Blame, Culprit};
use tokio::time::sleep;
use tokio_stream::StreamExt;
use wire::peer;

use super::network::{Notes, abort_of, connected, connected_as, gave_up, raw, said};
use super::talk::{Confused, Talk, hearing};
use super::{ALICE, BOB, CAROL, PATIENCE, in_time, runtime};

#[test]
fn a_silent_peer_ends_the_run_at_the_idle_limit_and_is_told() {
    runtime(2).block_on(async {
        let (_say, link, mut outgoing) = raw();
        let idle = Duration::from_millis(300);
        let began = Instant::now();
        let silent = in_time(drive(hearing(), vec![link], idle, &mut Notes::default())).await;
        assert!(matches!(silent.unwrap_err(), DriveError::Silent(limit) if limit == idle));
        assert!(began.elapsed() >= idle, "it ended after {:?}", began.elapsed());
        let close = abort_of(in_time(outgoing.next()).await.unwrap());
        assert!(close.en.contains("nothing moved"), "{}", close.en);
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
            say.send(Ok(peer::Frame::close())).await.unwrap();
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
        // The outbox is full when the run fails: the closing frame cannot even be handed over.
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
