//! The running party: authorise, drive, record.
//!
//! A party is a directory (made by [`init`]) and a process ([`serve()`]). It talks to its peers over
//! mutual TLS with pinned certificates, on one port, and to its operator over a Unix socket inside
//! its directory. It is the only crate that owns a clock, an entropy source, sockets and threads,
//! and the only one that knows which party plays which role of a protocol.
//!
//! | module | what it does |
//! |---|---|
//! | `setup`, `identity`, `config` | the directory: keys, certificate, peers' files, `party.toml` |
//! | `at_rest` | how secrets lie on disk: sealed under a data key, that under a passphrase |
//! | `generations`, `succession` | our keys and our peers', one after the other |
//! | `tls`, `dial`, `serve`, `taken`, `meter` | connections: who may speak, why one failed, bytes counted |
//! | `tokens`, `caller` | who of the staff may call, and who makes the present call |
//! | `shares`, `strangers`, `per_minute` | what one peer may take, and how many callers may try to be one |
//! | [`drive`](mod@drive), `waited` | any [`session::Session`] over the streams of its peers |
//! | `governance` | who may ask what, on whose word, and what is written down of it |
//! | `runs` | the life of a run: proposed, agreed, running, done or failed |
//! | `kinds` | the kinds of runs that there are |
//! | `peer_service`, `control`, `request` | the two sides of `proto/`, and how an operator's words are read |
//! | `register_cache` | registers in memory, read once whoever asks |
//! | `uploads` | files that callers bring, for one request |
//! | `whole_file` | files that appear whole or not at all |
//! | `doctor`, `data` | what an operator asks when something is wrong |
//! | `trusted` | whose signature counts, for papers that are read offline (`documents`) |
//!
//! # Invariants
//!
//! * What is not written in `party.toml` is refused, and a refusal does not tell what there is.
//! * A question about a firm or a person is decided here, by this party itself, before any register
//!   is touched, and once more before its answer is released; what cannot be decided is refused.
//! * An answer, its receipt and its audit record stand in the store together before it leaves.
//! * Nothing is sent before what it depends on is stored ([`store`]).
//! * A closing frame is sent after the output is stored: what a peer takes for done here is on disk.
//! * Whatever changes a state goes to its end, also where its caller goes away in the middle.
//! * No peer takes more of this party than its share, however fast it calls.
//! * A result file is whole or not there; a run that a restart interrupted is failed, and never
//!   continued, for its keys are gone. But a batch is, whose holders answer each block with the same
//!   bytes, however often (`kinds::batch`), and a training, from its last checkpoint (`kinds::train`).
//! * No error, log line or record holds an identifier of a firm or a person, or a value.

mod at_rest;
mod caller;
mod clock;
mod config;
mod control;
mod data;
mod detached;
mod dial;
mod doctor;
pub mod drive;
mod generations;
mod governance;
mod identity;
mod kinds;
#[cfg(test)]
mod letters_tests;
mod meter;
mod node;
mod peer_service;
mod per_minute;
mod register_cache;
mod request;
mod runs;
mod serve;
mod setup;
mod shares;
mod strangers;
mod succession;
mod taken;
mod tls;
mod tokens;
mod trouble;
mod trusted;
mod uploads;
mod waited;
mod whole_file;

pub use at_rest::{Protection, protect, protection};
pub use data::{Binding, bindings, check_data, content_hash};
pub use generations::{Prepared, Renewal, abandon, renew, switch};
pub use serve::{Ready, serve};
pub use setup::{MadeParty, NewParty, PinnedPeer, add_peer, init, peers};
pub use trouble::{Side, Trouble};
pub use trusted::{issuers, known_parties};
pub use wire::CONTROL_SOCKET;
