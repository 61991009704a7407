//! What a party offers of its registers to intersections.

use domain::PartyId;
use serde::{Deserialize, Serialize};

use crate::config::Register;
use crate::runs::offer::Offered;

/// Takes part in private set intersections with a register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    pub(super) register: String,
    pub(super) to: Vec<PartyId>,
    pub(super) outputs: Vec<Output>,
    /// By which protocols. When absent by any where the register is research data, and by ECDH alone
    /// where it is of firms or persons: over VOLE a changed program can test more than it says.
    pub(super) protocols: Option<Vec<OfferedProtocol>>,
    /// Over VOLE, the checked variant alone.
    #[serde(default)]
    pub(super) checked: bool,
    /// The largest set that a peer may bring; the party's own limit when absent.
    pub(super) max_items: Option<u64>,
}

/// Who learns what in a private set intersection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Output {
    OneSided,
    TwoSided,
    Cardinality,
}

/// By which protocol an offer finds an intersection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum OfferedProtocol {
    Ecdh,
    Vole,
}

impl Offered for Offer {
    fn register(&self) -> Option<&str> {
        Some(&self.register)
    }

    fn serves(&self, party: &PartyId) -> bool {
        self.to.contains(party)
    }

    /// A count takes ECDH, and ECDH has no checked variant.
    fn check(&self, register: &Register) -> Result<(), String> {
        if self.checked && !self.takes(OfferedProtocol::Vole, register) {
            let register = &self.register;
            return Err(format!(
                "the offer of the register `{register}` is checked and has no \"vole\" among its \
                 protocols: the checked variant is of vole"
            ));
        }
        let Self { register, outputs, protocols, .. } = self;
        let Some(protocols) = protocols else { return Ok(()) };
        if !protocols.contains(&OfferedProtocol::Ecdh)
            && (protocols.is_empty() || outputs.contains(&Output::Cardinality))
        {
            return Err(format!(
                "the offer of the register `{register}` needs \"ecdh\" among its protocols, or no \
                 cardinality among its outputs: vole gives no count"
            ));
        }
        Ok(())
    }
}

impl Offer {
    /// Whether it serves by this protocol, said or not.
    pub(super) fn takes(&self, wanted: OfferedProtocol, register: &Register) -> bool {
        let unsaid = wanted == OfferedProtocol::Ecdh || !register.is_governed();
        self.protocols.as_ref().map_or(unsaid, |all| all.contains(&wanted))
    }
}

impl From<Output> for wire::PsiOutput {
    fn from(output: Output) -> Self {
        match output {
            Output::OneSided => Self::OneSided,
            Output::TwoSided => Self::TwoSided,
            Output::Cardinality => Self::Cardinality,
        }
    }
}
