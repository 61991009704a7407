//! Replicated sharing among three roles (SPEC §3).

mod arithmetic;
mod boolean;
mod conversion;
mod seat;
mod shuffle;
mod truncation;
#[cfg(test)]
pub(crate) mod uniform;

pub(crate) use shuffle::permutation;

use std::ops::Range;

use session::{Link, Role};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::backend::Backend;
use crate::bits::{Bits, Plane};
use crate::keys::{self, Keys, Secret, SharedKey, neighbours};
use crate::prg::StreamPosition;
use crate::product;
use crate::words::{Words, pair, pairs};
use crate::{Error, Traffic};

/// Computes on replicated shares among [roles](Self::ROLES) 0, 1 and 2, of whom none may pool what
/// it has with another.
///
/// A number is the sum of three components; role i holds components i and i + 1.
pub struct Rep3 {
    link: Link,
    role: u8,
    keys: Keys,
    /// The last step taken: rounds are numbered by it, randomness is found by it.
    step: u32,
    traffic: Traffic,
    #[cfg(test)]
    pub(crate) unmasked: Option<u32>,
}

/// What a role keeps of a run between two sessions: its keys and how many rounds have passed.
///
/// It holds secrets: whoever reads it can unmask what the role received. Wiped on drop, never
/// printed or sent.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct State {
    /// The key shared with the role before, the one shared with the role after, the role's own.
    keys: [SharedKey; 3],
    role: u8,
    step: u32,
}

impl Rep3 {
    /// The roles that compute.
    pub const ROLES: [Role; 3] = [Role(0), Role(1), Role(2)];

    /// Agrees on keys with the other two roles and begins (SPEC §3.1). One round.
    ///
    /// `context` binds the keys to one job: every role gives the same.
    ///
    /// # Errors
    ///
    /// [`Error::KeyAgreement`] if a peer's public key is of small order, and whatever the link
    /// refuses.
    ///
    /// # Panics
    ///
    /// When `role` is not one of [`ROLES`](Self::ROLES).
    pub async fn join(
        mut link: Link,
        role: Role,
        secret: Secret,
        context: [u8; 32],
    ) -> Result<Self, Error> {
        assert!(Self::ROLES.contains(&role), "replicated sharing has the roles 0, 1 and 2");
        let mut traffic = Traffic::default();
        let keys = keys::agree(&mut link, &mut traffic, role, secret, &context).await?;
        let mut engine = Self::resume(link, State { keys, role: role.0, step: 1 });
        engine.traffic = Traffic { rounds: 1, ..traffic };
        Ok(engine)
    }

    /// Goes on where a session ended: with the same state and inputs, every message and result is
    /// the same byte for byte.
    ///
    /// A state must never be resumed with other inputs than it was resumed with before, nor with
    /// peers whose states are of another run, nor after a peer's message was altered: two messages
    /// under one mask tell their difference.
    pub fn resume(link: Link, state: State) -> Self {
        let keys = Keys::new(&state.keys);
        let traffic = Traffic::default();
        Self {
            link,
            role: state.role,
            keys,
            step: state.step,
            traffic,
            #[cfg(test)]
            unmasked: None,
        }
    }

    /// Goes on with the state of an earlier session on the link of this engine, whose own keys are
    /// dropped: so roles can first compare under fresh keys what they are about to resume.
    ///
    /// # Panics
    ///
    /// When the state is another role's.
    pub fn go_on(self, state: State) -> Self {
        assert_eq!(self.role, state.role, "a state is resumed by its own role");
        let Self { link, traffic, .. } = self;
        Self { traffic, ..Self::resume(link, state) }
    }

    /// What [`resume`](Self::resume) takes to go on from here.
    pub fn state(&self) -> State {
        let keys = self.keys.bytes.each_ref().map(|key| SharedKey(key.0));
        State { keys, role: self.role, step: self.step }
    }

    fn peers(&self) -> (Role, Role) {
        neighbours(self.role)
    }

    /// Begins a step: every role takes the same ones, so that the number agrees.
    fn next_step(&mut self) -> u32 {
        self.step += 1;
        self.traffic.rounds += 1;
        self.step
    }

    /// Masks summands by a sharing of zero: adds F(K_i) and takes away F(K_(i + 1)).
    ///
    /// > §3.2 Before every message that carries a product, each role adds its share of zero.
    fn add_zero(&self, place: StreamPosition, summands: &mut [u64]) {
        #[cfg(test)]
        if self.unmasked == Some(place.step) {
            return;
        }
        self.keys.a.apply(place, summands, |word, random| *word = word.wrapping_add(random));
        self.keys.b.apply(place, summands, |word, random| *word = word.wrapping_sub(random));
    }

    /// The same for bits.
    fn xor_zero(&self, place: StreamPosition, words: &mut [u64]) {
        #[cfg(test)]
        if self.unmasked == Some(place.step) {
            return;
        }
        self.keys.a.apply(place, words, |word, random| *word ^= random);
        self.keys.b.apply(place, words, |word, random| *word ^= random);
    }
}

