//! The role that answers, and learns only in two-sided runs.

use std::mem;
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use rand_core::CryptoRng;
use session::{Chunk, Role, Session, Turn};
use subtle::ConstantTimeEq;
use vole::{Machine, SenderShares};
use zeroize::Zeroizing;

use super::agreement::{Agreement, Coin, HASH, Salt};
use super::comparison::learned;
use super::okvs::Layout;
use super::oprf::Oprf;
use super::own::{drawn, keys_of};
use super::rounds::{
    BEFORE_VOLE, COIN, COMMITMENT, ENCODING, LAST_OF_VOLE, MATCHES, OPENING, RECEIVER_TRANSCRIPT,
    SALT, SEED, SENDER_TRANSCRIPT, VALUES, stage,
};
use super::sorted::{Valued, sort};
use super::stream::Stream;
use super::{Security, Terms, from_vole};
use crate::canary;
use crate::error::out_of_turn;
use crate::seed::seeded;
use crate::stage::{Profile, Stage, Unheard};
use crate::{Error, Items, Learned, RECEIVER, SENDER};

/// The role that answers; it learns nothing but in a two-sided run.
///
/// ```compile_fail,E0277
/// fn printed(sender: psi::vole::Sender) { println!("{sender:?}"); }
/// ```
/// ```compile_fail,E0599
/// fn cloned(sender: psi::vole::Sender) { sender.clone(); }
/// ```
pub struct Sender {
    terms: Terms,
    machine: Machine,
    profile: Arc<dyn Profile>,
    items: Arc<Items>,
    rng: ChaCha20Rng,
    salt: Salt,
    coin: Coin,
    state: State,
}

enum State {
    ExpectCommitment,
    SendSalt([u8; HASH]),
    ExpectOpening([u8; HASH]),
    Correlate(Run, Box<vole::Sender>),
    ExpectSeed(Run, SenderShares),
    ExpectEncoding(Run, Seed, Stream, SenderShares),
    /// The own coin, in a checked run.
    SendCoin(Run, Seed, SenderShares),
    SendValues(Run, Stream, Zeroizing<Vec<Valued>>),
    SendTranscript(Run, [u8; HASH], Zeroizing<Vec<Valued>>),
    ExpectMatches(Run, Stream, [u8; HASH], Zeroizing<Vec<Valued>>, Vec<bool>),
    ExpectTranscript([u8; HASH], Vec<bool>),
    Finish(Learned),
    /// After an error or the output.
    Ended,
}

/// What holds for all rounds after the salt.
struct Run {
    agreement: Agreement,
    /// Hashes of the rounds that the output rests on: seed, encoding, coin.
    digests: [[u8; HASH]; 3],
}

/// What the receiver drew for its encoding.
struct Seed {
    seed: u128,
    /// Its part of the coin, in a checked run.
    coin: Option<u128>,
}

impl Sender {
    /// Takes the sender's part of a run under `terms`.
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
        items.expect_at_most(terms.sender_items)?;
        let mut rng = seeded(rng);
        let (salt, coin) = (Salt(drawn(&mut rng)), Coin(drawn(&mut rng)));
        let profile = Arc::new(Unheard);
        Ok(Self { terms, machine, profile, items, rng, salt, coin, state: State::ExpectCommitment })
    }

    /// The same, with `profile` told what each stretch of work was.
    #[must_use]
    pub fn with_profile(self, profile: Arc<dyn Profile>) -> Self {
        Self { profile, ..self }
    }

    /// Hashes the own items, and sorts what goes out.
    ///
    /// > §V3.14 The sender's values go out ascending, so that their order says nothing.
    fn values(&mut self, run: Run, seed: &Seed, shares: &SenderShares) -> Result<State, Error> {
        let keys = keys_of(&self.items, &run.agreement, self.terms.sender_values())?;
        self.profile.spent(Stage::Hash);
        let own = &keys[..self.items.len() + canary::COUNT];
        let layout = Layout::new(self.machine, self.terms.shape(), seed.seed, own);
        let coin = seed.coin.map(|coin| coin ^ u128::from_le_bytes(self.coin.0));
        let hashed = Oprf::new(self.machine, coin).evaluated(&layout, shares);
        self.profile.spent(Stage::Okvs);
        let bits = 8 * u32::try_from(self.terms.value_length()).expect("16 at most");
        let mut values = Vec::with_capacity(keys.len());
        values.extend(
            (layout.order.iter().zip(hashed.iter()))
                .map(|(item, value)| Valued { value: value >> (128 - bits), item: *item }),
        );
        for _ in own.len()..keys.len() {
            // Padding is as random as a value of an item that the receiver does not have.
            let value = u128::from_le_bytes(drawn(&mut self.rng)) >> (128 - bits);
            values.push(Valued { value, item: u32::MAX });
        }
        sort(&mut values, bits, |valued| valued.value);
        self.profile.spent(Stage::Compare);
        Ok(State::SendValues(run, Stream::new(&self.terms, VALUES), Zeroizing::new(values)))
    }

    /// What comes after the sender's own account.
    fn after_transcript(
        &self,
        run: Run,
        values: Zeroizing<Vec<Valued>>,
        digest: [u8; HASH],
    ) -> State {
        if !self.terms.is_two_sided() {
            return State::Finish(Learned::Nothing);
        }
        let shared = vec![false; self.items.len() + canary::COUNT];
        State::ExpectMatches(run, Stream::new(&self.terms, MATCHES), digest, values, shared)
    }
}

