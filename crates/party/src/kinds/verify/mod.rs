//! Verification: a lender asks a formula, a platform routes and combines it, holders answer its atoms.
//!
//! | module | what it does |
//! |---|---|
//! | `claims` | what a lender claims, encrypted to one holder |
//! | `formula` | the formula as all parties agree on it, and what the protocol makes of it |
//! | `keys` | evaluation keys: handed over by lenders, kept by whoever computes under them |
//! | `lender` | one formula about many firms, one after the other |
//! | `platform` | types, routes, proposes to holders, combines |
//! | `holder` | decides, reads its own record, answers |
//! | `offer` | what `party.toml` says of it |
//! | `release` | a holder's atoms on their way out: the second look, the release |
//! | `receiving` | the keys that are coming |
//! | `recent` | the few expanded keys that were used last |
//! | `sealing` | a lender's numbers that no holder sees |
//! | `registers` | registers asked by field |

mod claims;
mod formula;
mod holder;
mod keys;
mod lender;
mod offer;
mod platform;
mod receiving;
mod recent;
mod registers;
mod release;
mod rounds;
mod sealing;

use std::sync::Arc;

use consent::{Asks, Question, SubjectSalt};
use domain::{
    CheckMode, ClassId, Digest, Duty, Field, Output, PartyId, Purpose, Refusal, RunId, Subject,
};
use wire::{Routing, VerifyTerms};

pub(crate) use keys::{Evaluation, LenderKeys, forget_unpinned};
pub(crate) use lender::{NotAsked, PreparedFormula, prepare};
pub(crate) use offer::Offer;

pub(crate) use formula::AgreedFormula;

use claims::CLAIM;
use keys::KEY_WANTED;

use crate::Trouble;
use crate::governance::release::hashed;
use crate::node::Node;
use crate::runs::agreed::Answer;
use crate::runs::kind::{Kind, Proposed};

/// The code with which a class is said to have no holder.
const NO_ROUTE: &str = "NO_ROUTE";

/// The code with which a platform says that it asks other holders than the lender has signed for.
const OTHER_HOLDERS: &str = "OTHER_HOLDERS";

/// A formula about one subject.
pub(crate) struct Verify;

#[tonic::async_trait]
impl Kind for Verify {
    type Terms = VerifyTerms;

    /// The lender hands its key over, or asks the routes anew, and then asks once more.
    fn refusal_codes(&self) -> &'static [&'static str] {
        &[KEY_WANTED, CLAIM, OTHER_HOLDERS]
    }

    fn lender<'a>(&self, asked: &'a VerifyTerms) -> Option<&'a PartyId> {
        Some(&asked.lender)
    }

    /// Decides on a question, as a holder or as a platform.
    async fn accept(
        &self,
        node: &Arc<Node>,
        proposed: Proposed<'_, VerifyTerms>,
    ) -> Result<Answer, Trouble> {
        if proposed.terms.lender == *proposed.peer {
            return platform::accept(node, proposed).await;
        }
        holder::accept(node, proposed).await
    }
}

/// A question as records have it.
struct Recorded<'a> {
    run: RunId,
    asked: &'a VerifyTerms,
    platform: &'a PartyId,
    purpose: Purpose,
    formula: &'a AgreedFormula,
    subject: &'a Subject,
    fields: &'a [Field],
    /// The id of the lender's question, once that was verified.
    question: Option<Digest>,
}

impl Recorded<'_> {
    /// What records call it: the lender's question, or unsigned its run, its formula and the subject's
    /// pseudonym, as of a score.
    fn request(&self, node: &Node) -> Digest {
        if let Some(question) = self.question {
            return question;
        }
        let pseudonym = node.pseudonym(self.subject).to_bytes();
        let formula = self.formula.hash();
        let bytes = [self.run.as_bytes().as_slice(), formula.as_bytes(), &pseudonym].concat();
        hashed("tacit/party/v1/question", &bytes)
    }

    /// Writes down that it was refused, and passes the refusal on.
    async fn refused(&self, node: &Node, duty: Duty, trouble: Trouble) -> Trouble {
        let Ok(fields) = audit::Fields::new(self.fields.iter().cloned().collect()) else {
            return trouble;
        };
        let asked = audit::Asked {
            request: self.request(node),
            run: self.run,
            fields,
            output: Output::Verify,
            purpose: self.purpose,
            question: audit::Question::Predicate { hash: self.formula.hash() },
            platform: self.platform.clone(),
            receiver: self.asked.lender.clone(),
        };
        node.record_refusal(duty, asked, self.subject, trouble).await
    }
}

/// The question that a lender signs for a verification.
fn question(
    asked: &VerifyTerms,
    formula: &AgreedFormula,
    (platform, holders): (&PartyId, &[PartyId]),
    (run, purpose): (RunId, Purpose),
    subject: &Subject,
) -> Question {
    Question {
        lender: asked.lender.clone(),
        platform: platform.clone(),
        holders: holders.to_vec(),
        run,
        purpose,
        asks: Asks::Verify { formula: formula.hash() },
        subject: SubjectSalt::from_bytes(asked.salt).commit(subject),
        terms: hashed("tacit/party/v1/verify-terms", &asked.signed_bytes()),
    }
}

/// Who answers which atom of a formula, each class by its holder.
fn routed<'a>(
    formula: &AgreedFormula,
    holder_of: impl Fn(ClassId) -> Option<&'a PartyId>,
) -> Result<Routing, Trouble> {
    let mut holders: Vec<PartyId> = Vec::new();
    let mut places = Vec::with_capacity(formula.atoms().len());
    for atom in formula.atoms() {
        let class = atom.class();
        let holder = holder_of(class).ok_or_else(|| no_route(class))?;
        let place = holders.iter().position(|known| known == holder).unwrap_or_else(|| {
            holders.push(holder.clone());
            holders.len() - 1
        });
        places.push(u8::try_from(place).map_err(|error| Trouble::from_error("OURS", &error))?);
    }
    Ok(Routing { holders, places })
}

fn subject_of(asked: &VerifyTerms) -> Result<Subject, Trouble> {
    let read = Subject::parse(asked.kind, &asked.subject, CheckMode::Report);
    // Which rule it breaks tells its owner more than us: the text is not repeated.
    Ok(read.map_err(|_| Trouble::refused(Refusal::IdInvalid))?.value)
}

fn no_route(class: ClassId) -> Trouble {
    Trouble::us(
        NO_ROUTE,
        format!("no holder of this platform answers about class {class}"),
        format!("本平台没有可核验第 {class} 类信息的数据方"),
    )
}

fn ours(error: &verification::Error) -> Trouble {
    Trouble::from_error("OURS", error)
}
