//! Sorting values that are spread evenly: into buckets by their first bits, then each bucket.

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// An item's value, and which item it is of.
#[derive(Clone, Copy, Default, zeroize::Zeroize)]
pub(crate) struct Valued {
    pub(crate) value: u128,
    pub(crate) item: u32,
}

/// Sorts by `value`, of which the lowest `bits` count and are spread evenly, ascending.
pub(crate) fn sort<T: Copy + Default + Send>(items: &mut Vec<T>, bits: u32, value: fn(&T) -> u128) {
    let buckets = (items.len() / 8).next_power_of_two();
    let shift = bits - buckets.trailing_zeros().min(bits);
    let bucket = |item: &T| (value(item) >> shift) as usize % buckets;
    let mut starts = vec![0; buckets + 1];
    items.iter().for_each(|item| starts[bucket(item) + 1] += 1);
    for bucket in 0..buckets {
        starts[bucket + 1] += starts[bucket];
    }
    let mut next = starts.clone();
    let mut sorted = vec![T::default(); items.len()];
    for item in items.iter() {
        let next = &mut next[bucket(item)];
        sorted[*next] = *item;
        *next += 1;
    }
    let mut rest = sorted.as_mut_slice();
    let parts: Vec<&mut [T]> = (starts.array_windows())
        .map(|[start, end]| {
            rest.split_off_mut(..end - start).expect("the starts end at the length")
        })
        .collect();
    parts.into_par_iter().with_min_len(1 << 10).for_each(|part| part.sort_unstable_by_key(value));
    *items = sorted;
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    use super::sort;

    #[test]
    fn any_number_of_values_is_sorted_even_if_they_are_not_spread() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for length in [0, 1, 2, 7, 8, 9, 100, 5_000] {
            for bits in [40, 80, 128] {
                let mut draw = || u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
                let mut values: Vec<u128> = (0..length).map(|_| draw() >> (128 - bits)).collect();
                let mut expected = values.clone();
                expected.sort_unstable();
                sort(&mut values, bits, |value| *value);
                assert_eq!(values, expected);
            }
            let mut small: Vec<u128> = (0..length).rev().collect();
            sort(&mut small, 128, |value| *value);
            assert!(small.is_sorted());
        }
    }
}
