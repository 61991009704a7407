//! Checkpoints: what this party signs of its log, and what it keeps of others' as a supervisor.

use std::sync::Arc;
use std::time::Duration;

use audit::{
    Deposits, Event, Head, KeyName, Note, NoteKey, Verdict, consistency_needs, consistency_proof,
};
use domain::{Digest, Duty, PartyId};
use store::{Log, StoredDeposit};
use tokio::time::timeout;
use tonic::Request;
use wire::peer::{self, deposit_reply};

use crate::clock::now_ms;
use crate::governance::proofs::checkpoint;
use crate::node::{Node, refused};
use crate::{Trouble, dial};

/// How often a checkpoint is deposited without being asked (POLICY.md §6.5: daily).
const DAILY: Duration = Duration::from_secs(86_400);

/// The watch over the logs of all pinned parties, from the last checkpoint that was kept of each.
pub(crate) fn watched(
    peers: impl Iterator<Item = (PartyId, NoteKey)>,
    kept: &[StoredDeposit],
) -> Deposits {
    let mut deposits = Deposits::default();
    for (party, key) in peers {
        let last = kept.iter().find(|deposit| deposit.origin == party).and_then(|deposit| {
            let note = Note::from_bytes(deposit.note.as_bytes()).ok()?;
            audit::Checkpoint::open(&note, &key).ok().map(|checkpoint| checkpoint.head)
        });
        deposits.watch(party, key, last);
    }
    deposits
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
    let mut deposits = node.deposits.lock().await;
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
    let verdict = deposits.accept(&note, &proof);
    drop(deposits);
    let Head { size: stated, root } = claimed.head;
    let event = Event::Deposit { origin: caller.clone(), size: stated, root, verdict };
    node.record(Duty::Supervisor, event).await?;
    let outcome = match alarm(caller, verdict, last, &claimed.head) {
        None => {
            keep(node, caller, stated, note.to_string(), None).await?;
            let name = KeyName::of(&node.config.name);
            let cosigned = note.cosign(name, &node.identity.signing_key).map_err(unreadable)?;
            deposit_reply::Outcome::Cosigned(cosigned.to_string())
        }
        Some(trouble) => {
            tracing::error!(%caller, "{trouble}");
            if let Some(kept) = kept(node, caller).await? {
                // The last good one stays, with what was wrong after it.
                keep(node, caller, kept.size, kept.note, Some(trouble.en.clone())).await?;
            }
            deposit_reply::Outcome::Refusal(trouble.to_refusal())
        }
    };
    let size = if verdict == Verdict::Kept { stated } else { size };
    Ok(peer::DepositReply { size, outcome: Some(outcome) })
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
    let (note, head) = checkpoint(node).await?;
    let mut reply = send(node, &supervisor, &note, &[]).await?;
    if reply.size > 0 && reply.size < head.size && !is_kept(&reply) {
        let wanted = consistency_needs(reply.size, head.size).map_err(|e| unproven(&e))?;
        let hashes = node.store.nodes(Log::Audit, &wanted).await?;
        let proof = consistency_proof(reply.size, head.size, &hashes).map_err(|e| unproven(&e))?;
        reply = send(node, &supervisor, &note, &proof).await?;
    }
    match reply.outcome {
        Some(deposit_reply::Outcome::Cosigned(_)) => Ok((head, supervisor)),
        Some(deposit_reply::Outcome::Refusal(refusal)) => Err(refused(&supervisor, refusal)),
        None => Err(dial::silent(&node.line(&supervisor)?.peer)),
    }
}

/// Deposits once a day for as long as the party runs.
pub(crate) async fn daily(node: Arc<Node>) {
    if node.rules.governance.supervisor.is_none() {
        return;
    }
    loop {
        tokio::time::sleep(DAILY).await;
        if let Err(trouble) = deposit(&node).await {
            tracing::error!(code = trouble.code, "the checkpoint was not deposited: {trouble}");
        }
    }
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

async fn kept(node: &Node, origin: &PartyId) -> Result<Option<StoredDeposit>, Trouble> {
    Ok(node.store.deposits().await?.into_iter().find(|deposit| deposit.origin == *origin))
}

async fn keep(
    node: &Node,
    origin: &PartyId,
    size: u64,
    note: String,
    alarm: Option<String>,
) -> Result<(), Trouble> {
    let deposit = StoredDeposit { origin: origin.clone(), size, note, kept_ms: now_ms(), alarm };
    Ok(node.store.keep_deposit(&deposit).await?)
}

/// What a verdict means; nothing for a good one.
fn alarm(origin: &PartyId, verdict: Verdict, last: Option<Head>, new: &Head) -> Option<Trouble> {
    let (old, new) = (last.map_or(0, |head| head.size), new.size);
    let trouble = match verdict {
        Verdict::Kept => return None,
        Verdict::Fork => Trouble::us(
            "LOG_FORKED",
            format!(
                "the log of {origin} tells another past than before ({old} records were deposited): keep both checkpoints and have the log examined"
            ),
            format!(
                "{origin} 的日志与此前存证的历史不一致（已存证 {old} 条）：请保留两个检查点并核查日志"
            ),
        ),
        Verdict::Truncated => Trouble::us(
            "LOG_TRUNCATED",
            format!(
                "the log of {origin} has {new} records, and had {old} when it was last deposited: records are missing"
            ),
            format!("{origin} 的日志现有 {new} 条，而上次存证时有 {old} 条：记录缺失"),
        ),
        Verdict::BadProof => Trouble::us(
            "LOG_UNPROVEN",
            format!(
                "nothing shows that the log of {origin} continues the {old} records that were deposited"
            ),
            format!("无法证明 {origin} 的日志延续已存证的 {old} 条记录"),
        ),
        Verdict::BadSignature => Trouble::us(
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
