//! As a registry: what subjects have granted, changed and ended, and our signed word on it.

use audit::{AuthorisationChange, RegistryLeaf, inclusion_needs, inclusion_proof};
use consent::{
    Act, Authorisation, Change, ChangeKind, Entry, History, LogPlace, Ruling, State, Statement,
    Tally, TallyQuestion, VoidReason,
};
use domain::{ClassId, Duty, PartyId, Refusal};
use envelope::Envelope;
use store::{Log, NewAuthorisation, StoredAuthorisation};
use wire::control;

use crate::Trouble;
use crate::clock::{milliseconds, now, now_ms};
use crate::node::Node;

/// Authorisations read at a time.
const PAGE: u32 = 500;

/// How far a subject's clock may be ahead of ours.
pub(crate) const SKEW: time::Duration = time::Duration::seconds(30);

/// Takes an authorisation, a new version of one, or a change to one. Returns our statement of what
/// it has led to.
pub(crate) async fn take(node: &Node, envelope: &[u8]) -> Result<Envelope, Trouble> {
    let sealed = Envelope::from_json(envelope).map_err(|error| unfit(&error))?;
    // One at a time: between reading a line and writing it back nobody else may write it.
    let _turn = node.registry.lock().await;
    let latest = now().saturating_add(SKEW);
    let (entry, change) = if sealed.unverified(Change::TYPE).is_ok() {
        let change = node.rules.trust().verify_change(&sealed, latest).map_err(|e| signed(&e))?;
        let wanted = change.change();
        let (id, kind) = (wanted.authorisation.clone(), wanted.kind);
        let mut entry = entry(node, id.as_str()).await?.ok_or_else(unknown)?;
        entry.apply(&change, now()).map_err(|error| unfit(&error))?;
        let change = match kind {
            ChangeKind::Revoke => AuthorisationChange::Revoked,
            ChangeKind::Suspend => AuthorisationChange::Suspended,
            ChangeKind::Resume => AuthorisationChange::Resumed,
        };
        (entry, change)
    } else {
        let record = node.rules.trust().verify(&sealed, latest).map_err(|error| signed(&error))?;
        match entry(node, record.record().id().as_str()).await? {
            None => {
                let entry = Entry::register(record, &node.config.name, now());
                (entry.map_err(|error| unfit(&error))?, AuthorisationChange::Registered)
            }
            Some(known) if known.record().record_hash() == record.record().record_hash() => {
                // The same once more: it is registered, and this is how it stands.
                return statement(node, known.record().id().as_str()).await;
            }
            Some(mut known) => {
                known.narrow(record, now()).map_err(|error| unfit(&error))?;
                (known, AuthorisationChange::Narrowed)
            }
        }
    };
    keep(node, &entry, &sealed, change).await?;
    statement(node, entry.record().id().as_str()).await
}

/// What the registry's own office decides.
pub(crate) async fn intervene(
    node: &Node,
    id: &str,
    change: control::Intervention,
    why: &str,
) -> Result<Envelope, Trouble> {
    let (ruling, change) = match change {
        control::Intervention::Suspend => {
            let words = "objection, security_event, party_suspended";
            (Ruling::Suspend(reason(why, words)?), AuthorisationChange::Suspended)
        }
        control::Intervention::Resume => (Ruling::Resume, AuthorisationChange::Resumed),
        control::Intervention::Void => {
            let words = "subject_gone, no_power, letter_mismatch, key_revoked";
            (Ruling::Void(reason(why, words)?), AuthorisationChange::Void)
        }
        control::Intervention::Unspecified => {
            return Err(Trouble::us(
                "USAGE",
                "a registry suspends, resumes or voids an authorisation",
                "登记机构可以暂停（suspend）、恢复（resume）或宣告失效（void）",
            ));
        }
    };
    let _turn = node.registry.lock().await;
    let stored = node.store.authorisation(id).await?.ok_or_else(unknown)?;
    let mut entry = restored(node, &stored)?;
    entry.rule(ruling, now()).map_err(|error| unfit(&error))?;
    let sealed = Envelope::from_json(&stored.envelope).map_err(|error| unfit(&error))?;
    keep(node, &entry, &sealed, change).await?;
    statement(node, id).await
}

