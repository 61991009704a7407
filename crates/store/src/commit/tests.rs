//! What stands together stands also after a crash, a refusal and a restart.

use audit::{inclusion_needs, inclusion_proof, leaf_hash, verify_inclusion};
use domain::{Output, PartyId, RunId};

use super::*;
use crate::Log;

fn record(place: LogPosition) -> Drafted {
    format!("record {} after {:?}", place.seq, place.previous).into_bytes().into()
}

fn release(run: u8) -> NewRelease {
    NewRelease {
        run: RunId::from_bytes([run; 16]),
        released_ms: 1_000,
        lender: "bank".parse().unwrap(),
        platform: "platform".parse().unwrap(),
        subject: [7; 32],
        authorisation: Some("AU-1".into()),
        output: Output::Score,
        model: Some("m@1".parse().unwrap()),
        model_digest: [4; 32],
        batch: [5; 32],
        repeats: None,
        answer: vec![1, 2, 3],
        salt: [9; 32],
        receipt: b"{}".to_vec(),
        evidence: "{}".into(),
        limits: crate::ReleaseLimits::default(),
        disclosure: None,
    }
}

fn limits(uses: Option<u64>, questions: Option<(u64, i64)>) -> crate::ReleaseLimits {
    crate::ReleaseLimits { uses, questions, models: None }
}

fn releasing(run: u8) -> Draft {
    Box::new(move |place| Drafted { releases: vec![(0, release(run))], ..record(place) })
}

#[tokio::test]
async fn the_log_goes_on_after_a_restart_and_proves_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("party.db");
    let mut store = Store::open(&path).await.unwrap();
    for seq in 0..21 {
        assert_eq!(store.append(Box::new(record)).await.unwrap(), seq);
        if seq % 5 == 0 {
            let head = store.head(Log::Audit).await.unwrap();
            store.close().await;
            store = Store::open(&path).await.unwrap();
            assert_eq!(store.head(Log::Audit).await.unwrap(), head);
        }
    }
    let head = store.head(Log::Audit).await.unwrap();
    let records = store.records(Log::Audit, 0, 100).await.unwrap();
    assert_eq!((head.size, records.len()), (21, 21));
    for crate::StoredRecord { seq, leaf, bytes } in &records {
        assert_eq!(*leaf, leaf_hash(bytes));
        let wanted = inclusion_needs(*seq, head.size).unwrap();
        let found = store.nodes(Log::Audit, &wanted).await.unwrap();
        let proof = inclusion_proof(*seq, head.size, &found).unwrap();
        verify_inclusion(leaf, *seq, &head, &proof).unwrap();
    }
    let previous = records[19].leaf;
    assert!(String::from_utf8_lossy(&records[20].bytes).contains(&format!("{previous:?}")));
}

#[tokio::test]
async fn an_append_that_ends_with_its_task_leaves_edges_that_are_read_again() {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Poll;

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    for polls in 0..200 {
        let mut over = true;
        // What the other thread has done by then differs.
        for _ in 0..8 {
            let mut append = pin!(store.append_droppable(Box::new(record)));
            let mut ended = false;
            for _ in 0..polls {
                ended = poll_fn(|cx| Poll::Ready(append.as_mut().poll(cx).is_ready())).await;
                if ended {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            over &= ended;
        }
        store.append(Box::new(record)).await.unwrap();
        if over {
            break;
        }
    }
    let records = store.records(Log::Audit, 0, u32::MAX).await.unwrap();
    assert_eq!(store.head(Log::Audit).await.unwrap().size, records.len() as u64);
    let stored = Store::open(&folder.path().join("party.db")).await.unwrap();
    assert_eq!(stored.head(Log::Audit).await.unwrap(), store.head(Log::Audit).await.unwrap());
}

#[tokio::test]
async fn a_release_and_its_record_stand_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    assert_eq!(store.append(releasing(1)).await.unwrap(), 0);
    // The same run again: the release is refused, and the record with it.
    let head = store.head(Log::Audit).await.unwrap();
    assert!(store.append(releasing(1)).await.is_err());
    assert_eq!(store.head(Log::Audit).await.unwrap(), head);
    assert_eq!(store.records(Log::Audit, 0, 9).await.unwrap().len(), 1);
    // The log is not harmed.
    assert_eq!(store.append(releasing(2)).await.unwrap(), 1);
    let found = store.release(RunId::from_bytes([2; 16])).await.unwrap().unwrap();
    assert_eq!((found.seq, found.release.answer), (1, vec![1, 2, 3]));
    assert_eq!(store.uses("AU-1").await.unwrap(), (2, Some(1_000)));
    let bank = "bank".parse().unwrap();
    assert_eq!(store.questions(&bank, &[7; 32], Output::Score, 1_000).await.unwrap(), 2);
    assert_eq!(store.questions(&bank, &[8; 32], Output::Score, 0).await.unwrap(), 0);
}

#[tokio::test]
async fn the_use_that_goes_beyond_a_limit_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let limited = |run, limits| -> Draft {
        Box::new(move |place| Drafted {
            releases: vec![(0, NewRelease { limits, ..release(run) })],
            ..record(place)
        })
    };
    let uses = limits(Some(1), None);
    store.append(limited(1, uses)).await.unwrap();
    assert!(matches!(store.append(limited(2, uses)).await, Err(Error::UsedUp)));
    let asked = limits(None, Some((1, 0)));
    assert!(matches!(store.append(limited(3, asked)).await, Err(Error::AskedEnough)));
    let later = limits(None, Some((1, 1_001)));
    store.append(limited(4, later)).await.unwrap();
    assert_eq!(store.head(Log::Audit).await.unwrap().size, 2);
}

