//! The role that encodes its set, and always learns.

use std::mem;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use rand_core::CryptoRng;
use session::{Chunk, Role, Session, Turn};
use subtle::ConstantTimeEq;
use vole::{Machine, ReceiverShares};
use zeroize::{Zeroize, Zeroizing};

use super::agreement::{Agreement, Coin, HASH, Salt};
use super::comparison::Comparison;
use super::okvs::{Layout, encode};
use super::oprf::Oprf;
use super::own::{drawn, keys_of};
use super::rounds::{
    BEFORE_VOLE, COIN, COMMITMENT, ENCODING, MATCHES, OPENING, RECEIVER_TRANSCRIPT, SALT, SEED,
    SENDER_TRANSCRIPT, stage,
};
use super::stream::Stream;
use super::{Security, Terms, from_vole};
use crate::canary;
use crate::error::out_of_turn;
use crate::seed::seeded;
use crate::stage::{Profile, Stage, Unheard};
use crate::{Error, Items, Learned, RECEIVER, SENDER};

/// The role that encodes its set, and learns which of its items the other side also has.
///
/// ```compile_fail,E0277
/// fn printed(receiver: psi::vole::Receiver) { println!("{receiver:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(receiver: psi::vole::Receiver) { receiver.clone(); }
/// ```
pub struct Receiver {
    terms: Terms,
    machine: Machine,
    profile: Arc<dyn Profile>,
    items: Arc<Items>,
    rng: ChaCha20Rng,
    salt: Salt,
    state: State,
}

enum State {
    SendCommitment,
    ExpectSalt,
    SendOpening([u8; 2 * HASH], Run, Box<vole::Receiver>),
    Correlate(Run, Box<vole::Receiver>),
    SendEncoding(Run, Encoded, Stream),
    /// The sender's coin, in a checked run.
    ExpectCoin(Run, Encoded),
    ExpectValues(Run, Comparison),
    ExpectTranscript(Run, Comparison),
    SendMatches(Run, Comparison, Stream),
    SendTranscript([u8; HASH], Learned),
    Finish(Learned),
    /// After an error or the output.
    Ended,
}

/// What holds for all rounds after the salt.
struct Run {
    agreement: Agreement,
    /// What the sender promised of its coin, in a checked run.
    promise: Option<[u8; HASH]>,
    /// Hashes of the rounds that the output rests on: seed, encoding, coin.
    digests: [[u8; HASH]; 3],
}

/// The set, encoded.
struct Encoded {
    layout: Layout,
    shares: ReceiverShares,
    /// Masked; what is sent.
    vector: Zeroizing<Vec<u128>>,
    coin: Coin,
}

