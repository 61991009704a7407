//! The proof afterwards: step by step, each of which fails by its name.

use std::fmt;

use consent::{Authorisation, Statement, Trust, VerifiedAuthorisation, VerifiedStatement};
use domain::{Digest, Field, Refusal};
use envelope::{Envelope, PublicKey};
use serde::Deserialize;

use crate::hash::leaf_hash;
use crate::{
    Event, Freshness, Head, Keys, Named, Outcome, Proof, ProofError, Receipt, Record, RegistryLeaf,
    Report, Shown, Step, questions, verify_inclusion,
};

/// Reads a proof file and checks it, step by step, offline.
///
/// # Errors
///
/// [`ProofError`] names the first step that fails.
pub fn verify(bytes: &[u8], keys: &Keys, fresh: Freshness) -> Result<Report, ProofError> {
    let proof = Proof::from_json(bytes).map_err(failed(Step::Form))?;
    let receipt = Receipt::unverified(&proof.receipt).map_err(failed(Step::Form))?;
    let record = Record::from_json(proof.record.as_bytes()).map_err(failed(Step::Form))?;
    let id = Receipt::id(&proof.receipt).map_err(failed(Step::Form))?;

    signed_receipt(&proof.receipt, &receipt, keys)?;
    let shown = shown(&proof, &receipt, keys, fresh)?;
    let log = signed_checkpoint(&proof, &receipt, keys)?;
    shown.iter().try_for_each(registered)?;
    shown.iter().try_for_each(|held| in_force(held, &receipt, fresh))?;
    in_scope(&shown, &receipt)?;
    let outcome = if shown.is_empty() { Outcome::NotApplicable } else { Outcome::Passed };
    if proof.salt.commit(&proof.answer) != receipt.commitment {
        return Err(fail(Step::Answer, "the answer does not open the receipt's commitment"));
    }
    logged(&proof, &receipt, &id, &record, &log)?;
    let subject = shown.first().map(|held| held.authorisation.record().subject());
    let asked = questions::asked(&proof, (&receipt, &record), subject, (keys, fresh))?;
    let outcome_of = |step| match step {
        Step::Form | Step::Signatures | Step::Answer | Step::Audit => Outcome::Passed,
        Step::Registration | Step::State | Step::Scope => outcome,
        Step::Question => asked,
    };
    let steps = Step::ALL.map(|step| (step, outcome_of(step))).to_vec();
    Ok(Report { receipt, id, sequence: record.sequence, log, steps })
}

/// An authorisation that a receipt rests on, whose signatures hold.
struct Held<'a> {
    named: &'a Named,
    authorisation: VerifiedAuthorisation,
    statement: VerifiedStatement,
}

fn signed_receipt(envelope: &Envelope, receipt: &Receipt, keys: &Keys) -> Result<(), ProofError> {
    let step = Step::Signatures;
    let platform = &receipt.release.asked.platform;
    let holder_keys = keys.holders.get(&receipt.holder).map(|keys| &keys.signing[..]);
    let platform_keys = keys.platforms.get(platform).map(|keys| &keys.signing[..]);
    let [by_holder, by_platform] = &signers(envelope)[..] else {
        return Err(fail(
            step,
            "the receipt needs two signatures: the holder's and the platform's",
        ));
    };
    let holder = named(holder_keys, by_holder)
        .ok_or_else(|| fail(step, "the receipt's first signature is by no key of its holder"))?;
    let platform = named(platform_keys, by_platform)
        .ok_or_else(|| fail(step, "the receipt's second signature is by no key of its platform"))?;
    Receipt::open(envelope, holder, platform).map_err(failed(step))?;
    Ok(())
}

/// The authorisations that the receipt names, the subject's first.
fn shown<'a>(
    proof: &Proof,
    receipt: &'a Receipt,
    keys: &Keys,
    fresh: Freshness,
) -> Result<Vec<Held<'a>>, ProofError> {
    let authorised = receipt.release.ground.authorised();
    let named = authorised.iter().flat_map(|by| std::iter::once(&by.subject).chain(&by.persons));
    let named: Vec<_> = named.collect();
    if named.len() != proof.authorisations.len() {
        let (names, shows) = (named.len(), proof.authorisations.len());
        let problem = format!("the receipt names {names} authorisations, the proof shows {shows}");
        return Err(fail(Step::Signatures, problem));
    }
    let trust = keys.trust();
    let pairs = named.into_iter().zip(&proof.authorisations);
    pairs.map(|(named, shown)| held(named, shown, receipt, &trust, (keys, fresh))).collect()
}

