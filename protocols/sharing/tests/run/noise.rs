//! Whatever comes, no role panics, and none keeps more than it agreed to.

use chacha20::ChaCha20Rng;
use proptest::prelude::*;
use rand_core::SeedableRng;
use session::{Blame, Chunk, Culprit, Fault, MAX_CHUNK, Role, Session, Turn};
use sharing::{AHEAD, Error, Secret};

use crate::program::everything;
use crate::world::{session, tampered};

fn joined() -> impl Session<Error = Error> {
    let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(1));
    session(Role(0), secret, |mut engine| async move { everything(&mut engine, 9).await })
}

proptest! {
    #[test]
    fn noise_never_panics(
        chunks in prop::collection::vec(
            (0u8..4, 0u32..4, any::<bool>(), prop::collection::vec(any::<u8>(), 0..80)),
            0..12,
        ),
    ) {
        let mut session = joined();
        for (from, round, last, body) in chunks {
            while let Ok(Turn::Send(..)) = session.advance() {}
            let chunk = Chunk { round, last, body: body.into() };
            if session.receive(Role(from), chunk).is_err() {
                break;
            }
        }
        let _ = session.advance();
    }

    #[test]
    fn noise_in_place_of_messages_never_panics(seed: u64, from in 0u8..3) {
        let mut state = seed;
        let noisy = tampered(
            1,
            |mut engine| async move { everything(&mut engine, 9).await },
            |sender, _, chunk| {
                if sender == Role(from) {
                    let noise = chunk.body.iter().map(|byte| {
                        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                        byte ^ state.to_be_bytes()[0]
                    });
                    chunk.body = noise.collect::<Vec<u8>>().into();
                }
                session::Fate::Deliver
            },
        );
        // Of what is wrong only keys and coins are noticed.
        if let Err(session::NetworkError::Refused { culprit, .. }) = noisy {
            prop_assert_eq!(culprit, Culprit::Peer(Role(from)));
        }
    }
}

#[test]
fn a_peer_that_only_talks_is_cut_off() {
    let mut session = joined();
    let body = bytes::Bytes::from(vec![0; MAX_CHUNK]);
    let mut taken = 0;
    let error = loop {
        match session.receive(Role(1), Chunk { round: 2, last: false, body: body.clone() }) {
            Ok(()) => taken += body.len(),
            Err(error) => break error,
        }
    };
    assert!(taken <= AHEAD + MAX_CHUNK);
    assert_eq!(error, Fault::Flood { from: Role(1), agreed: AHEAD }.into());
    assert_eq!(error.blame(), Culprit::Peer(Role(1)));
}

#[test]
fn a_role_that_takes_no_part_is_refused() {
    let mut session = joined();
    let error = session.receive(Role(7), Chunk::whole(1, vec![0; 32])).unwrap_err();
    assert_eq!(error.blame(), Culprit::Peer(Role(7)));
}
