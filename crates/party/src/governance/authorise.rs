//! The one decision, made by this party itself: at a question, and again before its release.

use std::sync::Arc;

use consent::{
    Authorisation, Covered, Evidence, Need, PersonEvidence, Presented, Request, Trust, Usage,
    VerifiedAuthorisation,
};
use domain::{Field, MAX_PERSONS, ModelId, Output, PartyId, Purpose, Refusal, Subject};
use envelope::Envelope;
use store::ReleaseLimits;
use time::{Duration, OffsetDateTime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Trouble;
use crate::clock::{now, now_ms};
use crate::governance::registry::SKEW;
use crate::governance::statements::{self, Word};
use crate::node::Node;

/// What is asked of this party about one subject.
pub(crate) struct Question {
    pub(crate) subject: Subject,
    pub(crate) lender: PartyId,
    pub(crate) platform: PartyId,
    pub(crate) purpose: Purpose,
    pub(crate) output: Output,
    pub(crate) fields: Vec<Field>,
    pub(crate) model: Option<ModelId>,
    /// The subject's authorisation as it came.
    pub(crate) authorisation: Option<Vec<u8>>,
    /// Those of natural persons.
    pub(crate) persons: Vec<Vec<u8>>,
}

/// A question that may be answered, with what shows it.
pub(crate) struct Granted {
    pub(crate) covered: Covered,
    resolved: Vec<ResolvedAuthorisation>,
}

/// An authorisation as it came, and the registry's word on it.
struct ResolvedAuthorisation {
    sealed: Envelope,
    /// Its chain holds; without it nobody was asked about it.
    verified: Option<VerifiedAuthorisation>,
    id: String,
    max_uses: u32,
    registry: PartyId,
    subject: Subject,
    word: Option<Word>,
    usage: Usage,
}

impl Granted {
    /// What its release may not exceed, whatever else was decided in the meantime.
    pub(crate) fn limits(&self, node: &Node) -> ReleaseLimits {
        let governance = &node.rules.governance;
        // What verifications may tell is bounded by their questions, not by their number.
        let scores = self.covered.request().output == Output::Score;
        let most = |most: u32| scores.then(|| (most.into(), period(node)));
        ReleaseLimits {
            uses: self.resolved.first().map(|resolved| resolved.max_uses.into()),
            questions: most(governance.questions_per_subject),
            models: most(governance.models_per_subject),
        }
    }

    /// The authorisations and statements that it rests on, the subject's first.
    pub(crate) fn evidence(&self) -> impl Iterator<Item = (&Envelope, &Envelope)> {
        self.resolved.iter().filter_map(|resolved| {
            resolved.word.as_ref().map(|word| (&resolved.sealed, &word.envelope))
        })
    }
}

/// Decides about a question; its budget is counted apart. No register is touched, and none needs to be.
pub(crate) async fn decide(node: &Node, question: Question) -> Result<Granted, Trouble> {
    node.members.admitted(&question.platform)?;
    node.members.admitted(&question.lender)?;
    let Question { subject, lender, platform, purpose, output, fields, model, .. } = &question;
    let needs = node.rules.needs_of(fields, *output, *purpose)?;
    let needs_any = |wanted: &[Need]| needs.iter().any(|(_, need)| wanted.contains(need));
    // What nothing here needs is not looked at: no registry is asked about a person in vain.
    let subjects = usize::from(needs_any(&[Need::Subject, Need::SubjectAndPerson]));
    // A person's stands beside the subject's, never for it.
    let beside = question.authorisation.is_some() && needs_any(&[Need::SubjectAndPerson]);
    let persons = if beside { MAX_PERSONS } else { 0 };
    let mut resolved = Vec::new();
    for bytes in question.authorisation.iter().take(subjects) {
        let record = resolve(node, bytes, &question, Whose::Subject).await?;
        if record.verified.is_none() {
            return Err(Trouble::refused(Refusal::AuthSignature));
        }
        resolved.push(record);
    }
    for bytes in question.persons.iter().take(persons) {
        resolved.push(resolve(node, bytes, &question, Whose::Person).await?);
    }
    let request = Request {
        subject: subject.clone(),
        persons: resolved.iter().skip(1).map(|resolved| resolved.subject.clone()).collect(),
        lender: lender.clone(),
        platform: platform.clone(),
        purpose: Some(*purpose),
        output: *output,
        fields: needs.into(),
        model: model.clone(),
    };
    let covered = decide_on(node, &request, &resolved).map_err(Trouble::refused)?;
    Ok(Granted { covered, resolved })
}

/// The second look: what was granted, once more. [`super::release::revalidate`] also writes a refusal down.
pub(super) async fn revalidate(node: &Node, granted: Granted) -> Result<Granted, Trouble> {
    let Granted { covered, mut resolved } = granted;
    node.members.admitted(&covered.request().platform)?;
    node.members.admitted(&covered.request().lender)?;
    let trust = node.rules.trust();
    for (place, resolved) in resolved.iter_mut().enumerate() {
        // Its issuer may have taken its word back for the key in the meantime.
        let refusal = if place == 0 { Refusal::AuthSignature } else { Refusal::ConsentPerson };
        let verified = resolved.verified.as_ref().ok_or_else(|| Trouble::refused(refusal))?;
        let latest = now().saturating_add(SKEW);
        verified.still_trusted(&trust, latest).map_err(|_| Trouble::refused(refusal))?;
        resolved.word = statements::word(node, &resolved.registry, &resolved.id, true).await?;
    }
    let words: Vec<&Envelope> =
        resolved.iter().filter_map(|s| s.word.as_ref().map(|word| &word.envelope)).collect();
    let rules = rules(&trust, max_age(&resolved));
    let covered = covered.revalidate(&words, &rules, now()).map_err(Trouble::refused)?;
    Ok(Granted { covered, resolved })
}

/// [`decide`] about many subjects, several at a time, in their order.
///
/// # Errors
///
/// What is no refusal: then about none of them anything is known.
pub(crate) async fn decide_all(
    node: &Arc<Node>,
    questions: Vec<Question>,
) -> Result<Vec<Result<Granted, Refusal>>, Trouble> {
    let decide = |question| {
        let node = Arc::clone(node);
        async move { decide(&node, question).await }
    };
    let ruled = |decided: Result<Granted, Trouble>| match decided {
        Ok(granted) => Ok(Ok(granted)),
        Err(trouble) => trouble.code.parse().map(Err).map_err(|_| trouble),
    };
    map_concurrently(questions, decide).await?.into_iter().map(ruled).collect()
}

/// How many subjects a registry is asked about at a time.
const CONCURRENT: usize = 16;

/// Does the same with each, so many at a time; what comes of them is in their order.
pub(crate) async fn map_concurrently<A, B, F>(
    all: Vec<A>,
    each: impl Fn(A) -> F,
) -> Result<Vec<B>, Trouble>
where
    B: Send + 'static,
    F: Future<Output = B> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(CONCURRENT));
    let mut under_way = JoinSet::new();
    for (place, one) in all.into_iter().enumerate() {
        let (one, permits) = (each(one), Arc::clone(&permits));
        under_way.spawn(async move {
            let _permit = permits.acquire().await;
            (place, one.await)
        });
    }
    let mut done = Vec::with_capacity(under_way.len());
    while let Some(one) = under_way.join_next().await {
        done.push(one.map_err(|error| Trouble::from_error("OURS", &error))?);
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, one)| one).collect())
}

