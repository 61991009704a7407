//! Checkpoints: what this party signs of its log, and what it keeps of others' as a supervisor.

use std::sync::Arc;
use std::time::Duration;

use audit::{
    DepositOutcome, Deposits, Event, Head, KeyName, Note, NoteKey, consistency_needs,
    consistency_proof,
};
use domain::{Digest, Duty, PartyId};
use store::{Log, Store, StoredAlarm, StoredDeposit};
use tokio::time::timeout;
use tonic::Request;
use wire::control;
use wire::peer::{self, deposit_reply};

use crate::clock::now_ms;
use crate::governance::proofs::checkpoint;
use crate::identity::Peer;
use crate::node::{Node, refused};
use crate::{Trouble, dial};

/// How often a checkpoint is deposited without being asked.
const DAILY: Duration = Duration::from_secs(86_400);

/// How long a deposit that failed waits for its next attempt.
const AGAIN: Duration = Duration::from_secs(600);

/// The watch over the logs of all pinned parties, from the last checkpoint that was kept of each.
///
/// A log whose signing key has changed since is watched from where it was: what was kept was verified
/// when it came. That it has changed is an alarm unless the former key speaks for the new one, for
/// whoever could have a key exchanged could have a log begun anew. It speaks for a successor's as well:
/// the party may have switched, and its new file not yet have taken the place of the pinned one.
pub(crate) async fn watched(
    peers: &[(Peer, Option<Peer>)],
    store: &Store,
) -> Result<Deposits, Trouble> {
    let (mut deposits, kept) = (Deposits::default(), store.deposits().await?);
    for (peer, successor) in peers {
        let (party, key) = (peer.name.clone(), note_key(&peer.name, peer.signing_key));
        let keys = successor.iter().map(|successor| successor.signing_key);
        let keys = peer.signing_keys().into_iter().chain(keys);
        let keys: Vec<NoteKey> = keys.map(|key| note_key(&party, key)).collect();
        let mut last = None;
        if let Some(kept) = kept.iter().find(|deposit| deposit.origin == party) {
            let garbled = |error| Trouble::from_error("STORE", &error);
            let note = Note::from_bytes(kept.note.as_bytes()).map_err(garbled)?;
            let opened = keys.iter().find_map(|key| audit::Checkpoint::open(&note, key).ok());
            let checkpoint = match opened {
                Some(checkpoint) => checkpoint,
                None => {
                    raise(store, &party, &kept.note, &other_key(&party)).await?;
                    audit::Checkpoint::unverified(&note).map_err(garbled)?
                }
            };
            last = Some(checkpoint.head);
        }
        deposits.watch(party, key, last);
    }
    Ok(deposits)
}

/// The name and key under which a party signs its checkpoints.
pub(crate) fn note_key(party: &PartyId, key: envelope::PublicKey) -> NoteKey {
    NoteKey::new(KeyName::of(party), key)
}

