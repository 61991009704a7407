//! A holder answers its atoms: decided before its register is touched, and again before they leave.

use std::sync::Arc;

use ::catalogue::TypedAtom;
use ::catalogue::formula::Asking;
use domain::{Answer, Digest, Duty, Field, Output, PartyId, RunKind, RunRole, Subject};
use serde_json::json;
use session::Role;
use time::Date;
use verification::verify::Holder;
use verification::{Evaluator, Known, PLATFORM, PublicKey, Query, Terms, ThresholdDigest};
use wire::{VerifyTerms, peer};

use super::claims::Opened;
use super::formula::{AgreedFormula, Bindings};
use super::registers::ByField;
use super::release::{AtomGate, PendingAtoms};
use super::{Offer, Recorded, claims, keys, ours, question, rounds, subject_of};
use crate::clock::today;
use crate::config::{self, Register};
use crate::drive::Link;
use crate::governance::authorise::{self, Question};
use crate::governance::questions;
use crate::governance::release::hashed;
use crate::node::Node;
use crate::runs::agreed::{self, AgreedRun};
use crate::runs::diagnosis::RoleAssignment;
use crate::runs::driving::{Outcome, drive_run_for, record};
use crate::runs::journal::RunJournal;
use crate::runs::kind::Proposed;
use crate::runs::record::new_run;
use crate::runs::{Run, not_offered};
use crate::{Trouble, setup};

/// A question that this holder has agreed to answer.
pub(crate) struct AcceptedAtoms {
    run: Run,
    terms: Terms,
    me: Role,
    under: Under,
    subject: Subject,
    /// Each of its atoms, once, and the register that answers it.
    own: Vec<(TypedAtom, Register)>,
    /// Which of `own` each of the protocol's atoms is, in their order.
    pieces: Vec<usize>,
    due: PendingAtoms,
}

/// What it answers under.
enum Under {
    /// Nothing is sealed.
    Public(PublicKey),
    Evaluator(Arc<Evaluator>),
}

