//! Ring-LWE over `Z_2^64[X] / (X^N + 1)`: keys, encryptions of zero, floods. `SPEC.md` says what
//! each is; `scoring` and `verification` stand on it.
//!
//! It is no protocol: it has no roles, rounds or terms, and sends nothing. Who uses it chooses the
//! ring, the noise and the width of a flood, and its own SPEC says what they are worth.
//!
//! | module           | what                                                       | SPEC |
//! |------------------|------------------------------------------------------------|------|
//! | [`Ring`]         | the ring, exact products                                   | §1   |
//! | [`SecretKey`]    | binary secrets, [`KeyNoise`], phases                       | §2   |
//! | [`Sample`]       | the public key `(a, b = a·s + e)`, encryptions of zero     | §3   |
//! | [`noise`]        | small noise, binary and ternary secrets, streams           | §4   |
//! | [`flood`]        | wide noise that hides what it covers                       | §5   |
//! | [`Hasher`], ids  | hashes bound to a domain; runs, queries, keys              | §6   |
//!
//! # Security
//!
//! An encryption of zero is pseudorandom under ring-LWE with a binary secret: the body of the
//! public key under `s`, its multiple under `u`. Nothing here takes a time that depends on a secret
//! but tfhe's Gaussian sampler (SPEC §7).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! use lattice::{KeyNoise, Noise, Ring, Sample, SecretKey, flood, noise};
//!
//! // A key pair: the public key is an encryption of zero whose mask comes from a seed.
//! let secret = SecretKey::generate(Ring::Degree2048, noise::seed(&mut rng));
//! let (mask, small) = (noise::seed(&mut rng), noise::seed(&mut rng));
//! let body = secret.encrypt(mask, small, KeyNoise::TUniform { bits: 17 }, &[0; 2048]);
//! let public = Sample::new(Ring::Degree2048, Noise::TUniform { bits: 17 }, mask, body);
//!
//! // Whoever has the public key makes a ciphertext fresh again: it adds a zero, and a flood.
//! let mut lwe = public.zero_at_constant(&mut rng, |rng| flood::uniform(1 << 58, rng));
//! lwe[2048] = lwe[2048].wrapping_add(1 << 62);
//! assert_eq!(secret.phase(&lwe).wrapping_add(1 << 61) >> 62, 1);
//! ```

mod digest;
pub mod flood;
mod id;
pub mod noise;
mod ring;
mod sample;
mod secret;
pub mod words;

pub use digest::Hasher;
pub use id::{Fingerprint, QueryId, RunId};
pub use noise::Noise;
pub use ring::{Ring, constant_of_product, extraction};
pub use sample::Sample;
pub use secret::{KeyNoise, SecretKey};
