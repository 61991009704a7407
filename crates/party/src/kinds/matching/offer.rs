//! What a party offers of its registers to matches.

use domain::PartyId;
use serde::Deserialize;

use crate::config::Register;
use crate::runs::offer::Offered;

/// Says of a list of subjects whether what a lender claims of each is so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    pub(super) register: String,
    /// Over which platform subjects authorise these lenders; needed where they have to.
    pub(super) platform: Option<PartyId>,
    /// The lenders whose claims it answers.
    pub(super) to: Vec<PartyId>,
}

impl Offered for Offer {
    fn register(&self) -> Option<&str> {
        Some(&self.register)
    }

    fn serves(&self, party: &PartyId) -> bool {
        self.platform.as_ref() == Some(party) || self.to.contains(party)
    }

    /// A claim is of fields, each of them once, and subjects say over whom they allow it.
    fn check(&self, register: &Register) -> Result<(), String> {
        register.binds_each_field_once()?;
        if self.platform.is_none() && register.is_governed() {
            return Err(format!(
                "the offer of `{}` for matches names no `platform`: that over which \
                 subjects authorise its lenders",
                self.register
            ));
        }
        Ok(())
    }
}
