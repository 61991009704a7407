//! Messages dropped, cut, lengthened, moved or changed: what is noticed, and what is not.

use session::{Chunk, Fate, Network, Role};
use training::points::transfer;
use training::{ROLES, UPLOADER};

use super::card::{Card, Ends};
use crate::support::made::Made;
use crate::support::tamper::{self, LENGTHS, ORDERS, Place};

/// Messages between one that is tampered with and the next.
const STRIDE: usize = 3;

fn card() -> Card {
    Card::made(51, 500, vec![vec![5, 4], vec![3]])
}

fn models(card: &Card) -> [training::SharedModel; 3] {
    card.shared(&[0.5, 0.4, 0.3, -1.0])
}

/// Some messages of the scaling.
fn places() -> Vec<Place> {
    let mut places = Vec::new();
    let card = card();
    let ends = card.run(&models(&card), 3, |from, to, chunk| {
        places.push((from, to, chunk.round));
        Fate::Deliver
    });
    ends.result.unwrap();
    tamper::every(STRIDE, places)
}

fn with(at: Place, change: impl FnMut(&mut Chunk) -> Fate) -> Ends {
    let card = card();
    card.run(&models(&card), 3, tamper::at(at, change))
}

#[test]
fn a_message_that_is_dropped_ends_the_scaling() {
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
            assert!(ends.scaled[usize::from(at.1.0)].is_none(), "{at:?}");
        }
    }
}

#[test]
fn an_upload_of_another_length_or_out_of_order_is_refused_and_its_holder_blamed() {
    let card = card();
    let sent = |tamper: &mut dyn FnMut(Role, Role, &mut Chunk) -> Fate| {
        let mut rng = rand_core::SeedableRng::seed_from_u64(1);
        let rng: &mut chacha20::ChaCha20Rng = &mut rng;
        let values = card.prepared(0);
        let mut network = Network::new();
        let session = transfer::send_values(&card.terms, 0, values, &ROLES, None, rng);
        network.join(UPLOADER, session.unwrap());
        let received = ROLES.map(|role| {
            let keep = |_: &[u8]| Ok(());
            network.join(role, transfer::receive(&card.terms, 0, role, keep).unwrap())
        });
        (network.run(tamper), received.map(|received| received.take().is_some()))
    };
    let mut places: Vec<Place> = Vec::new();
    let (result, _) = sent(&mut |from, to, chunk| {
        places.push((from, to, chunk.round));
        Fate::Deliver
    });
    result.unwrap();
    places.retain(|(from, ..)| *from == UPLOADER);
    assert_eq!(places.len(), 3 + 2 + 2, "seeds, and two of three get a column");
    for at in places {
        for change in LENGTHS.into_iter().chain(ORDERS) {
            let (result, received) = sent(&mut tamper::at(at, change));
            tamper::blamed(&result, at);
            assert!(!received[usize::from(at.1.0)], "{at:?}");
        }
        tamper::missed(&sent(&mut tamper::at(at, |_| Fate::Drop)).0, at);
    }
}

/// SPEC §P.6: roles follow the protocol. One that does not makes points wrong.
#[test]
fn a_word_that_is_changed_is_not_always_noticed() {
    let card = card();
    let honest = card.opened(&card.honest(&models(&card), 3));
    let (mut ended, mut wrong, mut harmless) = (0, 0, 0);
    for at in places() {
        let ends = with(at, |chunk| {
            let mut body = chunk.body.to_vec();
            body[0] ^= 0x10;
            chunk.body = body.into();
            Fate::Deliver
        });
        let [Some(one), Some(two), Some(three)] = ends.scaled else {
            ended += 1;
            continue;
        };
        match card.opened(&[one, two, three]) == honest {
            true => harmless += 1,
            false => wrong += 1,
        }
    }
    let each = [ended, wrong, harmless];
    assert!(each.iter().all(|count| *count > 0), "{each:?}");
}

#[test]
fn noise_instead_of_any_message_never_panics() {
    let mut made = Made::from(52);
    for at in places() {
        let noise: Vec<u8> = (0..64).map(|_| (made.uniform() * 256.0) as u8).collect();
        let ends = with(at, |chunk| {
            let length = chunk.body.len();
            chunk.body = noise.iter().copied().cycle().take(length).collect::<Vec<_>>().into();
            Fate::Deliver
        });
        drop(ends);
    }
}
