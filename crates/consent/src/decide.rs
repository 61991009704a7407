//! The one decision: may this be done, for this subject, now?

use std::borrow::Cow;

use domain::{Field, MAX_PERSONS, Refusal, Subject, SubjectKind};
use envelope::Envelope;
use time::OffsetDateTime;

use crate::proof::Basis;
use crate::{
    Authorisation, Covered, Evidence, Limits, Need, PersonEvidence, Presented, Proof, Request,
    Rules, Statement, Usage, VerifiedAuthorisation,
};

/// Decides whether `request` may be done now, by what is shown for it.
///
/// Looks at nothing but its arguments, and at no register: a subject that a register does not know
/// is refused exactly like one that has not authorised. Fails closed: what is missing, unreadable
/// or too old is refused.
///
/// # Errors
///
/// The first refusal that applies, in the order of the table in the crate's header.
pub fn decide(
    request: &Request,
    evidence: &Evidence<'_>,
    usage: &Usage,
    rules: &Rules<'_>,
    now: OffsetDateTime,
) -> Result<Covered, Refusal> {
    // A request that names no field would be covered by anything.
    let strictest = request.fields.iter().map(|(_, need)| *need).max();
    match strictest.ok_or(Refusal::AuthScopeClass)? {
        Need::Nothing => return Ok(Covered::open(request)),
        Need::Purpose if request.purpose.is_some() => return Ok(Covered::open(request)),
        Need::Purpose => return Err(Refusal::AuthPurpose),
        Need::Subject | Need::SubjectAndPerson => {}
    }
    let presented = evidence.authorisation.ok_or(Refusal::AuthMissing)?;
    let verified = verified(presented, rules, now)?;
    let record = verified.record();
    let proof = prove(record, &request.subject, evidence.statement, request, rules, now)?;
    covers(record, request, Need::Subject)?;
    let persons = persons(record, request, evidence.persons, rules, now)?;
    within(record.limits(), usage, now)?;
    Ok(Covered::proven(request, proof, persons))
}

/// The chain from the record to a trusted issuer holds.
fn verified<'a>(
    presented: Presented<'a>,
    rules: &Rules<'_>,
    now: OffsetDateTime,
) -> Result<Cow<'a, VerifiedAuthorisation>, Refusal> {
    let latest = now.saturating_add(rules.clock_skew);
    let verified = match presented {
        Presented::Sealed(envelope) => rules.trust.verify(envelope, latest).map(Cow::Owned),
        Presented::Verified(verified) => {
            verified.still_trusted(rules.trust, latest).map(|()| Cow::Borrowed(verified))
        }
    };
    verified.map_err(|_| Refusal::AuthSignature)
}

/// The record is this subject's, for this caller, registered and in force.
fn prove(
    record: &Authorisation,
    subject: &Subject,
    statement: Option<&Envelope>,
    request: &Request,
    rules: &Rules<'_>,
    now: OffsetDateTime,
) -> Result<Proof, Refusal> {
    if record.subject() != subject {
        return Err(Refusal::AuthMissing);
    }
    let grantee = record.grantee();
    if grantee.institution != request.lender || grantee.platform != request.platform {
        return Err(Refusal::AuthGrantee);
    }
    let statement = statement.ok_or(Refusal::AuthUnregistered)?;
    let said = Statement::open(statement, rules.trust).map_err(|_| Refusal::AuthUnregistered)?;
    let proof = Basis::of(record).live(said, rules, now)?;
    if now < record.term().not_before() { Err(Refusal::AuthNotYet) } else { Ok(proof) }
}

/// Purpose, class, output and model, for the fields that need at least so much.
fn covers(record: &Authorisation, request: &Request, need: Need) -> Result<(), Refusal> {
    record.covers(request.purpose, needing(request, need), request.output, request.model.as_ref())
}

fn needing(request: &Request, need: Need) -> impl Iterator<Item = &Field> + Clone {
    request.fields.iter().filter(move |(_, needs)| *needs >= need).map(|(field, _)| field)
}

/// Every natural person concerned has consented itself: with its own authorisation, for the same
/// caller, on which the subject's record leans by name. What a person has authorised, and what
/// became of it, is that person's affair: whatever is wrong with it is one refusal.
fn persons(
    record: &Authorisation,
    request: &Request,
    shown: &[PersonEvidence<'_>],
    rules: &Rules<'_>,
    now: OffsetDateTime,
) -> Result<Vec<Proof>, Refusal> {
    if needing(request, Need::SubjectAndPerson).next().is_none() {
        return Ok(Vec::new());
    }
    // A person who is the subject has consented with the subject's own record.
    let own = request.subject.kind() == SubjectKind::CnId;
    let unnamed = !own && request.persons.is_empty();
    if unnamed || request.persons.len() > MAX_PERSONS || shown.len() > MAX_PERSONS {
        return Err(Refusal::ConsentPerson);
    }
    let holding = shown.iter().filter_map(|evidence| {
        let verified = verified(evidence.authorisation, rules, now).ok()?;
        leans_on(record, verified.record(), request).then_some((verified, evidence))
    });
    let holding: Vec<_> = holding.collect();
    let others = request.persons.iter().filter(|person| !own || **person != request.subject);
    let proofs = others.map(|person| {
        let mut proofs = holding.iter().filter_map(|(verified, evidence)| {
            let record = verified.record();
            let statement = Some(evidence.statement);
            let proof = prove(record, person, statement, request, rules, now).ok()?;
            covers(record, request, Need::SubjectAndPerson).ok()?;
            within(record.limits(), &evidence.usage, now).ok()?;
            Some(proof)
        });
        let consented = proofs.next().filter(|_| person.kind() == SubjectKind::CnId);
        consented.ok_or(Refusal::ConsentPerson)
    });
    proofs.collect()
}

/// The subject's record names the person's for every class about persons that is asked for.
fn leans_on(record: &Authorisation, person: &Authorisation, request: &Request) -> bool {
    let leaning = || {
        let consents = record.separate_consents().iter();
        consents.filter(|consent| consent.authorisation() == person.id())
    };
    needing(request, Need::SubjectAndPerson)
        .all(|field| leaning().any(|consent| consent.classes().contains(&field.class())))
}

/// A use is left, and the last one is long enough ago.
fn within(limits: Limits, usage: &Usage, now: OffsetDateTime) -> Result<(), Refusal> {
    if usage.uses >= limits.max_uses() {
        return Err(Refusal::AuthExhausted);
    }
    match usage.last_use {
        Some(last) if now - last < limits.min_interval() => Err(Refusal::AuthInterval),
        Some(_) | None => Ok(()),
    }
}
