//! The arithmetic that vector instructions speed up, behind a safe face.
//!
//! Invariant: a [`Machine`] above [`Machine::portable`] exists only where the CPU was asked and has
//! every instruction set that `x86.rs` names for it. Each `unsafe` call below rests on that alone.

#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calling what only some CPUs have is unsafe; see the invariant")
)]

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use aes::Aes128;
use aes::cipher::KeyInit;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::code::BLOCK;

/// Which instructions the arithmetic uses; the results are the same on all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Portable,
    /// AES-NI, PCLMULQDQ and AVX2.
    #[cfg(target_arch = "x86_64")]
    Narrow,
    /// VAES, VPCLMULQDQ and AVX-512.
    #[cfg(target_arch = "x86_64")]
    Wide,
}

impl Machine {
    /// Asks the CPU, and takes the widest instructions that it has.
    pub fn detect() -> Self {
        *Self::available().last().expect("the portable one is always there")
    }

    /// The machine that any CPU is.
    pub fn portable() -> Self {
        Self(Level::Portable)
    }

    /// Every machine that this CPU can be, the portable one first: for tests and benches.
    pub fn available() -> Vec<Self> {
        #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut, reason = "x86-64 adds to it"))]
        let mut machines = vec![Self::portable()];
        #[cfg(target_arch = "x86_64")]
        {
            let narrow = is_x86_feature_detected!("aes")
                && is_x86_feature_detected!("pclmulqdq")
                && is_x86_feature_detected!("avx2");
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("vaes")
                && is_x86_feature_detected!("vpclmulqdq");
            if narrow {
                machines.push(Self(Level::Narrow));
            }
            if narrow && wide {
                machines.push(Self(Level::Wide));
            }
        }
        machines
    }

    /// What it is called in a bench's table.
    pub fn name(self) -> &'static str {
        match self.0 {
            Level::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => "AES-NI, PCLMULQDQ, AVX2",
            #[cfg(target_arch = "x86_64")]
            Level::Wide => "VAES, VPCLMULQDQ, AVX-512",
        }
    }

    /// Multiplies two elements of GF(2^128).
    pub fn multiply(self, one: u128, other: u128) -> u128 {
        let mut product = [0];
        self.multiply_add(&[one], other, &mut product);
        product[0]
    }

    /// Adds `factor` times each of `values` to what lies at its place in `sums`.
    pub fn multiply_add(self, values: &[u128], factor: u128, sums: &mut [u128]) {
        match self.0 {
            Level::Portable => portable::multiply_add(values, factor, sums),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => unsafe { x86::multiply_add_narrow(values, factor, sums) },
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Wide => unsafe { x86::multiply_add_wide(values, factor, sums) },
        }
    }

    /// Adds `c[0] x + c[1] x^2 + …` to `sums`, for each x of `points`.
    pub fn evaluate_add(self, coefficients: &[u128], points: &[u128], sums: &mut [u128]) {
        match self.0 {
            Level::Portable => portable::evaluate_add(coefficients, points, sums),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => unsafe { x86::evaluate_add_narrow(coefficients, points, sums) },
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Wide => unsafe { x86::evaluate_add_wide(coefficients, points, sums) },
        }
    }

    /// The universal hash `v[0] x + v[1] x^2 + …` of `values` under the key `x`.
    pub fn universal_hash(self, values: &[u128], key: u128) -> u128 {
        let mut powers = [key; LANES];
        for place in 1..LANES {
            powers[place] = self.multiply(powers[place - 1], key);
        }
        match self.0 {
            Level::Portable => portable::universal_hash(values, &powers),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => unsafe { x86::universal_hash_narrow(values, &powers) },
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Wide => unsafe { x86::universal_hash_wide(values, &powers) },
        }
    }

    /// One pass of the code's accumulator: for each i in turn, adds `values[i]` to
    /// `values[(i + 1 + k) mod n]` for each bit k that `coefficients[i]` has set.
    pub(crate) fn accumulate(self, values: &mut [u128; BLOCK], coefficients: &[u32; BLOCK]) {
        match self.0 {
            Level::Portable => portable::accumulate(values, coefficients, 0),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => unsafe { x86::accumulate_narrow(values, coefficients) },
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Wide => unsafe { x86::accumulate_wide(values, coefficients) },
        }
    }

    /// Adds to each of `sums` the values at the `W` places that `places` lists for it.
    pub(crate) fn gather<const W: usize>(
        self,
        values: &[u128; BLOCK],
        places: &[[u16; W]],
        sums: &mut [u128],
    ) {
        match self.0 {
            Level::Portable => portable::gather(values, places, sums),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow | Level::Wide => unsafe { x86::gather(values, places, sums) },
        }
    }
}

