//! Residues are additive shares modulo a small power of two.

use session::Fate;
use sharing::{Engine, Error};

use crate::world::{dealer, rep3};

const NUMBERS: [i64; 5] = [0, 1, -1, 1_023, 123_456_789];

async fn residues<E: Engine>(engine: &mut E) -> Result<Vec<u16>, Error> {
    let ones = engine.constant::<0>(&[1; 5]);
    let product = engine.multiply(&engine.constant::<0>(&NUMBERS), &ones).await?;
    Ok(engine.reshare::<0>(product).await?.residues(10).to_vec())
}

fn add_up(shares: [Vec<u16>; 3]) {
    for (place, number) in NUMBERS.into_iter().enumerate() {
        let of = |share: &Vec<u16>| share.get(place).map_or(0, |word| i64::from(*word));
        assert!(shares.iter().all(|share| of(share) < 1 << 10));
        let sum: i64 = shares.iter().map(of).sum();
        assert_eq!(sum % 1_024, number.rem_euclid(1_024));
    }
}

#[test]
fn those_of_all_roles_add_up_to_the_numbers_and_a_dealer_has_none() {
    for seed in 1..9 {
        add_up(rep3(seed, |mut engine| async move { residues(&mut engine).await }));
        let program = |mut engine| async move { residues(&mut engine).await };
        let dealt = dealer(seed, program, |_, _, _| Fate::Deliver).unwrap();
        assert!(dealt[2].is_empty() && dealt[0].len() == NUMBERS.len());
        add_up(dealt);
    }
}

#[test]
fn numbers_counted_in_units_are_their_ring_elements() {
    let engine = sharing::Clear::new();
    let x = engine.constant::<20>(&[3 << 20, -5, 1]);
    assert_eq!(x.in_units().expose(), x.expose());
}
