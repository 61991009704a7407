//! The role that holds the secret D.

use std::collections::VecDeque;
use std::mem;

use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, Rng, SeedableRng};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use session::{Chunk, Role, Session, Turn};
use zeroize::Zeroizing;

use crate::base::choose;
use crate::batch::Setting;
use crate::error::out_of_turn;
use crate::extension::{Corrector, Rows};
use crate::outputs::Outputs;
use crate::rounds::{COLUMNS, CORRECTIONS, HASHES, MASKS, PAIRS, POINT, TREES};
use crate::shares::SenderShares;
use crate::stream::{Stream, elements};
use crate::terms::{
    BLOCKS_PER_CHUNK, COLUMN_CHECK, MASKS_PER_CHUNK, OT_BLOCK, PAIRS as PAIR_BYTES, TREE_MESSAGE,
};
use crate::transcript::{HASH, Transcript, element, proof};
use crate::tree::TREES as TREE_COUNT;
use crate::{Error, Machine, RECEIVER, Terms};

/// The role that ends with D and b of each `c = a D + b`.
///
/// ```compile_fail,E0277
/// fn printed(sender: vole::Sender) { println!("{sender:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(sender: vole::Sender) { sender.clone(); }
/// ```
pub struct Sender {
    terms: Terms,
    machine: Machine,
    rng: ChaCha20Rng,
    secret: Zeroizing<u128>,
    transcript: Transcript,
    state: State,
}

enum State {
    ExpectPoint,
    SendPairs(Vec<u8>, Corrector),
    ExpectCorrections(Stream, Corrector),
    ExpectColumns(Corrector),
    SendTrees(Box<Trees>),
    ExpectMasks(Stream, Vec<u8>, Box<Trees>),
    SendHash([u8; HASH], SenderShares),
    Finish(SenderShares),
    /// After an error or the output.
    Ended,
}

/// The batches under way.
struct Trees {
    setting: Setting,
    rows: Rows,
    stream: Stream,
    /// Messages that are made and not yet sent.
    ready: VecDeque<Vec<u8>>,
    hashes: Zeroizing<Vec<u128>>,
    sums: Outputs,
}

impl Sender {
    /// Takes the sender's part of a run under `terms`.
    ///
    /// All of the run's secrets, D first, come from 32 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run.
    pub fn new(
        terms: Terms,
        machine: Machine,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        terms.check()?;
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        let mut rng = ChaCha20Rng::from_seed(*seed);
        let mut secret = Zeroizing::new([0; 16]);
        rng.fill_bytes(&mut *secret);
        let secret = Zeroizing::new(u128::from_le_bytes(*secret));
        let transcript = Transcript::new(&terms);
        Ok(Self { terms, machine, rng, secret, transcript, state: State::ExpectPoint })
    }

    fn blocks(&self) -> usize {
        usize::try_from(self.terms.blocks()).expect("a run's blocks are fewer than 2^32")
    }

    /// Makes the next batches' messages, as many at once as cores may share.
    fn make(&mut self, trees: &mut Trees) {
        let first = trees.hashes.len();
        let batches = usize::try_from(self.terms.batches()).expect("batches are fewer than 2^32");
        let mut roots = Zeroizing::new(Vec::new());
        let wave: Vec<usize> = trees.sums.wave(batches).collect();
        for _ in 0..wave.len() * TREE_COUNT {
            let low = u128::from(self.rng.next_u64());
            roots.push(u128::from(self.rng.next_u64()) << 64 | low);
        }
        let made: Vec<_> = wave
            .par_iter()
            .enumerate()
            .map(|(place, &batch)| {
                let roots = &roots[place * TREE_COUNT..(place + 1) * TREE_COUNT];
                let bases = trees.sums.bases(batch);
                trees.setting.make(batch, roots, &trees.rows, bases, *self.secret)
            })
            .collect();
        debug_assert!(first + made.len() <= batches, "a wave ends with the last batch");
        for mut made in made {
            trees.ready.push_back(mem::take(&mut made.message));
            trees.hashes.push(made.hash);
            trees.sums.push(&self.terms, &made.outputs);
        }
    }

    fn start_trees(&mut self, rows: Rows) -> Box<Trees> {
        let setting = Setting::new(self.machine, self.transcript.digest(b"before-trees"));
        let sums =
            Outputs::new(&self.terms, (0..crate::terms::BASES).map(|base| rows.packed(base)));
        let stream = Stream::new(TREES, TREE_MESSAGE, 1, self.terms.batches());
        let hashes = Zeroizing::default();
        Box::new(Trees { setting, rows, stream, ready: VecDeque::new(), hashes, sums })
    }