#[tokio::test]
async fn one_model_too_many_is_not_written_and_those_before_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let through = |run, model: &str, since| -> Draft {
        let models = Some((2, since));
        let limits = crate::ReleaseLimits { models, ..crate::ReleaseLimits::default() };
        let model = Some(model.parse().unwrap());
        let release = NewRelease { model, limits, ..release(run) };
        Box::new(move |place| Drafted { releases: vec![(0, release)], ..record(place) })
    };
    store.append(through(1, "a@1", 0)).await.unwrap();
    store.append(through(2, "b@1", 0)).await.unwrap();
    let third = store.append(through(3, "b@2", 0)).await;
    assert!(matches!(third, Err(Error::AskedEnough)));
    store.append(through(4, "a@1", 0)).await.unwrap();
    // In a later period it is the first.
    store.append(through(5, "b@2", 1_001)).await.unwrap();
}

#[tokio::test]
async fn what_was_asked_is_kept_with_its_release_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("party.db");
    let store = Store::open(&path).await.unwrap();
    let asking = |run, asked: &str, uses| -> Draft {
        let disclosure = crate::StoredDisclosure { began_ms: 7, asked: asked.into() };
        let limits = limits(uses, Some((1, 0)));
        let release = NewRelease {
            output: Output::Verify,
            disclosure: Some(disclosure),
            limits,
            ..release(run)
        };
        Box::new(move |place| Drafted { releases: vec![(0, release)], ..record(place) })
    };
    let bank = "bank".parse().unwrap();
    // A score does not count among the verifications, nor the other way round.
    store.append(releasing(9)).await.unwrap();
    store.append(asking(1, "one", None)).await.unwrap();
    assert!(matches!(store.append(asking(2, "two", Some(1))).await, Err(Error::UsedUp)));
    assert!(matches!(store.append(asking(3, "two", None)).await, Err(Error::AskedEnough)));
    store.close().await;
    let store = Store::open(&path).await.unwrap();
    let kept = store.disclosure(&bank, &[7; 32]).await.unwrap().unwrap();
    assert_eq!((kept.began_ms, kept.asked.as_str()), (7, "one"));
    assert_eq!(store.disclosure(&bank, &[8; 32]).await.unwrap(), None);
    assert_eq!(store.questions(&bank, &[7; 32], Output::Score, 0).await.unwrap(), 1);
}

