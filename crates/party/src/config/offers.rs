//! The offers of `party.toml`: which kinds of runs a party takes part in, and for whom.

use domain::RunKind;
use serde::Deserialize;

use crate::kinds::{issue, matching, psi, score, train, verify};
use crate::runs::offer::Offered;

/// Something that this party does for others: an offer of a kind of run, which says more of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "protocol", rename_all = "lowercase")]
pub(crate) enum Offer {
    Psi(psi::Offer),
    Score(score::Offer),
    Verify(verify::Offer),
    Match(matching::Offer),
    Train(train::Offer),
    Key(issue::Offer),
}

impl Offer {
    /// Of what kind the runs are.
    pub(crate) fn kind(&self) -> RunKind {
        match self {
            Self::Psi(_) => RunKind::Psi,
            Self::Score(_) => RunKind::Score,
            Self::Verify(_) => RunKind::Verify,
            Self::Match(_) => RunKind::Match,
            Self::Train(_) => RunKind::Train,
            Self::Key(_) => RunKind::Key,
        }
    }

    /// What it says, whatever it is of.
    pub(crate) fn offered(&self) -> &dyn Offered {
        match self {
            Self::Psi(offer) => offer,
            Self::Score(offer) => offer,
            Self::Verify(offer) => offer,
            Self::Match(offer) => offer,
            Self::Train(offer) => offer,
            Self::Key(offer) => offer,
        }
    }
}
