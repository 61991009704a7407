//! Correlated OTs from the base OTs (IKNP), with SoftSpoken's check of the columns.

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::base::{Both, Chosen, OTS};
use crate::simd::{FixedKey, Machine};
use crate::stream::elements;
use crate::terms::{COLUMN_CHECK, OT_BLOCK};
use crate::transpose::transpose;
use crate::{Error, RECEIVER};

/// A block of 128 correlated OTs: a column's 128 bits in each place, a row's once mirrored.
type Block = [u128; OTS];

/// Rows of correlated OTs, by blocks: `q = t + r D` for the sender's q, the receiver's t and choice r.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Rows(Vec<Block>);

impl Rows {
    /// Mirrors the columns.
    fn new(mut columns: Vec<Block>) -> Self {
        columns.iter_mut().for_each(transpose);
        Self(columns)
    }

    /// The rows of the block.
    #[cfg(test)]
    pub(crate) fn block(&self, block: usize) -> &Block {
        &self.0[block]
    }

    /// Rows that were dealt.
    #[cfg(test)]
    pub(crate) fn dealt(rows: Vec<u128>) -> Self {
        Self(rows.as_chunks().0.to_vec())
    }

    /// The rows of these blocks, one after another.
    pub(crate) fn blocks(&self, blocks: std::ops::Range<usize>) -> &[u128] {
        self.0[blocks].as_flattened()
    }

    /// The correlation that a block packs to: `X^0 row_0 + X^1 row_1 + …`.
    ///
    /// > §3.5 z = t_0 + X t_1 + … + X^127 t_127
    pub(crate) fn packed(&self, block: usize) -> u128 {
        self.0[block].iter().rev().fold(0, |sum, row| {
            let carry = (sum >> 127).wrapping_neg() & 0x87;
            sum << 1 ^ carry ^ row
        })
    }
}

/// The receiver's side: it chooses, and knows the keys of both columns.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Chooser {
    #[zeroize(skip)]
    machine: Machine,
    keys: Vec<[FixedKey; 2]>,
    columns: Vec<Block>,
}

impl Chooser {
    pub(crate) fn new(machine: Machine, keys: &Both, blocks: usize) -> Self {
        let keys = keys.iter().map(|keys| keys.map(|key| FixedKey::new(machine, key))).collect();
        Self { machine, keys, columns: Vec::with_capacity(blocks) }
    }

    /// The next blocks' corrections, by the choices of each block.
    ///
    /// > §3.3 u_i = PRG(k_i0) + PRG(k_i1) + r
    pub(crate) fn correct(&mut self, choices: &[u128]) -> Vec<u8> {
        let first = self.columns.len();
        self.columns.resize(first + choices.len(), [0; OTS]);
        let mut corrections = vec![0; OT_BLOCK * choices.len()];
        let mut streams = Zeroizing::new([vec![0; choices.len()], vec![0; choices.len()]]);
        let (bodies, _) = corrections.as_chunks_mut::<OT_BLOCK>();
        for (column, keys) in self.keys.iter().enumerate() {
            let [one, other] = &mut *streams;
            keys[0].stream(first as u128, one);
            keys[1].stream(first as u128, other);
            for (place, body) in bodies.iter_mut().enumerate() {
                self.columns[first + place][column] = one[place];
                let correction = one[place] ^ other[place] ^ choices[place];
                body[16 * column..][..16].copy_from_slice(&correction.to_le_bytes());
            }
        }
        corrections
    }

    /// The hashes of the choices and of every column under `challenge`, and the rows.
    ///
    /// > §3.4 hash(v) = c v_0 + c^2 v_1 + … + v_last
    pub(crate) fn prove(mut self, choices: &[u128], challenge: u128) -> (Vec<u8>, Rows) {
        let mut body = Vec::with_capacity(COLUMN_CHECK);
        body.extend(column_hash(self.machine, choices, challenge).to_le_bytes());
        for column in 0..OTS {
            let values: Vec<u128> = self.columns.iter().map(|block| block[column]).collect();
            let values = Zeroizing::new(values);
            body.extend(column_hash(self.machine, &values, challenge).to_le_bytes());
        }
        (body, Rows::new(std::mem::take(&mut self.columns)))
    }
}

/// The sender's side: it knows one key of each column, by the bits of its secret.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Corrector {
    #[zeroize(skip)]
    machine: Machine,
    keys: Vec<FixedKey>,
    secret: u128,
    columns: Vec<Block>,
}

impl Corrector {
    pub(crate) fn new(machine: Machine, keys: &Chosen, secret: u128, blocks: usize) -> Self {
        let keys = keys.iter().map(|key| FixedKey::new(machine, *key)).collect();
        Self { machine, keys, secret, columns: Vec::with_capacity(blocks) }
    }

    /// Takes the next blocks' corrections.
    ///
    /// > §3.3 q_i = PRG(k_i) + D_i u_i
    pub(crate) fn take(&mut self, body: &[u8]) {
        let first = self.columns.len();
        let (bodies, _) = body.as_chunks::<OT_BLOCK>();
        self.columns.resize(first + bodies.len(), [0; OTS]);
        let mut stream = Zeroizing::new(vec![0; bodies.len()]);
        for (column, key) in self.keys.iter().enumerate() {
            key.stream(first as u128, &mut stream);
            let mask = bit_mask(self.secret, column);
            for (place, body) in bodies.iter().enumerate() {
                let (bytes, _) = body.as_chunks::<16>();
                let correction = u128::from_le_bytes(bytes[column]);
                self.columns[first + place][column] = stream[place] ^ correction & mask;
            }
        }
    }

