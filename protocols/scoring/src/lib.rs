//! A lender learns points; a holder never shows a value; nobody shows the model. `SPEC.md` is the
//! protocol; this is its code.
//!
//! The platform encrypts a scorecard's points, one ciphertext per feature and bin, under the
//! *lender's* public key; or each of three makers encrypts its share of points that nobody sees, and
//! the holder adds the [parts](TablePart) up. For a query, each holder picks the ciphertexts of the bins that the
//! subject falls into, adds them, makes the sum look fresh, and masks it. The platform adds the
//! holders' answers, over which the masks cancel; the lender opens the total.
//!
//! | protocol | round | from     | content                     | SPEC | bytes                  |
//! |----------|-------|----------|-----------------------------|------|------------------------|
//! | issue    | 1     | lender   | its public key              | §3.1 | 32,784                 |
//! | issue    | 1     | platform | terms, the lender's key     | §3.1 | 32,816                 |
//! | issue    | 2     | platform | a holder's table, or each maker a part of it | §3.1 | 65,536 an entry, + 32 |
//! | score    | 1     | holders  | answer: a masked ciphertext | §3.2 | 16,436 each            |
//! | score    | 2     | platform | sum of the answers          | §3.2 | 16,436                 |
//!
//! [`batch`] is the same for a list of subjects, 4096 in a ciphertext, at five bytes a subject.
//!
//! # Security
//!
//! Holds against parties that follow the protocol and keep notes, under ring-LWE, X25519 and
//! ChaCha20 (SPEC §5). The lender learns the total and nothing else of an answer but with
//! statistical distance 2^-40, growing with the root of the number of answers, even together with
//! the platform as long as two holders stay out of it (blocks: 2^-43 a subject, SPEC §2.7; a holder
//! of more than 21 features whose table was added up of three parts: 2^-39.2, §2.9). A holder that cheats can shift the score,
//! and what the total itself says about a subject is for the host's budgets to limit (SPEC §6).
//!
//! # Example
//!
//! ```
//! # use std::sync::Arc;
//! # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
//! # use session::{Chunk, Fate, Network, Role};
//! # let mut rng = ChaCha20Rng::from_seed([7; 32]);
//! use scoring::{LENDER, LenderKey, MaskKey, ModelDigest, PLATFORM, Picks, Query, QueryId, RunId};
//! use scoring::{Points, Scorecard, TableTerms, Terms, holder, issue, score};
//! # let deliver = |_from: Role, _to: Role, _chunk: &mut Chunk| Fate::Deliver;
//!
//! // Two holders; two features at the first, one at the second.
//! let cards = [Scorecard::new(&[vec![0, 30, 45], vec![5, 60]])?, Scorecard::new(&[vec![10, 80]])?];
//! let max_points = Scorecard::max_points(&cards)?;
//! let model = ModelDigest([1; 32]);
//!
//! // The lender's key goes to the platform, and a table to each holder.
//! let key = Arc::new(LenderKey::generate(&mut rng));
//! let fingerprint = key.public().fingerprint();
//! let mut network = Network::new();
//! network.join(LENDER, issue::KeySender::new(key.public()));
//! let public = network.join(PLATFORM, issue::KeyReceiver::new(fingerprint));
//! network.run(deliver)?;
//! let public = public.take().expect("the run is over");
//!
//! let mut tables = Vec::new();
//! for card in cards {
//!     let terms = TableTerms::new(fingerprint, model, card.shape().clone());
//!     let mut network = Network::new();
//!     network.join(PLATFORM, issue::TableSender::new(&terms, &public, card, &mut rng)?);
//!     let table = network.join(holder(0), issue::TableReceiver::new(terms));
//!     network.run(deliver)?;
//!     tables.push(table.take().expect("the run is over").extract());
//! }
//!
//! // One score, of a subject in bins 2 and 1 at the first holder and in bin 0 at the second.
//! let masks = [MaskKey::generate(&mut rng), MaskKey::generate(&mut rng)];
//! let holders = masks.iter().map(MaskKey::public).collect();
//! let (run, query) = (RunId([2; 16]), QueryId([3; 16]));
//! let terms = Terms::new(fingerprint, model, run, query, max_points, holders)?;
//! let mut network = Network::new();
//! let points = network.join(LENDER, score::Lender::new(terms.clone(), key)?);
//! network.join(PLATFORM, score::Platform::new(terms.clone()));
//! for (j, bins) in [vec![2, 1], vec![0]].into_iter().enumerate() {
//!     let query = Query::new(terms.clone(), holder(j), Picks::new(bins))?;
//!     let session = score::Holder::new(query, &tables[j], &masks[j], &mut rng)?;
//!     network.join(holder(j), session);
//! }
//! network.run(deliver)?;
//! assert_eq!(points.take(), Some(Points(45 + 60 + 10)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod batch;
mod digest;
mod encode;
mod error;
pub mod issue;
mod mask;
mod parameters;
mod part;
mod role;
pub mod score;
mod scorecard;
mod table;
mod table_key;
mod terms;

pub use digest::DOMAIN;
pub use encode::Encode;
pub use error::Error;
pub use lattice::{Fingerprint, QueryId, RunId};
pub use mask::{MaskKey, MaskPublicKey};
pub use parameters::{
    BINOMIAL, CHECK_WORDS, FLOOD_BITS, FLOOD_TERMS, KEY_NOISE, MAX_BINS, MAX_FEATURES, MAX_HOLDERS,
    MAX_POINTS, POINT_BITS, RING, WORDS,
};
pub use part::{PartTerms, ScorecardShare, TablePart};
pub use role::{LENDER, PLATFORM, holder};
pub use score::answer::{ANSWER_BYTES, Answer, Picks, Query};
pub use score::lender_key::{LENDER_KEY_BYTES, LenderKey, Points};
pub use score::public_key::{PUBLIC_KEY_BYTES, PublicKey};
pub use score::sum::{SUM_BYTES, Sum, Tally};
pub use score::terms::Terms;
pub use scorecard::Scorecard;
pub use table::{ENTRY_BYTES, ExtractedTable, Table, TableDigest};
pub use table_key::TableKey;
pub use terms::{ModelDigest, Shape, TableTerms};
