//! The numbers of the protocol; SPEC §2 derives each of them.

use lattice::{Noise, Ring};

/// The ring in which ciphertexts live, `Z_2^64[X] / (X^2048 + 1)`.
pub(crate) const SPACE: Ring = Ring::Degree2048;

/// Coefficients of a ring element.
pub const RING: usize = SPACE.degree();

/// Words of mask in a ciphertext between key switch and bootstrap, 32 bits each.
pub const SMALL: usize = 918;

/// Noise under the large key is TUniform with this many bits, in units of 2^-64 of the torus.
pub const NOISE_BITS: u32 = 17;

/// The noise of an encryption under its public key.
pub(crate) const ZERO_NOISE: Noise = Noise::TUniform { bits: NOISE_BITS };

/// Noise under the small key is TUniform with this many bits, in units of 2^-32 of the torus.
pub const SMALL_NOISE_BITS: u32 = 13;

/// Bits of a digit in the key switch.
pub const SWITCH_BASE_BITS: usize = 4;

/// Digits in the key switch.
pub const SWITCH_LEVELS: usize = 4;

/// Bits of the one digit in the bootstrap.
pub const BOOTSTRAP_BASE_BITS: usize = 23;

/// The most inputs of one gate: what half a turn of the torus holds in steps of 1/32.
pub const MAX_FAN_IN: usize = 16;

/// The most atoms in one formula.
pub const MAX_ATOMS: usize = 256;

/// The most sealed atoms in one formula: bounds the round that carries their thresholds.
pub const MAX_SEALED: usize = 64;

/// The most holders of one formula.
pub const MAX_HOLDERS: usize = 32;

/// The most gates on a path through a compiled formula.
pub const MAX_DEPTH: usize = 16;

/// Digits of a sealed threshold, most significant first.
pub const DIGITS: usize = 8;

/// Values of a digit.
pub const DIGIT: usize = 256;

/// Times that a ciphertext is soaked and bootstrapped before the last soak (SPEC §2.4).
pub const CYCLES: usize = 3;

/// A bit that is one, where bits are added: 1/32 of the torus.
pub(crate) const BIT: u64 = 1 << 59;

/// A value that is yes, where values are soaked: 1/4 of the torus (no is its negative).
pub(crate) const VALUE: u64 = 1 << 62;

/// A value that is yes, where the lender opens it: 1/3 of the torus.
pub(crate) const OPENED: u64 = u64::MAX / 3;

/// Half the width of a soak before a bootstrap: 448/4096 of the torus, 64 less than it may be.
pub const SOAK: u64 = 448 << 52;

/// Half the width of the last soak, before the lender opens: 666/4096 of the torus.
pub const LAST_SOAK: u64 = 666 << 52;
