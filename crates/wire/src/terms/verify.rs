//! The terms of a verification: the key that it computes under, and the question.

use domain::{ClassId, PartyId, SubjectKind};
use formula::{MAX_ATOMS, MAX_CLAIMS, MAX_FORMULA};
use prost::Message;

use crate::field::{MAX_HOLDERS, array, authorisation, kind, party, persons, sealed, short};
use crate::{Error, peer};

/// Lender to whoever computes under its verification key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationTerms {
    /// Fingerprint of the lender's verification key.
    pub lender_key: [u8; 32],
}

/// Lender to platform, and platform to holder.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyTerms {
    /// The formula in its canonical form, what is claimed left out.
    pub formula: String,
    /// Who will read the answer.
    pub lender: PartyId,
    /// The kind of identifier.
    pub kind: SubjectKind,
    /// The identifier as written.
    pub subject: String,
    /// The subject's authorisation, as the JSON of a DSSE envelope; none where none is needed.
    pub authorisation: Option<Vec<u8>>,
    /// Those of natural persons, likewise.
    pub persons: Vec<Vec<u8>>,
    /// Fingerprint of the lender's verification key.
    pub lender_key: [u8; 32],
    /// SHA-256 of each number that comes encrypted, in the order of the formula.
    pub thresholds: Vec<[u8; 32]>,
    /// From the platform alone: who answers which atom.
    pub routing: Option<Routing>,
    /// From the platform alone: the lender's public key.
    pub public_key: Vec<u8>,
    /// The commitment to each claim, in the order of the formula.
    pub claims: Vec<[u8; 32]>,
    /// The box of each claim; to a holder, those of its own atoms alone.
    pub boxes: Vec<[u8; CLAIM_BOX]>,
    /// The question as the lender has signed it, as the JSON of a DSSE envelope; empty where nobody has.
    pub question: Vec<u8>,
    /// Opens the question's commitment to the subject.
    pub salt: [u8; 32],
}

impl VerifyTerms {
    /// Encodes what the lender signs of its terms: all but the question itself, what the platform adds,
    /// and the boxes, whose claims are named by their commitments.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self {
            question: Vec::new(),
            routing: None,
            public_key: Vec::new(),
            boxes: Vec::new(),
            ..self.clone()
        };
        peer::VerifyTerms::from(unsigned).encode_to_vec()
    }
}

/// Which holder answers which atom of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// In the order of their first atoms.
    pub holders: Vec<PartyId>,
    /// For each atom, its holder's place in the list.
    pub places: Vec<u8>,
}

/// A holder that a platform asks about some classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Who.
    pub holder: PartyId,
    /// About what.
    pub classes: Vec<ClassId>,
}

/// Bytes of the box of a claim.
pub const CLAIM_BOX: usize = 304;
/// A declared number has two thresholds.
const MAX_THRESHOLDS: usize = 2 * MAX_ATOMS;
/// The longest public key, in bytes.
const MAX_KEY: usize = 32 << 10;
/// There are no more classes than that.
const MAX_CLASSES: usize = 999;

// The subject is a firm or a person: not for logs.
impl std::fmt::Debug for VerifyTerms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyTerms").field("lender", &self.lender).finish_non_exhaustive()
    }
}

/// The routes of an agreement.
///
/// # Errors
///
/// [`Error::Field`] when they are no routes, or two are of one class.
pub fn routes(agreement: &peer::EvaluationAgreement) -> Result<Vec<Route>, Error> {
    let class = |number: &u32| {
        let class = u16::try_from(*number).ok().and_then(|number| ClassId::new(number).ok());
        class.ok_or(Error::Field { field: "classes", expected: "classes from 1 to 999" })
    };
    if agreement.routes.len() > MAX_CLASSES {
        return Err(Error::Field { field: "routes", expected: "at most 999 routes" });
    }
    let route = |route: &peer::Route| {
        if route.classes.len() > MAX_CLASSES {
            return Err(Error::Field { field: "classes", expected: "at most 999 classes" });
        }
        let classes = route.classes.iter().map(class).collect::<Result<_, _>>()?;
        Ok(Route { holder: party(route.holder.clone(), "holder")?, classes })
    };
    let routes: Vec<Route> = agreement.routes.iter().map(route).collect::<Result<_, _>>()?;
    let mut classes: Vec<ClassId> = routes.iter().flat_map(|r| r.classes.iter().copied()).collect();
    let all = classes.len();
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < all {
        return Err(Error::Field { field: "routes", expected: "one holder for each class" });
    }
    Ok(routes)
}

impl From<Route> for peer::Route {
    fn from(Route { holder, classes }: Route) -> Self {
        let classes = classes.into_iter().map(|class| class.number().into()).collect();
        Self { holder: holder.into(), classes }
    }
}

impl TryFrom<peer::EvaluationTerms> for EvaluationTerms {
    type Error = Error;