    /// The rows, if the hashes are those of columns that hide one and the same choices.
    ///
    /// > §3.4 The sender goes on only if hash(q_i) = hash(t_i) + D_i hash(r) for every column.
    pub(crate) fn verify(mut self, body: &[u8], challenge: u128) -> Result<Rows, Error> {
        let mut hashes = elements(body);
        let choices = hashes.next().unwrap_or_default();
        let mut holds = Choice::from(1);
        for (column, hash) in hashes.enumerate() {
            let values: Vec<u128> = self.columns.iter().map(|block| block[column]).collect();
            let values = Zeroizing::new(values);
            let own = column_hash(self.machine, &values, challenge);
            holds &= own.ct_eq(&(hash ^ choices & bit_mask(self.secret, column)));
        }
        if !bool::from(holds) {
            return Err(Error::Columns { from: RECEIVER });
        }
        Ok(Rows::new(std::mem::take(&mut self.columns)))
    }
}

/// Hashes a column; its last block, whose choices nobody uses, masks the hash.
fn column_hash(machine: Machine, values: &[u128], challenge: u128) -> u128 {
    let (last, values) = values.split_last().expect("a run has at least two blocks");
    machine.universal_hash(values, challenge) ^ last
}

/// All ones if the bit is set, else 0.
fn bit_mask(value: u128, bit: usize) -> u128 {
    (value >> bit & 1).wrapping_neg()
}

/// Pads of the messages of OT `first`, `first + 1` …, from their rows plus `offset`.
///
/// > §2.2 pad(i, x) = AES(s(x) + i) + s(x), s(high || low) = (high + low) || high
pub(crate) fn pads(
    key: &FixedKey,
    rows: &[u128],
    first: u128,
    offset: u128,
) -> Zeroizing<Vec<u128>> {
    let mut inputs = Zeroizing::new(Vec::with_capacity(rows.len()));
    inputs.extend((first..).zip(rows).map(|(index, row)| {
        let row = row ^ offset;
        let (high, low) = (row >> 64, row & u128::from(u64::MAX));
        ((high ^ low) << 64 | high) ^ index
    }));
    let mut pads = Zeroizing::new(vec![0; rows.len()]);
    key.hash(&inputs, &mut pads);
    pads.iter_mut().zip(first..).for_each(|(pad, index)| *pad ^= index);
    inputs.zeroize();
    pads
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};
    use zeroize::Zeroizing;

    use super::{Chooser, Corrector, Rows};
    use crate::Error;
    use crate::simd::Machine;

    const SECRET: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210;

    fn draw(rng: &mut ChaCha20Rng) -> u128 {
        u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
    }

    /// Runs the extension over `blocks` blocks, with the corrections and the proof altered.
    fn extended(
        blocks: usize,
        mut alter: impl FnMut(usize, &mut Vec<u8>),
    ) -> Result<(Vec<u128>, Rows, Rows), Error> {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let both: [[u128; 2]; 128] = std::array::from_fn(|_| [draw(&mut rng), draw(&mut rng)]);
        let chosen = std::array::from_fn(|i| both[i][usize::from(SECRET >> i & 1 == 1)]);
        let choices: Vec<u128> = (0..blocks).map(|_| draw(&mut rng)).collect();
        let machine = Machine::detect();
        let mut receiver = Chooser::new(machine, &Zeroizing::new(both), blocks);
        let mut sender = Corrector::new(machine, &Zeroizing::new(chosen), SECRET, blocks);
        for (chunk, choices) in choices.chunks(2).enumerate() {
            let mut corrections = receiver.correct(choices);
            alter(chunk, &mut corrections);
            sender.take(&corrections);
        }
        let challenge = draw(&mut rng);
        let (mut proof, ours) = receiver.prove(&choices, challenge);
        alter(usize::MAX, &mut proof);
        Ok((choices, ours, sender.verify(&proof, challenge)?))
    }

    #[test]
    fn rows_are_correlated_by_the_choices() {
        let (choices, receiver, sender) = extended(5, |_, _| ()).unwrap();
        for (block, choices) in choices.iter().enumerate() {
            for row in 0..128 {
                let choice = choices >> row & 1;
                let (t, q) = (receiver.block(block)[row], sender.block(block)[row]);
                assert_eq!(q, t ^ (choice * SECRET));
            }
        }
    }

    #[test]
    fn a_packed_block_is_a_correlation_with_its_choices() {
        let (choices, receiver, sender) = extended(5, |_, _| ()).unwrap();
        for (block, choices) in choices.iter().enumerate() {
            let product = Machine::portable().multiply(*choices, SECRET);
            assert_eq!(sender.packed(block), receiver.packed(block) ^ product);
        }
    }

    #[test]
    fn a_column_that_hides_other_choices_is_found_where_the_secret_has_a_one() {
        for column in 0..128 {
            // A correction of that column alone altered, in the second of the chunks.
            let result = extended(5, |chunk, body| {
                if chunk == 1 {
                    body[16 * column] ^= 1;
                }
            });
            // Where the secret has a 0 the correction is not used, and nothing is wrong.
            let wrong = SECRET >> column & 1 == 1;
            assert_eq!(result.err(), wrong.then_some(Error::Columns { from: crate::RECEIVER }));
        }
    }

    #[test]
    fn every_altered_hash_is_found() {
        for place in (0..129).map(|element| 16 * element + 3) {
            let result = extended(3, |chunk, body| {
                if chunk == usize::MAX {
                    body[place] ^= 0x40;
                }
            });
            assert_eq!(result.err(), Some(Error::Columns { from: crate::RECEIVER }), "{place}");
        }
    }
}