#[tokio::test]
async fn an_answer_is_found_again_and_its_repetition_is_a_use_and_no_question() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let bank = "bank".parse().unwrap();
    let earlier = async |subject, model, batch| {
        store.earlier(&bank, &[subject; 32], &[model; 32], &[batch; 32]).await.unwrap()
    };
    assert!(earlier(7, 4, 5).await.is_none());
    store.append(releasing(1)).await.unwrap();
    let (run, answer) = earlier(7, 4, 5).await.unwrap();
    assert_eq!((run, answer), (RunId::from_bytes([1; 16]), vec![1, 2, 3]));
    for (subject, model, batch) in [(8, 4, 5), (7, 3, 5), (7, 4, 6)] {
        assert!(earlier(subject, model, batch).await.is_none());
    }
    let again = NewRelease { repeats: Some(run), released_ms: 2_000, ..release(2) };
    let draft = |place| Drafted { releases: vec![(0, again)], ..record(place) };
    store.append(Box::new(draft)).await.unwrap();
    // The first, not what repeats it.
    assert_eq!(earlier(7, 4, 5).await.unwrap().0, run);
    assert_eq!(store.questions(&bank, &[7; 32], Output::Score, 0).await.unwrap(), 1);
    assert_eq!(store.uses("AU-1").await.unwrap(), (2, Some(2_000)));
}

#[tokio::test]
async fn a_platform_registers_a_name_once_and_its_state_changes_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let registered = |digest, state| StoredRegistration {
        digest: [digest; 32],
        part: crate::ModelPart::Platform,
        model: "m@1".parse().unwrap(),
        platform: "platform".parse().unwrap(),
        document: "{}".into(),
        envelope: Vec::new(),
        state,
        reason: String::new(),
        changed_ms: 5,
    };
    let keep = async |registration: StoredRegistration, holders: &[&str]| {
        let said = |holder: &&str| Countersignature {
            registration: registration.digest,
            holder: holder.parse().unwrap(),
            state: registration.state,
            envelope: vec![1],
            reason: String::new(),
            changed_ms: 5,
        };
        let countersignatures = holders.iter().map(said).collect();
        let draft = move |place| Drafted {
            registration: Some(registration),
            countersignatures,
            ..record(place)
        };
        store.append(Box::new(draft)).await
    };
    use domain::ModelState::{Asked, Countersigned};
    keep(registered(1, Asked), &["tax", "social"]).await.unwrap();
    assert!(matches!(keep(registered(2, Asked), &[]).await, Err(Error::ModelExists)));
    keep(registered(1, Countersigned), &["tax"]).await.unwrap();
    let all = store.registrations().await.unwrap();
    assert_eq!(all, [registered(1, Countersigned)]);
    let said = store.countersignatures(&[1; 32]).await.unwrap();
    let states: Vec<_> = said.iter().map(|said| (said.holder.as_str(), said.state)).collect();
    assert_eq!(states, [("social", Asked), ("tax", Countersigned)]);
    assert!(store.registration(&[2; 32]).await.unwrap().is_none());
    assert_eq!(store.head(Log::Audit).await.unwrap().size, 2);
}

#[tokio::test]
async fn a_published_model_and_its_record_stand_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("party.db");
    let store = Store::open(&path).await.unwrap();
    let model = StoredModel {
        digest: [9; 32],
        part: crate::ModelPart::Holder,
        model: "m@1".parse().unwrap(),
        lender: "bank".parse().unwrap(),
        platform: "platform".parse().unwrap(),
        registration: [7; 32],
        retired: false,
        holders: vec!["tax".parse().unwrap()],
        facts: "{}".into(),
        content: vec![1, 2, 3],
    };
    let publishing = |releases: Vec<(usize, NewRelease)>| -> Draft {
        let model = Some((model.clone(), 5));
        let batch_model = Some(([9; 32], b"points".to_vec()));
        Box::new(move |place| Drafted { model, batch_model, releases, ..record(place) })
    };
    store.append(releasing(1)).await.unwrap();
    // What comes with it is refused, for this run has released already: nothing of it is here.
    store.append(publishing(vec![(0, release(1))])).await.unwrap_err();
    store.close().await;
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head(Log::Audit).await.unwrap().size, 1);
    assert!(store.model(&[9; 32]).await.unwrap().is_none());
    assert!(store.batch_model(&[9; 32]).await.unwrap().is_none());
    store.append(publishing(Vec::new())).await.unwrap();
    store.close().await;
    let store = Store::open(&path).await.unwrap();
    assert_eq!(store.head(Log::Audit).await.unwrap().size, 2);
    assert_eq!(store.model(&[9; 32]).await.unwrap().unwrap().content, [1, 2, 3]);
    assert_eq!(store.batch_model(&[9; 32]).await.unwrap().unwrap(), b"points");
}

