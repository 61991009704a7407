//! What a party offers of its registers to scores.

use domain::PartyId;
use serde::Deserialize;

use crate::config::Register;
use crate::runs::offer::Offered;

/// Answers encrypted scores from a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    pub(crate) register: String,
    pub(crate) platform: PartyId,
    /// The lenders whose scores it answers.
    pub(crate) to: Vec<PartyId>,
}

impl Offered for Offer {
    fn register(&self) -> Option<&str> {
        Some(&self.register)
    }

    fn serves(&self, party: &PartyId) -> bool {
        self.platform == *party
    }

    fn check(&self, _register: &Register) -> Result<(), String> {
        Ok(())
    }
}
