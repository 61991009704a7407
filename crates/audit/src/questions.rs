//! The last step of a proof: the receiver has asked for what was released, by its own signature.

use consent::{Asks, SignedQuestion};
use domain::Subject;

use crate::verify::{fail, failed, holds, named, signers};
use crate::{
    Asked, Event, Freshness, Keys, Outcome, Proof, ProofError, Question, Receipt, Record, Step,
};

/// The version from which on a method's questions come signed by their lenders.
const SIGNED_SINCE: u16 = 2;

/// Checks the question of a proof whose other steps hold.
///
/// Where nobody stood between holder and receiver, the receiver's own signature under the receipt
/// says as much. A record of an older version knows of no signed question: then nothing is proved.
pub(crate) fn asked(
    proof: &Proof,
    (receipt, record): (&Receipt, &Record),
    subject: Option<&Subject>,
    (keys, fresh): (&Keys, Freshness),
) -> Result<Outcome, ProofError> {
    let step = Step::Question;
    let asked = &receipt.release.asked;
    let direct = asked.platform == asked.receiver;
    let question = match &proof.question {
        Some(question) if !direct => question,
        Some(_) => {
            return Err(fail(step, "nobody stood between who could have carried a question"));
        }
        None if direct => return Ok(Outcome::Passed),
        None if is_before_questions(record) => return Ok(Outcome::NotApplicable),
        None => return Err(fail(step, "the receiver's signed question is missing")),
    };
    let [signer] = &signers(&question.signed)[..] else {
        return Err(fail(step, "the question needs one signature and no other"));
    };
    let lenders = keys.lenders.get(&asked.receiver).map(|keys| &keys.signing[..]);
    let key = named(lenders, signer).ok_or_else(|| {
        fail(
            step,
            "the question is signed by no known key of its receiver: give its public keys too",
        )
    })?;
    let SignedQuestion { question: said, asked_at } =
        SignedQuestion::open(&question.signed, key).map_err(failed(step))?;
    let id = SignedQuestion::id(&question.signed).map_err(failed(step))?;
    let opened = match (subject, question.salt) {
        (Some(subject), Some(salt)) => salt.commit(subject) == said.subject,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let rules = [
        (id == asked.request, "the receipt names another question"),
        (said.lender == asked.receiver, "the question is another lender's"),
        (said.platform == asked.platform, "the question was given to another platform"),
        (said.holders.contains(&receipt.holder), "the question is not for this holder"),
        (said.run == asked.run, "the question was asked in another run"),
        (said.purpose == asked.purpose, "the question has another purpose"),
        (asks_same(&said.asks, asked), "the question asks something else"),
        (asked_at - receipt.time.time() <= fresh.skew, "the question was signed after the release"),
        (opened, "the question does not open to the subject of the authorisation"),
    ];
    holds(step, &rules)?;
    Ok(Outcome::Passed)
}

fn is_before_questions(record: &Record) -> bool {
    match &record.event {
        Event::Released(released) => released.used.method.version < SIGNED_SINCE,
        Event::Refused { .. }
        | Event::RefusedMore { .. }
        | Event::ReleaseBegun(_)
        | Event::ReleaseNotCompleted { .. }
        | Event::AlignmentBegun { .. }
        | Event::AlignmentNotCompleted { .. }
        | Event::Aligned { .. }
        | Event::Authorisation { .. }
        | Event::Member { .. }
        | Event::Deposit { .. }
        | Event::Checkpoint { .. }
        | Event::SelfReport { .. }
        | Event::UsageReport { .. }
        | Event::Configuration { .. }
        | Event::Model { .. }
        | Event::Job { .. }
        | Event::Training { .. } => false,
    }
}

fn asks_same(asks: &Asks, asked: &Asked) -> bool {
    match (asks, &asked.question) {
        (Asks::Score { model, publication }, Question::Model { id, hash }) => {
            model == id && publication == hash
        }
        (Asks::Verify { formula }, Question::Predicate { hash }) => formula == hash,
        // A list is answered without receipts.
        (Asks::List { .. }, Question::Model { .. } | Question::Predicate { .. })
        | (Asks::Score { .. }, Question::Predicate { .. })
        | (Asks::Verify { .. }, Question::Model { .. }) => false,
    }
}
