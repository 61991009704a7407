//! The loops that take the time, compiled once for each instruction set and chosen as it runs.
//!
//! Invariant of this folder: a function compiled for an instruction set is called only after the
//! CPU was asked whether it has it. The loops themselves are safe code in [`kernels`]; the compiler
//! vectorises them. A multiplication of 64 bits is one instruction only from AVX-512DQ on.

mod kernels;

/// Columns of one side of a tile of inner products: with [`TILE_COLUMNS`] of the other their sums fill
/// half of the registers, and a word that is loaded is multiplied more than once.
pub(crate) const TILE_ROWS: usize = 4;
/// Columns of the other side.
pub(crate) const TILE_COLUMNS: usize = 2;

/// An instruction set that the loops are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// What every CPU of the target has.
    Portable,
    /// AVX2 and BMI2.
    Avx2,
    /// AVX-512 F, BW, DQ and VL.
    Avx512,
}

impl Level {
    /// The best that this CPU has.
    pub(crate) fn detected() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("bmi2")
            {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }

    /// Every level that this CPU has.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        match Self::detected() {
            Self::Portable => vec![Self::Portable],
            Self::Avx2 => vec![Self::Portable, Self::Avx2],
            Self::Avx512 => vec![Self::Portable, Self::Avx2, Self::Avx512],
        }
    }
}

/// Compiles a kernel for each level, and calls the one that is asked for.
macro_rules! dispatched {
    ($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?) => {
        $(#[$doc])*
        pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
            at::$name(Level::detected(), $($argument),*)
        }
    };
}

macro_rules! levels {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?;)*) => {
        $(dispatched! { $(#[$doc])* fn $name($($argument: $type),*) $(-> $result)? })*

        /// The kernels at a level that the caller names.
        #[cfg_attr(
            target_arch = "x86_64",
            expect(unsafe_code, reason = "a function for an instruction set is called if the CPU has it")
        )]
        pub(crate) mod at {
            use super::{Level, TILE_COLUMNS, TILE_ROWS, kernels};

            $(
                #[inline]
                pub(crate) fn $name(level: Level, $($argument: $type),*) $(-> $result)? {
                    #[cfg(target_arch = "x86_64")]
                    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,bmi2")]
                    fn avx512($($argument: $type),*) $(-> $result)? {
                        kernels::$name($($argument),*)
                    }
                    #[cfg(target_arch = "x86_64")]
                    #[target_feature(enable = "avx2,bmi2")]
                    fn avx2($($argument: $type),*) $(-> $result)? {
                        kernels::$name($($argument),*)
                    }
                    match level {
                        // SAFETY: a level other than `Portable` comes from `Level::detected` or
                        // `Level::all` alone, which ask the CPU.
                        #[cfg(target_arch = "x86_64")]
                        Level::Avx512 => unsafe { avx512($($argument),*) },
                        // SAFETY: as above.
                        #[cfg(target_arch = "x86_64")]
                        Level::Avx2 => unsafe { avx2($($argument),*) },
                        #[cfg(not(target_arch = "x86_64"))]
                        Level::Avx2 | Level::Avx512 => kernels::$name($($argument),*),
                        Level::Portable => kernels::$name($($argument),*),
                    }
                }
            )*
        }
    };
}

levels! {
    /// `sum += x k + y l`.
    fn add_products(sum: &mut [u64], x: &[u64], k: u64, y: &[u64], l: u64);
    /// `sum += x k`.
    fn add_product(sum: &mut [u64], x: &[u64], k: u64);
    /// The sum of `x s + y t`.
    fn dot_two(x: &[u64], s: &[u64], y: &[u64], t: &[u64]) -> u64;
    /// The sum of `x s + y t` for each of some x, y and each of some s, t, all of one length.
    fn dot_tile(
        x: [&[u64]; TILE_ROWS],
        s: [&[u64]; TILE_COLUMNS],
        y: [&[u64]; TILE_ROWS],
        t: [&[u64]; TILE_COLUMNS],
    ) -> [[u64; TILE_COLUMNS]; TILE_ROWS];
    /// The sum of `x s`.
    fn dot(x: &[u64], s: &[u64]) -> u64;
    /// `out = xa (ya + yb) + xb ya`, number by number.
    fn multiply(out: &mut [u64], xa: &[u64], xb: &[u64], ya: &[u64], yb: &[u64]);
    /// `out ^= xa (ya ^ yb) ^ xb ya`, bit by bit.
    fn and(out: &mut [u64], xa: &[u64], xb: &[u64], ya: &[u64], yb: &[u64]);
    /// Cuts `values`, shifted right by `low`, into planes: bit k of 64 values is a word of plane k,
    /// and planes are `stride` words apart.
    fn to_planes(values: &[u64], low: u32, planes: &mut [u64], stride: usize, width: usize);
    /// XORs into a plane of `words` words for each mask the planes that it chooses.
    fn combine_into(out: &mut [u64], all: &[u64], words: usize, masks: &[Vec<usize>]);
    /// Of bits u, one a row: `message = u - message`, `sum += u << shift`.
    fn hide_bits(bits: &[u64], message: &mut [u64], sum: &mut [u64], shift: u32);
    /// Of bits t, one a row: `sum += t << shift - t mask << (shift + 1)`.
    fn add_bits(bits: &[u64], mask: &[u64], sum: &mut [u64], shift: u32);
    /// Of bits t, one a row: `sum -= t mask << (shift + 1)`.
    fn take_bits(bits: &[u64], mask: &[u64], sum: &mut [u64], shift: u32);
}