/// Powers of the key that a universal hash takes in one step.
const LANES: usize = 16;

/// AES-128 under one key, as a permutation and as a hash: wiped on drop.
#[derive(ZeroizeOnDrop)]
pub struct FixedKey {
    #[zeroize(skip)]
    machine: Machine,
    /// Wipes itself (`aes/zeroize`).
    #[zeroize(skip)]
    soft: Aes128,
    /// The round keys; of no meaning on a portable machine.
    round: [u128; 11],
}

impl FixedKey {
    /// Expands `key`, 16 bytes read as a little-endian number.
    pub fn new(machine: Machine, key: u128) -> Self {
        let mut bytes = key.to_le_bytes();
        let soft = Aes128::new(&bytes.into());
        bytes.zeroize();
        let round = match machine.0 {
            Level::Portable => [0; 11],
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow | Level::Wide => unsafe { x86::expand(key) },
        };
        Self { machine, soft, round }
    }

    /// Writes `AES(x) + x` for each x of `inputs` (Matyas–Meyer–Oseas).
    pub fn hash(&self, inputs: &[u128], outputs: &mut [u128]) {
        match self.machine.0 {
            Level::Portable => portable::hash(&self.soft, inputs, outputs),
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => unsafe { x86::hash_narrow(&self.round, inputs, outputs) },
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Wide => unsafe { x86::hash_wide(&self.round, inputs, outputs) },
        }
    }

    /// Writes `AES(first)`, `AES(first + 1)` … (counter mode).
    pub fn stream(&self, first: u128, outputs: &mut [u128]) {
        let mut counters = [0; 64];
        for (place, outputs) in outputs.chunks_mut(64).enumerate() {
            let first = first.wrapping_add(64 * place as u128);
            for (offset, counter) in (0_u128..).zip(&mut counters) {
                *counter = first.wrapping_add(offset);
            }
            let counters = &counters[..outputs.len()];
            self.hash(counters, outputs);
            outputs.iter_mut().zip(counters).for_each(|(output, counter)| *output ^= counter);
        }
    }

    /// Writes the children of `parents`, eight trees side by side: the left child of each is its
    /// hash under `self`, the right one that under `right`.
    pub(crate) fn double(&self, right: &Self, parents: &[u128], children: &mut [u128]) {
        let (parents, _) = parents.as_chunks::<8>();
        let (children, _) = children.as_chunks_mut::<16>();
        match self.machine.0 {
            Level::Portable => {
                for (parent, children) in parents.iter().zip(children) {
                    let (lefts, rights) = children.split_at_mut(8);
                    portable::hash(&self.soft, parent, lefts);
                    portable::hash(&right.soft, parent, rights);
                }
            }
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Narrow => unsafe {
                x86::double_narrow(&self.round, &right.round, parents, children);
            },
            // SAFETY: the invariant of this module.
            #[cfg(target_arch = "x86_64")]
            Level::Wide => unsafe {
                x86::double_wide(&self.round, &right.round, parents, children);
            },
        }
    }
}

#[cfg(test)]
mod tests;
