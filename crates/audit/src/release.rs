//! What is released, to whom, and on what ground: the same words in a record and in a receipt.

use std::collections::BTreeSet;

use consent::{AuthorisationId, Covered};
use domain::{ClassId, Digest, Field, MAX_PERSONS, ModelId, Output, PartyId, Purpose, RunId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Error;

/// The most fields that a request names; the largest catalogue we know has 362 in all.
pub const MAX_FIELDS: usize = 400;

/// What somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// SHA-256 of the request's bytes, which say about whom: they must hold random bytes that no
    /// record repeats, or whoever reads the log finds the subject by trying.
    pub request: Digest,
    /// The run that serves it.
    pub run: RunId,
    /// The fields that it reads.
    pub fields: Fields,
    /// What is to come of them.
    pub output: Output,
    /// What for.
    pub purpose: Purpose,
    /// By which model or predicate.
    pub question: Question,
    /// The platform in between.
    pub platform: PartyId,
    /// Who gets the result.
    pub receiver: PartyId,
}

/// By which model or predicate the result comes about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// A registered model, or the plan of a training.
    Model {
        /// Its name and version.
        id: ModelId,
        /// SHA-256 of its canonical bytes.
        hash: Digest,
    },
    /// A formula over fields, by the SHA-256 of its text: a threshold is no word for a record. Names
    /// and numbers that were claimed are left out of it, for there are too few of them to hide.
    Predicate {
        /// The hash.
        hash: Digest,
    },
}

impl Question {
    /// The model, if it is one.
    #[must_use]
    pub fn model(&self) -> Option<&ModelId> {
        match self {
            Self::Model { id, .. } => Some(id),
            Self::Predicate { .. } => None,
        }
    }
}

/// Different fields, at most 400, in order. None where the party that writes does not know them: a
/// platform passes questions on, and what a holder reads for them is the holder's own binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Field>", into = "Vec<Field>")]
pub struct Fields(BTreeSet<Field>);

impl Fields {
    /// A set of fields.
    ///
    /// # Errors
    ///
    /// [`Error::Fields`] for more than [`MAX_FIELDS`].
    pub fn new(fields: BTreeSet<Field>) -> Result<Self, Error> {
        if fields.len() <= MAX_FIELDS { Ok(Self(fields)) } else { Err(Error::Fields) }
    }

    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.0.iter()
    }

    /// Their classes.
    #[must_use]
    pub fn classes(&self) -> BTreeSet<ClassId> {
        self.0.iter().map(Field::class).collect()
    }
}

impl TryFrom<Vec<Field>> for Fields {
    type Error = Error;

    fn try_from(list: Vec<Field>) -> Result<Self, Error> {
        if !list.is_sorted_by(|one, next| one < next) {
            return Err(Error::Fields);
        }
        Self::new(list.into_iter().collect())
    }
}

impl From<Fields> for Vec<Field> {
    fn from(fields: Fields) -> Self {
        fields.0.into_iter().collect()
    }
}

/// On what ground something is released. Where an authorisation is needed there is one: a
/// verification without it cannot be written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LegalBasis {
    /// Joint modelling; the authorisation where the profile asks for one.
    JointModelling(Option<Authorised>),
    /// A verification after the subject's authorisation.
    Verification(Authorised),
    /// Declared public.
    Public,
    /// Asked for by a court or another authority by law.
    Court,
    /// Research data, about nobody.
    Research,
}

impl LegalBasis {
    /// Which kind of legal basis it is.
    #[must_use]
    pub const fn kind(&self) -> LegalBasisKind {
        match self {
            Self::JointModelling(_) => LegalBasisKind::JointModelling,
            Self::Verification(_) => LegalBasisKind::Verification,
            Self::Public => LegalBasisKind::Public,
            Self::Court => LegalBasisKind::Court,
            Self::Research => LegalBasisKind::Research,
        }
    }

    /// The authorisation that it rests on, if it needs one.
    #[must_use]
    pub const fn authorised(&self) -> Option<&Authorised> {
        match self {
            Self::JointModelling(authorised) => authorised.as_ref(),
            Self::Verification(authorised) => Some(authorised),
            Self::Public | Self::Court | Self::Research => None,
        }
    }
}

/// The lanes by which data may be used: every release says which.
///
/// For what is not public the State Council's policy names the first two (questions and answers on
/// 国办发〔2021〕52号).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegalBasisKind {
    /// Joint modelling of provider and platform.
    JointModelling,
    /// Verification after the subject's authorisation.
    Verification,
    /// Data that everybody may see.
    Public,
    /// A court's or another authority's order.
    Court,
    /// Research data.
    Research,
}

impl LegalBasisKind {
    /// The stable word that records carry.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::JointModelling => "joint_modelling",
            Self::Verification => "verification",
            Self::Public => "public",
            Self::Court => "court",
            Self::Research => "research",
        }
    }
}

/// The authorisations that a release rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorised {
    /// The subject's.
    pub subject: Named,
    /// Those of the natural persons whose rows were touched: 16 at most.
    #[serde(deserialize_with = "few")]
    pub persons: Vec<Named>,
}

/// An authorisation as a release names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its number.
    pub id: AuthorisationId,
    /// Its version, from 1.
    pub version: u32,
    /// SHA-256 of the signed record.
    pub record: Digest,
    /// SHA-256 of the registry's signed statement that it was in force.
    pub statement: Digest,
}

impl Authorised {
    /// What a decision rests on; none where it needed no authorisation.
    #[must_use]
    pub fn by(covered: &Covered) -> Option<Self> {
        let subject = covered.authorisation()?.into();
        Some(Self { subject, persons: covered.persons().iter().map(Named::from).collect() })
    }
}

impl From<&consent::Proof> for Named {
    fn from(proof: &consent::Proof) -> Self {
        Self {
            id: proof.id().clone(),
            version: proof.version(),
            record: proof.record_hash(),
            statement: proof.statement_hash(),
        }
    }
}

/// Reads as many persons as a decision can look at, and no more.
fn few<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Named>, D::Error> {
    let persons = Vec::deserialize(deserializer)?;
    if persons.len() > MAX_PERSONS {
        return Err(D::Error::custom("too many persons"));
    }
    Ok(persons)
}

/// A decision to release: what was asked for, on what ground, by which rules, out of which rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// What was asked for.
    pub asked: Asked,
    /// On what ground it is released.
    pub ground: LegalBasis,
    /// SHA-256 of the catalogue that was in force.
    pub catalogue: Digest,
    /// SHA-256 of the policy profile that was in force.
    pub profile: Digest,
    /// The commitment to the batch of the register that the rows came from.
    pub batch: Digest,
}
