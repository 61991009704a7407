//! The role that ends with both a and c of each correlation.

use std::mem;

use bytes::Bytes;
use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, Rng, SeedableRng};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use session::{Chunk, Role, Session, Turn};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::base::Offer;
use crate::batch::{Setting, Start};
use crate::error::out_of_turn;
use crate::extension::{Chooser, Rows};
use crate::outputs::Outputs;
use crate::rounds::{COLUMNS, CORRECTIONS, HASHES, MASKS, PAIRS, POINT, TREES};
use crate::shares::ReceiverShares;
use crate::stream::Stream;
use crate::terms::{
    BASES, BLOCKS_PER_CHUNK, COLUMN_CHECK, MASKS_PER_CHUNK, OT_BLOCK, PAIRS as PAIR_BYTES,
    TREE_BLOCKS, TREE_MESSAGE,
};
use crate::transcript::{HASH, Transcript, element, proof};
use crate::tree::{DEPTH, LEAVES, TREES as TREE_COUNT, side_beside};
use crate::{Error, Machine, SENDER, Terms};

/// The role that ends with a and c of each `c = a D + b`.
///
/// ```compile_fail,E0277
/// fn printed(receiver: vole::Receiver) { println!("{receiver:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(receiver: vole::Receiver) { receiver.clone(); }
/// ```
pub struct Receiver {
    terms: Terms,
    machine: Machine,
    /// The bits that it chooses by, in blocks of 128: starts, then holes, then what masks the check.
    choices: Zeroizing<Vec<u128>>,
    /// A hole in each tree of each batch.
    holes: Zeroizing<Vec<[u16; TREE_COUNT]>>,
    transcript: Transcript,
    state: State,
}

enum State {
    SendPoint(Offer),
    ExpectPairs(Offer),
    SendCorrections(Stream, Chooser),
    SendColumns(Chooser),
    ExpectTrees(Box<Trees>),
    SendMasks(Stream, Vec<u8>, [u8; HASH], ReceiverShares),
    ExpectHash([u8; HASH], ReceiverShares),
    Finish(ReceiverShares),
    /// After an error or the output.
    Ended,
}

/// The batches under way.
struct Trees {
    setting: Setting,
    rows: Rows,
    stream: Stream,
    /// Messages that came and are not yet opened.
    waiting: Vec<Bytes>,
    masks: Vec<u8>,
    hashes: Zeroizing<Vec<u128>>,
    factors: Outputs,
    products: Outputs,
}

impl Receiver {
    /// Takes the receiver's part of a run under `terms`.
    ///
    /// All of the run's secrets come from 32 bytes of `rng`.
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
        let offer = Offer::random(&mut rng);
        let mut draw = || u128::from(rng.next_u64()) | u128::from(rng.next_u64()) << 64;
        let mut choices = Zeroizing::new(Vec::with_capacity(number(terms.blocks())));
        choices.extend((0..BASES).map(|_| draw()));
        let mut holes = Zeroizing::new(Vec::with_capacity(number(terms.batches())));
        for _ in 0..terms.batches() {
            let batch = drawn_holes(&mut draw);
            choices.extend(choices_of(&batch));
            holes.push(batch);
        }
        choices.push(draw());
        let (transcript, state) = (Transcript::new(&terms), State::SendPoint(offer));
        Ok(Self { terms, machine, choices, holes, transcript, state })
    }

    fn start_trees(&mut self, rows: Rows) -> Box<Trees> {
        let products = Outputs::new(&self.terms, (0..BASES).map(|base| rows.packed(base)));
        Box::new(Trees {
            setting: Setting::new(self.machine, self.transcript.digest(b"before-trees")),
            rows,
            stream: Stream::new(TREES, TREE_MESSAGE, 1, self.terms.batches()),
            waiting: Vec::new(),
            masks: Vec::new(),
            hashes: Zeroizing::default(),
            factors: Outputs::new(&self.terms, self.choices[..BASES].iter().copied()),
            products,
        })
    }

    /// Opens what waits, if it is all of the batches that can be opened at once.
    fn open(&self, trees: &mut Trees) {
        let wave: Vec<usize> = trees.products.wave(self.holes.len()).collect();
        if trees.waiting.len() < wave.len() {
            return;
        }
        let opened: Vec<_> = wave
            .par_iter()
            .zip(&trees.waiting)
            .map(|(&batch, message)| {
                let start = Start {
                    holes: &self.holes[batch],
                    factors: trees.factors.bases(batch),
                    products: trees.products.bases(batch),
                };
                trees.setting.open(batch, message, &trees.rows, &start)
            })
            .collect();
        trees.waiting.clear();
        for opened in opened {
            trees.masks.extend(opened.mask.to_le_bytes());
            trees.hashes.push(opened.hash);
            trees.factors.push(&self.terms, &opened.factors);
            trees.products.push(&self.terms, &opened.products);
        }
    }

    fn masks_of(&self, trees: Trees) -> State {
        let hash = proof(&self.transcript, &trees.masks, &trees.hashes);
        let shares = ReceiverShares::new(trees.factors.finish(), trees.products.finish());
        let stream = Stream::new(MASKS, 16, MASKS_PER_CHUNK, self.terms.batches());
        State::SendMasks(stream, trees.masks, hash, shares)
    }
}

