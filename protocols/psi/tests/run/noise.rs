//! Noise never panics.

use chacha20::ChaCha20Rng;
use psi::{Error, RECEIVER, SENDER};
use rand_core::{Rng, SeedableRng};
use session::{Blame, Chunk, Culprit, Role, Session, Turn};

use crate::{OUTPUTS, Run};

#[test]
fn ten_thousand_runs_of_noise_never_panic() {
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let mut refused = 0;
    for _ in 0..10_000 {
        let mut draw = |below: u32| rng.next_u32() % below;
        let output = OUTPUTS[draw(3) as usize];
        let run = Run::new(output, draw(3).into(), 1, draw(3).into()).padded(draw(2).into(), 0);
        let (receiver, sender) = (run.receiver(), run.sender());
        refused += u32::from(if draw(2) == 0 {
            provoked(receiver, sender, RECEIVER, SENDER, &mut draw)
        } else {
            provoked(sender, receiver, SENDER, RECEIVER, &mut draw)
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
    for honestly in (0..draw(6)).map(|_| true).chain([false; 8]) {
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
                let length =
                    [0, 32, 64, 16 * 6, 17 * 6, 16 * 32, 17 * 32, 18 * 32][draw(8) as usize];
                let body: Vec<u8> = (0..length).map(|_| draw(256).to_le_bytes()[0]).collect();
                Chunk { round: draw(11), last: draw(4) > 0, body: body.into() }
            }
        };
        if let Err(error) = session.receive(peer, chunk) {
            assert_eq!(error.blame(), Culprit::Peer(peer));
            assert_eq!(session.advance().err(), Some(Error::Ended));
            return true;
        }
    }
    false
}
