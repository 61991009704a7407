//! What a kind's `[[offer]]` says to whoever looks at all offers alike.

use domain::PartyId;

use crate::config::Register;

/// Something that this party does for others, in runs of one kind.
pub(crate) trait Offered {
    /// The register that it names.
    fn register(&self) -> Option<&str>;

    /// Whether others are told something of that register; what the party alone reads need not be
    /// bound to the catalogue.
    fn opens_register(&self) -> bool {
        true
    }

    /// Whether it lets this party have something that authorisations rule.
    fn serves(&self, party: &PartyId) -> bool;

    /// Says why it cannot be made of its register, if it cannot.
    fn check(&self, register: &Register) -> Result<(), String>;
}
