//! Hashes bound to this protocol, its version and one use.

use lattice::Hasher;

/// The domain of this protocol; every hash and derived key is bound to it and to its own use.
pub const DOMAIN: &str = "tacit/scoring/v1";

/// What a hash is for.
#[derive(Clone, Copy)]
pub(crate) enum Use {
    LenderKey,
    TableTerms,
    TablePart,
    Table,
    ScoreTerms,
    Answer,
    Sum,
    Mask,
    BatchKey,
    BatchKeyMask,
    BatchTerms,
    BatchPicks,
    BatchNoise,
    BatchMask,
    BatchAnswer,
    BatchSum,
    ChallengeCoins,
    ChallengeReply,
}

impl Use {
    /// The domain string of this use.
    pub(crate) fn domain(self) -> &'static str {
        match self {
            Self::LenderKey => "tacit/scoring/v1/lender-key",
            Self::TableTerms => "tacit/scoring/v1/table-terms",
            Self::TablePart => "tacit/scoring/v1/part-of-table",
            Self::Table => "tacit/scoring/v1/table",
            Self::ScoreTerms => "tacit/scoring/v1/score-terms",
            Self::Answer => "tacit/scoring/v1/answer",
            Self::Sum => "tacit/scoring/v1/sum",
            Self::Mask => "tacit/scoring/v1/mask",
            Self::BatchKey => "tacit/scoring/v1/batch-key",
            Self::BatchKeyMask => "tacit/scoring/v1/batch-key-mask",
            Self::BatchTerms => "tacit/scoring/v1/batch-terms",
            Self::BatchPicks => "tacit/scoring/v1/batch-picks",
            Self::BatchNoise => "tacit/scoring/v1/batch-noise",
            Self::BatchMask => "tacit/scoring/v1/batch-mask",
            Self::BatchAnswer => "tacit/scoring/v1/batch-answer",
            Self::BatchSum => "tacit/scoring/v1/batch-sum",
            Self::ChallengeCoins => "tacit/scoring/v1/challenge-coins",
            Self::ChallengeReply => "tacit/scoring/v1/challenge-reply",
        }
    }

    /// A hash for this use.
    pub(crate) fn hasher(self) -> Hasher {
        Hasher::new(self.domain())
    }
}
