//! Hanging up in order: who finishes first waits, and what is not confirmed is not called so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use party::Trouble;
use party::drive::{DriveError, Link, drive, drive_keeping};
use session::Chunk;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use wire::peer::{self, frame};

use super::network::{Notes, abort_of, connected, gave_up, raw, said};
use super::talk::{Talk, hearing};
use super::{ALICE, BOB, CAROL, PATIENCE, SOON, in_time, runtime};

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
fn a_close_confirms_whatever_becomes_of_the_line_after_it() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(said(1, true))).await.unwrap();
        say.send(Ok(peer::Frame::close())).await.unwrap();
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
fn an_output_is_kept_before_the_close_and_where_it_cannot_be_the_peer_is_told() {
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
            let parting = matches!(last.kind, Some(frame::Kind::Close(_)));
            assert_eq!(parting, !fails);
        }
    });
}

#[test]
fn a_peer_that_parts_before_it_has_said_all_or_speaks_after_parting_is_named() {
    runtime(2).block_on(async {
        let (say, link, _outgoing) = raw();
        say.send(Ok(peer::Frame::close())).await.unwrap();
        drop(say);
        let early = in_time(drive(hearing(), vec![link], PATIENCE, &mut Notes::default())).await;
        assert!(matches!(early.unwrap_err(), DriveError::HungUp(BOB)));

        for last in [said(1, true), peer::Frame::close()] {
            let (say, link, _outgoing) = raw();
            say.send(Ok(peer::Frame::close())).await.unwrap();
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
