//! Uploads over the seam, honest and not.

use std::sync::{Arc, Mutex};

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use session::{Chunk, Culprit, Fate, Network, NetworkError, Role};
use training::woe::{Binned, Floors, Membership, Received, Terms, Uploads, transfer};
use training::{ColumnFault, Error, Labels, NotKept, ROLES, TermsError, UPLOADER, Whose};

use super::job::Job;

fn job() -> Job {
    Job::made(71, 700, vec![vec![20, 3], vec![64]], true)
}

type Taken = (Option<Received>, Vec<u8>);

/// One upload to all three roles, and what each has kept.
fn sent(
    job: &Job,
    whose: Whose,
    tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
) -> (Result<(), NetworkError>, [Taken; 3]) {
    let mut network = Network::new();
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    network.join(UPLOADER, job.sending(whose, &ROLES, None, &mut rng));
    let outcomes = ROLES.map(|role| {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let store = Arc::clone(&kept);
        let keep = move |bytes: &[u8]| {
            store.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        };
        let session = transfer::receive(&job.terms, whose, role, keep).unwrap();
        (network.join(role, session), kept)
    });
    let result = network.run(tamper);
    let taken = outcomes.map(|(outcome, kept)| {
        let kept = std::mem::take(&mut *kept.lock().unwrap());
        (outcome.take(), kept)
    });
    (result, taken)
}

fn honest(job: &Job, whose: Whose) -> [(Received, Vec<u8>); 3] {
    let (result, taken) = sent(job, whose, |_, _, _| Fate::Deliver);
    result.unwrap();
    taken.map(|(received, kept)| (received.unwrap(), kept))
}

#[test]
fn streamed_uploads_and_what_was_kept_of_them_count_the_same() {
    let job = job();
    for read_back in [false, true] {
        let mut uploads = ROLES.map(|role| Uploads::new(&job.terms, role).unwrap());
        for whose in job.uploaders() {
            let taken = honest(&job, whose).into_iter().zip(&mut uploads).zip(ROLES);
            for (((received, kept), uploads), role) in taken {
                let received = match read_back {
                    false => received,
                    true => {
                        // Two in one file: the first tells where it ends.
                        let file = [&kept[..], b"what follows"].concat();
                        Received::from_kept(&job.terms, whose, role, &file[..]).unwrap()
                    }
                };
                uploads.take(received).unwrap();
            }
        }
        let inputs = uploads.map(|uploads| uploads.complete().unwrap());
        let ends = job.run_over(inputs, 1, |_, _, _| Fate::Deliver);
        ends.result.unwrap();
        let counted = ends.counted.map(Option::unwrap);
        for (holder, ideal) in job.ideal().into_iter().enumerate() {
            let learnt = job.released(&counted, holder, None, |_, _, _| Fate::Deliver).unwrap();
            assert_eq!(learnt.tables, ideal);
        }
    }
}

#[test]
fn what_was_kept_is_refused_when_it_is_cut_altered_or_of_another_job_uploader_or_role() {
    let job = job();
    for whose in [Whose::Holder(0), Whose::Labels] {
        let [(_, kept), ..] = honest(&job, whose);
        let read = |terms: &Terms, whose, role, bytes: &[u8]| {
            Received::from_kept(terms, whose, role, bytes).err()
        };
        assert_eq!(read(&job.terms, whose, ROLES[0], &kept), None);
        let refused = Some(Error::KeptUpload);
        for length in (0..kept.len()).step_by(31).chain([kept.len() - 1]) {
            assert_eq!(read(&job.terms, whose, ROLES[0], &kept[..length]), refused);
        }
        for place in (0..kept.len()).step_by(29).chain(0..80) {
            let mut altered = kept.clone();
            altered[place] ^= 1;
            assert_eq!(read(&job.terms, whose, ROLES[0], &altered), refused, "byte {place}");
        }
        let other = Terms { context: [1; 32], ..job.terms.clone() };
        assert_eq!(read(&other, whose, ROLES[0], &kept), refused);
        assert_eq!(read(&job.terms, Whose::Holder(1), ROLES[0], &kept), refused);
        assert_eq!(read(&job.terms, whose, ROLES[1], &kept), refused);
    }
}

