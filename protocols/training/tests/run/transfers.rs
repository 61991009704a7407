//! Uploads over the seam.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use session::{Blame, Chunk, Culprit, Fate, MAX_CHUNK, Network, NetworkError, Session};
use sha2::{Digest, Sha256};
use training::{Error, NotKept, ROLES, Received, Terms, UPLOADER, Uploads, Whose, transfer};

use crate::support::made::Made;
use crate::support::run::{Job, Trained, secrets};
use crate::support::uploads::{SEED, blamed, honest, job, own, places, sending, sent, with};

#[test]
fn what_is_streamed_is_kept_byte_for_byte_as_what_an_uploader_keeps_of_its_own() {
    let job = job(700);
    for whose in job.uploaders() {
        for ((_, streamed), role) in honest(&job, whose).into_iter().zip(ROLES) {
            assert_eq!(streamed, own(&job, whose, role).1, "{whose} at {role}");
        }
    }
}

#[test]
fn streamed_uploads_and_what_was_kept_of_them_train_one_model_bit_for_bit() {
    let job = job(700);
    let model = |way: &dyn Fn(Whose) -> [Received; 3]| {
        let mut uploads = ROLES.map(|role| Uploads::new(&job.terms, role).unwrap());
        for whose in job.uploaders() {
            for (uploads, received) in uploads.iter_mut().zip(way(whose)) {
                uploads.take(received).unwrap();
            }
        }
        let mut network = Network::new();
        let sessions = ROLES.into_iter().zip(uploads).zip(secrets(1));
        let mut outcomes = Vec::new();
        for ((role, uploads), secret) in sessions {
            let (terms, inputs) = (job.terms.clone(), uploads.complete().unwrap());
            let training = training::begin(terms, role, secret, inputs, |_| Ok(())).unwrap();
            outcomes.push(network.join(role, training));
        }
        network.run(|_, _, _| Fate::Deliver).unwrap();
        Trained::of(outcomes[2].take().unwrap()).weights
    };
    let streamed = model(&|whose| honest(&job, whose).map(|(received, _)| received));
    let kept = model(&|whose| {
        let mut roles = ROLES.into_iter();
        honest(&job, whose).map(|(_, kept)| {
            let role = roles.next().unwrap();
            // Two in one file: the first tells where it ends.
            let file = [&kept[..], b"what follows"].concat();
            Received::from_kept(&job.terms, whose, role, &file[..]).unwrap()
        })
    });
    let alone = model(&|whose| ROLES.map(|role| own(&job, whose, role).0));
    assert_eq!(streamed, kept);
    assert_eq!(streamed, alone);
}

