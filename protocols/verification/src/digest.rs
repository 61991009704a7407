//! Hashes bound to this protocol, its version and one use.

use lattice::Hasher;

/// The domain of this protocol; every hash is bound to it and to its own use.
pub const DOMAIN: &str = "tacit/verification/v1";

/// What a hash is for.
#[derive(Clone, Copy)]
pub(crate) enum Use {
    LenderKey,
    EvaluationKey,
    Threshold,
    Terms,
    Atoms,
    Combined,
    Claim,
    ClaimBox,
}

impl Use {
    /// The domain string of this use.
    pub(crate) fn domain(self) -> &'static str {
        match self {
            Self::LenderKey => "tacit/verification/v1/lender-key",
            Self::EvaluationKey => "tacit/verification/v1/evaluation-key",
            Self::Threshold => "tacit/verification/v1/threshold",
            Self::Terms => "tacit/verification/v1/terms",
            Self::Atoms => "tacit/verification/v1/atoms",
            Self::Combined => "tacit/verification/v1/combined",
            Self::Claim => "tacit/verification/v1/claim",
            Self::ClaimBox => "tacit/verification/v1/claim-box",
        }
    }

    /// A hash for this use.
    pub(crate) fn hasher(self) -> Hasher {
        Hasher::new(self.domain())
    }
}
