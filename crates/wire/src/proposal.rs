//! What a party proposes to another, typed.

use domain::{Digest, PartyId, Purpose, RunId, RunKind};

use crate::field::{array, party};
use crate::terms::kind_named;
use crate::{Error, Terms, VERSION, peer};

/// A run that one party proposes to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<T> {
    /// Who proposes.
    pub from: PartyId,
    /// To whom.
    pub to: PartyId,
    /// The run's number.
    pub run: RunId,
    /// By which rules the proposer decides.
    pub rules: Rules,
    /// What it shall be.
    pub terms: T,
}

/// The rules that both sides of a run must share, and what the proposer wants it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The catalogue's hash.
    pub catalogue: Digest,
    /// The policy profile's hash.
    pub profile: Digest,
    /// The purpose.
    pub purpose: Purpose,
}

/// The kind of run that a message proposes: its terms are read by that kind.
///
/// # Errors
///
/// [`Error::Version`] before anything else is looked at; [`Error::Missing`] where there are no terms of
/// a kind that this version knows.
pub fn kind_of(message: &peer::Proposal) -> Result<RunKind, Error> {
    if message.version != VERSION {
        return Err(Error::Version { ours: VERSION, theirs: message.version });
    }
    number(message)?;
    message.terms.as_ref().map(kind_named).ok_or(Error::Missing("terms"))
}

fn number(message: &peer::Proposal) -> Result<RunId, Error> {
    array(&message.run, "run", "16 bytes").map(RunId::from_bytes)
}

impl<T: Terms> TryFrom<peer::Proposal> for Proposal<T> {
    type Error = Error;

    fn try_from(message: peer::Proposal) -> Result<Self, Error> {
        kind_of(&message)?;
        let run = number(&message)?;
        let terms = T::read(message.terms.ok_or(Error::Missing("terms"))?)?;
        Ok(Self {
            from: party(message.from, "from")?,
            to: party(message.to, "to")?,
            run,
            rules: message.rules.ok_or(Error::Missing("rules"))?.try_into()?,
            terms,
        })
    }
}

impl TryFrom<peer::Rules> for Rules {
    type Error = Error;

    fn try_from(rules: peer::Rules) -> Result<Self, Error> {
        Ok(Self {
            catalogue: Digest::from_bytes(array(&rules.catalogue, "catalogue", "32 bytes")?),
            profile: Digest::from_bytes(array(&rules.profile, "profile", "32 bytes")?),
            purpose: rules.purpose.parse().map_err(|_| Error::Field {
                field: "purpose",
                expected: "pre_loan, in_loan, post_loan or product_development",
            })?,
        })
    }
}

impl From<Rules> for peer::Rules {
    fn from(rules: Rules) -> Self {
        Self {
            catalogue: rules.catalogue.as_bytes().to_vec().into(),
            profile: rules.profile.as_bytes().to_vec().into(),
            purpose: rules.purpose.code().into(),
        }
    }
}

impl<T: Terms> From<Proposal<T>> for peer::Proposal {
    fn from(proposal: Proposal<T>) -> Self {
        Self {
            version: VERSION,
            from: proposal.from.into(),
            to: proposal.to.into(),
            run: proposal.run.to_bytes().to_vec().into(),
            rules: Some(proposal.rules.into()),
            terms: Some(proposal.terms.write()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::SubjectKind;

    use super::*;
    use crate::{KeyCheckTerms, PsiOutput, PsiProtocol, PsiTerms};

    pub(crate) fn intersection() -> PsiTerms {
        PsiTerms {
            register: "taxpayers".into(),
            subjects: SubjectKind::Uscc,
            output: PsiOutput::OneSided,
            items: 5,
            pad_to: None,
            protocol: PsiProtocol::Ecdh,
        }
    }

    pub(crate) fn proposal<T>(terms: T) -> Proposal<T> {
        Proposal {
            from: "bank".parse().unwrap(),
            to: "tax".parse().unwrap(),
            run: RunId::from_bytes([7; 16]),
            rules: Rules {
                catalogue: Digest::from_bytes([4; 32]),
                profile: Digest::from_bytes([5; 32]),
                purpose: Purpose::PreLoan,
            },
            terms,
        }
    }

    fn read(message: peer::Proposal) -> Result<Proposal<PsiTerms>, Error> {
        Proposal::try_from(message)
    }

    #[test]
    fn another_version_is_refused_before_anything_else_is_read() {
        let message = peer::Proposal { version: 2, ..Default::default() };
        assert_eq!(kind_of(&message), Err(Error::Version { ours: 1, theirs: 2 }));
        assert_eq!(read(message), Err(Error::Version { ours: 1, theirs: 2 }));
    }

    #[test]
    fn a_proposal_names_its_kind_and_is_read_as_no_other() {
        let message = peer::Proposal::from(proposal(intersection()));
        assert_eq!(kind_of(&message), Ok(RunKind::Psi));
        assert_eq!(read(message.clone()), Ok(proposal(intersection())));
        let other = Proposal::<KeyCheckTerms>::try_from(message.clone());
        assert!(matches!(other, Err(Error::Field { field: "terms", .. })));
        let none = peer::Proposal { terms: None, ..message };
        assert_eq!(kind_of(&none), Err(Error::Missing("terms")));
    }

    #[test]
    fn a_field_that_is_not_of_its_kind_is_named() {
        let good = peer::Proposal::from(proposal(intersection()));
        let short_run = peer::Proposal { run: vec![1; 15].into(), ..good.clone() };
        assert!(matches!(read(short_run), Err(Error::Field { field: "run", .. })));
        let capital = peer::Proposal { from: "Bank".into(), ..good };
        assert!(matches!(read(capital), Err(Error::Field { field: "from", .. })));
    }

    #[test]
    fn a_proposal_without_rules_or_for_no_financing_purpose_is_refused() {
        let good = peer::Proposal::from(proposal(intersection()));
        let none = peer::Proposal { rules: None, ..good.clone() };
        assert_eq!(read(none), Err(Error::Missing("rules")));
        let mut other = good;
        other.rules.as_mut().unwrap().purpose = "marketing".into();
        assert!(matches!(read(other), Err(Error::Field { field: "purpose", .. })));
    }
}
