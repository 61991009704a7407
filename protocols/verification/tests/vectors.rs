//! The same seed gives the same bytes: SHA-256 of every message, in `tests/vectors/v1`.
//!
//! What comes out of a bootstrap is left out: its noise depends on how the Fourier transform is done,
//! which the library decides by timing. The answers that it opens to are in.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use common::{Asked, Lender, rng};
use serde::{Deserialize, Serialize};
use session::Chunk;
use sha2::{Digest, Sha256};
use verification::{
    Answer, Comparison, Encode, Formula, LENDER, PLATFORM, SealedThreshold, Threshold, upload,
};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Vectors {
    fingerprint: String,
    upload: Vec<Record>,
    sealed_threshold: Record,
    terms: String,
    plain_atoms: Vec<Record>,
    answer: String,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Record {
    bytes: usize,
    sha256: String,
}

impl Record {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len(), sha256: hex::encode(Sha256::digest(bytes)) }
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let found = run();
    let expected: Vectors = serde_json::from_str(include_str!("vectors/v1/messages.json")).unwrap();
    assert_eq!(found, expected, "\nfound:\n{}", serde_json::to_string_pretty(&found).unwrap());
}

fn run() -> Vectors {
    let mut rng = rng(42);
    let lender = Lender::new(&mut rng);
    let mut sent: Vec<Chunk> = Vec::new();
    let mut network = session::Network::new();
    network.join(LENDER, upload::KeySender::new(&lender.uploaded));
    let taken = network.join(PLATFORM, upload::KeyReceiver::new(lender.uploaded.fingerprint()));
    network
        .run(|_, _, chunk| {
            sent.push(chunk.clone());
            session::Fate::Deliver
        })
        .unwrap();
    assert_eq!(taken.take().unwrap().to_bytes(), lender.uploaded.to_bytes());
    let sealed_threshold = SealedThreshold::seal(&Threshold(500_000), &lender.key, &mut rng);
    let asked = [
        (0, Asked::Plain(Answer::Yes)),
        (1, Asked::Plain(Answer::Unknown)),
        (1, Asked::Plain(Answer::No)),
        (1, Asked::Sealed(Comparison::AtLeast, 500_000, Some(499_999))),
    ];
    let formula =
        Formula::all([Formula::Atom(0), !Formula::AtLeast(2, (1..4).map(Formula::Atom).collect())]);
    let question = lender.question(1, &asked, &formula, &mut rng);
    let plain = question.query(0).answer(lender.key.public(), &mut rng).unwrap();
    let both = lender.atoms(&question, 1, &mut rng).to_bytes();
    // Digest, then the plain atoms of this holder: a mask and two bodies each, 32 bits a word.
    let plain_of_both = &both[32..32 + 4 * (verification::RING + 4)];
    Vectors {
        fingerprint: lender.uploaded.fingerprint().to_string(),
        upload: [0, 1, 28].map(|i: usize| Record::of(&sent[i].body)).into(),
        sealed_threshold: Record::of(&sealed_threshold.to_bytes()),
        terms: hex::encode(question.terms.digest()),
        plain_atoms: vec![Record::of(&plain.to_bytes()), Record::of(plain_of_both)],
        answer: lender.ask(&question, &mut rng).to_string(),
    }
}
