//! What each role and each holder sees.

use std::collections::BTreeMap;

use session::{Fate, Role, Session, Turn};
use training::{ROLES, UPLOADER};

use super::job::Job;
use crate::support::random::chi_square;

/// Each long message, for itself, is as good as random to the role that gets it.
#[test]
fn every_long_message_looks_random() {
    let job = Job::made(61, 2_500, vec![vec![20, 5], vec![33]], true);
    let mut messages: BTreeMap<(Role, Role, u32), Vec<u8>> = BTreeMap::new();
    let ends = job.run(3, |from, to, chunk| {
        messages.entry((from, to, chunk.round)).or_default().extend(&chunk.body[..]);
        Fate::Deliver
    });
    ends.result.unwrap();
    let mut long = 0;
    for (at, bytes) in messages.iter().filter(|(_, bytes)| bytes.len() >= 4_096) {
        long += 1;
        // Numbers of 22 bits are packed two to a word, whose last bits are 0.
        let low: Vec<u8> =
            bytes.as_chunks::<8>().0.iter().flat_map(|word| word[..5].to_vec()).collect();
        let statistic = chi_square(&low);
        // 255 degrees of freedom: beyond 400 less than once in a hundred million.
        assert!(statistic < 400.0, "{at:?}: {statistic}");
    }
    assert!(long > 60, "{long} long messages");
}

#[test]
fn an_upload_tells_one_role_nothing() {
    let job = Job::made(62, 40_000, vec![vec![20]], false);
    for role in ROLES {
        for whose in job.uploaders() {
            let mut rng = rand_core::SeedableRng::seed_from_u64(7);
            let mut session = job.sending(whose, &[], Some(role), &mut rng);
            let Ok(Turn::Done(messages)) = session.advance() else { panic!("no peer") };
            for message in messages.iter().filter(|message| message.len() >= 4_096) {
                assert!(chi_square(message) < 400.0, "{whose} to {role}");
            }
        }
    }
}

/// Two jobs whose rows differ and whose tables do not: to a holder, what one role releases is as
/// good as random, and the components of all three say the tables and nothing else.
#[test]
fn what_one_role_releases_looks_random() {
    let job = Job::made(63, 3_000, vec![vec![64; 8]], false);
    let counted = job.run(1, |_, _, _| Fate::Deliver).counted.map(Option::unwrap);
    let mut seen = 0;
    job.released(&counted, 0, None, |_, to, chunk| {
        if to == UPLOADER {
            // Flags are at the scale of counts: the lowest bits of their shares are 0.
            let words = chunk.body.as_chunks::<8>().0.iter();
            let high: Vec<u8> = words.flat_map(|word| word[1..].to_vec()).collect();
            assert!(chi_square(&high) < 400.0);
            seen += 1;
        }
        Fate::Deliver
    })
    .unwrap();
    assert_eq!(seen, 3);
}
