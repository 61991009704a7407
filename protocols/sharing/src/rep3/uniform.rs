//! Every message is uniform to whoever receives it; and the test of that finds a mask left out.

use std::collections::BTreeMap;

use session::{Coroutine, Fate, Network, Role};

use super::{Rep3, State};
use crate::keys::{Keys, SharedKey};
use crate::{
    AHEAD, Additive, Bits, Engine, Error, Grid, Masked, Start, Symmetry, Table, inverse,
    negative_within, odd_rows,
};

/// How many keys that the receiver does not have are tried, where uniformity is shown and where it
/// is shown to be missing.
const SEEDS: u8 = 180;
const FEW: u8 = 24;
/// Rows that fill whole words of packed values in each of the six segments.
const ROWS: i64 = 6 * 64 * 3;

/// What came to one role, by sender and round, one message a seed.
type Views = BTreeMap<(Role, u32), Vec<Vec<u8>>>;

/// Does everything but opening, on sharings that hold no randomness of their own: whatever is
/// uniform in a message is its mask.
async fn everything(engine: &mut Rep3) -> Result<(), Error> {
    let numbers: Vec<i64> = (0..ROWS).map(|i| (i * 5) << 20).collect();
    for role in Rep3::ROLES {
        let own = (engine.role() == role).then_some(&numbers[..20]);
        engine.input::<0>(role, own, 20).await?;
    }
    let x = engine.constant::<20>(&numbers);
    let product = engine.multiply::<20, 20, 40>(&x, &x).await?;
    engine.reshare(product).await?;
    // Each truncation seats the roles another way.
    for _ in 0..3 {
        engine.truncate::<20, 10>(x.to_sum()).await?;
    }
    let one = engine.constant::<12>(&vec![1; numbers.len()]);
    let z: Additive<32> = engine.multiply(&x, &one).await?;
    let table = Table::<13>::new(Grid::NARROW, Symmetry::Complement, |_| 0.7)?;
    engine.lookup(&z, &[&table]).await?;
    engine.truncate_exact::<20, 10>(x.slice(0..64).to_sum()).await?;
    let bits = engine.parity(&engine.constant(&numbers));
    engine.to_vector(&bits).await?;
    engine.count(&bits).await?;
    let masks: Vec<u32> = (1..16).collect();
    let planes = Bits::concat(&[&bits, &engine.not(&bits), &bits, &bits]);
    odd_rows(engine, &[Masked { bits: &[&planes], masks: &masks }]).await?;
    negative_within(engine, &x.slice(0..384), 32).await?;
    engine.shuffle(crate::Matrix::from_columns(vec![x])).await?;
    Ok(())
}

/// The rest: what opens, and what is built of the others.
async fn more(engine: &mut Rep3) -> Result<(), Error> {
    let numbers: Vec<i64> = (0..9).map(|i| (i + 1) << 18).collect();
    let x = engine.constant::<22>(&numbers);
    engine.coin().await?;
    engine.open(&x).await?;
    engine.open_to(Rep3::ROLES[1], &x).await?;
    let sign = engine.negative(&x).await?;
    engine.open_bits(&sign).await?;
    engine.tally(&sign).await?;
    let a = engine.identity(3, 1 << 21);
    let found = inverse(engine, &a, Start::Identity(0), 3).await?;
    inverse(engine, &a, Start::Inverse(&found), 3).await?;
    Ok(())
}

/// Two messages under one mask would tell their difference.
#[test]
fn no_role_takes_a_mask_from_the_same_place_twice() {
    let mut network = Network::new();
    let outcomes = Rep3::ROLES.map(|role| {
        let keys = [role.0, (role.0 + 1) % 3, 100 + role.0].map(|key| SharedKey([key; 16]));
        let state = State { keys, role: role.0, step: 1 };
        let peers: Vec<Role> = Rep3::ROLES.into_iter().filter(|peer| *peer != role).collect();
        network.join(
            role,
            Coroutine::new(&peers, AHEAD, async move |link| {
                let mut engine = Rep3::resume(link, state);
                for _ in 0..3 {
                    everything(&mut engine).await?;
                    more(&mut engine).await?;
                }
                let Keys { a, b, own, .. } = &engine.keys;
                Ok::<_, Error>([a, b, own].map(crate::prg::Prg::places_taken_once))
            }),
        )
    });
    network.run(|_, _, _| Fate::Deliver).unwrap();
    for outcome in outcomes {
        let [a, b, own] = outcome.take().unwrap();
        assert!(a.unwrap() > 250 && b.unwrap() > 250, "{a:?} {b:?}");
        assert_eq!(own, Some(3), "a coin each time");
    }
}

