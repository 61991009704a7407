//! The same computation in clear, for tests: no peer, no mask.

use std::ops::Range;

use session::Role;

use crate::backend::Backend;
use crate::bits::{Bits, Plane, words_of};
use crate::product;
use crate::simd;
use crate::words::{Words, pair, pairs};
use crate::{Error, Traffic};

/// Computes the same in clear, in one role and without a message: what the others must agree with.
///
/// Nothing is secret here. Truncation rounds down, a look-up takes the exact step.
#[derive(Default)]
pub struct Clear {
    traffic: Traffic,
    coins: u64,
}

impl Clear {
    /// An engine in clear.
    pub fn new() -> Self {
        Self::default()
    }

    fn bits(rows: usize, width: usize, halves: [Vec<u64>; 2]) -> Bits {
        Bits { rows, width, halves: halves.map(|words| Words::new(words, Vec::new())) }
    }

    fn planes(values: &[u64], low: u32, width: usize) -> Bits {
        let counts = words_of(values.len());
        let (first, second) = values.split_at(values.len().min(counts[0] * 64));
        let planes = |values: &[u64], count: usize| {
            let mut planes = vec![0; width * count];
            simd::to_planes(values, low, &mut planes, count.max(1), width);
            planes
        };
        let halves = [planes(first, counts[0]), planes(second, counts[1])];
        Self::bits(values.len(), width, halves)
    }
}

fn clear(words: Vec<u64>) -> Words {
    Words::new(words, Vec::new())
}

impl Backend for Clear {
    fn raw_role(&self) -> Role {
        Role(0)
    }

    fn raw_traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn raw_constant(&self, values: &[u64]) -> Words {
        clear(values.to_vec())
    }

    fn raw_add_constant(&self, summands: &mut [u64], constant: u64) {
        summands.iter_mut().for_each(|word| *word = word.wrapping_add(constant));
    }

    fn raw_flip(&self, bits: &mut Bits) {
        bits.halves.iter_mut().for_each(|half| half.a.iter_mut().for_each(|word| *word = !*word));
    }

    fn raw_parity(&self, words: &Words) -> Bits {
        Self::planes(&words.a, 0, 1)
    }

    async fn raw_input(
        &mut self,
        _from: Role,
        values: Option<&[u64]>,
        _len: usize,
    ) -> Result<Words, Error> {
        Ok(clear(values.expect("in clear, every input is this role's").to_vec()))
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
        Ok(clear(summands))
    }

    async fn raw_truncate(
        &mut self,
        mut summands: Vec<u64>,
        _len: usize,
        by: u32,
    ) -> Result<Words, Error> {
        let shift = |word: &mut u64| *word = (word.cast_signed() >> by).cast_unsigned();
        summands.iter_mut().for_each(shift);
        Ok(clear(summands))
    }

    async fn raw_open(&mut self, words: &Words) -> Result<Vec<u64>, Error> {
        Ok(words.a.clone())
    }

    async fn raw_open_to(&mut self, role: Role, words: &Words) -> Result<Option<Vec<u64>>, Error> {
        // Whoever it is meant for is played here.
        let _ = role;
        Ok(Some(words.a.clone()))
    }

    async fn raw_open_bits(&mut self, bits: &Bits) -> Result<[Vec<u64>; 2], Error> {
        let [first, second] = &bits.halves;
        Ok([first.a.clone(), second.a.clone()])
    }

    async fn raw_and(
        &mut self,
        rows: usize,
        pairs: &[(Plane<'_>, Plane<'_>)],
    ) -> Result<Bits, Error> {
        let halves = [0, 1].map(|half| {
            let count = words_of(rows)[half];
            let plane = |(bits, k): Plane<'_>| -> Vec<u64> {
                bits.halves[half].a[k * count..(k + 1) * count].to_vec()
            };
            let product = |(x, y): &(Plane<'_>, Plane<'_>)| {
                let (x, y) = (plane(*x), plane(*y));
                x.into_iter().zip(y).map(|(x, y)| x & y).collect::<Vec<u64>>()
            };
            pairs.iter().flat_map(product).collect()
        });
        Ok(Self::bits(rows, pairs.len(), halves))
    }

    async fn raw_addends(
        &mut self,
        summands: &[u64],
        len: usize,
        low: u32,
        width: usize,
    ) -> Result<(Bits, Bits), Error> {
        let zeros = vec![0; len];
        Ok((Self::planes(summands, low, width), Self::planes(&zeros, 0, width)))
    }

    async fn raw_to_arithmetic(
        &mut self,
        bits: &Bits,
        groups: &[usize],
    ) -> Result<Vec<Vec<u64>>, Error> {
        let [first, second] = &bits.halves;
        let halves = [first.a.clone(), second.a.clone()];
        let mut next = 0;
        let numbers = groups.iter().map(|&group| {
            let mut numbers = vec![0u64; bits.rows];
            for shift in 0..group {
                for (number, bit) in numbers.iter_mut().zip(bits.unpack(&halves, next)) {
                    *number |= u64::from(bit) << shift;
                }
                next += 1;
            }
            numbers
        });
        Ok(numbers.collect())
    }

    async fn raw_shuffle(&mut self, columns: Vec<Words>) -> Result<Vec<Words>, Error> {
        // An order that nobody knows need not be another one where nothing is secret.
        Ok(columns)
    }

    async fn raw_coin(&mut self) -> Result<[u8; 32], Error> {
        self.coins += 1;
        let mut coin = [0; 32];
        coin[..8].copy_from_slice(&self.coins.to_le_bytes());
        Ok(coin)
    }
}
