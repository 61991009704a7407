//! What a party offers of its registers to joint trainings.

use domain::PartyId;
use serde::Deserialize;

use crate::config::Register;
use crate::runs::offer::Offered;

/// Brings columns of a register into joint trainings, each under a job that is countersigned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    pub(crate) register: String,
    /// The lenders that may lay jobs before it.
    pub(crate) to: Vec<PartyId>,
}

impl Offered for Offer {
    fn register(&self) -> Option<&str> {
        Some(&self.register)
    }

    fn serves(&self, party: &PartyId) -> bool {
        self.to.contains(party)
    }

    /// A job names fields, each of them once.
    fn check(&self, register: &Register) -> Result<(), String> {
        register.binds_each_field_once()
    }
}
