//! Randomness of an encryption of zero, in integers alone: the same bytes on every machine.
//!
//! Nothing here takes a time that depends on what it draws.

use chacha20::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng};
use tfhe::core_crypto::commons::math::random::Seed;
use zeroize::Zeroizing;

/// The small noise of an encryption of zero, in units of 2^-64 of the torus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// Centred binomial: the ones among `bits` coins less the ones among as many others, at most 32.
    /// Variance `bits` / 2.
    Binomial {
        /// Coins a side.
        bits: u32,
    },
    /// Uniform on `-2^bits ..= 2^bits`, but that the two ends are half as likely; `bits` is at most
    /// 62. Variance 2^(2·`bits`) / 3 + 1/6.
    TUniform {
        /// The logarithm of its largest value.
        bits: u32,
    },
}

impl Noise {
    /// Draws one number, in two's complement: 64 bits of `rng`.
    pub fn draw(self, rng: &mut impl CryptoRng) -> u64 {
        match self {
            Self::Binomial { bits } => binomial(bits, rng.next_u64()),
            Self::TUniform { bits } => tuniform(bits, rng.next_u64()),
        }
    }

    /// Adds a number of its own to each coefficient, the first one first.
    pub fn add_to(self, polynomial: &mut [u64], rng: &mut impl CryptoRng) {
        match self {
            Self::Binomial { bits } => {
                for coefficient in polynomial {
                    *coefficient = coefficient.wrapping_add(binomial(bits, rng.next_u64()));
                }
            }
            Self::TUniform { bits } => {
                for coefficient in polynomial {
                    *coefficient = coefficient.wrapping_add(tuniform(bits, rng.next_u64()));
                }
            }
        }
    }
}

fn binomial(bits: u32, drawn: u64) -> u64 {
    let side = (1 << bits) - 1;
    let plus = (drawn & side).count_ones();
    let minus = (drawn >> bits & side).count_ones();
    u64::from(plus).wrapping_sub(minus.into())
}

fn tuniform(bits: u32, drawn: u64) -> u64 {
    let drawn = drawn >> (64 - bits - 2);
    ((drawn >> 1) + (drawn & 1)).wrapping_sub(1 << bits)
}

/// Draws a uniform polynomial with coefficients 0 and 1: a bit of `rng` each, 64 a word.
pub fn binary(degree: usize, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
    let mut bits = Zeroizing::new(vec![0; degree]);
    for coefficients in bits.chunks_mut(64) {
        let word = rng.next_u64();
        for (i, coefficient) in coefficients.iter_mut().enumerate() {
            *coefficient = (word >> i) & 1;
        }
    }
    bits
}

/// Draws a uniform polynomial with coefficients -1, 0 and 1 (in two's complement): each from 64
/// bits, so uniform but for 2^-62.
pub fn ternary(degree: usize, rng: &mut impl CryptoRng) -> Zeroizing<Vec<u64>> {
    let mut trits = Zeroizing::new(vec![0; degree]);
    for trit in trits.iter_mut() {
        let third = (u128::from(rng.next_u64()) * 3) >> 64;
        *trit = (third as u64).wrapping_sub(1);
    }
    trits
}

/// Draws a seed of 128 bits for tfhe's generator, AES-128 in counter mode: the whole strength of it.
pub fn seed(rng: &mut impl CryptoRng) -> Seed {
    let mut bytes = Zeroizing::new([0; 16]);
    rng.fill_bytes(&mut *bytes);
    Seed(u128::from_le_bytes(*bytes))
}

/// Makes a generator of its own for one of several tasks, from 256 bits of `rng`.
pub fn fork(rng: &mut impl CryptoRng) -> ChaCha20Rng {
    let mut seed = Zeroizing::new([0; 32]);
    rng.fill_bytes(&mut *seed);
    ChaCha20Rng::from_seed(*seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rng(seed: u8) -> ChaCha20Rng {
        ChaCha20Rng::from_seed([seed; 32])
    }

    #[expect(clippy::cast_precision_loss, reason = "statistics")]
    fn moments(samples: &[i64]) -> (f64, f64) {
        let count = samples.len() as f64;
        let squares: f64 = samples.iter().map(|&sample| (sample as f64).powi(2)).sum();
        (samples.iter().sum::<i64>() as f64 / count, squares / count)
    }

    fn samples(noise: Noise, rng: &mut ChaCha20Rng) -> Vec<i64> {
        let mut samples = vec![0u64; 100_000];
        noise.add_to(&mut samples, rng);
        samples.iter().map(|sample| sample.cast_signed()).collect()
    }

    #[test]
    fn binomial_noise_is_centred_and_has_half_its_bits_as_variance() {
        let samples = samples(Noise::Binomial { bits: 21 }, &mut rng(3));
        let (mean, variance) = moments(&samples);
        assert!((variance.sqrt() - 10.5f64.sqrt()).abs() < 0.05);
        assert!(samples.iter().all(|sample| sample.abs() <= 21));
        assert!(mean.abs() < 0.04);
    }

    #[test]
    fn tuniform_noise_takes_its_inner_values_alike_and_its_ends_half_as_often() {
        let samples = samples(Noise::TUniform { bits: 2 }, &mut rng(4));
        assert!(samples.iter().all(|sample| sample.abs() <= 4));
        for value in -4..=4i64 {
            let found = samples.iter().filter(|&&sample| sample == value).count();
            // Eight times 12,500, with a deviation of 105; the ends 6,250, with one of 77.
            let expected = if value.abs() == 4 { 6_250 } else { 12_500 };
            assert!(found.abs_diff(expected) < 600, "{value}: {found}");
        }
        let wide = self::samples(Noise::TUniform { bits: 17 }, &mut rng(5));
        let (mean, variance) = moments(&wide);
        assert!((variance.log2() - (34.0 - 3f64.log2())).abs() < 0.05);
        assert!(mean.abs() < 1500.0);
    }

    #[test]
    fn one_number_is_drawn_as_those_of_a_polynomial_are() {
        for noise in [Noise::Binomial { bits: 21 }, Noise::TUniform { bits: 17 }] {
            let mut polynomial = vec![7; 50];
            noise.add_to(&mut polynomial, &mut rng(6));
            let mut rng = rng(6);
            assert!(polynomial.iter().all(|&word| word == noise.draw(&mut rng).wrapping_add(7)));
        }
    }

    #[test]
    fn secrets_are_binary_or_ternary_and_take_every_value_alike() {
        let mut rng = rng(7);
        let bits = binary(4096, &mut rng);
        assert!(bits.iter().all(|&bit| bit <= 1));
        // 2048, with a deviation of 32.
        assert!((1850..2250).contains(&bits.iter().sum::<u64>()));
        let trits = ternary(4096, &mut rng);
        for value in [0, 1, u64::MAX] {
            // 1365, with a deviation of 30.
            let found = trits.iter().filter(|&&trit| trit == value).count();
            assert!((1180..1550).contains(&found), "{value}: {found}");
        }
    }

    #[test]
    fn a_fork_does_not_repeat_what_it_came_from_or_another_fork() {
        use rand_core::Rng;
        let mut parent = rng(8);
        let (mut first, mut second) = (fork(&mut parent), fork(&mut parent));
        let words = [&mut first, &mut second, &mut parent].map(|rng| rng.next_u64());
        assert!(words[0] != words[1] && words[1] != words[2] && words[0] != words[2]);
    }
}