fn held<'a>(
    named: &'a Named,
    shown: &Shown,
    receipt: &Receipt,
    trust: &Trust,
    (keys, fresh): (&Keys, Freshness),
) -> Result<Held<'a>, ProofError> {
    let step = Step::Signatures;
    let latest = receipt.time.time().saturating_add(fresh.skew);
    let authorisation = trust.verify(&shown.record, latest).map_err(failed(step))?;
    let subject = [authorisation.certificate().key];
    only_by(&shown.record, Authorisation::TYPE, &subject, "the authorisation")?;
    let statement = Statement::open(&shown.statement, trust).map_err(failed(step))?;
    let registry = keys.registries.get(&statement.statement().registry);
    let registry = registry.map_or(&[][..], |keys| keys);
    only_by(&shown.statement, Statement::TYPE, registry, "the registry's statement")?;
    Ok(Held { named, authorisation, statement })
}

fn signed_checkpoint(proof: &Proof, receipt: &Receipt, keys: &Keys) -> Result<Head, ProofError> {
    let holder = &receipt.holder;
    let opened = keys.open_checkpoint(&proof.checkpoint, (holder, keys.holders.get(holder)));
    opened.map_err(failed(Step::Signatures))
}

fn registered(held: &Held<'_>) -> Result<(), ProofError> {
    let step = Step::Registration;
    let (record, statement) = (held.authorisation.record(), held.statement.statement());
    let rules = [
        (held.named.record == record.record_hash(), "the receipt names another record"),
        (held.named.statement == held.statement.hash(), "the receipt names another statement"),
        (statement.record_hash == record.record_hash(), "the statement is about another record"),
        (held.named.id == *record.id(), "the receipt names another authorisation"),
        (held.named.version == record.version(), "the receipt names another version"),
        (statement.authorisation == *record.id(), "the statement is about another authorisation"),
        (statement.version == record.version(), "the statement is about another version"),
        (statement.registry == *record.registry(), "the statement is another registry's"),
    ];
    holds(step, &rules)?;
    let log = &statement.log;
    let head = Head { size: log.size, root: log.root };
    let leaf = RegistryLeaf::from(statement).hash();
    verify_inclusion(&leaf, log.index, &head, &log.proof).map_err(failed(step))
}

fn in_force(held: &Held<'_>, receipt: &Receipt, fresh: Freshness) -> Result<(), ProofError> {
    let step = Step::State;
    let statement = held.statement.statement();
    statement.state.permits().map_err(failed(step))?;
    let age = receipt.time.time() - statement.issued_at;
    let rules = [
        (age <= fresh.max_age, "the registry's statement was too old at the release"),
        (-age <= fresh.skew, "the registry's statement was made after the release"),
    ];
    holds(step, &rules)
}

fn in_scope(shown: &[Held<'_>], receipt: &Receipt) -> Result<(), ProofError> {
    let step = Step::Scope;
    let asked = &receipt.release.asked;
    let covers = |held: &Held<'_>, fields: Vec<&Field>| {
        let model = asked.question.model();
        held.authorisation.record().covers(Some(asked.purpose), fields, asked.output, model)
    };
    for held in shown {
        granted(held.authorisation.record(), receipt).map_err(failed(step))?;
    }
    let Some((subject, persons)) = shown.split_first() else { return Ok(()) };
    if asked.fields.iter().next().is_none() {
        // What names no field would be covered by anything.
        return Err(failed(step)(Refusal::AuthScopeClass));
    }
    covers(subject, asked.fields.iter().collect()).map_err(failed(step))?;
    let leans = subject.authorisation.record().separate_consents();
    for person in persons {
        let id = person.authorisation.record().id();
        let leant = |field: &&Field| {
            leans.iter().any(|on| on.authorisation() == id && on.classes().contains(&field.class()))
        };
        // Which classes are about natural persons is for the catalogue to say, which is not at
        // hand: those count for which the subject's record leans on the person's.
        let fields: Vec<_> = asked.fields.iter().filter(leant).collect();
        if fields.is_empty() || covers(person, fields).is_err() {
            return Err(failed(step)(Refusal::ConsentPerson));
        }
    }
    Ok(())
}

