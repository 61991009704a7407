//! What a party offers of its registers to formulas.

use domain::PartyId;
use serde::Deserialize;

use crate::config::Register;
use crate::runs::offer::Offered;

/// Answers encrypted verifications from a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    pub(super) register: String,
    pub(super) platform: PartyId,
    /// The lenders whose verifications it answers.
    pub(super) to: Vec<PartyId>,
}

impl Offered for Offer {
    fn register(&self) -> Option<&str> {
        Some(&self.register)
    }

    fn serves(&self, party: &PartyId) -> bool {
        self.platform == *party
    }

    /// A formula asks about fields, and each of them once.
    fn check(&self, register: &Register) -> Result<(), String> {
        if !register.is_governed() {
            return Err(format!(
                "the register `{}` has opaque identifiers: a formula asks about fields \
                 of the catalogue, and research data has none",
                self.register
            ));
        }
        register.binds_each_field_once()
    }
}
