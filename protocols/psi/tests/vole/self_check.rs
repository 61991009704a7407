//! A peer that answers with noise and accounts for it is found by the canaries (SPEC §V2.4).

use psi::vole::Security;
use psi::{CANARIES, Error, Output, RECEIVER, SENDER};
use session::{Chunk, Fate, NetworkError, Role};
use sha2::{Digest, Sha256};

use crate::{KINDS, Run};

fn hash(purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let hash = Sha256::new().chain_update("tacit/psi/v1/vole-sha256/").chain_update(purpose);
    parts.iter().fold(hash, |hash, part| hash.chain_update(part)).finalize().into()
}

/// `speaker`'s account of what passed, made anew from SPEC §V2.1 alone.
fn account(run: &Run, speaker: Role, passed: &[Chunk]) -> Vec<u8> {
    let body =
        |round| passed.iter().find(|chunk| chunk.round == round).map(|chunk| &chunk.body[..]);
    let terms = &run.terms;
    let output = u8::from(terms.output == Output::TwoSided);
    let security = u8::from(terms.security == Security::Checked);
    let numbers = [terms.receiver_items, terms.sender_items, CANARIES];
    let [nx, ny, canaries] = numbers.map(u64::to_be_bytes);
    let parts = terms.parts.to_be_bytes();
    let kind = [output, security, 1];
    let binding = hash("terms", &[&nx, &ny, &kind, &canaries, &parts, &terms.context]);
    let (opening, salt) = (body(3).unwrap(), body(2).unwrap());
    let salt = hash("salt", &[&binding, &opening[..32], &salt[..32]]);
    let rounds: &[u32] = if speaker == SENDER { &[11, 12, 13, 14] } else { &[14, 16] };
    let rounds: Vec<[u8; 32]> = (rounds.iter())
        .map(|round| {
            body(*round).map_or([0; 32], |body| hash("round", &[&round.to_be_bytes(), body]))
        })
        .collect();
    let transcript = [&binding[..], &salt, &[speaker.0], rounds.as_flattened()];
    hash("transcript", &transcript).to_vec()
}

/// Runs it with the body of `round` spoilt and accounted for as if it had been right.
fn spoilt(run: &Run, round: u32, spoil: impl Fn(&mut Vec<u8>)) -> Result<(), Error> {
    let speaker = if round == 14 { SENDER } else { RECEIVER };
    let mut passed = Vec::new();
    let end = run.tampered(|from, chunk| {
        if chunk.round == round {
            let mut body = chunk.body.to_vec();
            spoil(&mut body);
            chunk.body = body.into();
        } else if from == speaker && [15, 17].contains(&chunk.round) {
            chunk.body = account(run, speaker, &passed).into();
        }
        passed.push(chunk.clone());
        Fate::Deliver
    });
    match end.result {
        Ok(()) => {
            assert_eq!(end.learned.map(Option::unwrap), run.ideal());
            Ok(())
        }
        Err(NetworkError::Refused { error, .. }) => {
            let told = usize::from(speaker == RECEIVER);
            assert_eq!(end.learned[told], None, "who was told noise has no output");
            Err(*error.downcast::<Error>().unwrap())
        }
        Err(failure) => panic!("{failure:?}"),
    }
}

#[test]
fn values_of_noise_end_the_run_however_well_they_are_accounted_for() {
    for (output, security) in KINDS {
        let run = Run::new(output, security, 40, 20, 30).padded(2, 3);
        // What ends the runs below is the noise, and not the account of it.
        assert_eq!(spoilt(&run, 14, |_| {}), Ok(()));
        let length = run.terms.value_length();
        for step in [1, 2] {
            // Another last byte in every value, or in every other: they stay in order.
            let noise = |body: &mut Vec<u8>| {
                body.chunks_mut(length).step_by(step).for_each(|value| value[length - 1] ^= 1);
            };
            let found = spoilt(&run, 14, noise);
            assert_eq!(found, Err(Error::SelfCheck { from: SENDER }), "{output:?} {security:?}");
        }
    }
}

#[test]
fn matches_that_are_left_out_end_a_two_sided_run() {
    for (output, security) in KINDS.into_iter().filter(|(output, _)| *output == Output::TwoSided) {
        let run = Run::new(output, security, 40, 20, 30).padded(2, 3);
        assert_eq!(spoilt(&run, 16, |_| {}), Ok(()));
        let found = spoilt(&run, 16, |body| body[..3].fill(0));
        assert_eq!(found, Err(Error::SelfCheck { from: RECEIVER }));
    }
}
