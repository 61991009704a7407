//! Two roles with additive shares, and a dealer that gives them correlated randomness and sees no
//! share of data (SPEC §D).

mod bits;
mod numbers;
#[cfg(test)]
mod uniform;
mod wire;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use session::{Link, Role};
use zeroize::Zeroizing;

use crate::backend::Backend;
use crate::bits::{Bits, Plane};
use crate::keys::{self, Keys, Secret};
use crate::prg::{Prg, StreamPosition};
use crate::product;
use crate::words::Words;
use crate::{Error, Traffic};

use wire::Wire;

/// The role that deals.
pub(crate) const DEALER: u8 = 2;

/// Computes on additive shares between [roles](Self::ROLES) 0 and 1, for whom role 2 deals
/// correlated randomness.
///
/// A number is the sum of two summands, of which roles 0 and 1 hold one each. The dealer holds
/// nothing: its vectors have a length alone. It must pool what it has with neither of the others,
/// and they must not pool what they have with one another.
pub struct Dealer {
    wire: Wire,
    role: u8,
    keys: Keys,
    step: u32,
    /// What columns that were prepared are masked by, by their tag.
    prepared: HashMap<u64, Mask>,
    tags: u64,
    #[cfg(test)]
    unmasked: Option<u32>,
}

/// How a column is masked: x - A is open, A is dealt.
#[derive(Clone)]
pub(crate) struct Mask {
    /// Where both summands of A are found.
    place: StreamPosition,
    /// x - A; empty at the dealer.
    opened: Arc<Vec<u64>>,
}

impl Dealer {
    /// The two roles that compute, and the dealer.
    pub const ROLES: [Role; 3] = [Role(0), Role(1), Role(DEALER)];

    /// Agrees on keys with the other two roles and begins (SPEC §3.1). One round.
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
        assert!(Self::ROLES.contains(&role), "the roles are 0, 1 and the dealer, 2");
        let mut traffic = Traffic::default();
        let keys = keys::agree(&mut link, &mut traffic, role, secret, &context).await?;
        traffic.rounds = 1;
        Ok(Self::new(link, traffic, role.0, Keys::new(&keys)))
    }

    fn new(link: Link, traffic: Traffic, role: u8, keys: Keys) -> Self {
        Self {
            wire: Wire::new(link, traffic, role),
            role,
            keys,
            step: 1,
            prepared: HashMap::new(),
            tags: 0,
            #[cfg(test)]
            unmasked: None,
        }
    }

    fn next_step(&mut self) -> u32 {
        self.step += 1;
        self.wire.traffic.rounds += 1;
        self.step
    }

    /// The key that a computing role shares with the dealer: this role's own, or, at the dealer,
    /// role `of`'s.
    fn dealt(&self, of: u8) -> &Prg {
        match (self.role, of) {
            (0, _) | (DEALER, 1) => &self.keys.a,
            _ => &self.keys.b,
        }
    }

    /// The key that roles 0 and 1 share, which the dealer does not have.
    fn common(&self) -> &Prg {
        match self.role {
            0 => &self.keys.b,
            _ => &self.keys.a,
        }
    }

    fn is_dealer(&self) -> bool {
        self.role == DEALER
    }
}

impl Backend for Dealer {
    fn raw_role(&self) -> Role {
        Role(self.role)
    }

    fn raw_traffic(&self) -> &Traffic {
        &self.wire.traffic
    }

    fn raw_constant(&self, values: &[u64]) -> Words {
        match self.role {
            0 => Words::new(values.to_vec(), Vec::new()),
            DEALER => Words::absent(values.len()),
            _ => Words::new(vec![0; values.len()], Vec::new()),
        }
    }

    fn raw_add_constant(&self, summands: &mut [u64], constant: u64) {
        if self.role == 0 {
            summands.iter_mut().for_each(|word| *word = word.wrapping_add(constant));
        }
    }

    fn raw_flip(&self, bits: &mut Bits) {
        if self.role == 0 {
            let halves = bits.halves.iter_mut();
            halves.for_each(|half| half.a.iter_mut().for_each(|word| *word = !*word));
        }
    }

    fn raw_parity(&self, words: &Words) -> Bits {
        self.planes(&words.a, words.len, 0, 1, true)
    }

    async fn raw_input(
        &mut self,
        from: Role,
        values: Option<&[u64]>,
        len: usize,
    ) -> Result<Words, Error> {
        self.share_input(from, values, len).await
    }

    async fn raw_prepare(&mut self, columns: &mut [Words]) -> Result<(), Error> {
        self.mask_columns(columns).await
    }

    async fn raw_matvec(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        let len = rows.len();
        let vector = std::slice::from_ref(vector);
        self.product(columns, vector, len, |x, y| product::matvec(x, rows.clone(), y[0])).await
    }

    async fn raw_transposed(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        let (len, vector) = (columns.len(), std::slice::from_ref(vector));
        self.product(columns, vector, len, |x, y| product::transposed(x, rows.clone(), y[0])).await
    }

    async fn raw_gram(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        others: &[Words],
    ) -> Result<Vec<u64>, Error> {
        let len = columns.len() * (columns.len() + 1) / 2;
        self.product(columns, others, len, |x, y| product::gram(x, rows.clone(), y)).await
    }

    async fn raw_scale_rows(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        let (len, vector) = (columns.len() * rows.len(), std::slice::from_ref(vector));
        self.product(columns, vector, len, |x, y| product::scale_rows(x, rows.clone(), y[0])).await
    }

    async fn raw_matmul(&mut self, left: &[Words], right: &[Words]) -> Result<Vec<u64>, Error> {
        let rows = left.first().map_or(0, |column| column.len);
        self.product(left, right, rows * right.len(), product::matmul).await
    }

    async fn raw_multiply(&mut self, x: &Words, y: &Words) -> Result<Vec<u64>, Error> {
        let (len, x, y) = (x.len, std::slice::from_ref(x), std::slice::from_ref(y));
        self.product(x, y, len, |x, y| product::multiply(x[0], y[0])).await
    }

    async fn raw_reshare(&mut self, summands: Vec<u64>, len: usize) -> Result<Words, Error> {
        Ok(match self.is_dealer() {
            true => Words::absent(len),
            false => Words::new(summands, Vec::new()),
        })
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
        // > §D.6 Each role's summand is an addend: the other's share of it is zero. Where bits are
        // > dropped role 0 adds half of what the lowest that stays stands for: both lose half of that
        // > on the mean, where the sum alone would lose it once.
        let mut own = Zeroizing::new(summands.to_vec());
        if low > 0 {
            self.raw_add_constant(&mut own, 1 << (low - 1));
        }
        Ok((
            self.planes(&own, len, low, width, self.role == 0),
            self.planes(&own, len, low, width, self.role == 1),
        ))
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
