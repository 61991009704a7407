//! What a party proposes to another, typed.

use domain::{Digest, MAX_PERSONS, ModelId, PartyId, Purpose, RunId, SubjectKind};
use prost::Message;

use crate::peer::{self, proposal};
use crate::{
    BatchTerms, Error, EvaluationTerms, MatchTerms, PsiTerms, TrainTerms, TrialTerms, VERSION,
    VerifyTerms,
};

/// A run that one party proposes to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Who proposes.
    pub from: PartyId,
    /// To whom.
    pub to: PartyId,
    /// The run's number.
    pub run: RunId,
    /// By which rules the proposer decides.
    pub rules: Rules,
    /// What it shall be.
    pub terms: Terms,
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

/// What a run shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
    /// A private set intersection.
    Psi(PsiTerms),
    /// Platform to lender: send the key that a model's points shall be encrypted to.
    Key(KeyTerms),
    /// Platform to holder: take a model's encrypted points.
    Table(TableTerms),
    /// One subject's score.
    Score(ScoreTerms),
    /// Holder to lender: show that the batch key is well formed.
    Trial(TrialTerms),
    /// A step of the scoring of a whole list.
    Batch(BatchTerms),
    /// Lender to whoever computes under its key: take the evaluation key.
    Evaluation(EvaluationTerms),
    /// A formula about one subject.
    Verify(VerifyTerms),
    /// Claims about the subjects of a list.
    Match(MatchTerms),
    /// A step of a joint training.
    Train(TrainTerms),
}

/// A model as published to one lender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The model.
    pub model: ModelId,
    /// The registration that it publishes: a salted hash of the scorecard.
    pub registration: [u8; 32],
    /// For whom its points are encrypted.
    pub lender: PartyId,
    /// Every holder whose answer the sum takes, in the order in which they count.
    pub holders: Vec<PartyId>,
}

/// Platform to lender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTerms {
    /// The model.
    pub publication: Publication,
    /// What a lender may know of the scorecard, as JSON.
    pub card: String,
    /// Whether the key of the batch form is asked for.
    pub batch: bool,
}

/// Platform to holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableTerms {
    /// The model.
    pub publication: Publication,
    /// The slot of the model that this holder fills.
    pub slot: String,
    /// The holder's features with their bins and without points, as JSON.
    pub part: String,
    /// Fingerprint of the lender's key.
    pub lender_key: [u8; 32],
    /// The largest sum of points over all holders.
    pub max_points: u16,
    /// Whether it is the table of the batch form.
    pub batch: bool,
}

/// Lender to platform, and platform to holder.
#[derive(Clone, PartialEq, Eq)]
pub struct ScoreTerms {
    /// Which publication.
    pub digest: [u8; 32],
    /// Who will read the score.
    pub lender: PartyId,
    /// The kind of identifier.
    pub kind: SubjectKind,
    /// The identifier as written.
    pub subject: String,
    /// The subject's authorisation, as the JSON of a DSSE envelope; none for research data.
    pub authorisation: Option<Vec<u8>>,
    /// Those of natural persons whose classes the model uses, likewise.
    pub persons: Vec<Vec<u8>>,
    /// Whether a new answer is wanted even if there is an earlier one.
    pub fresh: bool,
    /// The question as the lender has signed it, as the JSON of a DSSE envelope; empty where nobody has.
    pub question: Vec<u8>,
    /// Opens the question's commitment to the subject.
    pub salt: [u8; 32],
}

impl ScoreTerms {
    /// Encodes what the lender signs of its terms: all but the question itself.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let unsigned = Self { question: Vec::new(), ..self.clone() };
        peer::ScoreTerms::from(unsigned).encode_to_vec()
    }
}

// The subject is a firm or a person: not for logs.
impl std::fmt::Debug for ScoreTerms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScoreTerms").field("lender", &self.lender).finish_non_exhaustive()
    }
}

/// The longest JSON that terms may carry, in bytes: 64 features with 64 bins each fit.
const MAX_JSON: usize = 512 << 10;
/// The longest register name or identifier, in bytes.
const MAX_NAME: usize = 128;
/// The longest signed envelope, in bytes of JSON.
const MAX_ENVELOPE: usize = 64 << 10;
/// The most holders that a publication names.
pub(crate) const MAX_HOLDERS: usize = 16;

impl TryFrom<peer::Proposal> for Proposal {
    type Error = Error;

