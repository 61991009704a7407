//! Floods: wide noise that hides what it covers, in integers alone.
//!
//! Nothing here takes a time that depends on what it draws.

use rand_core::CryptoRng;

/// Draws the sum of `terms` uniform numbers of `bits` bits, each moved to the middle.
///
/// Its standard deviation is 2^`bits` · sqrt(`terms` / 12), and it never exceeds `terms` ·
/// 2^(`bits` - 1): wide enough to hide what it covers, and bounded, so that it can be kept from
/// changing what it covers (SPEC §5). `bits` is 1 to 64.
pub fn sum_of_uniforms(terms: u32, bits: u32, rng: &mut impl CryptoRng) -> u64 {
    (0..terms)
        .map(|_| (rng.next_u64() >> (64 - bits)).wrapping_sub(1 << (bits - 1)))
        .fold(0, u64::wrapping_add)
}

/// Draws a number uniform on `-half .. half`, but for a bias of 2^-64 times the width; `half` is
/// below 2^63.
pub fn uniform(half: u64, rng: &mut impl CryptoRng) -> u64 {
    let drawn = (u128::from(rng.next_u64()) * u128::from(2 * half)) >> 64;
    (drawn as u64).wrapping_sub(half)
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::{sum_of_uniforms, uniform};

    #[expect(clippy::cast_precision_loss, reason = "statistics")]
    fn deviation(samples: &[i64]) -> f64 {
        let squares: f64 = samples.iter().map(|&sample| (sample as f64).powi(2)).sum();
        (squares / samples.len() as f64).sqrt()
    }

    #[test]
    fn three_uniform_numbers_have_half_their_width_as_deviation_and_keep_within_three_times_that() {
        let mut rng = ChaCha20Rng::from_seed([2; 32]);
        for bits in [50, 61] {
            let samples: Vec<i64> =
                (0..100_000).map(|_| sum_of_uniforms(3, bits, &mut rng).cast_signed()).collect();
            let found = deviation(&samples).log2();
            println!("flood: 2^{found:.3} (SPEC 2^{})", bits - 1);
            assert!((found - f64::from(bits - 1)).abs() < 0.02, "2^{found:.3}");
            assert!(samples.iter().all(|sample| sample.unsigned_abs() <= 3 << (bits - 1)));
        }
    }

    #[test]
    fn a_uniform_flood_is_uniform_and_keeps_within_its_width() {
        let mut rng = ChaCha20Rng::from_seed([63; 32]);
        for half in [448 << 52, 666 << 52] {
            let floods: Vec<_> = (0..4000).map(|_| uniform(half, &mut rng).cast_signed()).collect();
            assert!(floods.iter().all(|flood| flood.unsigned_abs() <= half));
            let (mut bins, bin) = ([0u32; 8], half / 4);
            for flood in floods {
                let from_lowest = flood.cast_unsigned().wrapping_add(half);
                bins[usize::try_from((from_lowest / bin).min(7)).expect("below eight")] += 1;
            }
            // 500 each, with a deviation of 21.
            assert!(bins.iter().all(|&bin| (380..620).contains(&bin)), "{bins:?}");
        }
    }
}