/// The exclusive or of the planes that each mask chooses, a plane a mask.
pub(crate) fn combine(all: &[u64], words: usize, masks: &[Vec<usize>]) -> Vec<u64> {
    let mut out = vec![0; masks.len() * words];
    combine_into(&mut out, all, words, masks);
    out
}

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::{Rng, SeedableRng};

    use super::{Level, at};

    fn random(seed: u64, len: usize) -> Vec<u64> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        (0..len).map(|_| rng.next_u64()).collect()
    }

    /// What every kernel yields at a level, on lengths that fill no register.
    fn everything(level: Level) -> Vec<Vec<u64>> {
        let mut found = Vec::new();
        for len in [0, 1, 7, 64, 129, 1000] {
            let [x, s, y, t] = [1, 2, 3, 4].map(|seed| random(seed, len));
            let start = random(5, len);
            let mut sum = start.clone();
            at::add_products(level, &mut sum, &x, 3, &y, u64::MAX);
            at::add_product(level, &mut sum, &s, 1 << 63 | 5);
            at::multiply(level, &mut sum, &x, &s, &y, &t);
            at::and(level, &mut sum, &x, &s, &y, &t);
            found.push(sum);
            found.push(vec![at::dot_two(level, &x, &s, &y, &t), at::dot(level, &x, &s)]);
            let columns = [&x[..], &s, &y, &t];
            let tile = at::dot_tile(level, columns, [&x, &t], columns, [&s, &start]);
            found.push(tile.concat());
            let words = len.div_ceil(64);
            let mut planes = vec![0; 17 * (words + 2)];
            at::to_planes(level, &x, 5, &mut planes, words + 2, 17);
            let masks = [vec![], vec![3], vec![0, 2, 16]];
            let mut out = vec![0; masks.len() * words];
            let all: Vec<u64> =
                planes.chunks(words + 2).flat_map(|plane| &plane[..words]).copied().collect();
            at::combine_into(level, &mut out, &all, words, &masks);
            let bits = random(6, words);
            let (mut message, mut sums) = (y.clone(), start);
            at::hide_bits(level, &bits, &mut message, &mut sums, 3);
            at::add_bits(level, &bits, &s, &mut sums, 4);
            at::take_bits(level, &bits, &t, &mut sums, 11);
            found.extend([planes, out, message, sums]);
        }
        found
    }

    #[test]
    fn every_instruction_set_computes_the_same() {
        let portable = everything(Level::Portable);
        for level in Level::all() {
            assert!(everything(level) == portable, "{level:?}");
        }
    }

    #[test]
    fn a_tile_holds_the_inner_products_of_its_columns() {
        for len in [0, 5, 8, 1003] {
            let x = [1, 2, 3, 4].map(|seed| random(seed, len));
            let y = [5, 6, 7, 8].map(|seed| random(seed, len));
            let [s, t] = [[9, 10], [11, 12]].map(|seeds| seeds.map(|seed| random(seed, len)));
            let tile = super::dot_tile(
                x.each_ref().map(|x| &x[..]),
                s.each_ref().map(|s| &s[..]),
                y.each_ref().map(|y| &y[..]),
                t.each_ref().map(|t| &t[..]),
            );
            for (i, row) in tile.iter().enumerate() {
                for (j, sum) in row.iter().enumerate() {
                    assert_eq!(*sum, super::dot_two(&x[i], &s[j], &y[i], &t[j]), "{len} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn planes_hold_the_bits_of_the_values() {
        let values = random(7, 200);
        let mut planes = vec![0; 17 * 4];
        super::to_planes(&values, 9, &mut planes, 4, 17);
        for (row, value) in values.iter().enumerate() {
            for k in 0..17 {
                let bit = planes[k * 4 + row / 64] >> (row % 64) & 1;
                assert_eq!(bit, value >> (9 + k) & 1);
            }
        }
    }
}