#[tokio::test]
async fn several_releases_stand_together_each_under_its_own_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let both = |runs: [u8; 2]| -> Draft {
        Box::new(move |place| Drafted {
            records: (0..4).map(|at: u8| vec![at, runs[0]]).collect(),
            releases: vec![(1, release(runs[0])), (3, release(runs[1]))],
            ..record(place)
        })
    };
    store.append(both([1, 2])).await.unwrap();
    let seq = async |run: u8| {
        store.release(RunId::from_bytes([run; 16])).await.unwrap().map(|found| found.seq)
    };
    assert_eq!([seq(1).await, seq(2).await], [Some(1), Some(3)]);
    // The second of these was answered before: neither is written.
    store.append(both([3, 2])).await.unwrap_err();
    assert_eq!(seq(3).await, None);
    assert_eq!(store.head(Log::Audit).await.unwrap().size, 4);
}

#[tokio::test]
async fn a_member_is_kept_with_the_record_of_the_decision() {
    use domain::{MemberChange, Standing};
    use time::macros::date;

    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let today = date!(2026 - 03 - 02);
    let assess = MemberChange::Assess(date!(2027 - 03 - 01));
    let member = StoredMember {
        name: "bank".parse().unwrap(),
        standing: Standing::APPLIED.after(assess, today).unwrap(),
        changed_ms: 5,
        reason: "assessed by the node".into(),
    };
    let decided = member.clone();
    let draft = |place| Drafted { member: Some(decided), ..record(place) };
    store.append(Box::new(draft)).await.unwrap();
    assert_eq!(store.members().await.unwrap(), [member]);
}

#[tokio::test]
async fn authorisations_are_counted_by_subject_and_class() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let row = |id: &str, subject: u8, state: &str| NewAuthorisation {
        id: id.into(),
        version: 1,
        record_hash: "sha256:00".into(),
        state: state.into(),
        subject: [subject; 32],
        lender: "bank".parse().unwrap(),
        platform: "platform".parse().unwrap(),
        classes: vec!["1".parse().unwrap(), "11".parse().unwrap()],
        not_before_ms: 0,
        not_after_ms: 100,
        leaf: format!("{id} {state}").into_bytes(),
        history: "{}".into(),
        envelope: b"{}".to_vec(),
        changed_ms: 1,
    };
    for new in [row("A", 1, "granted"), row("B", 1, "granted"), row("C", 2, "granted")] {
        let draft = |place| Drafted { authorisation: Some(new), ..record(place) };
        store.append(Box::new(draft)).await.unwrap();
    }
    let count = async |class: &str, now_ms| {
        let (bank, class) = ("bank".parse().unwrap(), [class.parse().unwrap()]);
        store.authorised_subjects(&bank, &class, "granted", now_ms).await.unwrap()
    };
    assert_eq!([count("11", 50).await, count("2", 50).await, count("1", 100).await], [2, 0, 0]);
    let revoked = row("C", 2, "revoked");
    let draft = |place| Drafted { authorisation: Some(revoked), ..record(place) };
    store.append(Box::new(draft)).await.unwrap();
    assert_eq!(count("1", 50).await, 1);
    assert_eq!(store.head(Log::Registry).await.unwrap().size, 4);
    assert_eq!(store.authorisation("C").await.unwrap().unwrap().seq, 3);
    assert_eq!(store.authorisations(None, "A", 9).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_older_statement_does_not_replace_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let registry = "node".parse().unwrap();
    for issued_ms in [5, 3] {
        let statement = crate::StoredStatement { issued_ms, bundled: false, envelope: Vec::new() };
        store.keep_statement(&registry, "A", &statement).await.unwrap();
    }
    assert_eq!(store.statement(&registry, "A").await.unwrap().unwrap().issued_ms, 5);
}

#[tokio::test]
async fn what_one_registry_says_of_a_number_takes_no_other_registrys_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("party.db")).await.unwrap();
    let (node, other): (PartyId, PartyId) = ("node".parse().unwrap(), "other".parse().unwrap());
    for (registry, issued_ms) in [(&node, 5), (&other, i64::MAX)] {
        let statement = crate::StoredStatement { issued_ms, bundled: false, envelope: Vec::new() };
        store.keep_statement(registry, "A", &statement).await.unwrap();
    }
    assert_eq!(store.statement(&node, "A").await.unwrap().unwrap().issued_ms, 5);
    assert!(store.statement(&node, "B").await.unwrap().is_none());
}
