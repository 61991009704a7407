//! A peer that answers with noise and accounts for it is found by the canaries (SPEC §2.1).

use psi::{CANARIES, Error, Output, RECEIVER, SENDER};
use session::{Chunk, Fate, NetworkError, Role};
use sha2::{Digest, Sha512};

use crate::{OUTPUTS, Run};

const DOMAIN: &str = "tacit/psi/v1/ristretto255-SHA512/";

fn hash(purpose: &str, parts: &[&[u8]]) -> [u8; 64] {
    let hash = Sha512::new().chain_update(DOMAIN).chain_update(purpose);
    parts.iter().fold(hash, |hash, part| hash.chain_update(part)).finalize().into()
}

/// `speaker`'s account of what passed, made anew from SPEC §2 alone.
fn account(run: &Run, speaker: Role, passed: &[Chunk]) -> Vec<u8> {
    let body = |round| &passed.iter().find(|chunk| chunk.round == round).unwrap().body[..];
    let terms = &run.terms;
    let output = match terms.output {
        Output::OneSided => [0],
        Output::TwoSided => [1],
        Output::Cardinality => [2],
    };
    let numbers = [terms.receiver_items, terms.sender_items, CANARIES];
    let [nx, ny, canaries] = numbers.map(u64::to_be_bytes);
    let binding = hash("terms", &[&nx, &ny, &output, &canaries, &terms.context]);
    let salt = hash("salt", &[&binding, &body(3)[..32], body(2)]);
    let tags = if speaker == SENDER { 6 } else { 8 };
    let rounds = [4_u32, 5, tags].map(|round| hash("round", &[&round.to_be_bytes(), body(round)]));
    let [receiver, sender, tags] = &rounds;
    let transcript = [&binding, &salt, &[speaker.0][..], receiver, sender, tags];
    hash("transcript", &transcript)[..32].to_vec()
}

/// Runs it with `speaker`'s answers spoilt and accounted for as if they had been right.
fn spoilt(run: &Run, speaker: Role, spoil: impl Fn(&mut [Vec<u8>])) -> Result<(), Error> {
    let (tags, transcript) = if speaker == SENDER { (6, 7) } else { (8, 9) };
    let length = run.terms.tag_length();
    let mut passed = Vec::new();
    let end = run.tampered(|_, chunk| {
        if chunk.round == tags {
            let mut answers: Vec<Vec<u8>> = chunk.body.chunks(length).map(<[u8]>::to_vec).collect();
            spoil(&mut answers);
            if run.terms.output == Output::Cardinality {
                answers.sort();
            }
            chunk.body = answers.concat().into();
        } else if chunk.round == transcript {
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
fn answers_of_noise_end_the_run_however_well_they_are_accounted_for() {
    for output in OUTPUTS {
        let run = Run::new(output, 40, 20, 30).padded(2, 3);
        let speakers = if output == Output::TwoSided { &[SENDER, RECEIVER][..] } else { &[SENDER] };
        for &from in speakers {
            // What ends the runs below is the noise, and not the account of it.
            assert_eq!(spoilt(&run, from, |_| {}), Ok(()), "{output:?}");
            for step in [1, 2] {
                let noise = |tags: &mut [Vec<u8>]| {
                    tags.iter_mut().step_by(step).for_each(|tag| tag[1..].fill(0x5a));
                };
                let found = spoilt(&run, from, noise);
                assert_eq!(found, Err(Error::SelfCheck { from }), "{output:?} {step}");
            }
        }
    }
}