/// To this receiver, over this platform or straight to it, at this time.
fn granted(record: &Authorisation, receipt: &Receipt) -> Result<(), Refusal> {
    let (asked, time) = (&receipt.release.asked, receipt.time.time());
    let grantee = record.grantee();
    // Where the receiver stands in the platform's place nobody stood between: the answer went to
    // fewer parties than the subject has let it go to. A model's answers always have a platform.
    let direct = asked.platform == asked.receiver && asked.question.model().is_none();
    let over = grantee.platform == asked.platform || direct;
    if grantee.institution != asked.receiver || !over {
        return Err(Refusal::AuthGrantee);
    }
    if time < record.term().not_before() {
        return Err(Refusal::AuthNotYet);
    }
    if !record.term().contains(time) {
        return Err(Refusal::AuthExpired);
    }
    Ok(())
}

fn logged(
    proof: &Proof,
    receipt: &Receipt,
    id: &Digest,
    record: &Record,
    log: &Head,
) -> Result<(), ProofError> {
    let step = Step::Audit;
    let Event::Released(released) = &record.event else {
        return Err(fail(step, "the audit record is not about a release"));
    };
    let rules = [
        (record.party == receipt.holder, "the audit record is another party's"),
        (released.receipt == *id, "the audit record names another receipt"),
        (released.begun == receipt.previous, "the audit record closes another release"),
        (released.commitment == receipt.commitment, "the audit record has another commitment"),
        (released.used.release == receipt.release, "the audit record tells another release"),
    ];
    holds(step, &rules)?;
    let leaf = leaf_hash(proof.record.as_bytes());
    verify_inclusion(&leaf, record.sequence, log, &proof.inclusion).map_err(failed(step))
}

/// Refuses signatures beside the one that counts, and a signature under another key's name:
/// neither changes what an envelope says, and both could be changed without being seen.
fn only_by(
    envelope: &Envelope,
    payload_type: &'static str,
    keys: &[PublicKey],
    what: &str,
) -> Result<(), ProofError> {
    let step = Step::Signatures;
    let signers = signers(envelope);
    let [signer] = &signers[..] else {
        return Err(fail(step, format!("{what} needs one signature and no other")));
    };
    let key = named(Some(keys), signer)
        .ok_or_else(|| fail(step, format!("{what} is signed by no known key of its signer")))?;
    envelope.open(payload_type, key).map_err(failed(step))?;
    Ok(())
}

pub(crate) fn named<'k>(keys: Option<&'k [PublicKey]>, signer: &str) -> Option<&'k PublicKey> {
    keys?.iter().find(|key| key.id() == signer)
}

/// The names of the keys that an envelope says it is signed by.
pub(crate) fn signers(envelope: &Envelope) -> Vec<String> {
    #[derive(Deserialize)]
    struct Form {
        signatures: Vec<Signature>,
    }

    #[derive(Deserialize)]
    struct Signature {
        keyid: String,
    }

    let form = serde_json::from_slice(&envelope.to_json());
    form.map_or_else(
        |_| Vec::new(),
        |form: Form| form.signatures.into_iter().map(|signature| signature.keyid).collect(),
    )
}

pub(crate) fn holds<S>(step: S, rules: &[(bool, &str)]) -> Result<(), ProofError<S>> {
    match rules.iter().find(|(holds, _)| !holds) {
        None => Ok(()),
        Some((_, problem)) => Err(fail(step, *problem)),
    }
}

pub(crate) fn fail<S>(step: S, problem: impl Into<String>) -> ProofError<S> {
    ProofError { step, problem: problem.into() }
}

pub(crate) fn failed<S: Copy, E: fmt::Display>(step: S) -> impl Fn(E) -> ProofError<S> {
    move |error| fail(step, error.to_string())
}
