//! The same seed gives the same bytes: SHA-256 of every chunk, in `tests/vectors/v1`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first error")]

mod common;

use std::sync::Arc;

use common::{Scene, batch, rng};
use scoring::{LENDER, PLATFORM, Scorecard, TableTerms, holder, issue};
use serde::{Deserialize, Serialize};
use session::{Chunk, Fate, Network, Role};
use sha2::{Digest, Sha256};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Vectors {
    key: Vec<Record>,
    table: Vec<Record>,
    score: Vec<Record>,
    points: u16,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Record {
    from: u8,
    to: u8,
    round: u32,
    last: bool,
    bytes: usize,
    sha256: String,
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let found = run();
    let expected: Vectors = serde_json::from_str(include_str!("vectors/v1/chunks.json")).unwrap();
    assert_eq!(found, expected, "\nfound:\n{}", serde_json::to_string_pretty(&found).unwrap());
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct BatchVectors {
    key: Vec<Record>,
    key_check: Vec<Record>,
    table: Vec<Record>,
    blocks: Vec<Record>,
    /// SHA-256 of all points, 16 bits each, low byte first.
    points_sha256: String,
}

#[test]
fn the_same_seed_gives_the_same_blocks() {
    let found = run_batch();
    let expected: BatchVectors =
        serde_json::from_str(include_str!("vectors/v1/batch.json")).unwrap();
    assert_eq!(found, expected, "\nfound:\n{}", serde_json::to_string_pretty(&found).unwrap());
}

fn run_batch() -> BatchVectors {
    let mut rng = rng(43);
    let scene = batch::Scene::new(3, 2, 3, &mut rng);
    let public = scene.key.public();

    let mut key = Vec::new();
    let mut network = Network::new();
    network.join(LENDER, issue::KeySender::new(public));
    network.join(PLATFORM, issue::KeyReceiver::for_batch(public.fingerprint()));
    network.run(record(&mut key)).unwrap();

    let mut key_check = Vec::new();
    let mut network = Network::new();
    network.join(LENDER, scoring::batch::key_check::Lender::new(Arc::clone(&scene.key)));
    let holder_side = scoring::batch::key_check::Holder::new(public.fingerprint(), &mut rng);
    let tried = network.join(holder(0), holder_side);
    network.run(record(&mut key_check)).unwrap();

    let mut table = Vec::new();
    let card = Scorecard::new(&scene.points[0]).unwrap();
    let terms = TableTerms::new(public.fingerprint(), scene.model, card.shape().clone());
    let sender = issue::TableSender::new(&terms, public, card, &mut rng).unwrap();
    let mut network = Network::new();
    network.join(PLATFORM, sender);
    let receiver = issue::TableReceiver::for_batch(terms, tried.take().unwrap()).unwrap();
    network.join(holder(0), receiver);
    network.run(record(&mut table)).unwrap();

    let mut blocks = Vec::new();
    let terms = scene.terms(1, batch::subjects(1, 100));
    let registers = scene.registers(&terms, &mut rng);
    let run_seeds = scene.run_seeds(&terms, &registers, &mut rng);
    let span = terms.spans_from(0).next().unwrap();
    let opened = scene.score(&run_seeds, &registers, span, record(&mut blocks)).unwrap();
    let points = opened.iter().flat_map(|block| &block.points);
    let points: Vec<u8> = points.flat_map(|points| points.0.to_le_bytes()).collect();
    let points_sha256 = hex::encode(Sha256::digest(points));
    BatchVectors { key, key_check, table, blocks, points_sha256 }
}

fn run() -> Vectors {
    let mut rng = rng(42);
    let scene = Scene::new(3, 6, 3, &mut rng);

    let mut key = Vec::new();
    let mut network = Network::new();
    network.join(LENDER, issue::KeySender::new(scene.key.public()));
    network.join(PLATFORM, issue::KeyReceiver::new(scene.key.public().fingerprint()));
    network.run(record(&mut key)).unwrap();

    let mut table = Vec::new();
    let card = Scorecard::new(&scene.points[0]).unwrap();
    let fingerprint = scene.key.public().fingerprint();
    let terms = TableTerms::new(fingerprint, scene.model, card.shape().clone());
    let sender = issue::TableSender::new(&terms, scene.key.public(), card, &mut rng).unwrap();
    let mut network = Network::new();
    network.join(PLATFORM, sender);
    network.join(holder(0), issue::TableReceiver::new(terms));
    network.run(record(&mut table)).unwrap();

    let mut score = Vec::new();
    let subject = scene.subject(&mut rng);
    let points = scene.score(&scene.terms(1), &subject, &mut rng, record(&mut score)).unwrap();
    Vectors { key, table, score, points: points.0 }
}

fn record(records: &mut Vec<Record>) -> impl FnMut(Role, Role, &mut Chunk) -> Fate {
    |from, to, chunk| {
        records.push(Record {
            from: from.0,
            to: to.0,
            round: chunk.round,
            last: chunk.last,
            bytes: chunk.body.len(),
            sha256: hex::encode(Sha256::digest(&chunk.body)),
        });
        Fate::Deliver
    }
}