/// Decides on a question: everything but the subject first, so that what is said of that depends on
/// nobody.
pub(super) async fn accept(
    node: &Arc<Node>,
    Proposed { peer: platform, run: id, purpose, terms: asked, .. }: Proposed<'_, VerifyTerms>,
) -> Result<agreed::Answer, Trouble> {
    let registers = offered(node, platform, &asked)?;
    let key = keys::pinned(node, &asked.lender, asked.lender_key)?;
    let formula = AgreedFormula::received(&node.rules.catalogue, &asked.formula)?;
    let routing =
        asked.routing.as_ref().ok_or_else(|| Trouble::from_error("UNREADABLE", &"no routing"))?;
    let subject = subject_of(&asked)?;
    let thresholds: Vec<_> = asked.thresholds.iter().copied().map(ThresholdDigest).collect();
    let terms = formula.terms(&Bindings {
        run: id,
        lender: &asked.lender,
        lender_key: key,
        platform,
        subject: &subject,
        purpose,
        routing,
        thresholds: &thresholds,
        claims: &claims::commitments(&asked),
    })?;
    let place = routing.holders.iter().position(|holder| *holder == node.config.name);
    let place = place.ok_or_else(not_offered)?;
    let is_own = |atom: usize| usize::from(routing.places[atom]) == place;
    let numbers: Vec<usize> = (0..formula.atoms().len()).filter(|atom| is_own(*atom)).collect();
    let mut own_fields: Vec<Field> =
        numbers.iter().flat_map(|atom| formula.atoms()[*atom].fields()).cloned().collect();
    own_fields.sort();
    own_fields.dedup();
    let told = Recorded {
        run: id,
        asked: &asked,
        platform,
        purpose,
        formula: &formula,
        subject: &subject,
        fields: &own_fields,
        question: None,
    };
    // Before anything is looked up anywhere: the lender asks, and nobody in its name.
    let over = (platform, routing.holders.as_slice());
    let brought = question(&asked, &formula, over, (id, purpose), &subject);
    let question = match questions::verify_once(node, &asked.question, &brought, asked.salt).await {
        Ok(question) => question,
        Err(trouble) => return Err(told.refused(node, Duty::Holder, trouble).await),
    };
    let opened = Opened::read(node, (&asked, id, platform), &formula, is_own)?;
    let own = numbers.iter().map(|atom| {
        let atom = opened.atom(&formula.atoms()[*atom])?;
        let register = holding(&registers, &atom)?.clone();
        Ok((atom, register))
    });
    let own = own.collect::<Result<Vec<_>, Trouble>>()?;
    let pieces: Vec<_> = formula.pieces().iter().filter(|piece| is_own(piece.atom)).collect();
    let under = if pieces.iter().any(|piece| piece.sealed.is_some()) {
        Under::Evaluator(node.lender_keys.evaluator(node, key).await?)
    } else {
        Under::Public(public(&asked.public_key, key)?)
    };
    let pieces = pieces
        .iter()
        .filter_map(|piece| numbers.iter().position(|atom| *atom == piece.atom))
        .collect();
    let mut fields: Vec<Field> = own.iter().flat_map(|(atom, _)| atom.fields()).cloned().collect();
    fields.sort();
    fields.dedup();

    // From here on it is about the subject: the same whether a register has it or not.
    let told = Recorded {
        run: id,
        asked: &asked,
        platform,
        purpose,
        formula: &formula,
        subject: &subject,
        fields: &fields,
        question: Some(question.id),
    };
    let decided = Question {
        subject: subject.clone(),
        lender: asked.lender.clone(),
        platform: platform.clone(),
        purpose,
        output: Output::Verify,
        fields: fields.clone(),
        model: None,
        authorisation: asked.authorisation.clone(),
        persons: asked.persons.clone(),
    };
    let granted = match authorise::decide(node, decided).await {
        Ok(granted) => granted,
        Err(trouble) => return Err(told.refused(node, Duty::Holder, trouble).await),
    };
    let due = PendingAtoms {
        run: id,
        question,
        formula: formula.hash(),
        granted,
        own: own.iter().map(|(atom, _)| atom.clone()).collect(),
        slots: formula.slots(&thresholds),
        today: today(),
    };
    if let Err(trouble) = due.disclosed(node).await {
        return Err(told.refused(node, Duty::Holder, trouble).await);
    }
    let record = json!({ "formula": formula.text(), "lender": asked.lender }).to_string();
    // From here on the run's number is used up: the same question is not answered twice.
    let new = new_run(id, RunKind::Verify, RunRole::Holder, vec![platform.clone()], false, record);
    let run = Run::begin_unseen(&node.store, new).await?;
    let me = verification::holder(place);
    let accepted = AcceptedAtoms { run, terms, me, under, subject, own, pieces, due };
    Ok(agreed::agreed(accepted, peer::VerifyAgreement::default()))
}

#[tonic::async_trait]
impl AgreedRun for AcceptedAtoms {
    fn proposer(&self) -> Role {
        PLATFORM
    }

    async fn give_up(self: Box<Self>, why: Trouble) {
        self.run.fail(why).await;
    }

    /// Reads the record, encrypts the answers, releases them, and only then sends them.
    async fn drive(self: Box<Self>, node: &Arc<Node>, platform: PartyId, link: Link) {
        let Self { run, terms, me, under, subject, own, pieces, due } = *self;
        let lender = due.granted.covered.request().lender.clone();
        let done = match answering(node, (terms, me), under, &subject, (&own, &pieces), &due).await
        {
            Ok((session, batch)) => {
                let (unreleased, session) = AtomGate::of(node, due, batch, session);
                let journal = RunJournal::brief(&run, rounds::round).with_gate(unreleased);
                let assignment = RoleAssignment::from([(PLATFORM, platform)]);
                drive_run_for(node, journal, (&assignment, Some(&lender)), session, vec![link])
                    .await
            }
            Err(trouble) => {
                link.refuse(&trouble).await;
                Err(trouble)
            }
        };
        record(run, done.map(Outcome::of)).await;
    }
}

