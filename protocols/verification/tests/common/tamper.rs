//! Ways to tamper with a chunk, each tried on every chunk of a run.

use bytes::Bytes;
use session::{Chunk, Culprit, Failure, Fate, MAX_CHUNK, Role};

use super::run::blamed;

/// A way to tamper with one chunk.
pub type Tamper = fn(&mut Chunk) -> Fate;

/// What a run asks about each of its chunks.
pub type Tampering<'a> = &'a mut dyn FnMut(Role, Role, &mut Chunk) -> Fate;

/// Ways after which whoever takes the chunk blames its sender.
pub const BLAMED: [(&str, Tamper); 12] = [
    ("first byte", |chunk| flip(chunk, 0)),
    ("middle byte", |chunk| flip(chunk, chunk.body.len() / 2)),
    ("last byte", |chunk| flip(chunk, chunk.body.len() - 1)),
    ("cut by one", |chunk| with(chunk, chunk.body.slice(..chunk.body.len() - 1))),
    ("cut by half", |chunk| with(chunk, chunk.body.slice(..chunk.body.len() / 2))),
    ("empty", |chunk| with(chunk, Bytes::new())),
    ("longer by one", |chunk| with(chunk, [&chunk.body, &b"\0"[..]].concat().into())),
    ("longer than any chunk", |chunk| with(chunk, vec![0; MAX_CHUNK + 1].into())),
    ("of a later round", |chunk| renumber(chunk, chunk.round + 1)),
    ("of round 0", |chunk| renumber(chunk, 0)),
    ("of the opposite end mark", |chunk| {
        chunk.last = !chunk.last;
        Fate::Deliver
    }),
    ("sent twice", |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()])),
];

fn flip(chunk: &mut Chunk, at: usize) -> Fate {
    let mut body = chunk.body.to_vec();
    body[at] ^= 0x10;
    with(chunk, body.into())
}

fn with(chunk: &mut Chunk, body: Bytes) -> Fate {
    chunk.body = body;
    Fate::Deliver
}

fn renumber(chunk: &mut Chunk, round: u32) -> Fate {
    chunk.round = round;
    Fate::Deliver
}

/// A run that is told how to treat its chunks.
pub type Run<'a> = &'a mut dyn FnMut(Tampering<'_>) -> Result<(), Failure>;

/// Runs `run` once per chunk and way; every one must blame the sender of the tampered chunk.
pub fn every_way(run: Run<'_>) {
    let mut chunks = 0;
    run(&mut |_, _, _| {
        chunks += 1;
        Fate::Deliver
    })
    .unwrap();
    every_way_at(0..chunks, run);
}

/// The same for some of the chunks, counted from 0.
pub fn every_way_at(targets: impl IntoIterator<Item = usize>, run: Run<'_>) {
    for target in targets {
        for (way, tamper) in BLAMED {
            let (sender, result) = tampered(target, run, tamper);
            assert_eq!(blamed(result), sender, "chunk {target}: {way}");
        }
        // A chunk that never comes: the next one is out of place, or everyone waits.
        for fate in [Fate::Drop, Fate::Delay] {
            let (sender, result) = tampered(target, run, |_| fate.clone());
            let culprit = blamed(result);
            assert!(culprit.is_none() || culprit == sender, "chunk {target}: {fate:?}");
        }
    }
}

fn tampered(
    target: usize,
    run: Run<'_>,
    tamper: impl Fn(&mut Chunk) -> Fate,
) -> (Option<Culprit>, Result<(), Failure>) {
    let (mut seen, mut sender) = (0, None);
    let result = run(&mut |from, _, chunk| {
        seen += 1;
        if seen - 1 != target {
            return Fate::Deliver;
        }
        sender = Some(Culprit::Peer(from));
        tamper(chunk)
    });
    (sender, result)
}
