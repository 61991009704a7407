//! Weights of evidence and information values by private counting. `SPEC.md`, part W, is the
//! protocol.
//!
//! Any number of holders upload, of each feature, the bin that each row falls into, and the lender
//! uploads how its loans ended; three roles count good and bad rows of every bin on shares, merge
//! neighbouring bins on shares until each has at least as many rows as the [`Floors`] say, and
//! release to each holder the counts of its own coarser bins. The lender learns one number a
//! feature.
//!
//! | rounds | content | SPEC | bytes, all links |
//! |---|---|---|---|
//! | before | [uploads](transfer): seeds, then a message a plane | §W.3 | N / 4 a plane |
//! | 3 | keys, agreement on the terms | §W.5 | 384 |
//! | 37 a batch of features at 1M rows, and 1 | rows of an odd parity | §W.5 | §W.9 |
//! | 21 | coarser bins of all features at once | §W.6 | §W.9 |
//! | after | [release](mod@release) to each holder; information values to the lender | §W.7 | 48 a number |
//!
//! # Security
//!
//! As that of training: against one role of three that follows the protocol. **Two roles that pool
//! what they have see every row.** A holder learns the counts of cells that reach the floors; one
//! that chooses its bins for it can tell single labels from their differences (SPEC §W.8).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(7);
//! use session::{Fate, Network, Outcome};
//! use sharing::Secret;
//! use training::woe::{self, Binned, Received, Table, Terms, Uploads, release, transfer};
//! use training::{Labels, ROLES, UPLOADER, Whose};
//!
//! // One holder has a feature of four bins, the lender knows which loans went bad.
//! let terms = Terms::new(1_000, vec![vec![4]], [0; 32]);
//! let bins: Vec<Option<u8>> = (0..1_000u16).map(|row| Some((row % 4) as u8)).collect();
//! let bad: Vec<bool> = (0..1_000).map(|row| row % 12 == 0 || row % 10 == 0).collect();
//! let (feature, labels) = (Binned::new(&bins, 4)?, Labels::of_customers(&bad));
//! let from_holder = transfer::send_features(&terms, 0, vec![feature], &ROLES, None, &mut rng)?;
//! let from_lender = transfer::send_labels(&terms, &labels, &ROLES, None, &mut rng)?;
//!
//! let mut uploads = ROLES.map(|role| Uploads::new(&terms, role).unwrap());
//! for (whose, session) in [(Whose::Holder(0), from_holder), (Whose::Labels, from_lender)] {
//!     let mut network = Network::new();
//!     network.join(UPLOADER, session);
//!     let received: [Outcome<Received>; 3] = ROLES.map(|role| {
//!         let keep = |_bytes: &[u8]| Ok(());
//!         network.join(role, transfer::receive(&terms, whose, role, keep).unwrap())
//!     });
//!     network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!     for (uploads, received) in uploads.iter_mut().zip(received) {
//!         uploads.take(received.take().unwrap())?;
//!     }
//! }
//!
//! let mut network = Network::new();
//! let mut uploads = uploads.into_iter();
//! let counted = ROLES.map(|role| {
//!     let (secret, inputs) = (Secret::random(&mut rng), uploads.next().unwrap().complete().unwrap());
//!     network.join(role, woe::begin(terms.clone(), role, secret, inputs).unwrap())
//! });
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! let mut network = Network::new();
//! for (role, counted) in ROLES.into_iter().zip(counted) {
//!     network.join(role, release::release(&terms, &counted.take().unwrap(), 0)?);
//! }
//! let tables = network.join(UPLOADER, release::collect(&terms, 0, None)?);
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//!
//! // Rows of odd numbers are never bad: their bins are merged with neighbours.
//! let tables = tables.take().unwrap();
//! let Table::Counted { bins, .. } = &tables[0] else { panic!("it reaches the floors") };
//! assert_eq!(bins.iter().map(|bin| (bin.first, bin.last)).collect::<Vec<_>>(), [(0, 0), (1, 3)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod binned;
mod cells;
mod count;
mod inputs;
mod merge;
mod received;
pub mod release;
mod table;
mod terms;
pub mod transfer;
mod upload;

pub use binned::Binned;
pub(crate) use cells::place_of;
pub use count::{Counted, Counting, Release, begin, count};
pub use inputs::{Inputs, Uploads};
pub use received::Received;
pub use table::{CoarseBin, Table, Tally, Thousandths};
pub use terms::{Floors, Membership, Terms};

/// Fraction bits of a count: a count is a multiple of 1, and the transform that finds it divides by
/// up to 2^7.
pub const COUNT: u32 = 7;
