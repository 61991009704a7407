//! What the time of an intersection goes to.

/// A kind of work of an intersection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Items hashed under the salt (VOLE).
    Hash,
    /// Items hashed to the group, points masked and encoded (ECDH).
    Curve,
    /// Base OT and their extension (VOLE).
    Ot,
    /// Trees, and the compression of their leaves under LPN (VOLE).
    Lpn,
    /// The encoding, an OKVS: made, masked and decoded (VOLE).
    Okvs,
    /// Tags or values sorted and compared.
    Compare,
}

/// Hears of each stretch of work of a session when it is over: all since it heard last was of that stage.
///
/// A session reads no clock. Whoever listens may.
pub trait Profile: Send + Sync {
    /// What was just done.
    fn spent(&self, stage: Stage);
}

/// Nobody listens.
pub(crate) struct Unheard;

impl Profile for Unheard {
    fn spent(&self, _: Stage) {}
}
