//! A pinned peer that proposes, exchanges, cancels and resets in any order: the fuzz target's body, on
//! scripts that a seed makes.

#[path = "../../../tests/fuzz/src/party.rs"]
#[expect(unreachable_pub, reason = "fuzz targets share it")]
mod party_in_any_order;
#[path = "../../../tests/fuzz/src/script.rs"]
#[expect(dead_code, unreachable_pub, reason = "fuzz targets share it")]
mod script;

use party_in_any_order::World;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use script::Script;

#[test]
fn whatever_a_peer_does_in_whatever_order_the_next_honest_question_is_answered() {
    let world = World::begun();
    let mut rng = StdRng::seed_from_u64(20);
    for _ in 0..60 {
        let mut bytes = vec![0; 20 + (rng.next_u32() % 180) as usize];
        rng.fill_bytes(&mut bytes);
        world.play(&mut Script(&bytes));
    }
}
