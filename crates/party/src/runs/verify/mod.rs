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
//! | `leaving` | a holder's atoms on their way out: the second look, the release |
//! | `recent` | the few expanded keys that were used last |
//! | `sealing` | a lender's numbers that no holder sees |
//! | `registers` | registers in memory, by field |

mod claims;
mod formula;
mod holder;
mod keys;
mod leaving;
mod lender;
mod platform;
mod recent;
mod registers;
mod sealing;

use std::sync::Arc;

use domain::{
    CheckMode, ClassId, Digest, Duty, Field, Output, PartyId, Purpose, Refusal, RunId, Subject,
};
use wire::{VerifyTerms, peer};

pub(crate) use claims::CLAIM;
pub(crate) use holder::AcceptedAtoms;
pub(crate) use keys::{AcceptedKey, KEY_WANTED, LenderKeys, accept as accept_key, forget_unpinned};
pub(crate) use leaving::Unreleased;
pub(crate) use lender::{Desk, NotAsked, prepare};
pub(crate) use platform::AcceptedCombination;
pub(crate) use registers::Registers;

use crate::Trouble;
use crate::governance::release::hashed;
use crate::node::Node;
use crate::runs::Accepted;
pub(crate) use formula::AgreedFormula;

/// Decides on a question, as a holder or as a platform.
pub(crate) async fn accept(
    node: &Arc<Node>,
    peer: &PartyId,
    id: RunId,
    asked: VerifyTerms,
    purpose: Purpose,
) -> Result<(Accepted, peer::Agreement), Trouble> {
    if asked.lender == *peer {
        let (accepted, agreement) = platform::accept(node, peer, id, asked, purpose).await?;
        return Ok((Accepted::Combination(Box::new(accepted)), agreement));
    }
    let accepted = holder::accept(node, peer, id, asked, purpose).await?;
    Ok((Accepted::Atoms(Box::new(accepted)), peer::Agreement::default()))
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
}

impl Recorded<'_> {
    /// The hash of a question: its run, its formula and the subject's pseudonym, as of a score.
    fn request(&self, node: &Node) -> Digest {
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

fn subject_of(asked: &VerifyTerms) -> Result<Subject, Trouble> {
    let read = Subject::parse(asked.kind, &asked.subject, CheckMode::Report);
    // Which rule it breaks tells its owner more than us: the text is not repeated.
    Ok(read.map_err(|_| Trouble::refused(Refusal::IdInvalid))?.value)
}

fn no_route(class: ClassId) -> Trouble {
    Trouble::us(
        "NO_ROUTE",
        format!("no holder of this platform answers about class {class}"),
        format!("本平台没有可核验第 {class} 类信息的数据方"),
    )
}

fn ours(error: &verification::Error) -> Trouble {
    Trouble::said("OURS", error)
}
