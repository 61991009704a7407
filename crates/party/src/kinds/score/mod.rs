//! One firm's score: a lender asks, a platform adds, holders answer.

mod holder;
mod lender;
mod offer;
mod platform;
mod rounds;

use std::sync::Arc;

use consent::{Asks, Question, SubjectSalt};
use domain::{CheckMode, Digest, Field, Output, PartyId, Purpose, Refusal, RunId, Subject};
use scoring::{Fingerprint, MaskPublicKey, ModelDigest, QueryId, Terms};
use session::Session;
use store::StoredModel;
use wire::ScoreTerms;

pub(crate) use lender::ModelView;
pub(crate) use offer::Offer;
pub(crate) use platform::published;

use crate::Trouble;
use crate::drive::{Driven, Link};
use crate::governance::release::hashed;
use crate::node::Node;
use crate::runs::Run;
use crate::runs::agreed::Answer;
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::{Outcome, drive_run, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::{Kind, Proposed};

/// The code with which a platform says that holders have different earlier answers, or some none.
const ANSWERS_DIFFER: &str = "ANSWERS_DIFFER";

/// One firm's score.
pub(crate) struct Score;

#[tonic::async_trait]
impl Kind for Score {
    type Terms = ScoreTerms;

    /// The lender asks anew, of all.
    fn refusal_codes(&self) -> &'static [&'static str] {
        &[ANSWERS_DIFFER]
    }

    fn lender<'a>(&self, asked: &'a ScoreTerms) -> Option<&'a PartyId> {
        Some(&asked.lender)
    }

    /// Decides on a question, as a holder or as a platform.
    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, ScoreTerms>,
    ) -> Result<Answer, Trouble> {
        if proposed.terms.lender == *proposed.peer {
            return platform::accept(node, proposed).await;
        }
        holder::accept(node, proposed).await
    }
}

/// What was asked, as records have it.
fn asked_of(
    asked: &ScoreTerms,
    run: RunId,
    purpose: Purpose,
    fields: Vec<Field>,
    model: &StoredModel,
    request: Digest,
) -> Result<audit::Asked, Trouble> {
    let fields = audit::Fields::new(fields.into_iter().collect());
    Ok(audit::Asked {
        request,
        run,
        fields: fields.map_err(|error| Trouble::from_error("OURS", &error))?,
        output: Output::Score,
        purpose,
        question: audit::Question::Model {
            id: model.model.clone(),
            hash: Digest::from_bytes(model.digest),
        },
        platform: model.platform.clone(),
        receiver: asked.lender.clone(),
    })
}

/// The hash of a question that was refused unsigned: its run, its model and the subject's pseudonym.
/// The identifier itself is not in it: there are few of them, and whoever tried them all would find the one that fits.
fn request_hash(node: &Node, asked: &ScoreTerms, run: RunId, subject: &Subject) -> Digest {
    let pseudonym = node.pseudonym(subject).to_bytes();
    let bytes = [run.as_bytes().as_slice(), &asked.digest, &pseudonym].concat();
    hashed("tacit/party/v1/question", &bytes)
}

/// The question that a lender signs for a score.
fn question(
    asked: &ScoreTerms,
    model: &StoredModel,
    run: RunId,
    purpose: Purpose,
    subject: &Subject,
) -> Question {
    Question {
        lender: asked.lender.clone(),
        platform: model.platform.clone(),
        holders: model.holders.clone(),
        run,
        purpose,
        asks: Asks::Score {
            model: model.model.clone(),
            publication: Digest::from_bytes(model.digest),
        },
        subject: SubjectSalt::from_bytes(asked.salt).commit(subject),
        terms: hashed("tacit/party/v1/score-terms", &asked.signed_bytes()),
    }
}

fn subject_of(asked: &ScoreTerms) -> Result<Subject, Trouble> {
    let read = Subject::parse(asked.kind, &asked.subject, CheckMode::Report);
    // Which rule it breaks tells its owner more than us: the text is not repeated.
    Ok(read.map_err(|_| Trouble::refused(Refusal::IdInvalid))?.value)
}

fn terms(
    lender_key: Fingerprint,
    digest: [u8; 32],
    run: RunId,
    max_points: u16,
    holders: Vec<MaskPublicKey>,
) -> Result<Terms, Trouble> {
    // One question a run: the run's number is the question's too.
    let number = run.to_bytes();
    let (run, query) = (scoring::RunId(number), QueryId(number));
    Terms::new(lender_key, ModelDigest(digest), run, query, max_points, holders)
        .map_err(|error| Trouble::from_error("MODEL", &error))
}

/// The holders' mask keys, from their own files.
pub(crate) fn mask_keys(node: &Node, holders: &[PartyId]) -> Result<Vec<MaskPublicKey>, Trouble> {
    let key = |party: &PartyId| {
        if *party == node.config.name {
            return Ok(node.identity.mask_key.public());
        }
        Ok(node.line(party)?.peer.mask_key)
    };
    holders.iter().map(key).collect()
}

/// Drives one side, whose record says already that it is under way.
async fn talk<S: Session>(
    node: &Node,
    run: &Run,
    assignment: &RoleAssignment,
    session: S,
    links: Vec<Link>,
) -> Result<Driven<S::Output>, Trouble> {
    drive_run(node, RunJournal::brief(run, rounds::round), assignment, session, links).await
}

async fn finish(run: Run, done: Result<Driven<()>, Trouble>) {
    record(run, done.map(Outcome::of)).await;
}
