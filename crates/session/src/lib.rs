//! What a protocol exposes and a party drives: the seam between cryptography and network.
//!
//! A [`Session`] is one role's side of one run. It owns no socket, clock, thread or source of
//! randomness: whoever drives it hands it the peers' chunks and sends the chunks it asks to send.
//! A run can therefore be stored, replayed, tampered with and fuzzed in memory: [`Network`] does
//! that for tests, with [`tamper`] for what a peer may do to a chunk; `party::drive` does it over
//! gRPC.
//!
//! A protocol knows [`Role`]s, never parties; the party maps one to the other.
//!
//! # What a session may rely on, and what it must do
//!
//! * Chunks of one peer arrive in the order in which that peer sent them, or the run fails.
//! * The peer may be one round ahead: it has our last chunk before we look at its next one. A
//!   session ends a round in the call that completes it, never in the next `advance`.
//! * Sizes are agreed before round 1. A session refuses more than was agreed, so what it buffers is
//!   bounded by the terms and not by the peer.
//! * A peer's bytes never panic. Every error says whose fault it is ([`Blame`]).
//!
//! A protocol of a few rounds is an enum of states. One of hundreds is straight-line `async` code
//! that a [`Coroutine`] turns into a session; it knows the seam alone, which is why it lives here.

mod chunk;
mod coroutine;
pub mod incoming;
mod network;
mod role;
pub mod tamper;

pub use chunk::{Chunk, MAX_CHUNK, Misplaced};
pub use coroutine::{Coroutine, Expected, Fault, Link};
pub use incoming::Unexpected;
pub use network::{Fate, Network, NetworkError, Outcome};
pub use role::{Blame, Culprit, Role};

/// One role's side of one run of a protocol.
pub trait Session {
    /// What the run yields to this role.
    type Output;
    /// Why a run fails.
    type Error: Blame;

    /// Goes as far as it can alone, and says what must happen next.
    ///
    /// # Errors
    ///
    /// After an error the session must be dropped.
    fn advance(&mut self) -> Result<Turn<Self::Output>, Self::Error>;

    /// Takes a peer's next chunk.
    ///
    /// # Errors
    ///
    /// When the chunk is not what this role expects from `from` now. After an error the session
    /// must be dropped.
    fn receive(&mut self, from: Role, chunk: Chunk) -> Result<(), Self::Error>;
}

/// What a session needs next.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn<T> {
    /// Send this chunk to this role, then advance again.
    Send(Role, Chunk),
    /// Nothing, until a peer's next chunk.
    Await,
    /// The run is over; the session must not be used again.
    Done(T),
}
