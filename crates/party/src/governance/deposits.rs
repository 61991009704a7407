//! Checkpoints: what this party signs of its log, and what it keeps of others' as a supervisor.

use std::sync::Arc;
use std::time::Duration;

use audit::{
    Deposits, Event, Head, KeyName, Note, NoteKey, Verdict, consistency_needs, consistency_proof,
};
use domain::{Digest, Duty, PartyId};
use serde_json::{Value, json};
use store::{Log, Store, StoredAlarm, StoredDeposit};
use tokio::time::timeout;
use tonic::Request;
use wire::peer::{self, deposit_reply};

use crate::clock::now_ms;
use crate::governance::proofs::checkpoint;
use crate::identity::Peer;
use crate::node::{Node, refused};
use crate::{Trouble, dial};

/// How often a checkpoint is deposited without being asked (POLICY.md §6.5: daily).
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
            let garbled = |error| Trouble::said("STORE", &error);
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
    if verdict == Verdict::Kept && last == Some(claimed.head) {
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
    let size = if verdict == Verdict::Kept { stated } else { size };
    Ok(peer::DepositReply { size, outcome: Some(outcome) })
}

/// What this party has of others' logs as a supervisor: checkpoints, and alarms that never go away.
pub(crate) async fn report(node: &Node) -> Result<Value, Trouble> {
    let kept = node.store.deposits().await?.into_iter().map(|deposit| {
        let StoredDeposit { origin, size, kept_ms, .. } = deposit;
        json!({ "party": origin, "size": size, "kept": moment(kept_ms) })
    });
    let kept: Vec<Value> = kept.collect();
    let alarms = node.store.alarms().await?.into_iter().map(|alarm| {
        json!({
            "party": alarm.origin, "code": alarm.code, "en": alarm.en, "zh": alarm.zh,
            "first": moment(alarm.first_ms), "last": moment(alarm.last_ms),
            "times": alarm.times, "note": alarm.note,
        })
    });
    let alarms: Vec<Value> = alarms.collect();
    Ok(json!({ "deposits": kept, "alarms": alarms }))
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

fn moment(ms: i64) -> Option<audit::Moment> {
    audit::Moment::new(crate::governance::reports::time(ms).ok()?).ok()
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

#[cfg(test)]
mod tests {
    use domain::MemberChange;
    use envelope::SigningKey;
    use sha2::{Digest as _, Sha256};
    use tempfile::TempDir;

    use super::*;
    use crate::at_rest::DataKey;
    use crate::governance::made::{made, party};
    use crate::governance::members;
    use crate::identity::{Identity, pinned};
    use crate::setup::add_peer;
    use crate::{Renewal, renew, switch};

    /// A supervisor, and a holder whose log is a list of leaves.
    struct Pair {
        root: TempDir,
        node: Arc<Node>,
        key: SigningKey,
    }

    impl Pair {
        async fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            made(&root.path().join("province"), "province", Duty::Supervisor);
            let key = made(&root.path().join("tax"), "tax", Duty::Holder);
            add_peer(&root.path().join("province"), &root.path().join("tax/tax.party")).unwrap();
            let node = Node::open(root.path().join("province")).await.unwrap();
            let last = time::macros::date!(2199 - 12 - 31);
            for change in [MemberChange::Assess(last), MemberChange::Admit] {
                members::change(&node, &party("tax"), change, String::new()).await.unwrap();
            }
            Self { root, node, key }
        }

        /// Starts the supervisor again.
        async fn again(self) -> Self {
            let Self { root, node, key } = self;
            node.store.close().await;
            let node = Node::open(root.path().join("province")).await.unwrap();
            Self { root, node, key }
        }

        /// Deposits the log of so many leaves, with the proof that it continues `from` of them.
        async fn deposit(&self, from: u64, size: u64, key: &SigningKey) -> peer::DepositReply {
            let request = deposited(from, size, 0, key);
            accept(&self.node, &party("tax"), request).await.unwrap()
        }

        async fn alarms(&self) -> Vec<(String, u64)> {
            let alarms = self.node.store.alarms().await.unwrap().into_iter();
            alarms.map(|alarm| (alarm.code, alarm.times)).collect()
        }

        async fn kept(&self) -> Option<u64> {
            let kept = self.node.store.deposits().await.unwrap();
            kept.first().map(|deposit| deposit.size)
        }
    }

    /// A log of `size` leaves of one `past`, as its party deposits it.
    fn deposited(from: u64, size: u64, past: u8, key: &SigningKey) -> peer::DepositRequest {
        let leaf = |at: u64| audit::leaf_hash(&[&at.to_be_bytes()[..], &[past]].concat());
        let hashes: Vec<Digest> = consistency_needs(from, size)
            .unwrap()
            .into_iter()
            .map(|node| {
                let first = node.index << node.level;
                root(first, first + (1 << node.level), &leaf)
            })
            .collect();
        let proof = consistency_proof(from, size, &hashes).unwrap();
        let checkpoint = audit::Checkpoint {
            origin: party("tax"),
            head: Head { size, root: root(0, size, &leaf) },
        };
        peer::DepositRequest {
            checkpoint: checkpoint.sign(key).to_string(),
            consistency: proof.iter().map(|hash| hash.as_bytes().to_vec().into()).collect(),
        }
    }

    /// RFC 6962 §2.1, as it is written there.
    fn root(from: u64, to: u64, leaf: &impl Fn(u64) -> Digest) -> Digest {
        match to - from {
            0 => audit::EMPTY_ROOT,
            1 => leaf(from),
            many => {
                let left = from + many.next_power_of_two() / 2;
                let both = [root(from, left, leaf), root(left, to, leaf)];
                let hash = Sha256::new().chain_update([1]).chain_update(both[0].as_bytes());
                Digest::from_bytes(hash.chain_update(both[1].as_bytes()).finalize().into())
            }
        }
    }

    #[tokio::test]
    async fn the_same_checkpoint_again_is_cosigned_and_nothing_is_written() {
        let pair = Pair::new().await;
        assert!(is_kept(&pair.deposit(0, 3, &pair.key).await));
        let before = pair.node.store.head(Log::Audit).await.unwrap();
        for _ in 0..10 {
            assert!(is_kept(&pair.deposit(0, 3, &pair.key).await));
        }
        assert_eq!(pair.node.store.head(Log::Audit).await.unwrap(), before);
        assert!(is_kept(&pair.deposit(3, 5, &pair.key).await));
        assert_ne!(pair.node.store.head(Log::Audit).await.unwrap(), before);
    }

    #[tokio::test]
    async fn an_alarm_is_not_cleared_by_a_later_good_deposit_nor_by_a_restart() {
        let pair = Pair::new().await;
        assert!(is_kept(&pair.deposit(0, 3, &pair.key).await));
        assert!(!is_kept(&pair.deposit(0, 2, &pair.key).await));
        assert_eq!(pair.alarms().await, [("LOG_TRUNCATED".into(), 1)]);
        assert!(is_kept(&pair.deposit(3, 5, &pair.key).await));
        let pair = pair.again().await;
        assert_eq!(pair.alarms().await, [("LOG_TRUNCATED".into(), 1)]);
        assert_eq!(pair.kept().await, Some(5));
    }

    #[tokio::test]
    async fn a_log_under_another_key_is_an_alarm_and_must_continue_what_was_kept() {
        let pair = Pair::new().await;
        assert!(is_kept(&pair.deposit(0, 3, &pair.key).await));
        let other = pair.root.path().join("other");
        let new_key = made(&other, "tax", Duty::Holder);
        let pinned = pair.root.path().join("province/peers/tax.party");
        std::fs::copy(other.join("tax.party"), pinned).unwrap();
        let pair = pair.again().await;
        assert_eq!(pair.alarms().await, [("LOG_KEY_CHANGED".into(), 1)]);
        // A log begun anew is no log of the same party.
        assert!(!is_kept(&pair.deposit(0, 2, &new_key).await));
        assert!(!is_kept(&pair.deposit(3, 5, &pair.key).await), "the old key signs no more");
        assert!(is_kept(&pair.deposit(3, 5, &new_key).await));
        let pair = pair.again().await;
        let codes: Vec<String> = pair.alarms().await.into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes.len(), 3, "{codes:?}");
        assert!(codes.contains(&"LOG_KEY_CHANGED".into()) && codes.contains(&"CHECKPOINT".into()));
    }

    #[tokio::test]
    async fn a_party_that_has_switched_is_no_alarm_where_its_new_file_could_not_be_pinned() {
        let pair = Pair::new().await;
        assert!(is_kept(&pair.deposit(0, 3, &pair.key).await));
        let (tax, province) = (pair.root.path().join("tax"), pair.root.path().join("province"));
        let renewal = Renewal { signing: true, valid_days: 30, ..Renewal::default() };
        add_peer(&province, &renew(&tax, &renewal).unwrap().peer_file).unwrap();
        switch(&tax).unwrap();
        let identity = Identity::read(&tax, &DataKey::open(&tax).unwrap()).unwrap();
        let new_key = SigningKey::from_seed(&identity.signing_key.reveal_seed());
        let certificate = identity.certificate.clone();
        // The disk takes no former file: the new one is the peer in memory alone.
        let former = province.join("peers/former");
        std::fs::write(&former, "in the way").unwrap();
        let pair = pair.again().await;
        assert!(pair.node.shown(&party("tax"), &certificate));
        assert!(is_kept(&pair.deposit(3, 5, &new_key).await));
        let pair = pair.again().await;
        assert!(pair.alarms().await.is_empty(), "{:?}", pair.alarms().await);
        // Once the disk takes it, the next time it is seen it is pinned, and its log goes on.
        assert!(pair.node.shown(&party("tax"), &certificate));
        std::fs::remove_file(&former).unwrap();
        assert!(pair.node.shown(&party("tax"), &certificate));
        assert!(is_kept(&pair.deposit(5, 6, &new_key).await));
        let now = pinned(&province).unwrap().remove(0);
        assert_eq!(now.fingerprint(), identity.fingerprint());
        assert!(pair.again().await.alarms().await.is_empty());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_deposits_that_come_together_the_newest_is_kept_in_memory_and_in_the_store() {
        let pair = Arc::new(Pair::new().await);
        assert!(is_kept(&pair.deposit(0, 1, &pair.key).await));
        let mut under_way = tokio::task::JoinSet::new();
        for size in 2..40 {
            let pair = Arc::clone(&pair);
            under_way.spawn(async move { is_kept(&pair.deposit(size - 1, size, &pair.key).await) });
        }
        while under_way.join_next().await.is_some() {}
        let last = pair.node.deposits.lock().await.last(&party("tax")).map(|last| last.head.size);
        assert_eq!(pair.kept().await, last);
    }

    #[test]
    fn a_deposit_is_due_at_the_start_where_the_last_is_old_or_there_is_none() {
        let day = 86_400_000;
        assert_eq!(until_due(None, 5), Duration::ZERO);
        assert_eq!(until_due(Some(0), day), Duration::ZERO);
        assert_eq!(until_due(Some(0), 10 * day), Duration::ZERO);
        assert_eq!(until_due(Some(0), day / 4), Duration::from_secs(86_400 / 4 * 3));
        // A clock that was set back.
        assert_eq!(until_due(Some(day), 0), DAILY);
    }
}
