//! One scaling on every engine: the same points, whatever the randomness.

use std::future::Future;

use session::{Coroutine, Fate, Link, Network, Role};
use sharing::{AHEAD, Clear, Dealer, Engine, Rep3, Secret};
use training::points::{Inputs, Verdicts, scale};
use training::{Error, FEATURE, ROLES, WEIGHT};

use super::card::Card;
use crate::support::run::{now, secrets};

const WEIGHTS: [f64; 6] = [1.25, -0.4, 0.733, 0.9, -1.1, -0.87];

fn card() -> Card {
    Card::made(31, 1_000, vec![vec![5, 4], vec![32, 3, 2]])
}

/// What opens, and this role's summands, which are none at a dealer.
type Found = (Vec<Vec<i64>>, Verdicts, Vec<Vec<u16>>);

async fn scaled<E: Engine>(mut engine: E) -> Result<Found, Error> {
    let card = card();
    let encode = |x: &f64| sharing::encode::<FEATURE>(*x).unwrap();
    let values = card
        .values
        .iter()
        .map(|values| engine.constant(&values.iter().map(encode).collect::<Vec<_>>()));
    let inputs = Inputs { values: values.collect() };
    let weights = WEIGHTS.map(|weight| sharing::encode::<WEIGHT>(weight).unwrap());
    let weights = engine.constant(&weights);
    let (points, verdicts) = scale(&mut engine, &card.terms, &weights, inputs).await?;
    let residues = points.iter().map(|points| points.residues(10).to_vec()).collect();
    let mut opened = Vec::new();
    for points in &points {
        opened.push(engine.open(points).await?.0);
    }
    Ok((opened, verdicts, residues))
}

fn roles<E, F>(
    seed: u64,
    join: impl Fn(Link, Role, Secret) -> F + Copy + Send + 'static,
) -> Vec<Found>
where
    F: Future<Output = Result<E, sharing::Error>> + Send + 'static,
    E: Engine + 'static,
{
    let mut network = Network::new();
    let mut outcomes = Vec::new();
    for (role, secret) in ROLES.into_iter().zip(secrets(seed)) {
        let peers: Vec<Role> = ROLES.into_iter().filter(|peer| *peer != role).collect();
        let program = Coroutine::new(&peers, AHEAD, move |link| async move {
            scaled(join(link, role, secret).await?).await
        });
        outcomes.push(network.join(role, program));
    }
    network.run(|_, _, _| Fate::Deliver).unwrap();
    outcomes.iter().map(|outcome| outcome.take().unwrap()).collect()
}

#[test]
fn shares_the_dealer_and_the_engine_in_clear_find_the_same_points_and_verdicts() {
    let (opened, verdicts, residues) = now(scaled(Clear::new())).unwrap();
    let residue = |points: &i64| u16::try_from(points.rem_euclid(1024)).unwrap();
    for (residues, opened) in residues.iter().zip(&opened) {
        assert_eq!(*residues, opened.iter().map(residue).collect::<Vec<_>>());
    }
    let shares = |seed| roles(seed, |link, role, secret| Rep3::join(link, role, secret, [4; 32]));
    let dealer = |seed| roles(seed, |link, role, secret| Dealer::join(link, role, secret, [4; 32]));
    for found in [shares(1), shares(2), dealer(3)] {
        assert!(found.iter().all(|found| found.0 == opened && found.1 == verdicts));
        // The roles' summands add up, modulo 2^10.
        for (holder, opened) in opened.iter().enumerate() {
            for (cell, points) in opened.iter().enumerate() {
                let summand = |found: &Found| found.2[holder].get(cell).copied().unwrap_or(0);
                let sum: u32 = found.iter().map(|found| u32::from(summand(found))).sum();
                assert_eq!(sum % 1024, u32::from(residue(points)));
            }
        }
    }
    assert!(dealer(4)[2].2.iter().all(Vec::is_empty), "a dealer has no share");
}