/// What `receiver` gets from each of the others, for many keys that it does not have.
fn views(receiver: u8, seeds: u8, unmasked: Option<u32>) -> Views {
    let mut views = Views::new();
    for seed in 0..seeds {
        // K_(receiver + 2) is the one key that the receiver does not hold.
        let key = |component: u8| match component % 3 == (receiver + 2) % 3 {
            true => SharedKey([seed; 16]),
            false => SharedKey([200 + component % 3; 16]),
        };
        let mut network = Network::new();
        for role in Rep3::ROLES {
            let keys = [key(role.0), key(role.0 + 1), SharedKey([role.0; 16])];
            let state = State { keys, role: role.0, step: 1 };
            let peers: Vec<Role> = Rep3::ROLES.into_iter().filter(|peer| *peer != role).collect();
            network.join(
                role,
                Coroutine::new(&peers, AHEAD, async move |link| {
                    let mut engine = Rep3::resume(link, state);
                    engine.unmasked = unmasked;
                    everything(&mut engine).await
                }),
            );
        }
        network
            .run(|from, to, chunk| {
                if to.0 == receiver {
                    views.entry((from, chunk.round)).or_default().push(chunk.body.to_vec());
                }
                Fate::Deliver
            })
            .unwrap();
    }
    views
}

/// How far a message is from uniform, in standard deviations: of the counts of its byte values
/// (chi-square), or of the bit that is most lopsided over the seeds.
pub(crate) fn distance(messages: &[Vec<u8>], checked: impl Fn(usize) -> bool) -> f64 {
    let samples = messages.len() as f64;
    let mut counts = [0f64; 256];
    let mut worst: f64 = 0.0;
    for at in (0..messages[0].len()).filter(|&at| checked(at)) {
        let mut ones = [0f64; 8];
        for message in messages {
            counts[usize::from(message[at])] += 1.0;
            ones.iter_mut()
                .enumerate()
                .for_each(|(k, ones)| *ones += f64::from(message[at] >> k & 1));
        }
        for ones in ones {
            worst = worst.max((ones - samples / 2.0).abs() / (samples / 4.0).sqrt());
        }
    }
    let expected = counts.iter().sum::<f64>() / 256.0;
    let chi_square: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
    worst.max((chi_square - 255.0) / (2.0 * 255.0f64).sqrt())
}

/// Which bytes of a message carry something: in the first round of the look-up, [`PACKED`], three
/// values of 17 bits lie in a word, whose last bits are empty.
fn carries(round: u32) -> impl Fn(usize) -> bool {
    move |at| round != PACKED || at % 8 < 6
}

const PACKED: u32 = 12;

#[test]
fn every_message_is_uniform_to_its_receiver() {
    for receiver in 0..3 {
        let views = views(receiver, SEEDS, None);
        assert!(views.len() > 30, "messages of many kinds");
        for ((from, round), messages) in &views {
            assert_eq!(messages.len(), usize::from(SEEDS));
            let far = distance(messages, carries(*round));
            assert!(far < 6.5, "{from} to role {receiver}, round {round}: {far:.1} deviations");
        }
    }
}

#[test]
fn a_sharing_of_zero_that_is_left_out_is_found_in_every_round_that_has_one() {
    let masked = [0, 1, 2].map(|receiver| views(receiver, FEW, None));
    let rounds = masked[0].keys().map(|(_, round)| *round).max().unwrap();
    let mut found = 0;
    for round in 2..=rounds {
        let of_round = |views: &[Views; 3]| {
            let views = views.iter().flatten().filter(|((_, at), _)| *at == round);
            views.map(|(_, messages)| messages.clone()).collect::<Vec<_>>()
        };
        let bare = [0, 1, 2].map(|receiver| views(receiver, FEW, Some(round)));
        if of_round(&bare) == of_round(&masked) {
            continue;
        }
        let bare = of_round(&bare);
        let far = bare.iter().map(|messages| distance(messages, carries(round)));
        let far = far.fold(0.0, f64::max);
        assert!(far > 10.0, "round {round}: {far:.1} deviations only");
        found += 1;
    }
    // Resharings, the first rounds of truncations and of three conversions to bits, and every round of
    // conjunctions.
    assert_eq!(found, 42);
}