/// Finds everything void that was signed with a key which its issuer has revoked; returns how many.
///
/// Every holder refuses it by itself as well; so it is told to whoever only asks here, and counted no
/// more.
pub(crate) async fn void_revoked(node: &Node) -> Result<u64, Trouble> {
    let _turn = node.registry.lock().await;
    let (mut after, mut void) = (String::new(), 0);
    loop {
        let page = node.store.authorisations(None, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(void) };
        after.clone_from(&last.id);
        for stored in &page {
            let sealed = Envelope::from_json(&stored.envelope).map_err(|error| unfit(&error))?;
            let verified = node.rules.trust().verify(&sealed, now().saturating_add(SKEW));
            if !matches!(verified, Err(consent::Error::KeyRevoked { .. })) {
                continue;
            }
            let mut entry = restored(node, stored)?;
            // What is over already stays as it ended.
            if entry.rule(Ruling::Void(VoidReason::KeyRevoked), now()).is_ok() {
                keep(node, &entry, &sealed, AuthorisationChange::Void).await?;
                void += 1;
            }
        }
    }
}

/// Our signed word on an authorisation as it stands now.
///
/// # Errors
///
/// `AUTH_UNREGISTERED` when we have none of this number.
pub(crate) async fn statement(node: &Node, id: &str) -> Result<Envelope, Trouble> {
    let stored = node.store.authorisation(id).await?.ok_or_else(unknown)?;
    let entry = restored(node, &stored)?;
    let head = node.store.head(Log::Registry).await?;
    let wanted = inclusion_needs(stored.seq, head.size).map_err(|error| unfit(&error))?;
    let hashes = node.store.nodes(Log::Registry, &wanted).await?;
    let proof = inclusion_proof(stored.seq, head.size, &hashes).map_err(|error| unfit(&error))?;
    let log = LogPlace { index: stored.seq, size: head.size, root: head.root, proof };
    let statement: Statement = entry.statement(log, now());
    statement.sign(&node.identity.signing_key).map_err(|error| unfit(&error))
}

/// Our signed word on an authorisation, for a caller whom it concerns.
///
/// # Errors
///
/// `AUTH_UNREGISTERED` when we have none of this number, and in the same words when it is none of the
/// caller's business.
pub(crate) async fn statement_for(
    node: &Node,
    caller: &PartyId,
    id: &str,
) -> Result<Envelope, Trouble> {
    if !holds(node, caller) {
        let stored = node.store.authorisation(id).await?.ok_or_else(unknown)?;
        if stored.lender != *caller && stored.platform != *caller {
            return Err(unknown());
        }
    }
    statement(node, id).await
}

/// Our signed count of the subjects that have authorised this lender in one of these classes, for a
/// holder that asks, or for the lender itself.
///
/// # Errors
///
/// `AUTH_UNREGISTERED` when it is none of the caller's business.
pub(crate) async fn tally(node: &Node, question: TallyQuestion) -> Result<Envelope, Trouble> {
    if !holds(node, &question.holder) && question.holder != question.lender {
        return Err(unknown());
    }
    let classes: Vec<ClassId> = question.classes.iter().copied().collect();
    let subjects = subjects(node, &question.lender, &classes).await?;
    let tally = Tally { question, subjects, issued_at: now() };
    tally.sign(&node.identity.signing_key).map_err(|error| unfit(&error))
}

/// Whether a member is a holder: any of those may be asked about a letter.
fn holds(node: &Node, member: &PartyId) -> bool {
    node.lines.get(member).is_some_and(|line| line.peer.duties.contains(&Duty::Holder))
}

/// How many subjects have authorised this lender in one of these classes.
pub(crate) async fn subjects(
    node: &Node,
    lender: &PartyId,
    classes: &[ClassId],
) -> Result<u64, Trouble> {
    let live = State::Active.code();
    Ok(node.store.authorised_subjects(lender, classes, live, now_ms()).await?)
}

/// The line of an authorisation, if there is one.
async fn entry(node: &Node, id: &str) -> Result<Option<Entry>, Trouble> {
    let stored = node.store.authorisation(id).await?;
    stored.as_ref().map(|stored| restored(node, stored)).transpose()
}

/// What happened to an authorisation.
pub(crate) fn history(stored: &StoredAuthorisation) -> Result<History, Trouble> {
    History::from_json(stored.history.as_bytes()).map_err(|e| Trouble::from_error("STORE", &e))
}

