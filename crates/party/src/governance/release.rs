//! A release: the answer, its receipt and its records stand in the store together, or none of them
//! does. Only then may the answer leave.

use audit::{
    Answer, Asked, Authorised, Counts, Event, Fields, LegalBasis, Logged, Method, Protocol,
    Question, Receipt, Release, Released, Salt, Use,
};
use consent::{Need, Request};
use domain::{Digest, Duty, ModelId, PartyId, RunId};
use envelope::SigningKey;
use rand::Rng;
use sha2::Digest as _;
use store::{Drafted, LogPosition, NewRelease, StoredDisclosure};
use zeroize::Zeroizing;

use crate::clock::now_ms;
use crate::governance::authorise::{self, Granted};
use crate::governance::journal::RecordWriter;
use crate::governance::proofs::Evidence;
use crate::governance::questions::VerifiedQuestion;
use crate::node::Node;
use crate::{Trouble, setup};

/// What is known of an answer besides its bytes.
pub(crate) struct ReleaseContext {
    pub(crate) run: RunId,
    /// SHA-256 of the question as it came.
    pub(crate) request: Digest,
    /// The question as its lender signed it; none where that came straight from the lender.
    pub(crate) question: Option<VerifiedQuestion>,
    pub(crate) asking: Asking,
    /// SHA-256 that names the register's content.
    pub(crate) batch: Digest,
    /// The run whose answer it hands over again.
    pub(crate) repeats: Option<RunId>,
    /// What was asked about the subject once it has left, where that is kept.
    pub(crate) disclosure: Option<StoredDisclosure>,
}

/// By what the answer comes context.
#[derive(Clone)]
pub(crate) enum Asking {
    /// A model, and the SHA-256 that names its publication.
    Model(ModelId, Digest),
    /// A formula, by its SHA-256.
    Formula(Digest),
    /// A claim, by the SHA-256 of what it claims context: straight to the lender, nobody between.
    Claim(Digest),
}

impl Asking {
    fn protocol(&self) -> Protocol {
        match self {
            Self::Model(..) => Protocol::Scoring,
            Self::Formula(_) => Protocol::Verification,
            Self::Claim(_) => Protocol::Equality,
        }
    }

    /// The version of the method: from 2 on, what a platform carries is signed by its lender.
    fn version(&self) -> u16 {
        match self {
            Self::Model(..) | Self::Formula(_) => 2,
            Self::Claim(_) => 1,
        }
    }

    fn hash(&self) -> Digest {
        match self {
            Self::Model(_, hash) | Self::Formula(hash) | Self::Claim(hash) => *hash,
        }
    }

    fn model(&self) -> Option<&ModelId> {
        match self {
            Self::Model(model, _) => Some(model),
            Self::Formula(_) | Self::Claim(_) => None,
        }
    }

    fn ground(&self, authorised: Authorised) -> LegalBasis {
        match self {
            Self::Model(..) => LegalBasis::JointModelling(Some(authorised)),
            Self::Formula(_) | Self::Claim(_) => LegalBasis::Verification(authorised),
        }
    }

    /// What is kept of an answer. A score's is masked, and handed over again where nothing has
    /// changed. Atoms are neither: whoever has the lender's key would open each of them, so that no
    /// copy stays, and a proof names them by their hash. So it does the tag of a claim.
    fn kept(&self, answer: &Answer) -> Vec<u8> {
        match (self, answer) {
            (Self::Model(..), Answer::Bytes(bytes)) => bytes.clone(),
            (Self::Model(..), Answer::Hash(_)) | (Self::Formula(_) | Self::Claim(_), _) => {
                answer.hash().as_bytes().to_vec()
            }
        }
    }

    /// Over whom the answer goes to the lender: where nobody stands between, over itself.
    fn over(&self, request: &Request) -> PartyId {
        match self {
            Self::Model(..) | Self::Formula(_) => request.platform.clone(),
            Self::Claim(_) => request.lender.clone(),
        }
    }

    /// A question that was granted, as records have it.
    fn asked(&self, run: RunId, hash: Digest, request: &Request) -> Result<Asked, Trouble> {
        let fields = request.fields.iter().map(|(field, _)| field.clone()).collect();
        Ok(Asked {
            request: hash,
            run,
            fields: Fields::new(fields).map_err(|error| Trouble::from_error("OURS", &error))?,
            output: request.output,
            purpose: request.purpose.ok_or_else(|| Trouble::from_error("OURS", &"no purpose"))?,
            question: self.question(),
            platform: self.over(request),
            receiver: request.lender.clone(),
        })
    }

    fn question(&self) -> Question {
        match self {
            Self::Model(id, hash) => Question::Model { id: id.clone(), hash: *hash },
            Self::Formula(hash) | Self::Claim(hash) => Question::Predicate { hash: *hash },
        }
    }
}

/// The second look, just before a release: a revocation in between ends it, and is written down like
/// a refusal of the first.
pub(crate) async fn revalidate(
    node: &Node,
    granted: Granted,
    (run, request): (RunId, Digest),
    asking: &Asking,
) -> Result<Granted, Trouble> {
    let covered = granted.covered.request();
    let (asked, subject) = (asking.asked(run, request, covered)?, covered.subject.clone());
    match authorise::revalidate(node, granted).await {
        Ok(granted) => Ok(granted),
        Err(trouble) => Err(node.record_refusal(Duty::Holder, asked, &subject, trouble).await),
    }
}

