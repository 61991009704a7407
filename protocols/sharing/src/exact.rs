//! An engine that rounds as arithmetic in clear does.

use std::ops::Range;

use session::Role;

use crate::backend::Backend;
use crate::bits::{Bits, Plane};
use crate::circuit;
use crate::words::Words;
use crate::{Error, Traffic};

/// Computes as the engine within does, but truncates and looks up exactly: whoever runs a program on
/// the same inputs and coin finds the same numbers, bit for bit, whatever the other randomness is.
///
/// A truncation then takes 11 rounds for 2 and ten times the bytes, a look-up 7 rounds more
/// (SPEC §3.14).
pub struct Exact<B>(B);

impl<B> Exact<B> {
    /// An engine that rounds exactly.
    pub fn new(engine: B) -> Self {
        Self(engine)
    }

    /// The engine within.
    pub fn into_inner(self) -> B {
        self.0
    }
}

impl<B: Backend> Backend for Exact<B> {
    fn raw_role(&self) -> Role {
        self.0.raw_role()
    }

    fn raw_traffic(&self) -> &Traffic {
        self.0.raw_traffic()
    }

    fn raw_constant(&self, values: &[u64]) -> Words {
        self.0.raw_constant(values)
    }

    fn raw_add_constant(&self, summands: &mut [u64], constant: u64) {
        self.0.raw_add_constant(summands, constant)
    }

    fn raw_flip(&self, bits: &mut Bits) {
        self.0.raw_flip(bits)
    }

    fn raw_parity(&self, words: &Words) -> Bits {
        self.0.raw_parity(words)
    }

    async fn raw_input(
        &mut self,
        from: Role,
        values: Option<&[u64]>,
        len: usize,
    ) -> Result<Words, Error> {
        self.0.raw_input(from, values, len).await
    }

    async fn raw_prepare(&mut self, columns: &mut [Words]) -> Result<(), Error> {
        self.0.raw_prepare(columns).await
    }

    async fn raw_matvec(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        self.0.raw_matvec(columns, rows, vector).await
    }

    async fn raw_transposed(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        self.0.raw_transposed(columns, rows, vector).await
    }

    async fn raw_gram(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        others: &[Words],
    ) -> Result<Vec<u64>, Error> {
        self.0.raw_gram(columns, rows, others).await
    }

    async fn raw_scale_rows(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> Result<Vec<u64>, Error> {
        self.0.raw_scale_rows(columns, rows, vector).await
    }

    async fn raw_matmul(&mut self, left: &[Words], right: &[Words]) -> Result<Vec<u64>, Error> {
        self.0.raw_matmul(left, right).await
    }

    async fn raw_multiply(&mut self, x: &Words, y: &Words) -> Result<Vec<u64>, Error> {
        self.0.raw_multiply(x, y).await
    }

    async fn raw_reshare(&mut self, summands: Vec<u64>, len: usize) -> Result<Words, Error> {
        self.0.raw_reshare(summands, len).await
    }

    async fn raw_truncate(
        &mut self,
        summands: Vec<u64>,
        len: usize,
        by: u32,
    ) -> Result<Words, Error> {
        circuit::truncate_exact(&mut self.0, summands, len, by).await
    }

    async fn raw_open(&mut self, words: &Words) -> Result<Vec<u64>, Error> {
        self.0.raw_open(words).await
    }

    async fn raw_open_to(&mut self, role: Role, words: &Words) -> Result<Option<Vec<u64>>, Error> {
        self.0.raw_open_to(role, words).await
    }

    async fn raw_open_bits(&mut self, bits: &Bits) -> Result<[Vec<u64>; 2], Error> {
        self.0.raw_open_bits(bits).await
    }

    async fn raw_and(
        &mut self,
        rows: usize,
        pairs: &[(Plane<'_>, Plane<'_>)],
    ) -> Result<Bits, Error> {
        self.0.raw_and(rows, pairs).await
    }

    async fn raw_addends(
        &mut self,
        summands: &[u64],
        len: usize,
        low: u32,
        width: usize,
    ) -> Result<(Bits, Bits), Error> {
        let (x, y) = self.0.raw_addends(summands, len, 0, low as usize + width).await?;
        if low == 0 {
            return Ok((x, y));
        }
        // > §3.14 The whole sum, from which the lowest bits are dropped: the other addend is zero.
        let sum = circuit::add(&mut self.0, &x, &y, low as usize).await?;
        let zero = sum.xor(&sum);
        Ok((sum, zero))
    }

    async fn raw_to_arithmetic(
        &mut self,
        bits: &Bits,
        groups: &[usize],
    ) -> Result<Vec<Vec<u64>>, Error> {
        self.0.raw_to_arithmetic(bits, groups).await
    }

    async fn raw_shuffle(&mut self, columns: Vec<Words>) -> Result<Vec<Words>, Error> {
        self.0.raw_shuffle(columns).await
    }

    async fn raw_coin(&mut self) -> Result<[u8; 32], Error> {
        self.0.raw_coin().await
    }
}