impl Session for Sender {
    type Output = Learned;
    type Error = Error;

    fn advance(&mut self) -> Result<Turn<Learned>, Error> {
        let (turn, next) = match mem::replace(&mut self.state, State::Ended) {
            State::SendSalt(commitment) => {
                // > §V3.2 The sender tells its part of the salt.
                let body = match self.terms.security {
                    Security::SemiHonest => self.salt.0.to_vec(),
                    Security::Checked => [self.salt.0, self.coin.commit(&self.terms)].concat(),
                };
                let chunk = Stream::new(&self.terms, SALT).send(body);
                (Turn::Send(RECEIVER, chunk), State::ExpectOpening(commitment))
            }
            State::Correlate(run, mut inner) => match inner.advance().map_err(from_vole)? {
                Turn::Send(to, mut chunk) => {
                    chunk.round += BEFORE_VOLE;
                    self.profile.spent(stage(chunk.round));
                    let next = if chunk.round < LAST_OF_VOLE {
                        State::Correlate(run, inner)
                    } else if let Turn::Done(shares) = inner.advance().map_err(from_vole)? {
                        // The receiver's seed may come before our next turn.
                        State::ExpectSeed(run, shares)
                    } else {
                        return Err(Error::Ended);
                    };
                    (Turn::Send(to, chunk), next)
                }
                Turn::Await => (Turn::Await, State::Correlate(run, inner)),
                Turn::Done(shares) => (Turn::Await, State::ExpectSeed(run, shares)),
            },
            State::SendCoin(mut run, seed, shares) => {
                let mut stream = Stream::new(&self.terms, COIN);
                // > §V3.13 The sender opens its coin when the encoding can no longer change.
                let chunk = stream.send(self.coin.0.to_vec());
                run.digests[2] = stream.digest();
                (Turn::Send(RECEIVER, chunk), self.values(run, &seed, &shares)?)
            }
            State::SendValues(run, mut stream, values) => {
                let first = stream.place();
                let length = stream.unit();
                let mut body = Vec::with_capacity(length * stream.due());
                for valued in &values[first..first + stream.due()] {
                    body.extend_from_slice(&valued.value.to_be_bytes()[16 - length..]);
                }
                let chunk = stream.send(body);
                let next = if stream.is_over() {
                    State::SendTranscript(run, stream.digest(), values)
                } else {
                    State::SendValues(run, stream, values)
                };
                (Turn::Send(RECEIVER, chunk), next)
            }
            State::SendTranscript(run, digest, values) => {
                let [seed, encoding, coin] = run.digests;
                let rounds = [seed, encoding, coin, digest];
                let transcript = run.agreement.transcript(SENDER, &rounds);
                let chunk = Stream::new(&self.terms, SENDER_TRANSCRIPT).send(transcript.to_vec());
                (Turn::Send(RECEIVER, chunk), self.after_transcript(run, values, digest))
            }
            State::Finish(learned) => (Turn::Done(learned), State::Ended),
            state @ (State::ExpectCommitment
            | State::ExpectOpening(_)
            | State::ExpectSeed(..)
            | State::ExpectEncoding(..)
            | State::ExpectMatches(..)
            | State::ExpectTranscript(..)) => (Turn::Await, state),
            State::Ended => return Err(Error::Ended),
        };
        self.state = next;
        Ok(turn)
    }