impl Receiver {
    /// Takes the receiver's part of a run under `terms`.
    ///
    /// All of the run's secrets come from 32 bytes of `rng`.
    ///
    /// # Errors
    ///
    /// When the terms allow no such run, or fewer items.
    pub fn new(
        terms: Terms,
        items: impl Into<Arc<Items>>,
        machine: Machine,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, Error> {
        terms.check()?;
        let items = items.into();
        items.expect_at_most(terms.receiver_items)?;
        let mut rng = seeded(rng);
        let salt = Salt(drawn(&mut rng));
        let profile = Arc::new(Unheard);
        Ok(Self { terms, machine, profile, items, rng, salt, state: State::SendCommitment })
    }

    /// The same, with `profile` told what each stretch of work was.
    #[must_use]
    pub fn with_profile(self, profile: Arc<dyn Profile>) -> Self {
        Self { profile, ..self }
    }

    /// Encodes the set, and masks it.
    ///
    /// > §V3.12 M = A + P
    fn encoded(
        &mut self,
        mut shares: ReceiverShares,
        mut run: Run,
    ) -> Result<(State, Chunk), Error> {
        let mut keys = keys_of(&self.items, &run.agreement, self.terms.receiver_keys())?;
        for key in &mut keys[self.items.len() + canary::COUNT..] {
            *key = u128::from_le_bytes(drawn(&mut self.rng));
        }
        self.profile.spent(Stage::Hash);
        let seed: [u8; 16] = drawn(&mut self.rng);
        let coin = Coin(drawn(&mut self.rng));
        let shape = self.terms.shape();
        let layout = Layout::new(self.machine, shape, u128::from_le_bytes(seed), &keys);
        keys.zeroize();
        // The targets do not depend on the coin, which is not open yet.
        let targets = Oprf::new(self.machine, None).targets(&layout.keys);
        let mut vector = encode(self.machine, &layout, targets).map_err(|_| Error::Unencodable)?;
        vector.iter_mut().zip(shares.factors()).for_each(|(value, pad)| *value ^= pad);
        shares.forget_factors();
        self.profile.spent(Stage::Okvs);
        let mut stream = Stream::new(&self.terms, SEED);
        let body = match self.terms.security {
            Security::SemiHonest => seed.to_vec(),
            Security::Checked => [seed, coin.0].concat(),
        };
        // > §V3.11 The seed goes out only when its encoding has not failed.
        let chunk = stream.send(body);
        run.digests[0] = stream.digest();
        let encoded = Encoded { layout, shares, vector, coin };
        Ok((State::SendEncoding(run, encoded, Stream::new(&self.terms, ENCODING)), chunk))
    }

    /// Hashes the own items, and awaits the sender's.
    fn compare(&self, run: Run, encoded: Encoded, coin: Option<u128>) -> State {
        let Encoded { layout, shares, .. } = encoded;
        let values = Oprf::new(self.machine, coin).received(&layout, &shares);
        self.profile.spent(Stage::Okvs);
        let comparison = Comparison::new(&self.terms, &layout.order, &values, self.items.len());
        self.profile.spent(Stage::Compare);
        State::ExpectValues(run, comparison)
    }
}

impl Run {
    /// What the sender's account must be.
    fn sender_transcript(&self, values: [u8; HASH]) -> [u8; HASH] {
        let [seed, encoding, coin] = self.digests;
        self.agreement.transcript(SENDER, &[seed, encoding, coin, values])
    }
}

impl Session for Receiver {
    type Output = Learned;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Learned>, Error> {
        let (turn, next) = match mem::replace(&mut self.state, State::Ended) {
            State::SendCommitment => {
                // > §V3.1 The receiver commits to its part of the salt.
                let chunk = Stream::new(&self.terms, COMMITMENT)
                    .send(self.salt.commit(&self.terms).to_vec());
                (Turn::Send(SENDER, chunk), State::ExpectSalt)
            }
            State::SendOpening(opening, run, inner) => {
                let chunk = Stream::new(&self.terms, OPENING).send(opening.to_vec());
                (Turn::Send(SENDER, chunk), State::Correlate(run, inner))
            }
            State::Correlate(run, mut inner) => match inner.advance().map_err(from_vole)? {
                Turn::Send(to, mut chunk) => {
                    chunk.round += BEFORE_VOLE;
                    self.profile.spent(stage(chunk.round));
                    (Turn::Send(to, chunk), State::Correlate(run, inner))
                }
                Turn::Await => (Turn::Await, State::Correlate(run, inner)),
                Turn::Done(shares) => {
                    self.profile.spent(Stage::Lpn);
                    let (state, chunk) = self.encoded(shares, run)?;
                    (Turn::Send(SENDER, chunk), state)
                }
            },
            State::SendEncoding(mut run, mut encoded, mut stream) => {
                let first = stream.place();
                let due = &encoded.vector[first..first + stream.due()];
                let mut body = Vec::with_capacity(16 * due.len());
                due.iter().for_each(|value| body.extend_from_slice(&value.to_le_bytes()));
                let chunk = stream.send(body);
                let next = if !stream.is_over() {
                    State::SendEncoding(run, encoded, stream)
                } else {
                    run.digests[1] = stream.digest();
                    encoded.vector = Zeroizing::default();
                    match self.terms.security {
                        Security::SemiHonest => self.compare(run, encoded, None),
                        Security::Checked => State::ExpectCoin(run, encoded),
                    }
                };
                (Turn::Send(SENDER, chunk), next)
            }
            State::SendMatches(run, comparison, mut stream) => {
                let first = stream.place();
                let body = comparison.matches()[first..first + stream.due()].to_vec();
                let chunk = stream.send(body);
                let next = if stream.is_over() {
                    let rounds = [comparison.digest(), stream.digest()];
                    let transcript = run.agreement.transcript(RECEIVER, &rounds);
                    State::SendTranscript(transcript, comparison.finish())
                } else {
                    State::SendMatches(run, comparison, stream)
                };
                (Turn::Send(SENDER, chunk), next)
            }
            State::SendTranscript(transcript, learned) => {
                let chunk = Stream::new(&self.terms, RECEIVER_TRANSCRIPT).send(transcript.to_vec());
                (Turn::Send(SENDER, chunk), State::Finish(learned))
            }
            State::Finish(learned) => (Turn::Done(learned), State::Ended),
            state @ (State::ExpectSalt
            | State::ExpectCoin(..)
            | State::ExpectValues(..)
            | State::ExpectTranscript(..)) => (Turn::Await, state),
            State::Ended => return Err(Error::Ended),
        };
        self.state = next;
        Ok(turn)
    }

