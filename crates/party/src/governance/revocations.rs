//! Keys of subjects that sign no more: issuers' lists, taken in, passed on and asked for.

use std::sync::Arc;

use consent::KeyRevocations;
use domain::PartyId;
use envelope::Envelope;
use store::StoredRevocations;
use wire::control;
use wire::peer::{self, attest_reply, attest_request};

use crate::Trouble;
use crate::clock::{milliseconds, now, now_ms};
use crate::governance::registry::{self, SKEW};
use crate::governance::statements::attest;
use crate::node::Node;

/// Takes an issuer's list in: from its file, or from the registry. It counts from here on, for every
/// question that is asked or not yet answered.
///
/// # Errors
///
/// `REVOCATIONS` for a list that no trusted issuer has signed, that lies ahead of our clock, that has
/// a lower number than the one that counts, or the same number and other content.
pub(crate) async fn take(
    node: &Node,
    bytes: &[u8],
) -> Result<control::TakeKeyRevocationsReply, Trouble> {
    let envelope = KeyRevocations::envelope(bytes).map_err(|error| unfit(&error))?;
    let _turn = node.revocations.lock().await;
    let verified = KeyRevocations::open(&envelope, &node.rules.trust()).map_err(|e| unfit(&e))?;
    let list = verified.list().clone();
    if list.issued_at() > now().saturating_add(SKEW) {
        return Err(unfit(&"it is dated ahead of this party's clock"));
    }
    let trust = node.rules.trust();
    let known = trust.revocations(list.issuer());
    match known {
        Some(known) if known.number() > list.number() => {
            let (ours, theirs) = (known.number(), list.number());
            return Err(unfit(&format!(
                "number {ours} of this issuer counts here, and it is {theirs}"
            )));
        }
        Some(known) if known.number() == list.number() && *known != list => {
            tracing::error!(issuer = %list.issuer(), number = list.number(), "two lists of revoked keys with one number");
            return Err(unfit(
                &"another list of this number counts here: ask the issuer which it is",
            ));
        }
        Some(_) | None => {}
    }
    if known.is_none_or(|known| known.number() < list.number()) {
        let stored = StoredRevocations {
            issuer: list.issuer().clone(),
            number: list.number(),
            envelope: envelope.to_json(),
            taken_ms: now_ms(),
        };
        node.store.keep_key_revocations(&stored).await?;
        node.rules.revoke(verified);
        tracing::info!(issuer = %list.issuer(), number = list.number(), keys = list.len(), "a list of revoked keys counts");
    }
    // As a registry: what such a key has signed is over. Also where an earlier attempt was cut short.
    let void = registry::void_revoked(node).await?;
    Ok(control::TakeKeyRevocationsReply { list: Some(shown(&list, now_ms())), void })
}

/// The lists that count here.
pub(crate) async fn report(node: &Node) -> Result<control::KeyRevocationsReply, Trouble> {
    let trust = node.rules.trust();
    let lists = node.store.key_revocations().await?.into_iter().filter_map(|stored| {
        let list = trust.revocations(&stored.issuer)?;
        Some(shown(list, stored.taken_ms))
    });
    Ok(control::KeyRevocationsReply { lists: lists.collect() })
}

fn shown(list: &KeyRevocations, taken_ms: i64) -> control::RevocationList {
    control::RevocationList {
        issuer: list.issuer().to_string(),
        number: list.number(),
        keys: list.len() as u64,
        issued_ms: milliseconds(list.issued_at()),
        taken_ms,
    }
}

/// As a registry: an issuer's list for a member that has an older one, or none.
pub(crate) async fn served(
    node: &Node,
    asked: &peer::KeyRevocationsRequest,
) -> Result<attest_reply::Outcome, Trouble> {
    let newer = node.store.newer_key_revocations(&asked.issuer, asked.known).await?;
    Ok(attest_reply::Outcome::KeyRevocations(newer.unwrap_or_default().into()))
}

/// Asks the registry for newer lists for as long as the party runs, as often as its word on an
/// authorisation has to be new.
pub(crate) async fn keep_asking(node: Arc<Node>) {
    let governance = &node.rules.governance;
    let Some(registry) = governance.registry.as_ref() else { return };
    if *registry == node.config.name || governance.issuers.is_empty() {
        return;
    }
    loop {
        for issuer in &governance.issuers {
            if let Err(trouble) = ask(&node, registry, &issuer.name).await {
                tracing::debug!(code = trouble.code, "no list of revoked keys: {trouble}");
            }
        }
        tokio::time::sleep(governance.statement_max_age()).await;
    }
}

async fn ask(node: &Node, registry: &PartyId, issuer: &PartyId) -> Result<(), Trouble> {
    let known = node.rules.trust().revocations(issuer).map_or(0, KeyRevocations::number);
    let asked = peer::KeyRevocationsRequest { issuer: issuer.to_string(), known };
    let about = attest_request::About::KeyRevocations(asked);
    match attest(node, registry, about).await? {
        attest_reply::Outcome::KeyRevocations(bytes) if bytes.is_empty() => Ok(()),
        attest_reply::Outcome::KeyRevocations(bytes) => {
            let taken = take(node, &bytes).await;
            taken.map(drop).inspect_err(|trouble| {
                tracing::warn!(%registry, code = trouble.code, "{trouble}");
            })
        }
        attest_reply::Outcome::Refusal(refusal) => Err(crate::node::refused(registry, refusal)),
        attest_reply::Outcome::Statement(_) | attest_reply::Outcome::Tally(_) => {
            Err(unfit(&"a list was asked for"))
        }
    }
}

/// The lists as they were stored, for a party that starts. One whose issuer's key has been taken out
/// of the configuration counts no more.
pub(crate) fn restore(
    rules: &crate::governance::Rules,
    stored: Vec<StoredRevocations>,
) -> Result<(), Trouble> {
    for stored in stored {
        let envelope: Envelope = KeyRevocations::envelope(&stored.envelope)
            .map_err(|error| Trouble::from_error("STORE", &error))?;
        match KeyRevocations::open(&envelope, &rules.trust()) {
            Ok(verified) => rules.revoke(verified),
            Err(error) => {
                tracing::warn!(issuer = %stored.issuer, "its list of revoked keys does not count: {error}");
            }
        }
    }
    Ok(())
}

fn unfit(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "REVOCATIONS",
        format!("this list of revoked keys is not taken: {error}"),
        format!("不接受该密钥吊销名单：{error}"),
    )
}
