//! Computing on shares: numbers and bits that no role sees, in fixed point over Z_2^64. `SPEC.md` is
//! the protocol; this is its code.
//!
//! A program is written once, against [`Engine`], and runs in [`Rep3`] (three roles, replicated
//! shares), in [`Dealer`] (two roles, and a third that deals randomness and sees no share: SPEC,
//! part D) or in [`Clear`] (one role, for tests); in [`Exact`] around any of them it rounds as in clear. Each role learns the program, all lengths, and what
//! is opened to it.
//!
//! | operation | rounds | bytes over all links | SPEC |
//! |---|---|---|---|
//! | [`Rep3::join`] | 1 | 192 | §3.1 |
//! | [`input`](Engine::input) | 1 | 8 n | §3.3 |
//! | [`matvec`](Engine::matvec), [`gram`](Engine::gram) and other products | 0 | 0 | §3.4 |
//! | [`reshare`](Engine::reshare) | 1 | 24 n | §3.4 |
//! | [`truncate`](Engine::truncate), which reshares | 2 | 64 n | §3.5 |
//! | [`and`](Engine::and) | 1 | 3 bits a row and plane | §3.6 |
//! | [`lookup`](Engine::lookup), narrow, 12 bits | 12 | 178 n | §3.8 |
//! | [`open`](Engine::open), [`open_to`](Engine::open_to) | 1 | 24 n, 8 n | §3.10 |
//! | [`coin`](Engine::coin) | 2 | 384 | §3.11 |
//! | [`odd_rows`], a mask | 38 for a million rows | 1.5 to 3 bits a row | §3.15 |
//! | [`shuffle`](Engine::shuffle) | 3 | 48 n a column | §3.12 |
//!
//! # Security
//!
//! Holds against one role that follows the protocol and keeps notes, under the decisional
//! Diffie–Hellman assumption on Curve25519 and with AES-128 as a pseudorandom function. **Two roles
//! that pool what they have see everything.** A role that cheats makes results wrong, unnoticed
//! (SPEC §6).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use session::{Coroutine, Fate, Network};
//! use sharing::{AHEAD, Engine, Error, Rep3, Secret, decode, encode};
//!
//! async fn area<E: Engine>(engine: &mut E, width: Option<f64>) -> Result<f64, Error> {
//!     let width = width.map(encode::<12>).transpose()?;
//!     let width = engine.input::<12>(Rep3::ROLES[0], width.as_ref().map(std::slice::from_ref), 1).await?;
//!     let area = engine.multiply::<12, 12, 24>(&width, &width).await?;
//!     let area = engine.reshare(area).await?;
//!     Ok(decode::<24>(engine.open(&area).await?.0[0]))
//! }
//!
//! let mut network = Network::new();
//! let areas = Rep3::ROLES.map(|role| {
//!     let secret = Secret::random(&mut rng);
//!     let peers: Vec<_> = Rep3::ROLES.into_iter().filter(|peer| *peer != role).collect();
//!     let width = (role == Rep3::ROLES[0]).then_some(1.5); // the other two know no width
//!     network.join(role, Coroutine::new(&peers, AHEAD, async move |link| {
//!         let mut engine = Rep3::join(link, role, secret, [0; 32]).await?;
//!         area(&mut engine, width).await
//!     }))
//! });
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//! assert_eq!(areas.map(|area| area.take()), [Some(2.25); 3]);
//! # Ok::<(), session::NetworkError>(())
//! ```

mod backend;
mod bits;
mod circuit;
mod clear;
mod coin;
mod dealer;
mod engine;
mod error;
mod exact;
mod exchange;
mod fixed;
mod inverse;
mod keys;
mod matrix;
mod parities;
mod prg;
mod product;
mod released;
mod rep3;
mod residues;
mod sign;
mod simd;
mod table;
mod traffic;
mod upload;
mod vector;
mod words;

pub use bits::Bits;
pub use clear::Clear;
pub use dealer::Dealer;
pub use engine::{Engine, Lookup};
pub use error::Error;
pub use exact::Exact;
pub use fixed::{Opened, decode, encode};
pub use inverse::{Start, inverse};
pub use keys::Secret;
pub use matrix::Matrix;
pub use parities::{Masked, odd_rows};
pub use rep3::{Rep3, State};
pub use sign::negative_within;
pub use table::{Grid, Symmetry, Table};
pub use traffic::Traffic;
pub use upload::{Layout, Receipt, Upload};
pub use vector::{Additive, Vector};

/// Bytes that a peer may be ahead, for [`Coroutine`](session::Coroutine): what the engines' turns
/// of sending and receiving let an honest one be (SPEC §4).
pub const AHEAD: usize = 16 << 20;

// Bind every hash to this protocol, its version and its use (SPEC §2).
const DOMAIN_KEYS: &[u8] = b"tacit/sharing/v1/keys";
const DOMAIN_OWN: &[u8] = b"tacit/sharing/v1/own";
const DOMAIN_COIN: &[u8] = b"tacit/sharing/v1/coin";
const DOMAIN_UPLOAD: &[u8] = b"tacit/sharing/v1/upload";