/// Whose authorisation is resolved.
#[derive(Clone, Copy)]
enum Whose {
    Subject,
    Person,
}

/// Reads an authorisation, and asks about it what there is to ask.
///
/// The chain comes first: whoever has no signature of a subject's makes this party look nothing up,
/// keep nothing and call nobody. Nor is anybody asked about one that is another subject's or another
/// caller's, which is refused whatever the registry says.
async fn resolve(
    node: &Node,
    bytes: &[u8],
    question: &Question,
    whose: Whose,
) -> Result<ResolvedAuthorisation, Trouble> {
    let refused = |_| Trouble::refused(Refusal::AuthSignature);
    let sealed = Envelope::from_json(bytes).map_err(refused)?;
    let record =
        Authorisation::unverified(&sealed).map_err(|_| Trouble::refused(Refusal::AuthSignature))?;
    let (id, registry) = (record.id().as_str().to_owned(), record.registry().clone());
    let verified = match node.rules.trust().verify(&sealed, now().saturating_add(SKEW)) {
        Ok(verified) => Some(verified),
        Err(error) => {
            tracing::info!("an authorisation's chain does not hold: {error}");
            None
        }
    };
    let its = match whose {
        Whose::Subject => *record.subject() == question.subject,
        Whose::Person => true,
    };
    let grantee = record.grantee();
    let ours = grantee.institution == question.lender && grantee.platform == question.platform;
    let word = if verified.is_some() && its && ours {
        match statements::word(node, &registry, &id, false).await {
            Ok(word) => word,
            Err(trouble) => {
                tracing::warn!(%registry, code = trouble.code, "the registry cannot be asked");
                return Err(Trouble::refused(Refusal::AuthStale));
            }
        }
    } else {
        None
    };
    let (uses, last_ms) = node.store.uses(&id).await?;
    let last_use = last_ms
        .and_then(|ms| OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).ok());
    let usage = Usage { uses: u32::try_from(uses).unwrap_or(u32::MAX), last_use };
    let (subject, max_uses) = (record.subject().clone(), record.limits().max_uses());
    Ok(ResolvedAuthorisation { sealed, verified, id, max_uses, registry, subject, word, usage })
}