    fn receive(&mut self, from: Role, mut chunk: Chunk) -> Result<(), Error> {
        let state = mem::replace(&mut self.state, State::Ended);
        if from != SENDER {
            return Err(out_of_turn(from));
        }
        self.state = match state {
            State::ExpectSalt => {
                let body = Stream::new(&self.terms, SALT).accept(from, chunk)?;
                let (salt, promise) = body.split_first_chunk().expect("its length was checked");
                let agreement = Agreement::new(&self.terms, &self.salt, salt);
                // > §V3.3 The receiver opens its part and confirms the whole.
                let mut opening = [0; 2 * HASH];
                opening[..HASH].copy_from_slice(&self.salt.0);
                opening[HASH..].copy_from_slice(&agreement.confirmation());
                let terms = agreement.correlations(&self.terms);
                let inner =
                    vole::Receiver::new(terms, self.machine, &mut self.rng).map_err(from_vole)?;
                let promise = promise.first_chunk().copied();
                let run = Run { agreement, promise, digests: [[0; HASH]; 3] };
                State::SendOpening(opening, run, Box::new(inner))
            }
            State::Correlate(run, mut inner) => {
                let done = stage(chunk.round);
                chunk.round = chunk.round.wrapping_sub(BEFORE_VOLE);
                inner.receive(from, chunk).map_err(from_vole)?;
                self.profile.spent(done);
                State::Correlate(run, inner)
            }
            State::ExpectCoin(mut run, encoded) => {
                let mut stream = Stream::new(&self.terms, COIN);
                let body = stream.accept(from, chunk)?;
                let coin = Coin(*body.first_chunk().expect("its length was checked"));
                // > §V3.13 The receiver goes on only if the coin is the one that was promised.
                let promised = run.promise.unwrap_or_default();
                if !bool::from(promised.ct_eq(&coin.commit(&self.terms))) {
                    return Err(Error::Coin { from });
                }
                run.digests[2] = stream.digest();
                let both = u128::from_le_bytes(coin.0) ^ u128::from_le_bytes(encoded.coin.0);
                self.compare(run, encoded, Some(both))
            }
            State::ExpectValues(run, mut comparison) => {
                comparison.take(from, chunk)?;
                self.profile.spent(Stage::Compare);
                if comparison.is_over() {
                    State::ExpectTranscript(run, comparison)
                } else {
                    State::ExpectValues(run, comparison)
                }
            }
            State::ExpectTranscript(run, comparison) => {
                let account = Stream::new(&self.terms, SENDER_TRANSCRIPT).accept(from, chunk)?;
                if !bool::from(run.sender_transcript(comparison.digest())[..].ct_eq(&account)) {
                    return Err(Error::Transcript { from });
                }
                // > §V2.4 Before the sender is told of any match.
                comparison.expect_canaries(from)?;
                if self.terms.is_two_sided() {
                    State::SendMatches(run, comparison, Stream::new(&self.terms, MATCHES))
                } else {
                    State::Finish(comparison.finish())
                }
            }
            State::SendCommitment
            | State::SendOpening(..)
            | State::SendEncoding(..)
            | State::SendMatches(..)
            | State::SendTranscript(..)
            | State::Finish(_) => return Err(out_of_turn(from)),
            State::Ended => return Err(Error::Ended),
        };
        Ok(())
    }
}