    fn try_from(terms: peer::EvaluationTerms) -> Result<Self, Error> {
        Ok(Self { lender_key: array(&terms.lender_key, "lender_key", "32 bytes")? })
    }
}

impl From<EvaluationTerms> for peer::EvaluationTerms {
    fn from(terms: EvaluationTerms) -> Self {
        Self { lender_key: terms.lender_key.to_vec().into() }
    }
}

impl TryFrom<peer::Routing> for Routing {
    type Error = Error;

    fn try_from(routing: peer::Routing) -> Result<Self, Error> {
        let peer::Routing { holders, places } = routing;
        if holders.is_empty() || holders.len() > MAX_HOLDERS {
            return Err(Error::Field { field: "holders", expected: "1 to 16 parties" });
        }
        if places.is_empty() || places.len() > MAX_ATOMS {
            return Err(Error::Field { field: "places", expected: "1 to 32 atoms" });
        }
        if places.iter().any(|place| usize::from(*place) >= holders.len()) {
            return Err(Error::Field {
                field: "places",
                expected: "places of the list of holders",
            });
        }
        let holders = holders.into_iter().map(|holder| party(holder, "holders"));
        Ok(Self { holders: holders.collect::<Result<_, _>>()?, places: places.to_vec() })
    }
}

impl From<Routing> for peer::Routing {
    fn from(routing: Routing) -> Self {
        let holders = routing.holders.into_iter().map(Into::into).collect();
        Self { holders, places: routing.places.into() }
    }
}

impl TryFrom<peer::VerifyTerms> for VerifyTerms {
    type Error = Error;

    fn try_from(terms: peer::VerifyTerms) -> Result<Self, Error> {
        if terms.formula.is_empty() || terms.formula.len() > MAX_FORMULA {
            return Err(Error::Field { field: "formula", expected: "1 to 4096 bytes of text" });
        }
        if terms.thresholds.len() > MAX_THRESHOLDS {
            return Err(Error::Field { field: "thresholds", expected: "at most 64 digests" });
        }
        if terms.public_key.len() > MAX_KEY {
            return Err(Error::Field { field: "public_key", expected: "at most 32 KiB" });
        }
        if terms.claims.len() > MAX_CLAIMS {
            return Err(Error::Field { field: "claims", expected: "at most 64 digests" });
        }
        if terms.boxes.len() > terms.claims.len() {
            return Err(Error::Field { field: "boxes", expected: "at most one for each claim" });
        }
        let digest = |digest: &bytes::Bytes| array(digest, "thresholds", "32 bytes each");
        let claim = |claim: &bytes::Bytes| array(claim, "claims", "32 bytes each");
        let closed = |closed: &bytes::Bytes| array(closed, "boxes", "304 bytes each");
        Ok(Self {
            formula: terms.formula,
            lender: party(terms.lender, "lender")?,
            kind: kind(&terms.kind, "kind")?,
            subject: short(terms.subject, "subject")?,
            authorisation: authorisation(&terms.authorisation)?,
            persons: persons(&terms.persons)?,
            lender_key: array(&terms.lender_key, "lender_key", "32 bytes")?,
            thresholds: terms.thresholds.iter().map(digest).collect::<Result<_, _>>()?,
            routing: terms.routing.map(TryInto::try_into).transpose()?,
            public_key: terms.public_key.to_vec(),
            claims: terms.claims.iter().map(claim).collect::<Result<_, _>>()?,
            boxes: terms.boxes.iter().map(closed).collect::<Result<_, _>>()?,
            question: sealed(&terms.question, "question")?,
            salt: array(&terms.salt, "salt", "32 bytes")?,
        })
    }
}