/// As a supervisor: judges what a party deposits, keeps it if it continues what was kept.
pub(crate) async fn accept(
    node: &Node,
    caller: &PartyId,
    request: peer::DepositRequest,
) -> Result<peer::DepositReply, Trouble> {
    node.members.admitted(caller)?;
    if !node.config.duties.contains(&Duty::Supervisor) {
        return Err(crate::runs::not_offered());
    }
    let unreadable = |_| {
        Trouble::us("CHECKPOINT", "this is no signed checkpoint", "不是已签名的检查点").by(caller)
    };
    let note = Note::from_bytes(request.checkpoint.as_bytes()).map_err(unreadable)?;
    let claimed = audit::Checkpoint::unverified(&note).map_err(unreadable)?;
    if claimed.origin != *caller || request.consistency.len() > 64 {
        return Err(unreadable(audit::Error::NoteKey));
    }
    let hash = |bytes: &bytes::Bytes| bytes.as_ref().try_into().map(Digest::from_bytes);
    let proof: Result<Vec<Digest>, _> = request.consistency.iter().map(hash).collect();
    let proof = proof.map_err(|_| unreadable(audit::Error::NoteKey))?;
    // Held until what it led to is kept: of two that come together neither may overtake the other.
    let mut deposits = node.deposits.lock().await;
    if node.successions.has_switched(caller) {
        // Since this party's start: its former key has spoken for the one that it signs with now.
        let last = deposits.last(caller).map(|checkpoint| checkpoint.head);
        let key = node.line(caller)?.peer.signing_key;
        deposits.watch(caller.clone(), note_key(caller, key), last);
    }
    let last = deposits.last(caller).map(|checkpoint| checkpoint.head);
    let size = last.map_or(0, |head| head.size);
    if proof.is_empty() && size > 0 && claimed.head.size > size {
        // Asked without a proof: from where one is needed, and nothing is held against anybody.
        let refusal = Trouble::us(
            "PROOF_NEEDED",
            "show that this checkpoint continues the last one",
            "请证明该检查点延续上一个",
        );
        let outcome = Some(deposit_reply::Outcome::Refusal(refusal.to_refusal()));
        return Ok(peer::DepositReply { size, outcome });
    }
    let cosigned = |note: Note| {
        let name = KeyName::of(&node.config.name);
        let cosigned = note.cosign(name, &node.identity.signing_key).map_err(unreadable)?;
        Ok::<_, Trouble>(deposit_reply::Outcome::Cosigned(cosigned.to_string()))
    };
    let mut judged = deposits.clone();
    let verdict = judged.accept(&note, &proof);
    if verdict == DepositOutcome::Kept && last == Some(claimed.head) {
        // The same once more: it is here, and nothing is written of it again.
        return Ok(peer::DepositReply { size, outcome: Some(cosigned(note)?) });
    }
    let Head { size: stated, root } = claimed.head;
    let event = Event::Deposit { origin: caller.clone(), size: stated, root, verdict };
    node.record(Duty::Supervisor, event).await?;
    let outcome = match alarm(caller, verdict, last, &claimed.head) {
        None => {
            let (origin, note_text) = (caller.clone(), note.to_string());
            let kept = StoredDeposit { origin, size: stated, note: note_text, kept_ms: now_ms() };
            node.store.keep_deposit(&kept).await?;
            *deposits = judged;
            cosigned(note)?
        }
        Some(trouble) => {
            // The last good one stays, and what was wrong after it stays too.
            raise(&node.store, caller, &note.to_string(), &trouble).await?;
            deposit_reply::Outcome::Refusal(trouble.to_refusal())
        }
    };
    let size = if verdict == DepositOutcome::Kept { stated } else { size };
    Ok(peer::DepositReply { size, outcome: Some(outcome) })
}

/// What this party has of others' logs as a supervisor: checkpoints, and alarms that never go away.
pub(crate) async fn report(node: &Node) -> Result<control::DepositsReply, Trouble> {
    let kept = node.store.deposits().await?.into_iter().map(|deposit| {
        let StoredDeposit { origin, size, kept_ms, .. } = deposit;
        control::KeptDeposit { party: origin.to_string(), size, kept_ms }
    });
    let alarms = node.store.alarms().await?.into_iter().map(|alarm| control::Alarm {
        party: alarm.origin.to_string(),
        code: alarm.code,
        text: Some(control::Text { en: alarm.en, zh: alarm.zh }),
        first_ms: alarm.first_ms,
        last_ms: alarm.last_ms,
        times: alarm.times,
        note: alarm.note,
    });
    Ok(control::DepositsReply { deposits: kept.collect(), alarms: alarms.collect() })
}

/// Signs a checkpoint and deposits it with the supervisor. Returns what was deposited.
pub(crate) async fn deposit(node: &Node) -> Result<(Head, PartyId), Trouble> {
    let supervisor = node.rules.governance.supervisor.clone().ok_or_else(|| {
        Trouble::us(
            "NO_SUPERVISOR",
            "no supervisor is named: set governance.supervisor in party.toml",
            "未指定监管节点：请在 party.toml 中设置 governance.supervisor",
        )
    })?;
    // One at a time: of two under way the shorter might arrive last, and look like a log cut short.
    let _turn = node.depositing.lock().await;
    let (note, head) = checkpoint(node).await?;
    let mut reply = send(node, &supervisor, &note, &[]).await?;
    if reply.size > 0 && reply.size < head.size && !is_kept(&reply) {
        let wanted = consistency_needs(reply.size, head.size).map_err(|e| unproven(&e))?;
        let hashes = node.store.nodes(Log::Audit, &wanted).await?;
        let proof = consistency_proof(reply.size, head.size, &hashes).map_err(|e| unproven(&e))?;
        reply = send(node, &supervisor, &note, &proof).await?;
    }
    match reply.outcome {
        Some(deposit_reply::Outcome::Cosigned(_)) => {
            node.store.note_deposited(&supervisor, head.size, now_ms()).await?;
            Ok((head, supervisor))
        }
        Some(deposit_reply::Outcome::Refusal(refusal)) => Err(refused(&supervisor, refusal)),
        None => Err(dial::silent(&node.line(&supervisor)?.peer)),
    }
}

