//! What each engine does in its own way, on words without scales.

use std::future::Future;
use std::ops::Range;

use session::Role;

use crate::bits::{Bits, Plane};
use crate::words::Words;
use crate::{Error, Traffic};

/// What each engine does in its own way, on raw words; [`Engine`](crate::Engine) puts types around it.
///
/// "Summands" are what a role holds of an additive sharing: empty at a dealer. It cannot be
/// implemented outside this crate.
pub trait Backend: Send {
    /// Which role this engine plays.
    fn raw_role(&self) -> Role;

    /// What it has sent, and in how many rounds.
    fn raw_traffic(&self) -> &Traffic;

    /// Shares of public words.
    fn raw_constant(&self, values: &[u64]) -> Words;

    /// Adds a public word to each of `len` summands.
    fn raw_add_constant(&self, summands: &mut [u64], constant: u64);

    /// Turns every bit over.
    fn raw_flip(&self, bits: &mut Bits);

    /// Shares of the lowest bit of each word.
    fn raw_parity(&self, words: &Words) -> Bits;

    /// Shares of words that role `from` brings.
    fn raw_input(
        &mut self,
        from: Role,
        values: Option<&[u64]>,
        len: usize,
    ) -> impl Future<Output = Result<Words, Error>> + Send;

    /// Whatever later products with these columns need.
    fn raw_prepare(
        &mut self,
        columns: &mut [Words],
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// `X v` over some rows.
    fn raw_matvec(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// `Xᵀ r` over some rows.
    fn raw_transposed(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// The upper triangle of `Xᵀ U` over some rows of X, which is symmetric; U has only those.
    fn raw_gram(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        others: &[Words],
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// `w ∘ x` for each column x over some rows, column after column.
    fn raw_scale_rows(
        &mut self,
        columns: &[Words],
        rows: Range<usize>,
        vector: &Words,
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// `A B`, column after column.
    fn raw_matmul(
        &mut self,
        left: &[Words],
        right: &[Words],
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// `x ∘ y`.
    fn raw_multiply(
        &mut self,
        x: &Words,
        y: &Words,
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// A sharing of `len` sums, after which nobody can tell the summands.
    fn raw_reshare(
        &mut self,
        summands: Vec<u64>,
        len: usize,
    ) -> impl Future<Output = Result<Words, Error>> + Send;

    /// A sharing of `len` sums shifted right by `by` bits as signed numbers, at most one too much or
    /// too little, after which nobody can tell the summands.
    fn raw_truncate(
        &mut self,
        summands: Vec<u64>,
        len: usize,
        by: u32,
    ) -> impl Future<Output = Result<Words, Error>> + Send;

    /// The words, to everybody.
    fn raw_open(&mut self, words: &Words) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;

    /// The words, to one role.
    fn raw_open_to(
        &mut self,
        role: Role,
        words: &Words,
    ) -> impl Future<Output = Result<Option<Vec<u64>>, Error>> + Send;

    /// The bits, to everybody, as planes of the first and second half of the rows.
    fn raw_open_bits(
        &mut self,
        bits: &Bits,
    ) -> impl Future<Output = Result<[Vec<u64>; 2], Error>> + Send;

    /// The conjunction of each pair of planes.
    fn raw_and(
        &mut self,
        rows: usize,
        pairs: &[(Plane<'_>, Plane<'_>)],
    ) -> impl Future<Output = Result<Bits, Error>> + Send;

    /// Two numbers of `width` bits that add up to `len` sums shifted right by `low` bits, modulo
    /// 2^`width`, their sum at most one too much or too little; exactly where `low` is 0.
    fn raw_addends(
        &mut self,
        summands: &[u64],
        len: usize,
        low: u32,
        width: usize,
    ) -> impl Future<Output = Result<(Bits, Bits), Error>> + Send;

    /// The number that each group of `groups` planes spells, as summands.
    fn raw_to_arithmetic(
        &mut self,
        bits: &Bits,
        groups: &[usize],
    ) -> impl Future<Output = Result<Vec<Vec<u64>>, Error>> + Send;

    /// The rows in an order that no role knows.
    fn raw_shuffle(
        &mut self,
        columns: Vec<Words>,
    ) -> impl Future<Output = Result<Vec<Words>, Error>> + Send;

    /// Random bytes that every role has contributed to.
    fn raw_coin(&mut self) -> impl Future<Output = Result<[u8; 32], Error>> + Send;
}