#[test]
fn an_upload_that_is_cut_lengthened_moved_doubled_or_dropped_ends_and_its_sender_is_blamed() {
    let job = job();
    for whose in job.uploaders() {
        let mut places: Vec<(Role, Role, u32)> = Vec::new();
        let (result, _) = sent(&job, whose, |from, to, chunk| {
            places.push((from, to, chunk.round));
            Fate::Deliver
        });
        result.unwrap();
        for at in places.into_iter().step_by(5) {
            let changes: [&dyn Fn(&mut Chunk) -> Fate; 4] = [
                &|chunk| {
                    chunk.body = [&chunk.body[..], &[0; 8]].concat().into();
                    Fate::Deliver
                },
                &|chunk| {
                    chunk.round += 1;
                    Fate::Deliver
                },
                &|chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]),
                &|_| Fate::Drop,
            ];
            for (which, change) in changes.into_iter().enumerate() {
                let (result, _) =
                    sent(&job, whose, |from, to, chunk| match (from, to, chunk.round) == at {
                        true => change(chunk),
                        false => Fate::Deliver,
                    });
                match result {
                    Err(NetworkError::Refused {
                        role, culprit: Culprit::Peer(culprit), ..
                    }) => {
                        assert_eq!((culprit, role), (at.0, at.1), "{which} {at:?}");
                    }
                    Err(NetworkError::Stalled) => assert_eq!(which, 3, "{at:?}"),
                    other => panic!("{which} {at:?}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn features_and_labels_that_are_not_those_of_the_terms_are_refused_by_name() {
    let job = job();
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let mut send = |terms: &Terms, features: Vec<Binned>| {
        transfer::send_features(terms, 0, features, &ROLES, None, rng).err()
    };
    let shape = |what, expected, found| Some(Error::Shape { what, expected, found });
    assert_eq!(send(&job.terms, job.features(0)), None);
    assert_eq!(send(&job.terms, job.features(1)), shape("features", 2, 1));
    let swapped = job.features(0).into_iter().rev().collect();
    assert_eq!(send(&job.terms, swapped), shape("bins", 20, 3));
    let short = [20, 3].map(|bins| Binned::new(&[None; 699], bins).unwrap()).into();
    assert_eq!(send(&job.terms, short), shape("rows", 700, 699));
    let trouble = |rows| Error::Column { column: 0, trouble: ColumnFault::BeyondBins { rows } };
    assert_eq!(Binned::new(&[Some(3), None, Some(4), Some(2)], 3).err(), Some(trouble(2)));

    let label = |labels: &Labels| {
        transfer::send_labels(&job.terms, labels, &ROLES, None, &mut ChaCha20Rng::seed_from_u64(1))
            .err()
    };
    assert_eq!(label(&job.labels()), None);
    assert_eq!(label(&Labels::of_customers(&[true; 700])), shape("planes of labels", 2, 1));
    assert_eq!(label(&Labels::of_customers(&[true; 5])), shape("rows", 700, 5));

    let terms = |rows, features| Terms::new(rows, features, [0; 32]).check().err();
    let wrong = |error: TermsError| Some(Error::from(error));
    assert_eq!(terms(50, vec![vec![1]]), None);
    assert_eq!(terms(49, vec![vec![1]]), wrong(TermsError::CountedRows));
    let mut high = Terms::new(200, vec![vec![1]], [0; 32]);
    high.floors = Floors::new(50, 101).unwrap();
    assert_eq!(high.check().err(), wrong(TermsError::CountedRows));
    high.floors = Floors::new(50, 100).unwrap();
    assert_eq!(high.check().err(), None);
    assert_eq!(terms(Terms::MOST_ROWS + 1, vec![vec![1]]), wrong(TermsError::CountedRows));
    assert_eq!(terms(50, vec![]), wrong(TermsError::Features));
    assert_eq!(terms(50, vec![vec![2], vec![]]), wrong(TermsError::Features));
    assert_eq!(terms(50, vec![vec![2; 513]]), wrong(TermsError::Features));
    assert_eq!(terms(50, vec![vec![0]]), wrong(TermsError::Bins));
    assert_eq!(terms(50, vec![vec![65]]), wrong(TermsError::Bins));
}

#[test]
fn an_upload_comes_once_of_these_terms_at_this_role_and_is_missed_by_name() {
    let job = job();
    let [(received, kept), (of_another, _), _] = honest(&job, Whose::Holder(0));
    let mut uploads = Uploads::new(&job.terms, ROLES[0]).unwrap();
    let whose = Whose::Holder(0);
    assert_eq!(uploads.take(of_another).err(), Some(Error::OtherUpload { whose }));
    uploads.take(received).unwrap();
    let again = Received::from_kept(&job.terms, whose, ROLES[0], &kept[..]).unwrap();
    assert_eq!(uploads.take(again).err(), Some(Error::Upload { whose, twice: true }));
    let missing = Error::Upload { whose: Whose::Holder(1), twice: false };
    assert_eq!(uploads.complete().err(), Some(missing));
}

#[test]
fn a_store_that_fails_ends_the_upload() {
    let job = job();
    let mut network = Network::new();
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    network.join(UPLOADER, job.sending(Whose::Labels, &ROLES, None, &mut rng));
    for role in ROLES {
        let keep = |_: &[u8]| Err(NotKept);
        network.join(role, transfer::receive(&job.terms, Whose::Labels, role, keep).unwrap());
    }
    assert!(matches!(
        network.run(|_, _, _| Fate::Deliver),
        Err(NetworkError::Refused { culprit: Culprit::Us, .. })
    ));
}

/// SPEC §W.8: an index beyond the last bin is counted as a sum of others with signs. Nothing
/// panics, and no cell that opens is below the floors, as it was counted.
#[test]
fn an_index_beyond_the_last_bin_makes_the_counts_of_its_feature_wrong_and_of_no_other() {
    // Features of seven bins whose holder fills all eight indexes and says that there are five.
    let job = Job::made(73, 900, vec![vec![5, 5]], false);
    let ideal = job.ideal();
    let mut lie = job.clone();
    lie.terms.features = vec![vec![7, 7]];
    for (row, bin) in lie.holders[0][0].iter_mut().enumerate() {
        *bin = Some((row % 8) as u8).filter(|bin| *bin < 7);
    }
    // Index 5 is missing there; where there are seven bins it is 7.
    lie.holders[0][1] = job.holders[0][1].iter().map(|bin| Some(bin.unwrap_or(5))).collect();
    let mut inputs = lie.inputs(1);
    for (lied, honest) in inputs.iter_mut().zip(job.inputs(1)) {
        lied.labels = honest.labels;
    }
    let ends = job.run_over(inputs, 1, |_, _, _| Fate::Deliver);
    ends.result.unwrap();
    let counted = ends.counted.map(Option::unwrap);
    let learnt = job.released(&counted, 0, None, |_, _, _| Fate::Deliver).unwrap();
    assert_eq!(learnt.tables[1], ideal[0][1]);
    assert_ne!(learnt.tables[0], ideal[0][0]);
}

#[test]
fn membership_is_part_of_what_keys_are_bound_to() {
    let job = job();
    let other = Terms { membership: Membership::Everyone, ..job.terms.clone() };
    assert_ne!(job.terms.binding(), other.binding());
    let mut moved = job.terms.clone();
    moved.features = vec![vec![20], vec![3, 64]];
    assert_ne!(job.terms.binding(), moved.binding());
}