fn decide_on<'a>(
    node: &Node,
    request: &Request,
    resolved: &'a [ResolvedAuthorisation],
) -> Result<Covered, Refusal> {
    let word =
        |resolved: &'a ResolvedAuthorisation| resolved.word.as_ref().map(|word| &word.envelope);
    let verified =
        |resolved: &'a ResolvedAuthorisation| resolved.verified.as_ref().map(Presented::Verified);
    let person = |resolved: &'a ResolvedAuthorisation| {
        Some(PersonEvidence {
            authorisation: verified(resolved)?,
            statement: word(resolved)?,
            usage: resolved.usage,
        })
    };
    let persons: Vec<PersonEvidence<'_>> = resolved.iter().skip(1).filter_map(person).collect();
    let evidence = Evidence {
        authorisation: resolved.first().and_then(verified),
        statement: resolved.first().and_then(word),
        persons: &persons,
    };
    let usage = resolved.first().map(|resolved| resolved.usage).unwrap_or_default();
    let trust = node.rules.trust();
    consent::decide(request, &evidence, &usage, &rules(&trust, max_age(resolved)), now())
}

/// How old the registry's word may be: by where it came from, the strictest counts.
fn max_age(resolved: &[ResolvedAuthorisation]) -> Duration {
    let ages =
        resolved.iter().filter_map(|resolved| resolved.word.as_ref().map(|word| word.max_age));
    ages.min().unwrap_or(Duration::ZERO)
}

fn rules(trust: &Trust, statement_max_age: Duration) -> consent::Rules<'_> {
    consent::Rules { trust, statement_max_age, clock_skew: SKEW }
}

/// One lender may have so many scores of one subject in a period, whatever the model: new ones, for an
/// earlier one that is handed over again does not count; and through so many models (rule R7 of
/// admission: six cards that each keep every rule find nine features of a firm between them).
pub(crate) async fn within_budget(node: &Node, request: &Request) -> Result<(), Trouble> {
    let subject = node.pseudonym(&request.subject).to_bytes();
    let (lender, output, since) = (&request.lender, request.output, period(node));
    let governance = &node.rules.governance;
    let asked = node.store.questions(lender, &subject, output, since).await?;
    if asked >= u64::from(governance.questions_per_subject) {
        return Err(Trouble::refused(Refusal::QueryBudget));
    }
    if let Some(model) = &request.model {
        let others = node.store.other_models(lender, &subject, output, (model, since)).await?;
        if others >= u64::from(governance.models_per_subject) {
            return Err(Trouble::refused(Refusal::QueryBudget));
        }
    }
    Ok(())
}

/// Where the period begins for which questions count.
pub(crate) fn period(node: &Node) -> i64 {
    let day = 86_400_000;
    now_ms() - i64::from(node.rules.governance.period_days) * day
}