impl State {
    /// Whose state it is.
    pub fn role(&self) -> Role {
        Role(self.role)
    }

    /// How many steps had been taken: roles resume from the same.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// How many bytes [`expose`](Self::expose) gives.
    pub const BYTES: usize = 1 + 1 + 4 + 3 * 16;

    /// The state as bytes **that hold keys**: to be stored where the role's other secrets are.
    pub fn expose(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(Self::BYTES));
        bytes.extend([1, self.role]);
        bytes.extend(self.step.to_be_bytes());
        self.keys.iter().for_each(|key| bytes.extend(key.0));
        bytes
    }

    /// The state that these bytes hold.
    ///
    /// # Errors
    ///
    /// [`Error::State`] when they are not of this version.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let [1, role @ 0..=2, s0, s1, s2, s3, keys @ ..] = bytes else {
            return Err(Error::State);
        };
        let (keys, []) = keys.as_chunks::<16>() else { return Err(Error::State) };
        let &[a, b, own] = keys else { return Err(Error::State) };
        let step = u32::from_be_bytes([*s0, *s1, *s2, *s3]);
        Ok(Self { keys: [a, b, own].map(SharedKey), role: *role, step })
    }
}

impl Backend for Rep3 {
    fn raw_role(&self) -> Role {
        Role(self.role)
    }

    fn raw_traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn raw_constant(&self, values: &[u64]) -> Words {
        self.shares_of_constant(values)
    }

    fn raw_add_constant(&self, summands: &mut [u64], constant: u64) {
        if self.role == 0 {
            summands.iter_mut().for_each(|word| *word = word.wrapping_add(constant));
        }
    }

    fn raw_flip(&self, bits: &mut Bits) {
        self.flip_bits(bits);
    }

    fn raw_parity(&self, words: &Words) -> Bits {
        self.lowest_bits(words)
    }

    async fn raw_input(
        &mut self,
        from: Role,
        values: Option<&[u64]>,
        len: usize,
    ) -> Result<Words, Error> {
        self.share_input(from, values, len).await
    }

    async fn raw_prepare(&mut self, _columns: &mut [Words]) -> Result<(), Error> {
        Ok(())
    }

    async fn raw_matvec(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        Ok(product::matvec(&pairs(columns), rows, pair(vector)))
    }

    async fn raw_transposed(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        Ok(product::transposed(&pairs(columns), rows, pair(vector)))
    }

    async fn raw_gram(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        others: &[Words],
    ) -> Result<Vec<u64>, Error> {
        Ok(product::gram(&pairs(columns), rows, &pairs(others)))
    }

    async fn raw_scale_rows(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        Ok(product::scale_rows(&pairs(columns), rows, pair(vector)))
    }

    async fn raw_matmul(&mut self, left: &[Words], right: &[Words]) -> Result<Vec<u64>, Error> {
        Ok(product::matmul(&pairs(left), &pairs(right)))
    }

    async fn raw_multiply(&mut self, x: &Words, y: &Words) -> Result<Vec<u64>, Error> {
        Ok(product::multiply(pair(x), pair(y)))
    }

    async fn raw_reshare(&mut self, summands: Vec<u64>, _len: usize) -> Result<Words, Error> {
        self.reshare_summands(summands).await
    }

    async fn raw_truncate(
        &mut self,
        summands: Vec<u64>,
        len: usize,
        by: u32,
    ) -> Result<Words, Error> {
        self.truncate_summands(summands, len, by).await
    }

    async fn raw_open(&mut self, words: &Words) -> Result<Vec<u64>, Error> {
        self.open_words(words).await
    }

    async fn raw_open_to(&mut self, role: Role, words: &Words) -> Result<Option<Vec<u64>>, Error> {
        self.open_words_to(role, words).await
    }

    async fn raw_open_bits(&mut self, bits: &Bits) -> Result<[Vec<u64>; 2], Error> {
        self.open_planes(bits).await
    }

    async fn raw_and(
        &mut self,
        rows: usize,
        pairs: &[(Plane<'_>, Plane<'_>)],
    ) -> Result<Bits, Error> {
        self.and_planes(rows, pairs).await
    }

    async fn raw_addends(
        &mut self,
        summands: &[u64],
        len: usize,
        low: u32,
        width: usize,
    ) -> Result<(Bits, Bits), Error> {
        self.share_addends(summands, len, low, width).await
    }

    async fn raw_to_arithmetic(
        &mut self,
        bits: &Bits,
        groups: &[usize],
    ) -> Result<Vec<Vec<u64>>, Error> {
        self.bits_to_summands(bits, groups).await
    }

    async fn raw_shuffle(&mut self, columns: Vec<Words>) -> Result<Vec<Words>, Error> {
        self.shuffle_columns(columns).await
    }

    async fn raw_coin(&mut self) -> Result<[u8; 32], Error> {
        self.toss().await
    }
}
