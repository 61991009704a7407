//! What a lender offers to platforms that publish models to it.

use domain::PartyId;
use serde::Deserialize;

use crate::config::Register;
use crate::runs::offer::Offered;

/// Sends its scoring key to platforms, and takes their models.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    pub(super) to: Vec<PartyId>,
    /// Where the lender finds what its own block of a model asks; it is offered to nobody.
    pub(super) register: Option<String>,
}

impl Offer {
    /// The register from which the lender fills its slot of a platform's models.
    pub(crate) fn own_register(&self, platform: &PartyId) -> Option<&str> {
        self.register.as_deref().filter(|_| self.to.contains(platform))
    }
}

impl Offered for Offer {
    fn register(&self) -> Option<&str> {
        self.register.as_deref()
    }

    fn opens_register(&self) -> bool {
        false
    }

    fn serves(&self, _party: &PartyId) -> bool {
        false
    }

    fn check(&self, _register: &Register) -> Result<(), String> {
        Ok(())
    }
}