impl Session for Receiver {
    type Output = ReceiverShares;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<ReceiverShares>, Error> {
        let (turn, next) = match mem::replace(&mut self.state, State::Ended) {
            State::SendPoint(offer) => {
                let chunk = Stream::of_one(POINT, 32).send(offer.point().to_vec());
                self.transcript.absorb(&chunk.body);
                (Turn::Send(SENDER, chunk), State::ExpectPairs(offer))
            }
            State::SendCorrections(mut stream, mut chooser) => {
                let first = stream.passed();
                let body = chooser.correct(&self.choices[first..first + stream.due()]);
                let chunk = stream.send(body);
                self.transcript.absorb(&chunk.body);
                let next = if stream.is_over() {
                    State::SendColumns(chooser)
                } else {
                    State::SendCorrections(stream, chooser)
                };
                (Turn::Send(SENDER, chunk), next)
            }
            State::SendColumns(chooser) => {
                let challenge = element(self.transcript.digest(b"columns"));
                let (body, rows) = chooser.prove(&self.choices, challenge);
                let chunk = Stream::of_one(COLUMNS, COLUMN_CHECK).send(body);
                self.transcript.absorb(&chunk.body);
                (Turn::Send(SENDER, chunk), State::ExpectTrees(self.start_trees(rows)))
            }
            State::SendMasks(mut stream, masks, hash, shares) => {
                let first = 16 * stream.passed();
                let chunk = stream.send(masks[first..first + 16 * stream.due()].to_vec());
                let next = if stream.is_over() {
                    State::ExpectHash(hash, shares)
                } else {
                    State::SendMasks(stream, masks, hash, shares)
                };
                (Turn::Send(SENDER, chunk), next)
            }
            State::Finish(shares) => (Turn::Done(shares), State::Ended),
            state @ (State::ExpectPairs(_) | State::ExpectTrees(_) | State::ExpectHash(..)) => {
                (Turn::Await, state)
            }
            State::Ended => return Err(Error::Ended),
        };
        self.state = next;
        Ok(turn)
    }

    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Error> {
        let state = mem::replace(&mut self.state, State::Ended);
        if from != SENDER {
            return Err(out_of_turn(from));
        }
        self.state = match state {
            State::ExpectPairs(offer) => {
                let body = Stream::of_one(PAIRS, PAIR_BYTES).accept(from, chunk)?;
                let pairs = body.first_chunk().expect("its length was checked");
                let keys = offer.keys(&self.terms.context, pairs)?;
                self.transcript.absorb(&body);
                let blocks = self.terms.blocks();
                let stream = Stream::new(CORRECTIONS, OT_BLOCK, BLOCKS_PER_CHUNK, blocks);
                let chooser = Chooser::new(self.machine, &keys, self.choices.len());
                State::SendCorrections(stream, chooser)
            }
            State::ExpectTrees(mut trees) => {
                let body = trees.stream.accept(from, chunk)?;
                trees.waiting.push(body);
                self.open(&mut trees);
                if trees.stream.is_over() {
                    self.masks_of(*trees)
                } else {
                    State::ExpectTrees(trees)
                }
            }
            State::ExpectHash(hash, shares) => {
                let body = Stream::of_one(HASHES, HASH).accept(from, chunk)?;
                // > §3.7 The receiver goes on only if the hash is its own.
                if !bool::from(hash[..].ct_eq(&body)) {
                    return Err(Error::Trees { from });
                }
                State::Finish(shares)
            }
            State::SendPoint(_)
            | State::SendCorrections(..)
            | State::SendColumns(_)
            | State::SendMasks(..)
            | State::Finish(_) => return Err(out_of_turn(from)),
            State::Ended => return Err(Error::Ended),
        };
        Ok(())
    }
}

/// A hole for each tree of a batch, nine bits each.
fn drawn_holes(draw: &mut impl FnMut() -> u128) -> [u16; TREE_COUNT] {
    let mut holes = [0; TREE_COUNT];
    for fourteen in holes.chunks_mut(14) {
        let mut bits = Zeroizing::new(draw());
        for hole in fourteen {
            *hole = u16::try_from(*bits % LEAVES as u128).expect("nine bits");
            *bits /= LEAVES as u128;
        }
    }
    holes
}

/// The choices that open the trees with these holes, in blocks of 128.
fn choices_of(holes: &[u16; TREE_COUNT]) -> [u128; TREE_BLOCKS] {
    let mut choices = [0; TREE_BLOCKS];
    for (tree, hole) in holes.iter().enumerate() {
        for level in 0..DEPTH {
            let ot = tree * DEPTH + level;
            choices[ot / 128] |= u128::from(side_beside(*hole, level)) << (ot % 128);
        }
    }
    choices
}

fn number(count: u64) -> usize {
    usize::try_from(count).expect("a run's blocks are fewer than 2^32")
}