    fn receive(&mut self, from: Role, mut chunk: Chunk) -> Result<(), Error> {
        let state = mem::replace(&mut self.state, State::Ended);
        if from != RECEIVER {
            return Err(out_of_turn(from));
        }
        self.state = match state {
            State::ExpectCommitment => {
                let body = Stream::new(&self.terms, COMMITMENT).accept(from, chunk)?;
                State::SendSalt(*body.first_chunk().expect("its length was checked"))
            }
            State::ExpectOpening(commitment) => {
                let body = Stream::new(&self.terms, OPENING).accept(from, chunk)?;
                let opening = body.first_chunk().expect("its length was checked");
                // > §V3.3 The sender goes on only if the opening keeps the promise.
                let agreement = Agreement::open(&self.terms, &commitment, opening, &self.salt.0)?;
                let terms = agreement.correlations(&self.terms);
                let inner =
                    vole::Sender::new(terms, self.machine, &mut self.rng).map_err(from_vole)?;
                State::Correlate(Run { agreement, digests: [[0; HASH]; 3] }, Box::new(inner))
            }
            State::Correlate(run, mut inner) => {
                let done = stage(chunk.round);
                chunk.round = chunk.round.wrapping_sub(BEFORE_VOLE);
                inner.receive(from, chunk).map_err(from_vole)?;
                self.profile.spent(done);
                State::Correlate(run, inner)
            }
            State::ExpectSeed(mut run, shares) => {
                let mut stream = Stream::new(&self.terms, SEED);
                let body = stream.accept(from, chunk)?;
                run.digests[0] = stream.digest();
                let (seed, coin) = body.split_first_chunk().expect("its length was checked");
                let coin = coin.first_chunk().map(|coin| u128::from_le_bytes(*coin));
                let seed = Seed { seed: u128::from_le_bytes(*seed), coin };
                State::ExpectEncoding(run, seed, Stream::new(&self.terms, ENCODING), shares)
            }
            State::ExpectEncoding(mut run, seed, mut stream, mut shares) => {
                let first = stream.place();
                let body = stream.accept(from, chunk)?;
                let values: Vec<u128> =
                    body.as_chunks().0.iter().map(|bytes| u128::from_le_bytes(*bytes)).collect();
                // > §V3.12 K = B + D M
                shares.shift(first, &values);
                self.profile.spent(Stage::Okvs);
                if !stream.is_over() {
                    State::ExpectEncoding(run, seed, stream, shares)
                } else {
                    run.digests[1] = stream.digest();
                    match self.terms.security {
                        Security::SemiHonest => self.values(run, &seed, &shares)?,
                        Security::Checked => State::SendCoin(run, seed, shares),
                    }
                }
            }
            State::ExpectMatches(run, mut stream, digest, values, mut shared) => {
                let first = stream.place();
                let body = stream.accept(from, chunk)?;
                mark(from, first, &body, &values, &mut shared)?;
                self.profile.spent(Stage::Compare);
                if !stream.is_over() {
                    State::ExpectMatches(run, stream, digest, values, shared)
                } else {
                    let rounds = [digest, stream.digest()];
                    let transcript = run.agreement.transcript(RECEIVER, &rounds);
                    State::ExpectTranscript(transcript, shared)
                }
            }
            State::ExpectTranscript(transcript, shared) => {
                let account = Stream::new(&self.terms, RECEIVER_TRANSCRIPT).accept(from, chunk)?;
                if !bool::from(transcript[..].ct_eq(&account)) {
                    return Err(Error::Transcript { from });
                }
                // > §V2.4 Whoever learns must find all canaries.
                canary::expect_all(&shared[self.items.len()..], from)?;
                State::Finish(learned(shared))
            }
            State::SendSalt(_)
            | State::SendCoin(..)
            | State::SendValues(..)
            | State::SendTranscript(..)
            | State::Finish(_) => return Err(out_of_turn(from)),
            State::Ended => return Err(Error::Ended),
        };
        Ok(())
    }
}

/// Takes a chunk of bits, one for each of the values.
fn mark(
    from: Role,
    first: usize,
    body: &[u8],
    values: &[Valued],
    shared: &mut [bool],
) -> Result<(), Error> {
    for (place, byte) in (first..).zip(body) {
        for bit in (0..8).filter(|bit| byte >> bit & 1 == 1) {
            // A bit past the last value is of no value.
            let valued = values.get(8 * place + bit).ok_or(Error::NoValue { from })?;
            // A value of padding is met with the probability that its length allows.
            if let Some(shared) = shared.get_mut(valued.item as usize) {
                *shared = true;
            }
        }
    }
    Ok(())
}