#[test]
fn what_was_kept_is_refused_when_it_is_cut_altered_or_of_another_job_uploader_or_role() {
    let job = job(400);
    for whose in [Whose::Holder(0), Whose::Labels] {
        let [(_, kept), ..] = honest(&job, whose);
        let read = |terms: &Terms, whose, role, bytes: &[u8]| {
            Received::from_kept(terms, whose, role, bytes).err()
        };
        assert_eq!(read(&job.terms, whose, ROLES[0], &kept), None);
        let refused = Some(Error::KeptUpload);
        for length in (0..kept.len()).step_by(61).chain([kept.len() - 1]) {
            assert_eq!(read(&job.terms, whose, ROLES[0], &kept[..length]), refused);
        }
        for place in (0..kept.len()).step_by(53).chain(0..120) {
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

/// Rows of which a column takes two chunks and a rest.
const LONG: usize = 2 * MAX_CHUNK / 8 + 40;

#[test]
fn a_message_that_is_cut_lengthened_doubled_or_moved_is_refused_and_one_that_is_dropped_is_missed()
{
    for (job, whose) in
        [(job(400), Whose::Holder(0)), (job(400), Whose::Labels), (job(LONG), Whose::Holder(1))]
    {
        for at in places(&job, whose) {
            let change = |change: &mut dyn FnMut(&mut Chunk) -> Fate| {
                with(&job, whose, at, |chunk| change(chunk))
            };
            let longer = change(&mut |chunk| {
                chunk.body = [&chunk.body[..], &[0; 8]].concat().into();
                Fate::Deliver
            });
            blamed(longer, at, "longer");
            let mut empty = false;
            let shorter = change(&mut |chunk| {
                empty = chunk.body.is_empty();
                chunk.body = chunk.body.slice(..chunk.body.len().saturating_sub(1));
                Fate::Deliver
            });
            if !empty {
                blamed(shorter, at, "shorter");
            }
            let round = change(&mut |chunk| {
                chunk.round += 1;
                Fate::Deliver
            });
            blamed(round, at, "moved");
            let last = change(&mut |chunk| {
                chunk.last = !chunk.last;
                Fate::Deliver
            });
            blamed(last, at, "last");
            let twice = change(&mut |chunk| Fate::Replace(vec![chunk.clone(), chunk.clone()]));
            blamed(twice, at, "twice");
            let (result, taken) = change(&mut |_| Fate::Drop);
            match result {
                Err(NetworkError::Stalled) => {}
                Err(NetworkError::Refused { role, culprit, .. }) => {
                    assert_eq!((role, culprit), (at.1, Culprit::Peer(at.0)), "{at:?}");
                }
                Ok(()) => panic!("{at:?} was not missed"),
            }
            if at.0 == UPLOADER {
                assert!(taken[usize::from(at.1.0)].0.is_none());
            }
        }
    }
}

#[test]
fn who_is_not_the_uploader_is_refused_and_so_is_a_message_before_its_time() {
    let job = job(400);
    let at = (UPLOADER, ROLES[0], 1, 0);
    // The next round's message comes first.
    let swapped = with(&job, Whose::Holder(0), at, |_| Fate::Delay);
    blamed(swapped, at, "late");
    let mut session =
        transfer::receive(&job.terms, Whose::Labels, ROLES[0], |_: &[u8]| Ok(())).unwrap();
    let error = session.receive(ROLES[1], Chunk::whole(1, vec![0; 32])).unwrap_err();
    assert_eq!(error.blame(), Culprit::Peer(ROLES[1]));
}

/// What has the right length is taken: what a column says is its holder's business (SPEC §6).
#[test]
fn noise_instead_of_any_message_never_panics() {
    let job = job(400);
    let mut made = Made::from(72);
    for whose in job.uploaders() {
        for at in places(&job, whose).into_iter().filter(|at| at.0 == UPLOADER) {
            let noise: Vec<u8> = (0..97).map(|_| (made.uniform() * 256.0) as u8).collect();
            let (result, taken) = with(&job, whose, at, |chunk| {
                let noise = noise.iter().copied().cycle().take(chunk.body.len());
                chunk.body = noise.collect::<Vec<_>>().into();
                Fate::Deliver
            });
            result.unwrap();
            assert!(taken.iter().all(|(received, _)| received.is_some()));
        }
    }
}

#[test]
fn columns_that_are_too_few_too_many_or_of_other_rows_end_the_upload_before_its_last_message() {
    let (job, other) = (job(400), job(401));
    let refused = |columns: Vec<training::Column>| {
        let mut rng = ChaCha20Rng::seed_from_u64(SEED);
        let session =
            transfer::send_columns(&job.terms, 0, columns, &ROLES, None, &mut rng).unwrap();
        let (result, taken) = sent(&job, Whose::Holder(0), session, |_, _, _| Fate::Deliver);
        assert!(taken.iter().all(|(received, _)| received.is_none()));
        match result.unwrap_err() {
            NetworkError::Refused { role, culprit, error } => {
                assert_eq!((role, culprit), (UPLOADER, Culprit::Us));
                *error.downcast::<Error>().unwrap()
            }
            NetworkError::Stalled => panic!("the uploader knows"),
        }
    };
    let columns = || job.columns(0).unwrap();
    let shape = |what, expected, found| Error::Shape { what, expected, found };
    assert_eq!(refused(columns().drain(..2).collect()), shape("columns", 3, 2));
    let more = columns().into_iter().chain(job.columns(1).unwrap()).collect();
    assert_eq!(refused(more), shape("columns", 3, 4));
    let wrong = columns().drain(..2).chain(other.columns(1).unwrap()).collect();
    assert_eq!(refused(wrong), shape("rows", 400, 401));
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    let none = transfer::send_columns(&job.terms, 2, columns(), &ROLES, None, &mut rng).err();
    assert_eq!(none, Some(shape("holders at least", 2, 3)));
}

#[test]
fn an_upload_that_cannot_be_kept_ends_and_the_uploader_is_not_told_that_it_may_leave() {
    let job = job(400);
    let pieces = 1 + 2 * (1 + 3) + 1;
    for fails in 0..pieces {
        let mut network = Network::new();
        let uploader = network.join(UPLOADER, sending(&job, Whose::Holder(0), &ROLES, None));
        for role in ROLES {
            let mut piece = 0;
            let keep = move |_: &[u8]| {
                piece += 1;
                if role == ROLES[1] && piece == fails + 1 { Err(NotKept) } else { Ok(()) }
            };
            let whose = Whose::Holder(0);
            network.join(role, transfer::receive(&job.terms, whose, role, keep).unwrap());
        }
        let failure = network.run(|_, _, _| Fate::Deliver).unwrap_err().to_string();
        assert!(failure.contains("could not be kept"), "{failure}");
        assert!(uploader.take().is_none());
    }
}

/// Seeds that come again in another job or place give other words, so no two columns are masked
/// alike.
#[test]
fn the_same_seeds_mask_otherwise_in_another_job_or_place() {
    let one = job(400);
    let mut other = job(400);
    other.terms.context = [1; 32];
    let mut alike = job(400);
    alike.terms.columns = vec![1, 3];
    alike.holders.swap(0, 1);
    let first = |job: &Job, whose| {
        // Role 1 has components 1 and 2; of the first column, the one that is sent is 2.
        let mut first = None;
        let session = sending(job, whose, &ROLES, None);
        let (result, _) = sent(job, whose, session, |_, to, chunk| {
            if to == ROLES[1] && chunk.round == 2 {
                first = Some(chunk.body.clone());
            }
            Fate::Deliver
        });
        result.unwrap();
        first.unwrap()
    };
    let masked = first(&one, Whose::Holder(0));
    assert_eq!(masked, first(&one, Whose::Holder(0)));
    assert_ne!(masked, first(&other, Whose::Holder(0)), "another job");
    assert_ne!(masked, first(&alike, Whose::Holder(1)), "another place");
}

#[test]
fn an_uploader_is_ahead_by_a_few_chunks_however_long_its_columns_are() {
    let job = job(LONG);
    let session = sending(&job, Whose::Holder(0), &ROLES, None);
    let (mut ahead, mut most) = (0_usize, 0);
    let (result, _) = sent(&job, Whose::Holder(0), session, |from, _, chunk| {
        if from == UPLOADER {
            ahead += chunk.body.len();
            most = most.max(ahead);
        } else {
            ahead = 0;
        }
        Fate::Deliver
    });
    result.unwrap();
    assert!(most <= 8 << 20, "{most}");
}

/// A driver that never lets the receiver speak cannot make it hold more than the window.
#[test]
fn a_receiver_refuses_what_comes_further_ahead_than_was_agreed() {
    let job = job(400);
    let mut session =
        transfer::receive(&job.terms, Whose::Holder(0), ROLES[0], |_: &[u8]| Ok(())).unwrap();
    let chunk = Chunk::whole(1, vec![0; MAX_CHUNK]);
    let error = (0..11).find_map(|_| session.receive(UPLOADER, chunk.clone()).err()).unwrap();
    assert_eq!(error.blame(), Culprit::Peer(UPLOADER));
}

#[test]
fn every_chunk_of_an_upload_is_as_it_was_written_down() {
    let job = job(400);
    let mut hash = Sha256::new();
    for whose in job.uploaders() {
        let session = sending(&job, whose, &ROLES, None);
        let (result, taken) = sent(&job, whose, session, |from, to, chunk| {
            hash.update([from.0, to.0, u8::from(chunk.last)]);
            hash.update(chunk.round.to_be_bytes());
            hash.update(u32::try_from(chunk.body.len()).unwrap().to_be_bytes());
            hash.update(&chunk.body);
            Fate::Deliver
        });
        result.unwrap();
        taken.iter().for_each(|(_, kept)| hash.update(kept));
    }
    assert_eq!(hex::encode(hash.finalize()), TRANSCRIPT);
}

/// SHA-256 of all chunks, in the order in which a network in memory carries them, and after each
/// upload of what each role keeps.
const TRANSCRIPT: &str = "8066f6b09194e023db847700b2f9baea798dcdd9c98bc131c0fe0a634cdb3575";
