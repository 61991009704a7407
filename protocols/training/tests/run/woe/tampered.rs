//! Messages dropped, cut, lengthened, moved or changed: what is noticed, and what is not.

use session::{Chunk, Culprit, Fate, NetworkError};
use training::woe::Table;
use training::{LENDER, ROLES, UPLOADER};

use super::job::{Ends, Job};
use crate::support::made::Made;
use crate::support::tamper::{self, LENGTHS, ORDERS, Place};

/// Messages between one that is tampered with and the next.
const STRIDE: usize = 5;

fn job() -> Job {
    Job::made(51, 450, vec![vec![6], vec![3, 9]], false)
}

/// Some messages of the counting.
fn places() -> Vec<Place> {
    let mut places = Vec::new();
    let ends = job().run(3, |from, to, chunk| {
        places.push((from, to, chunk.round));
        Fate::Deliver
    });
    ends.result.unwrap();
    tamper::every(STRIDE, places)
}

fn with(at: Place, change: impl FnMut(&mut Chunk) -> Fate) -> Ends {
    job().run(3, tamper::at(at, change))
}

#[test]
fn a_message_that_is_dropped_ends_the_counting() {
    for at in places() {
        tamper::missed(&with(at, |_| Fate::Drop).result, at);
    }
}

#[test]
fn a_message_of_another_length_or_out_of_order_is_refused() {
    for at in places() {
        for change in LENGTHS.into_iter().chain(ORDERS) {
            let ends = with(at, change);
            tamper::blamed(&ends.result, at);
            assert!(ends.counted[usize::from(at.1.0)].is_none(), "{at:?}");
        }
    }
}

/// SPEC §W.8: roles follow the protocol. One that does not makes counts wrong, which a holder
/// notices where they spell no table.
#[test]
fn a_word_that_is_changed_is_not_always_noticed() {
    let job = job();
    let honest = job.honest(3);
    let (mut ended, mut refused, mut wrong, mut harmless) = (0, 0, 0, 0);
    for at in places() {
        let flip = |chunk: &mut Chunk| {
            let mut body = chunk.body.to_vec();
            body[0] ^= 0x10;
            chunk.body = body.into();
            Fate::Deliver
        };
        let ends = with(at, flip);
        let [Some(one), Some(two), Some(three)] = ends.counted else {
            ended += 1;
            continue;
        };
        let counted = [one, two, three];
        for (holder, honest) in honest.iter().enumerate() {
            match job.released(&counted, holder, None, |_, _, _| Fate::Deliver) {
                Err(NetworkError::Refused { .. }) => refused += 1,
                Err(other) => panic!("{at:?}: {other:?}"),
                Ok(learnt) if learnt == *honest => harmless += 1,
                Ok(_) => wrong += 1,
            }
        }
    }
    let each = [ended, refused, wrong, harmless];
    assert!(each.iter().all(|count| *count > 0), "{each:?}");
}

#[test]
fn noise_instead_of_any_message_never_panics_and_opens_no_cell_below_the_floors() {
    let (job, mut made) = (job(), Made::from(52));
    for at in places() {
        let noise: Vec<u8> = (0..64).map(|_| (made.uniform() * 256.0) as u8).collect();
        let ends = with(at, |chunk| {
            let length = chunk.body.len();
            chunk.body = noise.iter().copied().cycle().take(length).collect::<Vec<_>>().into();
            Fate::Deliver
        });
        let [Some(one), Some(two), Some(three)] = ends.counted else { continue };
        let counted = [one, two, three];
        for holder in 0..job.holders.len() {
            let Ok(learnt) = job.released(&counted, holder, None, |_, _, _| Fate::Deliver) else {
                continue;
            };
            for table in learnt.tables {
                let Table::Counted { bins, missing } = table else { continue };
                let mut tallies = bins.iter().map(|bin| bin.tally).chain(missing);
                assert!(tallies.all(|tally| super::ideal::reaches(tally, job.terms.floors)));
            }
        }
    }
}

#[test]
fn a_component_that_a_role_alters_as_it_is_released_is_noticed_by_the_holder() {
    let job = job();
    let counted = job.run(3, |_, _, _| Fate::Deliver).counted.map(Option::unwrap);
    let whole = job.released(&counted, 1, None, |_, _, _| Fate::Deliver).unwrap();
    assert_eq!(whole.tables, job.ideal()[1]);
    for role in ROLES {
        for byte in [0, 200, 400, 671] {
            let altered = job.released(&counted, 1, None, |from, _, chunk| {
                if from == role {
                    let mut body = chunk.body.to_vec();
                    body[byte] ^= 1;
                    chunk.body = body.into();
                }
                Fate::Deliver
            });
            match altered {
                Err(NetworkError::Refused { role, culprit: Culprit::Us, error }) => {
                    assert_eq!(role, UPLOADER);
                    assert!(error.to_string().contains("one of them altered it"), "{error}");
                }
                other => panic!("{other:?}"),
            }
        }
        let shorter = job.released(&counted, 1, None, |from, _, chunk| {
            if from == role {
                chunk.body = chunk.body.slice(1..);
            }
            Fate::Deliver
        });
        assert!(matches!(
            shorter,
            Err(NetworkError::Refused { role: UPLOADER, culprit: Culprit::Peer(culprit), .. }) if culprit == role
        ));
    }
    let values = job.released(&counted, 1, None, |from, to, chunk| {
        if (from, to) == (UPLOADER, LENDER) {
            chunk.body = chunk.body.slice(1..);
        }
        Fate::Deliver
    });
    assert!(matches!(
        values,
        Err(NetworkError::Refused { role: LENDER, culprit: Culprit::Peer(UPLOADER), .. })
    ));
}

#[test]
fn roles_that_hold_other_terms_count_nothing() {
    let (job, mut other) = (job(), job());
    other.terms.floors = training::woe::Floors::new(51, 5).unwrap();
    let mut network = session::Network::new();
    let secrets = crate::support::run::secrets(1);
    for ((role, inputs), secret) in ROLES.into_iter().zip(job.inputs(1)).zip(secrets) {
        let terms = if role == LENDER { &other.terms } else { &job.terms };
        network.join(role, training::woe::begin(terms.clone(), role, secret, inputs).unwrap());
    }
    match network.run(|_, _, _| Fate::Deliver) {
        Err(NetworkError::Refused { error, .. }) => {
            assert!(error.to_string().contains("the same terms"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}
