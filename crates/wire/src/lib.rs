//! The messages of `proto/`, and their only conversions to our own types.
//!
//! [`peer`] is what parties say to one another, [`control`] what an operator says to the operator's
//! own party. A message that came from outside is turned into a typed [`Proposal`] or a [`Chunk`]
//! here, or refused here: nothing behind this crate sees an unchecked field. A kind of run is a line of
//! one list, and a file with its typed [`Terms`].
//!
//! [`Chunk`]: session::Chunk

use prost::Message;

mod error;
mod field;
mod frame;
mod model;
mod proposal;
mod status;
mod terms;
mod words;

pub use error::Error;
pub use frame::Frame;
pub use model::ModelMessage;
pub use proposal::{Proposal, Rules, kind_of};
pub use status::{to_status, trouble_of};
// All of it: a kind of run is named in the list there, and not here as well.
pub use terms::*;

/// The version of the language that parties speak; both sides must speak the same.
pub const VERSION: u32 = 1;

/// The metadata key under which an exchange names its run.
pub const RUN_KEY: &str = "tacit-run-bin";

/// The metadata key under which a call names, instead, an agreed run that its proposer will not begin.
pub const GIVEN_UP_KEY: &str = "tacit-given-up-bin";

/// The name of the socket inside a party's directory on which it takes its operator's calls.
pub const CONTROL_SOCKET: &str = "control.sock";

/// The longest reason that an operator gives a peer, in bytes.
pub const MAX_REASON: usize = 1_000;

/// The largest gRPC message: one chunk and its envelope.
pub const MAX_MESSAGE: usize = session::MAX_CHUNK + (64 << 10);

/// What both sides of a run have agreed on, as bytes to be hashed: equal on both sides, since both
/// hold the same two messages and a message is written in one way only.
pub fn agreed_bytes(proposal: &peer::Proposal, agreement: &peer::Agreement) -> Vec<u8> {
    let mut bytes = proposal.encode_length_delimited_to_vec();
    bytes.extend(agreement.encode_length_delimited_to_vec());
    bytes
}

/// Party to party, generated from `proto/peer.proto`.
#[expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; the .proto file documents it"
)]
pub mod peer {
    tonic::include_proto!("tacit.peer.v1");
}

/// Operator to own party, generated from `proto/control/`.
#[expect(
    missing_docs,
    unused_qualifications,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; the .proto file documents it"
)]
pub mod control {
    tonic::include_proto!("tacit.control.v1");
}
