//! A supervisor, a holder, and what the one keeps of the other's log.

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
    let checkpoint =
        audit::Checkpoint { origin: party("tax"), head: Head { size, root: root(0, size, &leaf) } };
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
    let pair = pair.again().await;
    // The disk takes no former file: the new one is the peer in memory alone.
    let former = province.join("peers/former");
    std::fs::write(&former, "in the way").unwrap();
    assert!(pair.node.shown(&party("tax"), &certificate));
    assert!(is_kept(&pair.deposit(3, 5, &new_key).await));
    std::fs::remove_file(&former).unwrap();
    let pair = pair.again().await;
    assert!(pair.alarms().await.is_empty(), "{:?}", pair.alarms().await);
    // Once the disk takes it, it is pinned the next time that it is seen, and its log goes on.
    std::fs::write(&former, "in the way").unwrap();
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
