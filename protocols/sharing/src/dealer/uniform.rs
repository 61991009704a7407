//! Every message is uniform to whoever receives it, and what a mask was left out of is found.

use std::collections::BTreeMap;

use session::{Coroutine, Fate, Network, Role};

use super::{DEALER, Dealer};
use crate::keys::{Keys, SharedKey};
use crate::rep3::uniform::distance;
use crate::{AHEAD, Additive, Engine, Error, Grid, Matrix, Symmetry, Table, Traffic};

const SEEDS: u8 = 180;

type Views = BTreeMap<(Role, u32), Vec<Vec<u8>>>;

/// Does everything but opening, on sharings that hold no randomness of their own.
async fn everything(mut engine: Dealer) -> Result<(), Error> {
    let engine = &mut engine;
    let numbers: Vec<i64> = (0..192).map(|i| (i * 5) << 20).collect();
    for role in Dealer::ROLES {
        let own = (engine.role() == role).then_some(&numbers[..20]);
        engine.input::<0>(role, own, 20).await?;
    }
    let x = engine.constant::<20>(&numbers);
    let mut matrix = Matrix::from_columns(vec![x.duplicate(), x.duplicate()]);
    engine.prepare(&mut matrix).await?;
    let one = engine.constant::<12>(&[1, 1]);
    let z: Additive<32> = engine.matvec(&matrix, 0..192, &one).await?;
    engine.gram::<20, 40>(&matrix).await?;
    engine.multiply::<20, 20, 40>(&x, &x).await?;
    engine.truncate::<20, 10>(x.to_sum()).await?;
    let bits = engine.parity(&engine.constant(&numbers));
    engine.and(&bits, &bits).await?;
    let table = Table::<13>::new(Grid::NARROW, Symmetry::Complement, |_| 0.7)?;
    engine.lookup(&z, &[&table]).await?;
    engine.shuffle(matrix).await?;
    Ok(())
}

/// What `receiver` gets from each of the others, for many keys that it does not have.
fn views(receiver: u8, seeds: u8, unmasked: Option<u32>) -> Views {
    let mut views = Views::new();
    for seed in 0..seeds {
        // The key of the two others is the one that the receiver does not hold.
        let key = |component: u8| match component % 3 == (receiver + 2) % 3 {
            true => SharedKey([seed; 16]),
            false => SharedKey([200 + component % 3; 16]),
        };
        let mut network = Network::new();
        for role in Dealer::ROLES {
            let keys = [key(role.0), key(role.0 + 1), SharedKey([role.0; 16])];
            let peers: Vec<Role> = Dealer::ROLES.into_iter().filter(|peer| *peer != role).collect();
            network.join(
                role,
                Coroutine::new(&peers, AHEAD, async move |link| {
                    let (traffic, keys) = (Traffic::default(), Keys::new(&keys));
                    let mut engine = Dealer::new(link, traffic, role.0, keys);
                    engine.unmasked = unmasked;
                    everything(engine).await
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

#[test]
fn every_message_is_uniform_to_its_receiver_and_the_dealer_gets_none() {
    for receiver in 0..DEALER {
        let views = views(receiver, SEEDS, None);
        assert!(views.len() > 15, "messages of many kinds");
        for ((from, round), messages) in &views {
            assert_eq!(messages.len(), usize::from(SEEDS));
            let far = distance(messages, |_| true);
            assert!(far < 6.5, "{from} to role {receiver}, round {round}: {far:.1} deviations");
        }
    }
    assert!(views(DEALER, 1, None).is_empty());
}

/// A preparation, a product, a product of bare factors and a conjunction, of shares that hold no
/// randomness. (Later shares are themselves uniform, as is a message that shows one.)
#[test]
fn a_mask_that_is_left_out_is_found() {
    for round in [5, 6, 8, 10] {
        let bare = views(0, 90, Some(round));
        let far = distance(&bare[&(Role(1), round)], |_| true);
        assert!(far > 8.0, "round {round}: {far:.1} deviations only");
    }
}
