//! Private set intersection of sets larger than memory, over VOLE, bucket by bucket. `SPEC.md`, part five,
//! is the protocol.
//!
//! Both sides cut their sets into the same buckets by a public hash, and pad each to one bound, so that no
//! bucket's size shows. A bucket is a run of [`vole`](crate::vole) of its own, under correlations of its own. Two
//! are under way at once. A run that was broken off goes on with the buckets that are not finished on both
//! sides; nothing that was drawn for one is used again.
//!
//! | round           | from | content                                                       | SPEC |
//! |-----------------|------|---------------------------------------------------------------|------|
//! | 32 k + 1 … + 17 | both | a run of [`vole`](crate::vole) over the k-th bucket that is left | §B3  |
//!
//! # Security
//!
//! That of [`vole`](crate::vole). Besides, both sides learn which buckets are finished, which follows from when a
//! run broke off and from no item (SPEC §B5).
//!
//! # Example
//!
//! ```
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # use std::{convert::Infallible, sync::{Arc, Mutex}};
//! use psi::buckets::{Buckets, Receiver, Sender, Terms};
//! use psi::vole::{self, Machine, Parameters, Security};
//! use psi::{Items, Learned, Output, RECEIVER, SENDER};
//! use session::{Fate, Network};
//!
//! /// A set in memory; a host keeps its buckets on disk.
//! struct Set(Terms, Vec<String>, Arc<Mutex<Vec<String>>>);
//!
//! impl Set {
//!     fn bucket(&self, bucket: u32) -> Vec<&String> {
//!         self.1.iter().filter(|item| self.0.bucket_of(item.as_bytes()) == bucket).collect()
//!     }
//! }
//!
//! impl Buckets for Set {
//!     type Error = Infallible;
//!     fn items(&mut self, bucket: u32) -> Result<Items, Infallible> {
//!         Ok(Items::new(self.bucket(bucket)).expect("they are distinct"))
//!     }
//!     fn finished(&mut self, bucket: u32, learned: Learned) -> Result<(), Infallible> {
//!         let Learned::Items(places) = learned else { return Ok(()) };
//!         let items = self.bucket(bucket);
//!         let found = places.iter().map(|place| items[*place as usize].clone());
//!         self.2.lock().unwrap().extend(found);
//!         Ok(())
//!     }
//! }
//!
//! let whole = vole::Terms {
//!     receiver_items: 4,
//!     sender_items: 3,
//!     output: Output::OneSided,
//!     security: Security::SemiHonest,
//!     parameters: Parameters::V1,
//!     parts: 1,
//!     context: [0; 32],
//! };
//! let terms = Terms { whole, buckets: 2, partition: [7; 32] };
//! let found = Arc::new(Mutex::new(Vec::new()));
//! let set = |items: [&str; 3]| Set(terms, items.map(String::from).to_vec(), Arc::clone(&found));
//! let (customers, register) = (set(["ada", "bob", "eve"]), set(["bob", "cyd", "dan"]));
//!
//! let (mut network, machine) = (Network::new(), Machine::detect());
//! let rng = |seed| ChaCha20Rng::seed_from_u64(seed);
//! network.join(RECEIVER, Receiver::new(terms, &[], customers, machine, rng(1))?);
//! network.join(SENDER, Sender::new(terms, &[], register, machine, rng(2))?);
//! network.run(|_from, _to, _chunk| Fate::Deliver)?;
//! assert_eq!(*found.lock().unwrap(), ["bob"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod session;
mod terms;

pub use error::Error;
pub use session::{Buckets, Receiver, Sender};
pub use terms::Terms;

/// Rounds that a bucket has room for.
const ROUNDS: u32 = 32;

/// Binds every hash to this protocol and its version; the use follows (SPEC §B2).
const DOMAIN: &[u8] = b"tacit/psi/v1/buckets-sha256/";