/// The registers from which this holder answers `asked`.
fn offered<'a>(
    node: &'a Node,
    platform: &PartyId,
    asked: &VerifyTerms,
) -> Result<Vec<&'a Register>, Trouble> {
    let registers = node.config.offers.iter().filter_map(|offer| {
        let config::Offer::Verify(Offer { register, platform: over, to }) = offer else {
            return None;
        };
        let fits = over == platform && to.contains(&asked.lender);
        node.config.register(register).filter(|_| fits)
    });
    let registers: Vec<_> = registers.filter(|register| register.kind == asked.kind).collect();
    if registers.is_empty() { Err(not_offered()) } else { Ok(registers) }
}

/// The register that has all fields of an atom: a tuple is of one row.
fn holding<'a>(registers: &[&'a Register], atom: &TypedAtom) -> Result<&'a Register, Trouble> {
    let has =
        |register: &&Register, field: &Field| register.fields.values().any(|bound| bound == field);
    let found =
        registers.iter().find(|register| atom.fields().iter().all(|field| has(register, field)));
    found.copied().ok_or_else(|| {
        let fields: Vec<String> = atom.fields().iter().map(ToString::to_string).collect();
        let fields = fields.join(", ");
        Trouble::us(
            "FIELD_NOT_HELD",
            format!("the holder of this class has no register with {fields}"),
            format!("该信息类的数据方没有包含 {fields} 的登记表"),
        )
    })
}

/// The lender's public key as the platform has passed it on: of no use unless it is the pinned one.
fn public(bytes: &[u8], pinned: verification::Fingerprint) -> Result<PublicKey, Trouble> {
    let key = PublicKey::from_bytes(bytes).ok();
    key.filter(|key| key.fingerprint() == pinned).ok_or_else(|| {
        Trouble::us(
            "LENDER_KEY",
            "the public key that came is not the one pinned for this lender",
            "收到的公钥与登记的贷款方密钥不符",
        )
    })
}

/// The session that answers, and what names the registers that it was read from.
async fn answering(
    node: &Arc<Node>,
    (terms, me): (Terms, Role),
    under: Under,
    subject: &Subject,
    (own, pieces): (&[(TypedAtom, Register)], &[usize]),
    due: &PendingAtoms,
) -> Result<(Holder, Digest), Trouble> {
    let mut loaded: Vec<ByField> = Vec::with_capacity(own.len());
    for (atom, register) in own {
        loaded.push(ByField::of(node, register, atom.fields()).await?);
    }
    let known = pieces.iter().map(|at| known(&own[*at].0, &loaded[*at], subject, due.today));
    let query = Query::new(terms, me, known.collect()).map_err(|error| ours(&error))?;
    let mut rng = setup::chacha()?;
    let session = tokio::task::block_in_place(|| match under {
        Under::Public(key) => Holder::new(query, &key, &mut rng),
        Under::Evaluator(evaluator) => Holder::comparing(query, evaluator, &mut rng),
    });
    Ok((session.map_err(|error| ours(&error))?, batch_of(&loaded)))
}

/// What our record says about an atom.
fn known(atom: &TypedAtom, loaded: &ByField, subject: &Subject, today: Date) -> Known {
    match atom.asking() {
        Asking::Clear(clear) => {
            let answer = clear.answer(|field| loaded.value(subject, field), today);
            Known::Answer(match answer {
                Answer::Yes => verification::Answer::Yes,
                Answer::No => verification::Answer::No,
                Answer::Unknown => verification::Answer::Unknown,
            })
        }
        Asking::Sealed(sealed) => {
            let value = loaded.value(subject, sealed.field());
            Known::Value(sealed.ordinal(value.as_ref()))
        }
    }
}

/// The registers' own commitment; of several, the hash of them in order.
fn batch_of(loaded: &[ByField]) -> Digest {
    let mut batches: Vec<Digest> = loaded.iter().map(ByField::batch).collect();
    batches.sort();
    batches.dedup();
    match batches[..] {
        [only] => only,
        _ => {
            let all: Vec<u8> = batches.iter().flat_map(|batch| batch.as_bytes()).copied().collect();
            hashed("tacit/party/v1/batches", &all)
        }
    }
}
