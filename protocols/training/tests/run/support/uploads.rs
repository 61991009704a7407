//! Uploads over the seam, honest and tampered with.

use std::sync::{Arc, Mutex};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use session::{Chunk, Culprit, Fate, Network, NetworkError, Outcome, Role};
use training::transfer::{self, Sending};
use training::{Population, ROLES, Received, Terms, UPLOADER, Whose};

use crate::support::made::Made;
use crate::support::run::{Job, Labelled};

pub(crate) const SEED: u64 = 5;

/// Two holders, and rows that are weighted: every kind of message.
pub(crate) fn job(rows: usize) -> Job {
    let table = Made::from(71).table(rows, &[0.8, -0.5, 0.3, 0.2], -0.3);
    let mut terms = Terms::new(u32::try_from(rows).unwrap(), vec![3, 1], [6; 32]);
    terms.population = Population::Weighted { cover: 1 };
    let label = |bad: &bool| match bad {
        true => training::Outcome::Bad(2.0),
        false => training::Outcome::Good(1.0),
    };
    let mut job = Job::of(&table, terms);
    job.labels = Labelled::Rows(table.bad.iter().map(label).collect());
    job
}

/// The session of one upload, from a seed.
pub(crate) fn sending(job: &Job, whose: Whose, to: &[Role], own: Option<Role>) -> Sending {
    let mut rng = ChaCha20Rng::seed_from_u64(SEED);
    match whose {
        Whose::Holder(holder) => {
            let columns = job.columns(holder).unwrap();
            transfer::send_columns(&job.terms, holder, columns, to, own, &mut rng).unwrap()
        }
        Whose::Labels => {
            transfer::send_labels(&job.terms, job.labels().unwrap(), to, own, &mut rng).unwrap()
        }
    }
}

/// What a role has received, and what it has kept of it.
pub(crate) type Taken = (Option<Received>, Vec<u8>);

/// One upload to all three roles.
pub(crate) fn sent(
    job: &Job,
    whose: Whose,
    session: Sending,
    tamper: impl FnMut(Role, Role, &mut Chunk) -> Fate,
) -> (Result<(), NetworkError>, [Taken; 3]) {
    let mut network = Network::new();
    network.join(UPLOADER, session);
    let kept = [(); 3].map(|()| Arc::new(Mutex::new(Vec::new())));
    let outcomes: Vec<Outcome<Received>> = ROLES
        .iter()
        .zip(&kept)
        .map(|(&role, kept)| {
            let kept = Arc::clone(kept);
            let keep = move |bytes: &[u8]| {
                kept.lock().unwrap().extend_from_slice(bytes);
                Ok(())
            };
            network.join(role, transfer::receive(&job.terms, whose, role, keep).unwrap())
        })
        .collect();
    let result = network.run(tamper);
    let mut each = outcomes.iter().zip(&kept);
    let taken = [(); 3].map(|()| {
        let (outcome, kept) = each.next().unwrap();
        (outcome.take(), std::mem::take(&mut *kept.lock().unwrap()))
    });
    (result, taken)
}

pub(crate) fn honest(job: &Job, whose: Whose) -> [(Received, Vec<u8>); 3] {
    let session = sending(job, whose, &ROLES, None);
    let (result, taken) = sent(job, whose, session, |_, _, _| Fate::Deliver);
    result.unwrap();
    taken.map(|(received, kept)| (received.unwrap(), kept))
}

/// What an uploader that plays a role itself keeps of its own upload.
pub(crate) fn own(job: &Job, whose: Whose, role: Role) -> (Received, Vec<u8>) {
    let mut network = Network::new();
    let messages = network.join(UPLOADER, sending(job, whose, &[], Some(role)));
    network.run(|_, _, _| Fate::Deliver).unwrap();
    let mut kept = Vec::new();
    let keep = |bytes: &[u8]| {
        kept.extend_from_slice(bytes);
        Ok(())
    };
    let messages = messages.take().unwrap();
    let received = Received::of_own(&job.terms, whose, role, messages, keep).unwrap();
    (received, kept)
}

pub(crate) type Place = (Role, Role, u32, usize);

/// Every chunk of an upload: from, to, round, and which chunk of that round.
pub(crate) fn places(job: &Job, whose: Whose) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let session = sending(job, whose, &ROLES, None);
    let (result, _) = sent(job, whose, session, |from, to, chunk| {
        let same = |at: &&Place| (at.0, at.1, at.2) == (from, to, chunk.round);
        places.push((from, to, chunk.round, places.iter().filter(same).count()));
        Fate::Deliver
    });
    result.unwrap();
    places
}

pub(crate) fn with(
    job: &Job,
    whose: Whose,
    at: Place,
    mut change: impl FnMut(&mut Chunk) -> Fate,
) -> (Result<(), NetworkError>, [Taken; 3]) {
    let mut seen = 0;
    let session = sending(job, whose, &ROLES, None);
    sent(job, whose, session, |from, to, chunk| {
        if (from, to, chunk.round) != (at.0, at.1, at.2) {
            return Fate::Deliver;
        }
        seen += 1;
        if seen == at.3 + 1 { change(chunk) } else { Fate::Deliver }
    })
}

/// The sender is blamed by the receiver, who has received nothing.
pub(crate) fn blamed(
    (result, taken): (Result<(), NetworkError>, [Taken; 3]),
    at: Place,
    what: &str,
) {
    match result {
        Err(NetworkError::Refused { role, culprit: Culprit::Peer(culprit), .. }) => {
            assert_eq!((culprit, role), (at.0, at.1), "{what} {at:?}");
        }
        other => panic!("{what} {at:?}: {other:?}"),
    }
    if at.0 == UPLOADER {
        assert!(taken[usize::from(at.1.0)].0.is_none(), "{what} {at:?}");
    }
}