    fn try_from(message: peer::Proposal) -> Result<Self, Error> {
        if message.version != VERSION {
            return Err(Error::Version { ours: VERSION, theirs: message.version });
        }
        let run: [u8; 16] = array(&message.run, "run", "16 bytes")?;
        let terms = match message.terms.ok_or(Error::Missing("terms"))? {
            proposal::Terms::Psi(terms) => Terms::Psi(terms.try_into()?),
            proposal::Terms::Key(terms) => Terms::Key(terms.try_into()?),
            proposal::Terms::Table(terms) => Terms::Table(terms.try_into()?),
            proposal::Terms::Score(terms) => Terms::Score(terms.try_into()?),
            proposal::Terms::Trial(terms) => Terms::Trial(terms.try_into()?),
            proposal::Terms::Batch(terms) => Terms::Batch(terms.try_into()?),
            proposal::Terms::Evaluation(terms) => Terms::Evaluation(terms.try_into()?),
            proposal::Terms::Verify(terms) => Terms::Verify(terms.try_into()?),
            proposal::Terms::Match(terms) => Terms::Match(terms.try_into()?),
            proposal::Terms::Train(terms) => Terms::Train(terms.try_into()?),
        };
        Ok(Self {
            from: party(message.from, "from")?,
            to: party(message.to, "to")?,
            run: RunId::from_bytes(run),
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

impl From<Proposal> for peer::Proposal {
    fn from(proposal: Proposal) -> Self {
        let terms = match proposal.terms {
            Terms::Psi(terms) => proposal::Terms::Psi(terms.into()),
            Terms::Key(terms) => proposal::Terms::Key(terms.into()),
            Terms::Table(terms) => proposal::Terms::Table(terms.into()),
            Terms::Score(terms) => proposal::Terms::Score(terms.into()),
            Terms::Trial(terms) => proposal::Terms::Trial(terms.into()),
            Terms::Batch(terms) => proposal::Terms::Batch(terms.into()),
            Terms::Evaluation(terms) => proposal::Terms::Evaluation(terms.into()),
            Terms::Verify(terms) => proposal::Terms::Verify(terms.into()),
            Terms::Match(terms) => proposal::Terms::Match(terms.into()),
            Terms::Train(terms) => proposal::Terms::Train(terms.into()),
        };
        Self {
            version: VERSION,
            from: proposal.from.into(),
            to: proposal.to.into(),
            run: proposal.run.to_bytes().to_vec().into(),
            rules: Some(proposal.rules.into()),
            terms: Some(terms),
        }
    }
}

impl TryFrom<peer::KeyTerms> for KeyTerms {
    type Error = Error;

    fn try_from(terms: peer::KeyTerms) -> Result<Self, Error> {
        let publication = terms.publication.ok_or(Error::Missing("publication"))?.try_into()?;
        Ok(Self { publication, card: json(terms.card, "card")?, batch: terms.batch })
    }
}

impl From<KeyTerms> for peer::KeyTerms {
    fn from(terms: KeyTerms) -> Self {
        let KeyTerms { publication, card, batch } = terms;
        Self { publication: Some(publication.into()), card, batch }
    }
}

impl TryFrom<peer::TableTerms> for TableTerms {
    type Error = Error;

    fn try_from(terms: peer::TableTerms) -> Result<Self, Error> {
        Ok(Self {
            publication: terms.publication.ok_or(Error::Missing("publication"))?.try_into()?,
            slot: short(terms.slot, "slot")?,
            part: json(terms.part, "part")?,
            lender_key: array(&terms.lender_key, "lender_key", "32 bytes")?,
            max_points: u16::try_from(terms.max_points)
                .map_err(|_| Error::Field { field: "max_points", expected: "at most 65535" })?,
            batch: terms.batch,
        })
    }
}

impl From<TableTerms> for peer::TableTerms {
    fn from(terms: TableTerms) -> Self {
        Self {
            publication: Some(terms.publication.into()),
            slot: terms.slot,
            part: terms.part,
            lender_key: terms.lender_key.to_vec().into(),
            max_points: terms.max_points.into(),
            batch: terms.batch,
        }
    }
}

impl TryFrom<peer::ScoreTerms> for ScoreTerms {
    type Error = Error;

    fn try_from(terms: peer::ScoreTerms) -> Result<Self, Error> {
        Ok(Self {
            digest: array(&terms.digest, "digest", "32 bytes")?,
            lender: party(terms.lender, "lender")?,
            kind: kind(&terms.kind, "kind")?,
            subject: short(terms.subject, "subject")?,
            authorisation: authorisation(&terms.authorisation)?,
            persons: persons(&terms.persons)?,
            fresh: terms.fresh,
            question: sealed(&terms.question, "question")?,
            salt: array(&terms.salt, "salt", "32 bytes")?,
        })
    }
}

impl From<ScoreTerms> for peer::ScoreTerms {
    fn from(terms: ScoreTerms) -> Self {
        Self {
            digest: terms.digest.to_vec().into(),
            lender: terms.lender.into(),
            kind: terms.kind.to_string(),
            subject: terms.subject,
            authorisation: terms.authorisation.unwrap_or_default().into(),
            persons: terms.persons.into_iter().map(Into::into).collect(),
            fresh: terms.fresh,
            question: terms.question.into(),
            salt: terms.salt.to_vec().into(),
        }
    }
}

impl TryFrom<peer::Publication> for Publication {
    type Error = Error;

    fn try_from(message: peer::Publication) -> Result<Self, Error> {
        if message.holders.is_empty() || message.holders.len() > MAX_HOLDERS {
            return Err(Error::Field { field: "holders", expected: "1 to 16 parties" });
        }
        let holders = message.holders.into_iter().map(|holder| party(holder, "holders"));
        Ok(Self {
            model: message
                .model
                .parse()
                .map_err(|_| Error::Field { field: "model", expected: "id@version" })?,
            registration: array(&message.registration, "registration", "32 bytes")?,
            lender: party(message.lender, "lender")?,
            holders: holders.collect::<Result<_, _>>()?,
        })
    }
}

impl From<Publication> for peer::Publication {
    fn from(publication: Publication) -> Self {
        Self {
            model: publication.model.to_string(),
            registration: publication.registration.to_vec().into(),
            lender: publication.lender.into(),
            holders: publication.holders.into_iter().map(Into::into).collect(),
        }
    }
}

/// The run whose answer an acceptor hands over again, if it does.
///
/// # Errors
///
/// [`Error::Field`] for a number that is none.
pub fn stored_run(agreement: &peer::Agreement) -> Result<Option<RunId>, Error> {
    if agreement.stored.is_empty() {
        return Ok(None);
    }
    array(&agreement.stored, "stored", "16 bytes, or none").map(RunId::from_bytes).map(Some)
}

pub(crate) fn party(name: String, field: &'static str) -> Result<PartyId, Error> {
    name.parse().map_err(|_| Error::Field { field, expected: "a party's name" })
}

pub(crate) fn kind(text: &str, field: &'static str) -> Result<SubjectKind, Error> {
    text.parse().map_err(|_| Error::Field { field, expected: "uscc, cn-id or opaque" })
}

pub(crate) fn short(text: String, field: &'static str) -> Result<String, Error> {
    let fits = !text.is_empty() && text.len() <= MAX_NAME && !text.contains(char::is_control);
    if fits { Ok(text) } else { Err(Error::Field { field, expected: "1 to 128 bytes of text" }) }
}

pub(crate) fn sealed(bytes: &[u8], field: &'static str) -> Result<Vec<u8>, Error> {
    if bytes.len() > MAX_ENVELOPE {
        return Err(Error::Field { field, expected: "at most 64 KiB of a signed envelope" });
    }
    Ok(bytes.to_vec())
}

/// A subject's authorisation, if there is one.
pub(crate) fn authorisation(bytes: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    if bytes.is_empty() { Ok(None) } else { sealed(bytes, "authorisation").map(Some) }
}

/// Those of natural persons.
pub(crate) fn persons(all: &[bytes::Bytes]) -> Result<Vec<Vec<u8>>, Error> {
    if all.len() > MAX_PERSONS {
        return Err(Error::Field { field: "persons", expected: "at most 16 envelopes" });
    }
    all.iter().map(|person| sealed(person, "persons")).collect()
}

pub(crate) fn json(text: String, field: &'static str) -> Result<String, Error> {
    if text.len() > MAX_JSON {
        return Err(Error::Field { field, expected: "at most 512 KiB of JSON" });
    }
    Ok(text)
}

pub(crate) fn array<const N: usize>(
    bytes: &[u8],
    field: &'static str,
    expected: &'static str,
) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| Error::Field { field, expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PsiOutput, PsiProtocol};

    fn proposal() -> Proposal {
        Proposal {
            from: "bank".parse().unwrap(),
            to: "tax".parse().unwrap(),
            run: RunId::from_bytes([7; 16]),
            rules: Rules {
                catalogue: Digest::from_bytes([4; 32]),
                profile: Digest::from_bytes([5; 32]),
                purpose: Purpose::PreLoan,
            },
            terms: Terms::Psi(PsiTerms {
                register: "taxpayers".into(),
                subjects: SubjectKind::Uscc,
                output: PsiOutput::OneSided,
                items: 5,
                pad_to: None,
                protocol: PsiProtocol::Ecdh,
            }),
        }
    }

    #[test]
    fn every_kind_of_terms_survives_the_wire() {
        let publication = Publication {
            model: "uci-default@1".parse().unwrap(),
            registration: [1; 32],
            lender: "bank".parse().unwrap(),
            holders: vec!["tax".parse().unwrap(), "social".parse().unwrap()],
        };
        let Terms::Psi(ecdh) = proposal().terms else { panic!("an intersection") };
        let vole = PsiTerms { protocol: PsiProtocol::Vole { parameters: 1 }, ..ecdh.clone() };
        let all = [
            Terms::Psi(ecdh),
            Terms::Psi(vole),
            Terms::Key(KeyTerms {
                publication: publication.clone(),
                card: "{}".into(),
                batch: true,
            }),
            Terms::Table(TableTerms {
                publication,
                slot: "tax".into(),
                part: "[]".into(),
                lender_key: [2; 32],
                max_points: 900,
                batch: true,
            }),
            Terms::Score(ScoreTerms {
                digest: [3; 32],
                lender: "bank".parse().unwrap(),
                kind: SubjectKind::Opaque,
                subject: "25115".into(),
                authorisation: Some(b"{}".to_vec()),
                persons: vec![b"{}".to_vec()],
                fresh: true,
                question: b"{}".to_vec(),
                salt: [4; 32],
            }),
        ];
        for terms in all {
            let sent = Proposal { terms, ..proposal() };
            assert_eq!(Proposal::try_from(peer::Proposal::from(sent.clone())), Ok(sent));
        }
    }

    #[test]
    fn another_version_is_refused_before_anything_else_is_read() {
        let message = peer::Proposal { version: 2, ..Default::default() };
        assert_eq!(Proposal::try_from(message), Err(Error::Version { ours: 1, theirs: 2 }));
    }

    #[test]
    fn a_field_that_is_not_of_its_kind_is_named() {
        let good = peer::Proposal::from(proposal());
        let short_run = peer::Proposal { run: vec![1; 15].into(), ..good.clone() };
        assert!(matches!(Proposal::try_from(short_run), Err(Error::Field { field: "run", .. })));
        let capital = peer::Proposal { from: "Bank".into(), ..good };
        assert!(matches!(Proposal::try_from(capital), Err(Error::Field { field: "from", .. })));
    }

    #[test]
    fn a_proposal_without_rules_or_for_no_financing_purpose_is_refused() {
        let good = peer::Proposal::from(proposal());
        let none = peer::Proposal { rules: None, ..good.clone() };
        assert_eq!(Proposal::try_from(none), Err(Error::Missing("rules")));
        let mut other = good;
        other.rules.as_mut().unwrap().purpose = "marketing".into();
        let refused = Proposal::try_from(other);
        assert!(matches!(refused, Err(Error::Field { field: "purpose", .. })));
    }

    #[test]
    fn an_envelope_too_long_to_be_one_is_not_kept() {
        let terms = peer::ScoreTerms {
            digest: vec![3; 32].into(),
            lender: "bank".into(),
            kind: "uscc".into(),
            subject: "x".into(),
            authorisation: vec![0; MAX_ENVELOPE + 1].into(),
            persons: Vec::new(),
            fresh: false,
            question: Vec::new().into(),
            salt: vec![4; 32].into(),
        };
        let many = peer::ScoreTerms {
            authorisation: Vec::new().into(),
            persons: vec![Vec::new().into(); MAX_PERSONS + 1],
            ..terms.clone()
        };
        assert!(ScoreTerms::try_from(terms).is_err() && ScoreTerms::try_from(many).is_err());
    }

    #[test]
    fn a_question_carries_as_many_persons_as_a_decision_looks_at() {
        let envelope = bytes::Bytes::from(vec![b'x'; MAX_ENVELOPE]);
        let most = vec![envelope.clone(); MAX_PERSONS];
        assert_eq!(persons(&most).unwrap().len(), 16);
        assert!(persons(&[most, vec![envelope]].concat()).is_err());
    }

    #[test]
    fn a_score_proposal_does_not_print_its_subject_and_all_but_its_question_is_signed() {
        let terms = ScoreTerms {
            digest: [3; 32],
            lender: "bank".parse().unwrap(),
            kind: SubjectKind::Opaque,
            subject: "25115".into(),
            authorisation: None,
            persons: Vec::new(),
            fresh: false,
            question: Vec::new(),
            salt: [4; 32],
        };
        let other = ScoreTerms { fresh: true, ..terms.clone() };
        assert_ne!(other.signed_bytes(), terms.signed_bytes());
        let signed = ScoreTerms { question: b"{}".to_vec(), ..terms.clone() };
        assert_eq!(signed.signed_bytes(), terms.signed_bytes());
        assert!(!format!("{terms:?}").contains("25115"));
    }
}