    /// > §3.7 The sender adds p D to each of its hashes, and sends a hash of them all.
    fn finish(&self, masks: &[u8], mut trees: Trees) -> State {
        for (mask, hash) in elements(masks).zip(trees.hashes.iter_mut()) {
            *hash ^= self.machine.multiply(mask, *self.secret);
        }
        let hash = proof(&self.transcript, masks, &trees.hashes);
        let shares = SenderShares::new(self.machine, *self.secret, trees.sums.finish());
        State::SendHash(hash, shares)
    }
}

impl Session for Sender {
    type Output = SenderShares;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<SenderShares>, Error> {
        let (turn, next) = match mem::replace(&mut self.state, State::Ended) {
            State::SendPairs(pairs, corrector) => {
                let chunk = Stream::of_one(PAIRS, PAIR_BYTES).send(pairs);
                let blocks = self.terms.blocks();
                let stream = Stream::new(CORRECTIONS, OT_BLOCK, BLOCKS_PER_CHUNK, blocks);
                (Turn::Send(RECEIVER, chunk), State::ExpectCorrections(stream, corrector))
            }
            State::SendTrees(mut trees) => {
                if trees.ready.is_empty() {
                    self.make(&mut trees);
                }
                let message = trees.ready.pop_front().expect("a wave has at least one batch");
                let chunk = trees.stream.send(message);
                let next = if trees.stream.is_over() {
                    let masks = Stream::new(MASKS, 16, MASKS_PER_CHUNK, self.terms.batches());
                    State::ExpectMasks(masks, Vec::new(), trees)
                } else {
                    State::SendTrees(trees)
                };
                (Turn::Send(RECEIVER, chunk), next)
            }
            State::SendHash(hash, shares) => {
                let chunk = Stream::of_one(HASHES, HASH).send(hash.to_vec());
                (Turn::Send(RECEIVER, chunk), State::Finish(shares))
            }
            State::Finish(shares) => (Turn::Done(shares), State::Ended),
            state @ (State::ExpectPoint
            | State::ExpectCorrections(..)
            | State::ExpectColumns(_)
            | State::ExpectMasks(..)) => (Turn::Await, state),
            State::Ended => return Err(Error::Ended),
        };
        self.state = next;
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let state = mem::replace(&mut self.state, State::Ended);
        if from != RECEIVER {
            return Err(out_of_turn(from));
        }
        self.state = match state {
            State::ExpectPoint => {
                let body = Stream::of_one(POINT, 32).accept(from, chunk)?;
                let mut point = [0; 32];
                point.copy_from_slice(&body);
                self.transcript.absorb(&body);
                let (pairs, keys) =
                    choose(&self.terms.context, &point, *self.secret, &mut self.rng)?;
                self.transcript.absorb(&pairs);
                let corrector = Corrector::new(self.machine, &keys, *self.secret, self.blocks());
                State::SendPairs(pairs, corrector)
            }
            State::ExpectCorrections(mut stream, mut corrector) => {
                let body = stream.accept(from, chunk)?;
                self.transcript.absorb(&body);
                corrector.take(&body);
                if stream.is_over() {
                    State::ExpectColumns(corrector)
                } else {
                    State::ExpectCorrections(stream, corrector)
                }
            }
            State::ExpectColumns(corrector) => {
                let body = Stream::of_one(COLUMNS, COLUMN_CHECK).accept(from, chunk)?;
                let challenge = element(self.transcript.digest(b"columns"));
                let rows = corrector.verify(&body, challenge)?;
                self.transcript.absorb(&body);
                State::SendTrees(self.start_trees(rows))
            }
            State::ExpectMasks(mut stream, mut masks, trees) => {
                masks.extend_from_slice(&stream.accept(from, chunk)?);
                if stream.is_over() {
                    self.finish(&masks, *trees)
                } else {
                    State::ExpectMasks(stream, masks, trees)
                }
            }
            State::SendPairs(..) | State::SendTrees(_) | State::SendHash(..) | State::Finish(_) => {
                return Err(out_of_turn(from));
            }
            State::Ended => return Err(Error::Ended),
        };
        Ok(())
    }
}
