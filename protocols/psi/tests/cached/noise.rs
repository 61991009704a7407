//! Noise never panics.

use chacha20::ChaCha20Rng;
use psi::Error;
use psi::cached::{ASKER, HOLDER};
use rand_core::{Rng, SeedableRng};
use session::{Blame, Chunk, Culprit, Role, Session, Turn};

use crate::Run;

#[test]
fn ten_thousand_runs_of_noise_never_panic() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut refused = 0;
    for _ in 0..10_000 {
        let mut draw = |below: u32| rng.next_u32() % below;
        let run = Run::new(draw(3).into(), 1, draw(4).into());
        let run = if draw(2) == 0 { run } else { run.kept() };
        let (asker, holder) = (run.asker(), run.holder());
        refused += u32::from(if draw(2) == 0 {
            provoked(asker, holder, ASKER, HOLDER, &mut draw)
        } else {
            provoked(holder, asker, HOLDER, ASKER, &mut draw)
        });
    }
    assert!(refused > 6_000, "the noise was too quiet: {refused}");
}

/// Lets the session meet a few honest chunks and then noise; says whether it refused.
fn provoked(
    mut session: impl Session<Error = Error>,
    mut honest: impl Session<Error = Error>,
    me: Role,
    peer: Role,
    draw: &mut impl FnMut(u32) -> u32,
) -> bool {
    for honestly in (0..draw(3)).map(|_| true).chain([false; 8]) {
        loop {
            match session.advance() {
                Ok(Turn::Send(_, chunk)) => drop(honest.receive(me, chunk)),
                Ok(Turn::Await) => break,
                Ok(Turn::Done(_)) => return false,
                Err(error) => panic!("it failed by itself: {error}"),
            }
        }
        let chunk = match if honestly { honest.advance() } else { Ok(Turn::Await) } {
            Ok(Turn::Send(_, chunk)) => chunk,
            Ok(Turn::Await | Turn::Done(_)) | Err(_) => {
                let length = [0, 1, 7, 14, 16, 32, 64, 96, 128][draw(9) as usize];
                let body: Vec<u8> = (0..length).map(|_| draw(256).to_le_bytes()[0]).collect();
                Chunk { round: draw(7), last: draw(4) > 0, body: body.into() }
            }
        };
        if let Err(error) = session.receive(peer, chunk) {
            assert_eq!(error.blame(), Culprit::Peer(peer));
            assert!(matches!(session.advance(), Err(Error::Ended)));
            return true;
        }
    }
    false
}
