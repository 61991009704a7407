//! The tests' tamper harness: every chunk of a run altered, cut, dropped, repeated or delayed.
//!
//! A protocol's test hands it a run over a [`Network`](crate::Network) of fixed inputs; the harness
//! runs it once for every chunk and way, and asserts that whoever takes the chunk blames its sender.
//! It panics where an assertion fails, as a test does.

use bytes::Bytes;

use crate::{Chunk, Culprit, Fate, MAX_CHUNK, NetworkError, Role};

/// A way to tamper with one chunk.
type Tamper = fn(&mut Chunk) -> Fate;

/// What a run asks about each of its chunks.
pub type Tampering<'a> = &'a mut dyn FnMut(Role, Role, &mut Chunk) -> Fate;

/// A run that is told how to treat its chunks: it hands the closure to
/// [`Network::run`](crate::Network::run).
pub type Run<'a> = &'a mut dyn FnMut(Tampering<'_>) -> Result<(), NetworkError>;

/// Ways after which whoever takes the chunk blames its sender; each changes a chunk that has a body.
const BLAMED: [(&str, Tamper); 12] = [
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

/// Runs `run` once per chunk and way.
///
/// # Panics
///
/// Unless every way blames the sender of the tampered chunk; when the honest run fails, or has a
/// chunk without a body, of which nothing could be altered.
pub fn every_way(run: Run<'_>) {
    let mut chunks = 0;
    let honest = run(&mut |_, _, chunk| {
        assert!(!chunk.body.is_empty(), "chunk {chunks} of the honest run has no body");
        chunks += 1;
        Fate::Deliver
    });
    honest.expect("the honest run ends");
    assert!(chunks > 0, "the honest run has no chunk");
    every_way_at(0..chunks, run);
}

/// Runs `run` once per way and chunk of `targets`, counted from 0.
///
/// # Panics
///
/// As [`every_way`], and when a target is not reached.
pub fn every_way_at(targets: impl IntoIterator<Item = usize>, run: Run<'_>) {
    for target in targets {
        for (way, tamper) in BLAMED {
            let (sender, result) = tampered(target, run, tamper);
            assert_eq!(blamed(result), Some(sender), "chunk {target}: {way}");
        }
        // A chunk that never comes: the next one is out of place, or everyone waits.
        for fate in [Fate::Drop, Fate::Delay] {
            let (sender, result) = tampered(target, run, |_| fate.clone());
            let culprit = blamed(result);
            assert!(
                culprit.is_none() || culprit == Some(sender),
                "chunk {target}: {fate:?}: {culprit:?}"
            );
        }
    }
}

/// The sender of chunk `target`, and how the run ended.
fn tampered(
    target: usize,
    run: Run<'_>,
    tamper: impl Fn(&mut Chunk) -> Fate,
) -> (Culprit, Result<(), NetworkError>) {
    let (mut seen, mut sender) = (0, None);
    let result = run(&mut |from, _, chunk| {
        seen += 1;
        if seen - 1 != target {
            return Fate::Deliver;
        }
        sender = Some(Culprit::Peer(from));
        tamper(chunk)
    });
    (sender.unwrap_or_else(|| panic!("the run has no chunk {target}: {result:?}")), result)
}

/// Delivers everything as it is: an honest run.
pub fn faithful(_from: Role, _to: Role, _chunk: &mut Chunk) -> Fate {
    Fate::Deliver
}

/// Returns whom a failed run blames; none if it stalled, which the host's deadline turns into an
/// error.
///
/// # Panics
///
/// When the run succeeded.
pub fn blamed<T>(result: Result<T, NetworkError>) -> Option<Culprit> {
    match result {
        Ok(_) => panic!("the run succeeded"),
        Err(NetworkError::Refused { culprit, .. }) => Some(culprit),
        Err(NetworkError::Stalled) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Tampering, every_way, every_way_at};
    use crate::incoming::{Unexpected, in_round, out_of_turn};
    use crate::{Blame, Chunk, Culprit, Network, NetworkError, Role, Session, Turn};

    const SPEAKER: Role = Role(0);
    const LISTENER: Role = Role(1);
    const WORDS: [&str; 2] = ["tacit", "consent"];

    #[derive(Debug, thiserror::Error)]
    enum Error {
        #[error(transparent)]
        Unexpected(#[from] Unexpected),
        #[error("another word")]
        OtherWord,
    }

    impl Blame for Error {
        fn blame(&self) -> Culprit {
            match self {
                Self::Unexpected(unexpected) => unexpected.blame(),
                Self::OtherWord => Culprit::Peer(SPEAKER),
            }
        }
    }

    /// Says two words, in a chunk each.
    struct Speaker(usize);

    /// Hears them, and looks at their first byte or at all of them.
    struct Listener {
        heard: usize,
        attentive: bool,
    }

    impl Session for Speaker {
        type Output = ();
        type Error = Error;

        fn advance(&mut self) -> Result<Turn<()>, Error> {
            let Some(word) = WORDS.get(self.0) else { return Ok(Turn::Done(())) };
            self.0 += 1;
            let chunk = Chunk { round: 1, last: self.0 == WORDS.len(), body: (*word).into() };
            Ok(Turn::Send(LISTENER, chunk))
        }

        fn receive(&mut self, from: Role, _: Chunk) -> Result<(), Error> {
            Err(out_of_turn(from))
        }
    }

    impl Session for Listener {
        type Output = ();
        type Error = Error;

        fn advance(&mut self) -> Result<Turn<()>, Error> {
            Ok(if self.heard == WORDS.len() { Turn::Done(()) } else { Turn::Await })
        }

        fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
            let word = WORDS.get(self.heard).ok_or_else(|| out_of_turn::<Error>(from))?;
            self.heard += 1;
            let (body, last) = in_round(chunk, from, 1)?;
            if last != (self.heard == WORDS.len()) {
                return Err(Unexpected::Ending { what: "words", from }.into());
            }
            let looked_at = if self.attentive { body.len().max(word.len()) } else { 1 };
            match body.get(..looked_at) == word.as_bytes().get(..looked_at) {
                true => Ok(()),
                false => Err(Error::OtherWord),
            }
        }
    }

    fn run(attentive: bool) -> impl FnMut(Tampering<'_>) -> Result<(), NetworkError> {
        move |tamper| {
            let mut network = Network::new();
            network.join(SPEAKER, Speaker(0));
            network.join(LISTENER, Listener { heard: 0, attentive });
            network.run(tamper)
        }
    }

    #[test]
    fn a_session_that_looks_at_everything_passes() {
        every_way(&mut run(true));
    }

    #[test]
    #[should_panic(expected = "the run succeeded")]
    fn a_session_that_overlooks_a_byte_is_found() {
        every_way(&mut run(false));
    }

    #[test]
    #[should_panic(expected = "the run has no chunk 2")]
    fn a_chunk_that_is_not_there_is_found() {
        every_way_at([2], &mut run(true));
    }
}
