//! Encodings decode to what was wanted, and fail where they must.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use vole::Machine;
use zeroize::Zeroizing;

use super::encode::Unencodable;
use super::{Layout, Shape, columns, decode, encode};

fn random(count: usize, seed: u64) -> Vec<u128> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())).collect()
}

fn layout(machine: Machine, items: usize, seed: u64) -> Layout {
    Layout::new(machine, Shape::new(items as u64, 1), u128::from(seed), &random(items, seed))
}

#[test]
fn shapes_are_those_of_the_formula() {
    let shape = |items| {
        let Shape { bins, most, sparse, dense, .. } = Shape::new(items, 1);
        (bins, most, sparse, dense)
    };
    // With the exact tail of the binomial, other code gave 34,116, 33,968 and 34,201; ours is a bound
    // of the tail, which may add one.
    assert_eq!(shape(1 << 20), (32, 34_116, 42_841, 2));
    assert_eq!(shape(1_500_000), (46, 33_969, 42_670, 2));
    let (bins, most, sparse, dense) = shape(1 << 24);
    assert!(
        (bins, dense) == (512, 3) && most.abs_diff(34_201) <= 1 && sparse.abs_diff(43_029) <= 2
    );
    for items in (0..200).chain([1_000, 32_768, 32_769, 1 << 31]) {
        let shape = Shape::new(items, 1);
        assert!(shape.sparse >= 3 && shape.sparse < 1 << 16 && shape.dense >= 1, "{shape:?}");
        assert!(shape.bins as u64 * shape.most as u64 >= items);
    }
}

#[test]
fn columns_are_distinct_and_in_reach() {
    for (sparse, hash) in [3, 4, 11, 42_841].into_iter().zip(0..).flat_map(|(sparse, seed)| {
        random(2_000, seed).into_iter().chain([0, u128::MAX]).map(move |hash| (sparse, hash))
    }) {
        let [one, two, three] = columns(hash, sparse).map(usize::from);
        assert!(one != two && two != three && one != three);
        assert!(one < sparse && two < sparse && three < sparse);
    }
}

#[test]
fn a_vector_decodes_to_the_wanted_values_on_every_machine() {
    for machine in Machine::available() {
        for items in [0, 1, 2, 3, 5, 16, 100, 1_000, 32_767, 32_769, 70_000] {
            let layout = layout(machine, items, items as u64);
            let values = random(items, 99);
            let vector = encode(machine, &layout, Zeroizing::new(values.clone())).unwrap();
            assert_eq!(vector.len() as u64, layout.shape.size());
            assert!(*decode(machine, &layout, &vector) == values, "{items}");
        }
    }
}

#[test]
fn small_sets_always_have_an_encoding() {
    let machine = Machine::detect();
    for seed in 0..3_000 {
        let items = 1 + seed % 40;
        let layout = layout(machine, usize::try_from(items).unwrap(), seed);
        let values = Zeroizing::new(random(usize::try_from(items).unwrap(), 7));
        assert!(encode(machine, &layout, values).is_ok(), "{items} {seed}");
    }
}

#[test]
fn decoding_is_linear() {
    let machine = Machine::detect();
    let layout = layout(machine, 5_000, 3);
    let size = usize::try_from(layout.shape.size()).unwrap();
    let (one, other) = (random(size, 4), random(size, 5));
    let sum: Vec<u128> = one.iter().zip(&other).map(|(one, other)| one ^ other).collect();
    let mut decoded = decode(machine, &layout, &one);
    let others = decode(machine, &layout, &other);
    decoded.iter_mut().zip(others.iter()).for_each(|(value, other)| *value ^= other);
    assert!(*decode(machine, &layout, &sum) == *decoded);

    let secret = 0x0123_4567_89ab_cdef_1122_3344_5566_7788;
    let mut scaled = vec![0; size];
    machine.multiply_add(&one, secret, &mut scaled);
    let mut values = vec![0; 5_000];
    machine.multiply_add(&decode(machine, &layout, &one), secret, &mut values);
    assert!(*decode(machine, &layout, &scaled) == values);
}

#[test]
fn rows_that_are_forced_to_be_the_same_are_solved_by_the_dense_columns() {
    for machine in Machine::available() {
        // So many rows are made equal to the first: all but one of them are gaps.
        for gaps in 1..=2 {
            let mut layout = layout(machine, 30_000, 6);
            assert_eq!(layout.shape.dense, 2);
            for gap in 1..=gaps {
                layout.rows_mut()[1_000 * gap] = layout.rows_mut()[0];
            }
            let values = random(30_000, 7);
            let vector = encode(machine, &layout, Zeroizing::new(values.clone())).unwrap();
            assert!(vector[layout.shape.sparse] != 0, "the dense columns are in use");
            assert!(*decode(machine, &layout, &vector) == values, "{gaps}");
        }
        let mut layout = layout(machine, 30_000, 6);
        for gap in 1..=3 {
            layout.rows_mut()[1_000 * gap] = layout.rows_mut()[0];
        }
        let values = Zeroizing::new(random(30_000, 7));
        assert_eq!(encode(machine, &layout, values).err(), Some(Unencodable));
    }
}

#[test]
fn a_core_of_rows_that_share_their_columns_two_by_two_is_solved_too() {
    // Four rows over four columns, each column in three of them: nothing can be peeled.
    let machine = Machine::detect();
    let mut layout = layout(machine, 4, 8);
    assert!(layout.shape.dense >= 2);
    let sparse = layout.shape.sparse as u64;
    // The word that scales to a column, counted among those that are left.
    let word = |column: u64, below: u64| u128::from((column << 32).div_ceil(below));
    let row = |one: u64, two: u64, three: u64| {
        word(one, sparse) | word(two, sparse - 1) << 32 | word(three, sparse - 2) << 64
    };
    let rows = [row(0, 0, 0), row(0, 0, 1), row(0, 1, 1), row(1, 1, 1)];
    layout.rows_mut().copy_from_slice(&rows);
    let columns = rows.map(|row| {
        let mut columns = columns(row, layout.shape.sparse);
        columns.sort_unstable();
        columns
    });
    assert_eq!(columns, [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]]);
    let values = random(4, 9);
    let vector = encode(machine, &layout, Zeroizing::new(values.clone())).unwrap();
    assert!(*decode(machine, &layout, &vector) == values);
}

#[test]
fn the_same_key_twice_has_no_encoding_of_two_values() {
    let machine = Machine::detect();
    let mut keys = random(1_000, 10);
    keys[999] = keys[0];
    let layout = Layout::new(machine, Shape::new(1_000, 1), 1, &keys);
    let values = Zeroizing::new(random(1_000, 11));
    assert_eq!(encode(machine, &layout, values).err(), Some(Unencodable));
}

#[test]
fn bins_are_filled_as_the_bound_says() {
    let machine = Machine::detect();
    let layout = layout(machine, 200_000, 15);
    let loads: Vec<usize> = (0..layout.shape.bins).map(|bin| layout.bin(bin).rows.len()).collect();
    assert_eq!(loads.iter().sum::<usize>(), 200_000);
    assert!(loads.iter().all(|load| *load <= layout.shape.most), "{loads:?}");
    let mean = 200_000 / layout.shape.bins;
    assert!(loads.iter().all(|load| load.abs_diff(mean) < 1_500), "{loads:?}");
}
