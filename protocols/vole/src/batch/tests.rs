//! Batches from correlated OTs that are dealt.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

use super::{Setting, Start};
use crate::Machine;
use crate::code::BLOCK;
use crate::extension::Rows;
use crate::terms::{BASES, TREE_BLOCKS};
use crate::tree::{DEPTH, LEAVES, TREES, side_beside};

const SECRET: u128 = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3211;

/// A first batch, dealt.
struct Deal {
    holes: [u16; TREES],
    factors: Vec<u128>,
    sums: Vec<u128>,
    products: Vec<u128>,
    rows: [Rows; 2],
    roots: Vec<u128>,
}

impl Deal {
    fn new(machine: Machine) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(4);
        let mut holes = [0; TREES];
        holes.fill_with(|| u16::try_from(rng.next_u32() % 512).unwrap());
        let mut draw = || u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        let mut drawn = |count| -> Vec<u128> { (0..count).map(|_| draw()).collect() };
        let (factors, sums, roots) = (drawn(BASES), drawn(BASES), drawn(TREES));
        let mut products = sums.clone();
        for (product, factor) in products.iter_mut().zip(&factors) {
            *product ^= machine.multiply(*factor, SECRET);
        }
        let receiver = drawn(128 * (BASES + TREE_BLOCKS));
        let mut sender = receiver.clone();
        for (tree, hole) in holes.iter().enumerate() {
            for level in 0..DEPTH {
                if side_beside(*hole, level) == 1 {
                    sender[128 * BASES + tree * DEPTH + level] ^= SECRET;
                }
            }
        }
        let rows = [receiver, sender].map(Rows::dealt);
        Self { holes, factors, sums, products, rows, roots }
    }

    fn start(&self) -> Start<'_> {
        Start { holes: &self.holes, factors: &self.factors, products: &self.products }
    }
}

#[test]
fn leaves_are_correlated_at_one_place_in_each_tree() {
    for machine in Machine::available() {
        let (setting, deal) = (Setting::new(machine, [1; 32]), Deal::new(machine));
        let (message, leaves) = setting.grow(0, &deal.roots, &deal.rows[1], &deal.sums, SECRET);
        let [products, factors] = setting.regrow(0, &message, &deal.rows[0], &deal.start());
        for place in 0..2 * BLOCK {
            let product = machine.multiply(factors[place], SECRET);
            assert_eq!(products[place], leaves[place] ^ product, "{place}");
        }
        for (tree, factors) in factors.chunks(LEAVES).enumerate() {
            let noise = factors.iter().enumerate().filter(|(_, factor)| **factor != 0);
            let hole = usize::from(deal.holes[tree]);
            assert!(noise.eq([(hole, &deal.factors[tree])]));
        }
    }
}

#[test]
fn every_output_is_a_correlation_and_the_hashes_agree() {
    let machine = Machine::detect();
    let (setting, deal) = (Setting::new(machine, [1; 32]), Deal::new(machine));
    let made = setting.make(0, &deal.roots, &deal.rows[1], &deal.sums, SECRET);
    let opened = setting.open(0, &made.message, &deal.rows[0], &deal.start());
    assert_eq!(made.outputs.len(), BLOCK);
    for (place, sum) in made.outputs.iter().enumerate() {
        let product = machine.multiply(opened.factors[place], SECRET);
        assert_eq!(opened.products[place], product ^ sum);
    }
    assert_eq!(opened.hash, made.hash ^ machine.multiply(opened.mask, SECRET));
}

#[test]
fn a_tree_that_hides_something_else_makes_the_hashes_differ() {
    let machine = Machine::detect();
    let (setting, deal) = (Setting::new(machine, [1; 32]), Deal::new(machine));
    // The sender starts from another sum in one tree, or in what masks the check.
    for base in [0, 100, TREES] {
        let mut sums = deal.sums.clone();
        sums[base] ^= 1;
        let made = setting.make(0, &deal.roots, &deal.rows[1], &sums, SECRET);
        let opened = setting.open(0, &made.message, &deal.rows[0], &deal.start());
        let hash = made.hash ^ machine.multiply(opened.mask, SECRET);
        assert_ne!(opened.hash, hash);
    }
}
