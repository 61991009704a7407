//! A holder tries the lender's batch key before it trusts its blocks to it (SPEC §2.8, §3.3).
//!
//! An answer carries `b·u` under a flood at 4096 places, so a lender whose `b` is no ring-LWE sample
//! could read `u` there and strip the mask. The holder therefore encrypts numbers that hide `b·u`
//! altogether, and asks for them back. Only who can tell `b·u` from the mask alone passes; to such a
//! lender the body of an answer says nothing that the mask does not.

pub(in crate::batch) mod challenge;
mod holder;
mod lender;

use session::Culprit;

pub use challenge::{CHALLENGE_BYTES, REPLY_BYTES};
pub use holder::Holder;
pub use lender::Lender;

use crate::{Error, Fingerprint};

/// Round 1: the lender's public key, to the holder.
pub const KEY: u32 = 1;

/// Round 2: the challenge, to the lender.
pub const CHALLENGE: u32 = 2;

/// Round 3: the reply, to the holder.
pub const REPLY: u32 = 3;

/// What each round carries, for progress and error messages: round 1 first.
pub const ROUNDS: [&str; 3] = ["key", "challenge", "reply"];

/// What `round` carries, for progress and error messages.
pub fn round_name(round: u32) -> &'static str {
    match round {
        KEY => ROUNDS[0],
        CHALLENGE => ROUNDS[1],
        REPLY => ROUNDS[2],
        _ => "no round of this protocol",
    }
}

/// A lender key that passed this holder's key check: without one, no batch table is taken.
///
/// The host stores its fingerprint; a key needs one check at each holder, not one a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CheckedKey(Fingerprint);

impl CheckedKey {
    /// What the host recorded when a check of its own passed.
    pub fn from_record(fingerprint: Fingerprint) -> Self {
        Self(fingerprint)
    }

    /// Which key passed.
    pub fn fingerprint(self) -> Fingerprint {
        self.0
    }

    pub(crate) fn expect(self, agreed: Fingerprint) -> Result<(), Error> {
        let found = self.0;
        match found == agreed {
            true => Ok(()),
            false => Err(Error::OtherKey { expected: agreed, found, culprit: Culprit::Us }),
        }
    }
}