/// An answer that is about to leave.
pub(crate) struct PendingRelease {
    pub(crate) context: ReleaseContext,
    pub(crate) granted: Granted,
    /// Its bytes.
    pub(crate) answer: Vec<u8>,
}

/// Releases answers: when this returns they may leave, and if it does not, none was released.
pub(crate) async fn release(node: &Node, pending: Vec<PendingRelease>) -> Result<(), Trouble> {
    let pending = pending.into_iter().map(|pending| Prepared::new(node, pending));
    let pending = pending.collect::<Result<Vec<_>, _>>()?;
    let writer = node.record_writer(Duty::Holder)?;
    let key = std::sync::Arc::clone(&node.identity.signing_key);
    let draft = move |mut place: LogPosition| {
        let mut drafted = Drafted::default();
        for prepared in pending {
            let (records, release) = prepared.draft(&writer, &key, place);
            let closing = &records[1];
            place = LogPosition { seq: place.seq + 2, previous: closing.leaf() };
            drafted.releases.push((drafted.records.len() + 1, release));
            drafted.records.extend(records.map(Logged::into_bytes));
        }
        drafted
    };
    node.store.append(Box::new(draft)).await?;
    Ok(())
}

/// A release, but for its place in the log.
struct Prepared {
    release: Release,
    used: Use,
    commitment: Digest,
    bytes: u64,
    new: NewRelease,
}

impl Prepared {
    fn new(
        node: &Node,
        PendingRelease { context, granted, answer }: PendingRelease,
    ) -> Result<Self, Trouble> {
        let covered = &granted.covered;
        let request = covered.request();
        let subject = node.pseudonym(&request.subject);
        let authorised = Authorised::by(covered);
        let authorisation = covered.authorisation().map(|proof| proof.id().as_str().to_owned());
        let court = request.fields.iter().any(|(_, need)| *need == Need::Purpose);
        let ground = match authorised {
            Some(authorised) => context.asking.ground(authorised),
            None if court => LegalBasis::Court,
            None => LegalBasis::Public,
        };
        let asked = context.asking.asked(context.run, context.request, request)?;
        let platform = asked.platform.clone();
        let release = Release {
            asked,
            ground,
            catalogue: node.rules.catalogue.hash(),
            profile: node.rules.profile.hash(),
            batch: context.batch,
        };
        let used = Use {
            release: release.clone(),
            subject: Some(subject),
            operator: None,
            method: Method {
                protocol: context.asking.protocol(),
                version: context.asking.version(),
                parameters: context.asking.hash(),
            },
        };
        let mut salt = Zeroizing::new([0; 32]);
        setup::chacha()?.fill_bytes(salt.as_mut_slice());
        let bytes = answer.len() as u64;
        let answer = Answer::Bytes(answer);
        let commitment = Salt::from_bytes(*salt).commit(&answer);
        let evidence = serde_json::to_string(&Evidence::of(&granted, context.question.as_ref()))
            .map_err(|error| Trouble::from_error("OURS", &error))?;
        let new = NewRelease {
            run: context.run,
            released_ms: now_ms(),
            lender: request.lender.clone(),
            platform,
            subject: subject.to_bytes(),
            authorisation,
            output: request.output,
            model: context.asking.model().cloned(),
            model_digest: *context.asking.hash().as_bytes(),
            batch: *context.batch.as_bytes(),
            repeats: context.repeats,
            answer: context.asking.kept(&answer),
            salt: *salt,
            receipt: Vec::new(),
            evidence,
            limits: granted.limits(node),
            disclosure: context.disclosure,
        };
        Ok(Self { release, used, commitment, bytes, new })
    }

    /// The two records at this place in the log, and the release with its receipt.
    fn draft(
        self,
        writer: &RecordWriter,
        key: &SigningKey,
        place: LogPosition,
    ) -> ([Logged; 2], NewRelease) {
        let Self { release, used, commitment, bytes, new } = self;
        let begun = writer.write(place, Event::ReleaseBegun(used.clone()));
        let (holder, time) = (writer.party().clone(), writer.time());
        let receipt = Receipt { release, holder, time, commitment, previous: begun.leaf() };
        let sealed = receipt.sign(key);
        let counts = Counts { rows_in: 1, rows_out: 1, bytes, ..Counts::default() };
        let next = LogPosition { seq: place.seq + 1, previous: begun.leaf() };
        let id = Receipt::id(&sealed).expect("it was signed as a receipt just above");
        let released = Released { begun: begun.leaf(), receipt: id, commitment, used, counts };
        let released = writer.write(next, Event::Released(released));
        ([begun, released], NewRelease { receipt: sealed.to_json(), ..new })
    }
}

/// The SHA-256 of some bytes under a domain, as a digest.
pub(crate) fn hashed(domain: &str, bytes: &[u8]) -> Digest {
    let hash = sha2::Sha256::new().chain_update(domain).chain_update(bytes).finalize();
    Digest::from_bytes(hash.into())
}