/// Deposits once a day for as long as the party runs, counted from the last deposit and not from its
/// start: one that is started every day deposits every day.
pub(crate) async fn daily(node: Arc<Node>) {
    let Some(supervisor) = node.rules.governance.supervisor.clone() else { return };
    loop {
        let last = node.store.deposited(&supervisor).await.unwrap_or_else(|error| {
            tracing::error!("when the last checkpoint was deposited is not known: {error}");
            None
        });
        tokio::time::sleep(until_due(last, now_ms())).await;
        if let Err(trouble) = deposit(&node).await {
            tracing::error!(code = trouble.code, "the checkpoint was not deposited: {trouble}");
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// How long the next deposit may wait. A clock that was set back does not put it off by more than a day.
fn until_due(last_ms: Option<i64>, now_ms: i64) -> Duration {
    let Some(last) = last_ms else { return Duration::ZERO };
    let since = u64::try_from(now_ms.saturating_sub(last)).unwrap_or(0);
    DAILY.saturating_sub(Duration::from_millis(since))
}

fn is_kept(reply: &peer::DepositReply) -> bool {
    matches!(reply.outcome, Some(deposit_reply::Outcome::Cosigned(_)))
}

async fn send(
    node: &Node,
    supervisor: &PartyId,
    note: &Note,
    proof: &[Digest],
) -> Result<peer::DepositReply, Trouble> {
    let line = node.line(supervisor)?;
    let request = peer::DepositRequest {
        checkpoint: note.to_string(),
        consistency: proof.iter().map(|hash| hash.as_bytes().to_vec().into()).collect(),
    };
    let mut client = line.client();
    let call = timeout(node.config.limits.connect(), client.deposit(Request::new(request)));
    let reply = call.await.map_err(|_| dial::silent(&line.peer))?;
    Ok(reply.map_err(|status| line.trouble(&status))?.into_inner())
}

/// Raises an alarm about a log, in this party's own log and for good in its store.
async fn raise(
    store: &Store,
    origin: &PartyId,
    note: &str,
    trouble: &Trouble,
) -> Result<(), Trouble> {
    tracing::error!(%origin, code = trouble.code, "{trouble}");
    let at = now_ms();
    let alarm = StoredAlarm {
        origin: origin.clone(),
        code: trouble.code.into(),
        note: note.into(),
        en: trouble.en.clone(),
        zh: trouble.zh.clone(),
        first_ms: at,
        last_ms: at,
        times: 1,
    };
    Ok(store.raise_alarm(&alarm).await?)
}

fn other_key(origin: &PartyId) -> Trouble {
    let en = format!(
        "the signing key that is pinned for {origin} is not the one that signed the checkpoint kept of its log: unless you have pinned a new key on purpose, have the log examined"
    );
    let zh = format!(
        "登记的 {origin} 签名密钥与其已存证检查点的签名密钥不同：若非有意更换，请核查其日志"
    );
    Trouble::us("LOG_KEY_CHANGED", en, zh).by(origin)
}

/// What a verdict means; nothing for a good one.
fn alarm(
    origin: &PartyId,
    verdict: DepositOutcome,
    last: Option<Head>,
    new: &Head,
) -> Option<Trouble> {
    let (old, new) = (last.map_or(0, |head| head.size), new.size);
    let trouble = match verdict {
        DepositOutcome::Kept => return None,
        DepositOutcome::Fork => Trouble::us(
            "LOG_FORKED",
            format!(
                "the log of {origin} tells another past than before ({old} records were deposited): keep both checkpoints and have the log examined"
            ),
            format!(
                "{origin} 的日志与此前存证的历史不一致（已存证 {old} 条）：请保留两个检查点并核查日志"
            ),
        ),
        DepositOutcome::Truncated => Trouble::us(
            "LOG_TRUNCATED",
            format!(
                "the log of {origin} has {new} records, and had {old} when it was last deposited: records are missing"
            ),
            format!("{origin} 的日志现有 {new} 条，而上次存证时有 {old} 条：记录缺失"),
        ),
        DepositOutcome::BadProof => Trouble::us(
            "LOG_UNPROVEN",
            format!(
                "nothing shows that the log of {origin} continues the {old} records that were deposited"
            ),
            format!("无法证明 {origin} 的日志延续已存证的 {old} 条记录"),
        ),
        DepositOutcome::BadSignature => Trouble::us(
            "CHECKPOINT",
            format!("the checkpoint is not signed by the key that is pinned for {origin}"),
            format!("检查点不是由登记的 {origin} 密钥签名"),
        ),
    };
    Some(trouble.by(origin))
}

fn unproven(error: &dyn std::fmt::Display) -> Trouble {
    Trouble::us(
        "LOG_TRUNCATED",
        format!("the supervisor has a later checkpoint than this log can continue: {error}"),
        format!("监管节点保存的检查点超出本方日志：{error}"),
    )
}

#[cfg(test)]
mod tests;