impl From<VerifyTerms> for peer::VerifyTerms {
    fn from(terms: VerifyTerms) -> Self {
        Self {
            formula: terms.formula,
            lender: terms.lender.into(),
            kind: terms.kind.to_string(),
            subject: terms.subject,
            authorisation: terms.authorisation.unwrap_or_default().into(),
            persons: terms.persons.into_iter().map(Into::into).collect(),
            lender_key: terms.lender_key.to_vec().into(),
            thresholds: terms.thresholds.iter().map(|digest| digest.to_vec().into()).collect(),
            routing: terms.routing.map(Into::into),
            public_key: terms.public_key.into(),
            claims: terms.claims.iter().map(|digest| digest.to_vec().into()).collect(),
            boxes: terms.boxes.iter().map(|closed| closed.to_vec().into()).collect(),
            question: terms.question.into(),
            salt: terms.salt.to_vec().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> VerifyTerms {
        VerifyTerms {
            formula: "2.in_arrears_now".into(),
            lender: "bank".parse().unwrap(),
            kind: SubjectKind::Uscc,
            subject: "91320100PDY00001XR".into(),
            authorisation: Some(b"{}".to_vec()),
            persons: vec![b"{}".to_vec()],
            lender_key: [1; 32],
            thresholds: vec![[2; 32], [3; 32]],
            routing: Some(Routing {
                holders: vec!["tax".parse().unwrap(), "social".parse().unwrap()],
                places: vec![0, 1, 0],
            }),
            public_key: vec![4; 100],
            claims: vec![[5; 32], [6; 32]],
            boxes: vec![[7; CLAIM_BOX]],
            question: b"{}".to_vec(),
            salt: [8; 32],
        }
    }

    #[test]
    fn a_lender_signs_every_term_but_those_that_its_platform_adds() {
        let signed = terms().signed_bytes();
        let added = VerifyTerms {
            routing: None,
            public_key: Vec::new(),
            boxes: Vec::new(),
            question: Vec::new(),
            ..terms()
        };
        assert_eq!(added.signed_bytes(), signed);
        let altered = [
            VerifyTerms { formula: "not 2.in_arrears_now".into(), ..terms() },
            VerifyTerms { subject: "91320500PDY0001750".into(), ..terms() },
            VerifyTerms { authorisation: None, ..terms() },
            VerifyTerms { persons: Vec::new(), ..terms() },
            VerifyTerms { thresholds: vec![[3; 32], [2; 32]], ..terms() },
            VerifyTerms { claims: Vec::new(), ..terms() },
            VerifyTerms { salt: [9; 32], ..terms() },
        ];
        assert!(altered.iter().all(|altered| altered.signed_bytes() != signed));
    }

    #[test]
    fn terms_survive_the_wire_and_print_neither_subject_nor_formula() {
        let read = VerifyTerms::try_from(peer::VerifyTerms::from(terms())).unwrap();
        assert_eq!(read, terms());
        let printed = format!("{read:?}");
        assert!(!printed.contains("91320100") && !printed.contains("arrears"));
        let key = EvaluationTerms { lender_key: [5; 32] };
        assert_eq!(EvaluationTerms::try_from(peer::EvaluationTerms::from(key.clone())), Ok(key));
    }

    #[test]
    fn what_is_too_long_or_points_nowhere_is_refused() {
        let good = peer::VerifyTerms::from(terms());
        let routed =
            |routing: peer::Routing| peer::VerifyTerms { routing: Some(routing), ..good.clone() };
        let holders = || vec!["tax".to_owned()];
        for (field, bad) in [
            ("formula", peer::VerifyTerms { formula: "x".repeat(4097), ..good.clone() }),
            ("formula", peer::VerifyTerms { formula: String::new(), ..good.clone() }),
            (
                "thresholds",
                peer::VerifyTerms { thresholds: vec![vec![0; 32].into(); 65], ..good.clone() },
            ),
            (
                "thresholds",
                peer::VerifyTerms { thresholds: vec![vec![0; 31].into()], ..good.clone() },
            ),
            (
                "public_key",
                peer::VerifyTerms { public_key: vec![0; 40_000].into(), ..good.clone() },
            ),
            ("claims", peer::VerifyTerms { claims: vec![vec![0; 32].into(); 65], ..good.clone() }),
            ("claims", peer::VerifyTerms { claims: vec![vec![0; 33].into(); 2], ..good.clone() }),
            ("boxes", peer::VerifyTerms { boxes: vec![vec![0; 304].into(); 3], ..good.clone() }),
            ("boxes", peer::VerifyTerms { boxes: vec![vec![0; 305].into()], ..good.clone() }),
            ("boxes", peer::VerifyTerms { boxes: vec![vec![0; 1 << 20].into()], ..good.clone() }),
            ("places", routed(peer::Routing { holders: holders(), places: vec![1].into() })),
            ("places", routed(peer::Routing { holders: holders(), places: vec![0; 33].into() })),
            ("holders", routed(peer::Routing { holders: Vec::new(), places: vec![0].into() })),
        ] {
            let refused = VerifyTerms::try_from(bad);
            assert!(
                matches!(refused, Err(Error::Field { field: found, .. }) if found == field),
                "{field}"
            );
        }
    }

    #[test]
    fn routes_survive_the_wire() {
        let route = Route {
            holder: "tax".parse().unwrap(),
            classes: vec!["1".parse().unwrap(), "4".parse().unwrap()],
        };
        let agreement =
            |routes| peer::EvaluationAgreement { routes, ..peer::EvaluationAgreement::default() };
        assert_eq!(routes(&agreement(vec![route.clone().into()])), Ok(vec![route.clone()]));
        // Whom a claim is encrypted to must not be a matter of order.
        let again =
            Route { holder: "social".parse().unwrap(), classes: vec!["4".parse().unwrap()] };
        assert!(routes(&agreement(vec![route.into(), again.into()])).is_err());
        let strange = peer::Route { holder: "tax".into(), classes: vec![0] };
        assert!(routes(&agreement(vec![strange])).is_err());
    }
}
