//! What the dealer's engine sends, and what the dealer sees.

use std::collections::BTreeSet;

use session::{Culprit, Fate, NetworkError, Role};
use sharing::{Additive, Dealer, Engine, Error, Layout, Matrix, Receipt, Upload, Vector};

use crate::program::everything;
use crate::world::{CONTEXT, dealer};

const THE_DEALER: Role = Role(2);

#[test]
fn the_dealer_gets_keys_coins_and_what_is_opened_to_it_alone() {
    let mut heard = BTreeSet::new();
    dealer(
        4,
        |mut engine| async move { everything(&mut engine, 300).await },
        |_, to, chunk| {
            if to == THE_DEALER {
                heard.insert(chunk.round);
            }
            Fate::Deliver
        },
    )
    .unwrap();
    // The keys, two rounds of the coin, and three openings to everybody.
    assert_eq!(heard.len(), 6);
}

#[test]
fn each_message_that_is_dropped_cut_or_moved_is_noticed() {
    let mut places = BTreeSet::new();
    let program = |mut engine: Dealer| async move { everything(&mut engine, 140).await };
    dealer(5, program, |from, to, chunk| {
        places.insert((from, to, chunk.round));
        Fate::Deliver
    })
    .unwrap();
    assert!(places.len() > 100);
    for at in places {
        for way in 0..3 {
            let result = dealer(5, program, |from, to, chunk| {
                if (from, to, chunk.round) != at {
                    return Fate::Deliver;
                }
                match way {
                    0 => return Fate::Drop,
                    1 => chunk.body = chunk.body.slice(1..),
                    _ => chunk.round += 1,
                }
                Fate::Deliver
            });
            match result.err() {
                Some(NetworkError::Stalled) => assert_eq!(way, 0, "{at:?}"),
                Some(NetworkError::Refused { culprit, .. }) => {
                    assert_eq!(culprit, Culprit::Peer(at.0), "{at:?}");
                }
                None => panic!("{at:?} is not noticed"),
            }
        }
    }
}

#[test]
fn a_dealer_that_deals_much_waits_for_its_receiver() {
    // 12 bits of 200,000 rows are 19 MB, more than a peer may be ahead.
    let rows = 200_000;
    let program = move |mut engine: Dealer| async move {
        let whole = engine.constant::<0>(&vec![5; rows]);
        let bits = engine.parity(&whole);
        let bits = sharing::Bits::concat(&[&bits; 12]);
        let numbers = engine.to_vector(&bits).await?;
        Ok(engine.open(&numbers.sum()).await?.0)
    };
    let mut acknowledged = 0;
    let found = dealer(6, program, |_, to, chunk| {
        acknowledged += usize::from(to == THE_DEALER && chunk.body.len() == 1);
        Fate::Deliver
    });
    assert_eq!(found.unwrap()[1], [4095 * rows as i64]);
    assert_eq!(acknowledged, 4);
}

/// Bytes over all links and rounds of one product, one conjunction and one truncation.
#[test]
fn bytes_and_rounds_are_those_of_the_spec() {
    let (rows, columns) = (640u64, 5u64);
    let program = move |mut engine: Dealer| async move {
        let mut costs = Vec::new();
        let mut before = engine.traffic();
        let mut cost = |engine: &Dealer| {
            let now = engine.traffic();
            costs.push((now.total() - before.total(), now.rounds - before.rounds));
            before = now;
        };
        let numbers: Vec<i64> = (0..640).collect();
        let x: Vector<20> = engine.constant(&numbers);
        let mut x = Matrix::from_columns((0..5).map(|_| x.duplicate()).collect());
        engine.prepare(&mut x).await?;
        cost(&engine);
        let v = engine.constant::<12>(&[1; 5]);
        let z: Additive<32> = engine.matvec(&x, 0..640, &v).await?;
        cost(&engine);
        engine.gram::<20, 40>(&x).await?;
        cost(&engine);
        let z = engine.reshare(z).await?;
        cost(&engine);
        engine.truncate::<32, 20>(z.to_sum()).await?;
        cost(&engine);
        let bit = engine.parity(&engine.constant(&numbers));
        engine.and(&bit, &bit).await?;
        cost(&engine);
        engine.to_indicators(&bit).await?;
        cost(&engine);
        engine.open(&z).await?;
        cost(&engine);
        Ok(costs)
    };
    let found = dealer(7, program, |_, _, _| Fate::Deliver).unwrap();
    let sum = |at: usize| found.iter().map(|costs| costs[at].0).sum::<u64>();
    let words = rows / 64 * 8;
    let expected = [
        (16 * rows * columns, 1),
        (16 * columns + 8 * rows, 1),
        (8 * columns * (columns + 1) / 2, 1),
        (0, 0),
        (32 * rows, 1),
        (5 * words, 1),
        (2 * words + 8 * rows, 1),
        (32 * rows, 1),
    ];
    for (at, expected) in expected.into_iter().enumerate() {
        assert_eq!((sum(at), found[0][at].1), expected, "operation {at}");
    }
}

#[test]
fn uploaded_columns_are_what_the_holder_has() {
    let columns: Vec<Vec<i64>> = (0..3).map(|j| (0..40).map(|i| i * j - 9).collect()).collect();
    let mut rng = <chacha20::ChaCha20Rng as rand_core::SeedableRng>::seed_from_u64(3);
    let mut upload = Upload::new(Layout::Dealt, &CONTEXT, &mut rng);
    let seeds = [0, 1, 2].map(|role| upload.seeds(Role(role)));
    let messages: Vec<_> = columns.iter().map(|column| upload.column(column)).collect();
    let program = move |mut engine: Dealer| {
        let (seeds, messages) = (seeds.clone(), messages.clone());
        async move {
            let role = engine.role();
            let at = usize::from(role.0);
            let mut receipt = Receipt::new(Layout::Dealt, role, Role(3), &CONTEXT, &seeds[at])?;
            let columns: Result<Vec<_>, Error> =
                messages.iter().map(|message| receipt.column::<0>(&message[at], 40)).collect();
            Ok(engine.open(&Matrix::from_columns(columns?).to_vector()).await?.0)
        }
    };
    for found in dealer(8, program, |_, _, _| Fate::Deliver).unwrap() {
        assert_eq!(found, columns.concat());
    }
}
