//! Private set intersection by VOLE (Raghuraman, Rindal 2022), the road for large sets: a hundred
//! times the speed of [the other one](crate), and no more bytes. SPEC part three.
//!
//! The [`Receiver`] encodes its set in a vector that decodes to a known value at each of its items,
//! and masks it with a VOLE; the [`Sender`] can then hash any item to what the receiver gets for the
//! items in its set, and to something random for all others.
//!
//! | round   | from     | content                           | SPEC   | bytes                    |
//! |---------|----------|-----------------------------------|--------|--------------------------|
//! | 1       | receiver | commitment to its part of a salt  | §V3.1  | 32                       |
//! | 2       | sender   | its part of the salt              | §V3.2  | 32, checked 64           |
//! | 3       | receiver | opening, confirmation of both     | §V3.3  | 64                       |
//! | 4 to 10 | both     | VOLE                              | §V3.4  | see [`::vole`]           |
//! | 11      | receiver | seed of the encoding              | §V3.11 | 16, checked 32           |
//! | 12      | receiver | its encoding, masked              | §V3.12 | 16 per column            |
//! | 13      | sender   | its coin                          | §V3.13 | 16, checked runs         |
//! | 14      | sender   | values of its items, sorted       | §V3.14 | l (ny + 16)              |
//! | 15      | sender   | transcript                        | §V3.15 | 32                       |
//! | 16      | receiver | which values it has met           | §V3.16 | (ny + 16) / 8, two-sided |
//! | 17      | receiver | transcript                        | §V3.17 | 32, two-sided            |
//!
//! # Security
//!
//! Holds against a peer that follows the protocol and keeps notes, under the assumptions of
//! [`::vole`]. A checked run adds what keeps a receiver that cheats to about 1.3 nx items; we do
//! not claim security against cheats before somebody else has reviewed it (SPEC §V5).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use psi::vole::{Machine, Parameters, Receiver, Security, Sender, Terms};
//! use psi::{Items, Learned, Output, RECEIVER, SENDER};
//! use session::{Fate, Network};
//!
//! let terms = Terms {
//!     receiver_items: 4,
//!     sender_items: 3,
//!     output: Output::TwoSided,
//!     security: Security::SemiHonest,
//!     parameters: Parameters::V1,
//!     parts: 1,
//!     context: [0; 32],
//! };
//! let customers = Items::new(["uscc:ada", "uscc:bob"])?;
//! let register = Items::new(["uscc:bob", "uscc:cyd", "uscc:dan"])?;
//!
//! let (mut network, machine) = (Network::new(), Machine::detect());
//! let receiver = network.join(RECEIVER, Receiver::new(terms, customers, machine, &mut rng)?);
//! let sender = network.join(SENDER, Sender::new(terms, register, machine, &mut rng)?);
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! assert_eq!(receiver.take(), Some(Learned::Items(vec![1])));
//! assert_eq!(sender.take(), Some(Learned::Items(vec![0])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agreement;
mod comparison;
mod okvs;
mod oprf;
mod own;
mod receiver;
mod rounds;
mod sender;
mod sorted;
mod stream;
mod terms;

use session::Misplaced;

use crate::Error;

pub use ::vole::Machine;
pub(crate) use okvs::most_of;
pub use receiver::Receiver;
pub use rounds::{ROUNDS, round_name};
pub use sender::Sender;
pub use terms::{Parameters, Security, Terms};

/// Binds every hash to this road and its version; the use follows (SPEC §V2).
const DOMAIN: &[u8] = b"tacit/psi/v1/vole-sha256/";

const _: () =
    assert!(crate::RECEIVER.0 == ::vole::RECEIVER.0 && crate::SENDER.0 == ::vole::SENDER.0);

/// A VOLE's error as this road's: its rounds are numbered from ours.
fn from_vole(error: ::vole::Error) -> Error {
    use ::vole::Error as Vole;
    let moved = |round: u32| round.wrapping_add(rounds::BEFORE_VOLE);
    match error {
        Vole::Ended => Error::Ended,
        Vole::Misplaced { from, misplaced } => {
            let misplaced = match misplaced {
                Misplaced::Round { expected, found } => {
                    Misplaced::Round { expected: moved(expected), found: moved(found) }
                }
                other @ (Misplaced::Oversized { .. } | Misplaced::OutOfTurn { .. }) => other,
            };
            Error::Misplaced { from, misplaced }
        }
        Vole::Length { from, round, expected, found } => {
            Error::Length { from, round: moved(round), expected, found }
        }
        Vole::Last { from, round, expected } => Error::Last { from, round: moved(round), expected },
        other => Error::Vole(other),
    }
}
