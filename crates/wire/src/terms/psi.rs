//! What is proposed of a private set intersection, typed.

use domain::SubjectKind;

use crate::field::{kind, short};
use crate::{Error, peer};

/// The terms of a private set intersection; the proposer is the receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PsiTerms {
    /// The acceptor's register that takes part.
    pub register: String,
    /// The kind of identifier that both sides bring.
    pub subjects: SubjectKind,
    /// Who learns what.
    pub output: PsiOutput,
    /// How many items the proposer sends, padding included.
    pub items: u64,
    /// The acceptor pads its set to this many items.
    pub pad_to: Option<u64>,
    /// By which protocol.
    pub protocol: PsiProtocol,
}

/// The protocol that finds an intersection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PsiProtocol {
    /// Diffie–Hellman over ristretto255.
    Ecdh,
    /// VOLE, with a numbered set of parameters.
    Vole {
        /// Which set, from 1; whoever accepts must know it.
        parameters: u32,
        /// The variant for peers that may not follow the protocol.
        checked: bool,
    },
}

/// What a private set intersection yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PsiOutput {
    /// The proposer learns which of its items the acceptor has.
    OneSided,
    /// Both learn which items they share.
    TwoSided,
    /// The proposer learns how many items they share.
    Cardinality,
}

impl TryFrom<peer::PsiTerms> for PsiTerms {
    type Error = Error;

    fn try_from(terms: peer::PsiTerms) -> Result<Self, Error> {
        let output = match terms.output() {
            peer::PsiOutput::OneSided => PsiOutput::OneSided,
            peer::PsiOutput::TwoSided => PsiOutput::TwoSided,
            peer::PsiOutput::Cardinality => PsiOutput::Cardinality,
            peer::PsiOutput::Unspecified => return Err(Error::Missing("output")),
        };
        let protocol = match terms.protocol() {
            peer::PsiProtocol::Ecdh if terms.parameters > 0 => {
                return Err(Error::Field { field: "parameters", expected: "0: ecdh has none" });
            }
            peer::PsiProtocol::Ecdh if terms.checked => {
                let expected = "false: ecdh has no such variant";
                return Err(Error::Field { field: "checked", expected });
            }
            peer::PsiProtocol::Ecdh => PsiProtocol::Ecdh,
            peer::PsiProtocol::Vole => {
                PsiProtocol::Vole { parameters: terms.parameters, checked: terms.checked }
            }
            peer::PsiProtocol::Unspecified => return Err(Error::Missing("protocol")),
        };
        Ok(Self {
            register: short(terms.register, "register")?,
            subjects: kind(&terms.subjects, "subjects")?,
            output,
            items: terms.items,
            pad_to: (terms.pad_to > 0).then_some(terms.pad_to),
            protocol,
        })
    }
}

impl From<PsiTerms> for peer::PsiTerms {
    fn from(terms: PsiTerms) -> Self {
        let output = match terms.output {
            PsiOutput::OneSided => peer::PsiOutput::OneSided,
            PsiOutput::TwoSided => peer::PsiOutput::TwoSided,
            PsiOutput::Cardinality => peer::PsiOutput::Cardinality,
        };
        let (protocol, parameters, checked) = match terms.protocol {
            PsiProtocol::Ecdh => (peer::PsiProtocol::Ecdh, 0, false),
            PsiProtocol::Vole { parameters, checked } => {
                (peer::PsiProtocol::Vole, parameters, checked)
            }
        };
        Self {
            register: terms.register,
            subjects: terms.subjects.to_string(),
            output: output.into(),
            items: terms.items,
            pad_to: terms.pad_to.unwrap_or(0),
            protocol: protocol.into(),
            parameters,
            checked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intersection_names_its_protocol_and_parameters_only_where_there_are_any() {
        let ecdh = peer::PsiTerms {
            register: "taxpayers".into(),
            subjects: "uscc".into(),
            output: peer::PsiOutput::OneSided.into(),
            items: 5,
            pad_to: 0,
            protocol: peer::PsiProtocol::Ecdh.into(),
            parameters: 0,
            checked: false,
        };
        assert!(PsiTerms::try_from(ecdh.clone()).is_ok());
        let none = peer::PsiTerms { protocol: 0, ..ecdh.clone() };
        assert_eq!(PsiTerms::try_from(none), Err(Error::Missing("protocol")));
        let unknown = peer::PsiTerms { protocol: 99, ..ecdh.clone() };
        assert_eq!(PsiTerms::try_from(unknown), Err(Error::Missing("protocol")));
        let numbered = peer::PsiTerms { parameters: 1, ..ecdh.clone() };
        let refused = PsiTerms::try_from(numbered);
        assert!(matches!(refused, Err(Error::Field { field: "parameters", .. })));
        let checked = peer::PsiTerms { checked: true, ..ecdh.clone() };
        let refused = PsiTerms::try_from(checked);
        assert!(matches!(refused, Err(Error::Field { field: "checked", .. })));
        for checked in [false, true] {
            let protocol = peer::PsiProtocol::Vole.into();
            let vole = peer::PsiTerms { protocol, parameters: 1, checked, ..ecdh.clone() };
            let terms = PsiTerms::try_from(vole.clone()).unwrap();
            assert_eq!(terms.protocol, PsiProtocol::Vole { parameters: 1, checked });
            assert_eq!(peer::PsiTerms::from(terms), vole);
        }
    }
}