fn restored(node: &Node, stored: &StoredAuthorisation) -> Result<Entry, Trouble> {
    let said = |error: &dyn std::fmt::Display| Trouble::from_error("STORE", error);
    let sealed = Envelope::from_json(&stored.envelope).map_err(|error| said(&error))?;
    // It was checked when it came, and an issuer struck from the configuration since then makes
    // what it has certified worth nothing. What a revoked key has signed is void, and stays in order.
    let latest = now().saturating_add(SKEW);
    let record = node.rules.configured.verify(&sealed, latest).map_err(|error| signed(&error))?;
    Entry::restore(record, history(stored)?).map_err(|error| said(&error))
}

async fn keep(
    node: &Node,
    entry: &Entry,
    sealed: &Envelope,
    change: AuthorisationChange,
) -> Result<(), Trouble> {
    let record = entry.record();
    let at = now();
    let history = entry.history().to_json().map_err(|error| unfit(&error))?;
    let stored = match sealed.unverified(Authorisation::TYPE) {
        Ok(_) => sealed.to_json(),
        // A change leaves the record as it was.
        Err(_) => {
            let stored = node.store.authorisation(record.id().as_str()).await?;
            stored.ok_or_else(unknown)?.envelope
        }
    };
    let leaf = RegistryLeaf {
        authorisation: record.id().clone(),
        version: record.version(),
        record_hash: record.record_hash(),
        state: entry.state_at(at),
        since: entry.history().since_at(at),
    };
    let classes: std::collections::BTreeSet<ClassId> =
        record.scope().items().iter().map(consent::ScopeItem::class).collect();
    let new = NewAuthorisation {
        id: record.id().as_str().into(),
        version: record.version(),
        record_hash: record.record_hash().to_string(),
        state: entry.state_at(at).code().into(),
        subject: node.pseudonym(record.subject()).to_bytes(),
        lender: record.grantee().institution.clone(),
        platform: record.grantee().platform.clone(),
        classes: classes.into_iter().collect(),
        not_before_ms: milliseconds(record.term().not_before()),
        not_after_ms: milliseconds(record.term().not_after()),
        history: String::from_utf8_lossy(&history).into_owned(),
        envelope: stored,
        leaf: leaf.to_bytes(),
        changed_ms: now_ms(),
    };
    node.record_authorisation(change, entry, new).await
}

/// One of the words that the life cycle has for a reason.
fn reason<T: serde::de::DeserializeOwned>(text: &str, words: &str) -> Result<T, Trouble> {
    serde_json::from_value(text.into()).map_err(|_| {
        Trouble::us(
            "USAGE",
            format!("the reason is one of {words}"),
            format!("原因应为以下之一：{words}"),
        )
    })
}

fn unknown() -> Trouble {
    Trouble::refused(Refusal::AuthUnregistered)
}

/// The chain from a signature to somebody whom we trust does not hold.
fn signed(error: &dyn std::fmt::Display) -> Trouble {
    let refusal = Refusal::AuthSignature;
    Trouble::us(
        refusal.code(),
        format!("{}: {error}", refusal.en()),
        format!("{}：{error}", refusal.zh()),
    )
}

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "AUTHORISATION",
        format!("this cannot be registered: {error}"),
        format!("无法登记：{error}"),
    )
}

/// What an act of a history is called, and why it happened where a reason is given.
pub(crate) fn told(act: &Act) -> (control::Act, String) {
    let name = match act {
        Act::Registered(_) => control::Act::Registered,
        Act::Narrowed(_) => control::Act::Narrowed,
        Act::SuspendedBySubject(_) => control::Act::SuspendedBySubject,
        Act::ResumedBySubject(_) => control::Act::ResumedBySubject,
        Act::Revoked(_) => control::Act::Revoked,
        Act::SuspendedByRegistry { .. } => control::Act::SuspendedByRegistry,
        Act::ResumedByRegistry {} => control::Act::ResumedByRegistry,
        Act::Voided { .. } => control::Act::Voided,
        Act::Exhausted {} => control::Act::Exhausted,
    };
    // The words are those that the history itself is written in.
    let act = serde_json::to_value(act).unwrap_or_default();
    (name, act["reason"].as_str().unwrap_or_default().to_owned())
}
