//! The code that compresses sparse vectors to pseudorandom ones: ExConv, in its dual form.

use zeroize::Zeroizing;

use crate::simd::{FixedKey, Machine};

/// Outputs of a batch; the code takes twice as many elements.
pub(crate) const BLOCK: usize = 1 << 16;
/// Elements that each output of the expander adds up, one from each of so many stretches.
const WEIGHT: usize = 21;
/// The length of a stretch.
const STRETCH: u64 = (BLOCK / WEIGHT) as u64;

/// The public seed of the code: nobody chooses it.
const SEED: u128 = u128::from_le_bytes(*b"tacit/vole/v1/lc");

/// The public matrix, the same for every batch (SPEC §2.3).
pub(crate) struct Code {
    machine: Machine,
    /// Of the accumulator's two passes: 24 random bits, and the 25th set.
    passes: [Box<[u32; BLOCK]>; 2],
    /// Which elements each output adds up.
    places: Vec<[u16; WEIGHT]>,
}

impl Code {
    /// Draws the matrix from its seed.
    pub(crate) fn new(machine: Machine) -> Self {
        let key = FixedKey::new(machine, SEED);
        let pass = |index: u128| -> Box<[u32; BLOCK]> {
            let words = words(&key, index, BLOCK);
            let bits: Vec<u32> = words.iter().map(|word| word & 0xff_ffff | 1 << 24).collect();
            bits.try_into().expect("as many were drawn")
        };
        let words = words(&key, 2, WEIGHT * BLOCK);
        let (words, _) = words.as_chunks::<WEIGHT>();
        let places = words.iter().map(|words| {
            let mut places = [0; WEIGHT];
            for ((stretch, word), place) in (0..).zip(words).zip(&mut places) {
                let offset = (u64::from(*word) * STRETCH) >> 32;
                *place = u16::try_from(stretch * STRETCH + offset).expect("WEIGHT STRETCH <= 2^16");
            }
            places
        });
        Self { machine, passes: [pass(0), pass(1)], places: places.collect() }
    }

    /// Compresses `vector`, of 2 [`BLOCK`] elements, to its first [`BLOCK`]; linear over GF(2).
    ///
    /// > §2.3 out = e_0 + E A' A e_1
    pub(crate) fn compress(&self, vector: &mut Zeroizing<Vec<u128>>) {
        let (direct, rest) = vector.split_at_mut(BLOCK);
        let rest: &mut [u128; BLOCK] = rest.try_into().expect("a batch has twice BLOCK leaves");
        for pass in &self.passes {
            self.machine.accumulate(rest, pass);
        }
        self.machine.gather(rest, &self.places, direct);
        vector.truncate(BLOCK);
    }
}

/// So many words of 32 bits of the seed's stream `index`.
#[expect(clippy::cast_possible_truncation, reason = "a block is cut into its four words")]
fn words(key: &FixedKey, index: u128, count: usize) -> Vec<u32> {
    let mut blocks = vec![0; count.div_ceil(4)];
    key.stream(index << 64, &mut blocks);
    let words = blocks.iter().flat_map(|block| (0..4).map(move |i| (block >> (32 * i)) as u32));
    words.take(count).collect()
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};
    use zeroize::Zeroizing;

    use super::{BLOCK, Code, WEIGHT};
    use crate::simd::{FixedKey, Machine};

    fn random(seed: u64) -> Vec<u128> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let mut draw = || u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        (0..2 * BLOCK).map(|_| draw()).collect()
    }

    /// The code as SPEC §2.3 says it, word by word.
    fn by_the_spec(e: &[u128]) -> Vec<u128> {
        let key = FixedKey::new(Machine::portable(), super::SEED);
        let word = |stream: u128, index: usize| {
            let mut block = [0];
            key.stream((stream << 64) + (index / 4) as u128, &mut block);
            (block[0] >> (32 * (index % 4))) & 0xffff_ffff
        };
        let mut y = e[BLOCK..].to_vec();
        for pass in 0..2 {
            for i in 0..BLOCK {
                let bits = word(pass, i);
                for k in (0..24).filter(|k| bits >> k & 1 == 1).chain([24]) {
                    y[(i + 1 + k) % BLOCK] ^= y[i];
                }
            }
        }
        let output = |i: usize| {
            (0..WEIGHT).fold(e[i], |sum, k| {
                let offset = (word(2, WEIGHT * i + k) * 3120) >> 32;
                sum ^ y[3120 * k + usize::try_from(offset).unwrap()]
            })
        };
        (0..BLOCK).map(output).collect()
    }

    #[test]
    fn the_code_is_that_of_the_spec_on_every_machine() {
        let vector = random(1);
        let expected = by_the_spec(&vector);
        for machine in Machine::available() {
            let mut vector = Zeroizing::new(vector.clone());
            Code::new(machine).compress(&mut vector);
            assert!(*vector == expected, "{}", machine.name());
        }
    }

    #[test]
    fn compression_is_linear() {
        let code = Code::new(Machine::detect());
        let compressed = |vector: Vec<u128>| {
            let mut vector = Zeroizing::new(vector);
            code.compress(&mut vector);
            vector.to_vec()
        };
        let (one, other) = (random(2), random(3));
        let sum = one.iter().zip(&other).map(|(one, other)| one ^ other).collect();
        let sums =
            compressed(one).into_iter().zip(compressed(other)).map(|(one, other)| one ^ other);
        assert!(sums.eq(compressed(sum)));
    }

    #[test]
    fn every_element_reaches_many_outputs() {
        let code = Code::new(Machine::detect());
        // An element of the second half passes through both accumulators and the expander; the last
        // 16 lie in no stretch, and reach the outputs by the wrap of the accumulators alone.
        for place in [BLOCK, BLOCK + 1, BLOCK + BLOCK / 2, 2 * BLOCK - 1] {
            let mut vector = Zeroizing::new(vec![0; 2 * BLOCK]);
            vector[place] = 1;
            code.compress(&mut vector);
            let reached = vector.iter().filter(|value| **value == 1).count();
            assert!(reached > BLOCK / 4, "{place} reaches {reached}");
        }
    }
}
