//! Hashes bound to this protocol, its version and one use.

use sha2::{Digest, Sha256};

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
}

/// A SHA-256 in progress: the domain string behind its length in one byte, then the content.
#[derive(Clone)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn new(purpose: Use) -> Self {
        let domain = purpose.domain().as_bytes();
        let length = u8::try_from(domain.len()).expect("a domain string is short");
        Self(Sha256::new().chain_update([length]).chain_update(domain))
    }

    pub(crate) fn with(mut self, part: &[u8]) -> Self {
        self.0.update(part);
        self
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
