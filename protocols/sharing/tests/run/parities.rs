//! Rows of an odd parity are counted under masks, in every engine.

use chacha20::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use session::{Fate, Role};
use sharing::{
    Bits, Engine, Error, Layout, Masked, Opened, Receipt, Rep3, Upload, negative_within, odd_rows,
};

use crate::world;

const CONTEXT: [u8; 32] = [3; 32];
const HOLDER: Role = Role(3);

/// What each row's planes spell, for some groups of planes.
fn made(rows: usize, widths: &[usize]) -> Vec<Vec<u32>> {
    let mut rng = ChaCha20Rng::seed_from_u64(rows as u64);
    let mut column =
        |width: usize| (0..rows).map(|_| rng.next_u32() & ((1 << width) - 1)).collect();
    widths.iter().map(|&width| column(width)).collect()
}

/// The planes of a group, with noise in the rows beyond the last.
fn planes(values: &[u32], width: usize) -> Vec<Vec<u64>> {
    let plane = |k: usize| {
        let word = |rows: &[u32]| {
            let bits = rows.iter().enumerate().map(|(at, row)| u64::from(row >> k & 1) << at);
            let beyond = if rows.len() < 64 { u64::MAX << rows.len() } else { 0 };
            bits.sum::<u64>() | beyond
        };
        values.chunks(64).map(word).collect()
    };
    (0..width).map(plane).collect()
}

/// The planes of all groups, uploaded to a role.
fn uploaded(layout: Layout, role: Role, values: &[Vec<u32>], widths: &[usize]) -> Vec<Bits> {
    let mut upload = Upload::new(layout, &CONTEXT, &mut ChaCha20Rng::seed_from_u64(4));
    let seeds = upload.seeds(role);
    let mut receipt = Receipt::new(layout, role, HOLDER, &CONTEXT, &seeds).unwrap();
    let groups = values.iter().zip(widths).map(|(values, &width)| {
        let taken: Vec<Bits> = planes(values, width)
            .iter()
            .map(|plane| {
                let message = &upload.plane(plane)[usize::from(role.0)];
                receipt.plane(message, values.len()).unwrap()
            })
            .collect();
        Bits::concat(&taken.iter().collect::<Vec<_>>())
    });
    groups.collect()
}

fn expected(values: &[Vec<u32>], masks: &[Vec<u32>]) -> Vec<i64> {
    let count = |values: &Vec<u32>, mask: u32| {
        values.iter().filter(|value| (*value & mask).count_ones() % 2 == 1).count() as i64
    };
    let groups = values.iter().zip(masks);
    groups.flat_map(|(values, masks)| masks.iter().map(|&mask| count(values, mask))).collect()
}

async fn counted<E: Engine>(
    mut engine: E,
    groups: Vec<Bits>,
    masks: Vec<Vec<u32>>,
) -> Result<Vec<i64>, Error> {
    // Each group in two parts, where it has more than one plane.
    let cut = |bits: &Bits| {
        let first = bits.width().div_ceil(2);
        let part = |planes: std::ops::Range<usize>| bits.select(&planes.collect::<Vec<_>>());
        [part(0..first), part(first..bits.width())]
    };
    let parts: Vec<[Bits; 2]> = groups.iter().map(cut).collect();
    let parts: Vec<[&Bits; 2]> = parts.iter().map(|parts| parts.each_ref()).collect();
    let groups: Vec<Masked<'_>> =
        parts.iter().zip(&masks).map(|(bits, masks)| Masked { bits, masks }).collect();
    let counts = odd_rows(&mut engine, &groups).await?;
    Ok(engine.open(&counts).await?.0)
}

#[test]
fn rows_of_an_odd_parity_are_counted_exactly_in_every_engine() {
    let widths = [1, 4, 7];
    // All masks of the second group, few of the third, of which one has a single plane.
    let masks = vec![vec![1], (1..16).collect(), vec![127, 64, 5, 0b11_0110]];
    for rows in [1, 3, 63, 64, 65, 127, 128, 129, 300, 511, 1_000, 4_097, 20_000] {
        let values = made(rows, &widths);
        let expected = expected(&values, &masks);
        let (all, wanted) = (values.clone(), masks.clone());
        let found = world::rep3(9, move |engine| {
            let groups = uploaded(Layout::Replicated, engine.role(), &all, &widths);
            counted(engine, groups, wanted.clone())
        });
        assert_eq!(found, [(); 3].map(|()| expected.clone()), "{rows} rows");
        let (all, wanted) = (values.clone(), masks.clone());
        let found = world::dealer(
            9,
            move |engine| {
                let groups = uploaded(Layout::Dealt, engine.role(), &all, &widths);
                counted(engine, groups, wanted.clone())
            },
            |_, _, _| Fate::Deliver,
        );
        assert_eq!(found.unwrap(), [(); 3].map(|()| expected.clone()), "{rows} rows, dealt");
        let found = world::clear(async |engine| {
            let bits = values.iter().zip(widths).map(|(values, width)| {
                let plane = |k: usize| {
                    let bits: Vec<i64> = values.iter().map(|row| i64::from(row >> k & 1)).collect();
                    engine.parity(&engine.constant(&bits))
                };
                Bits::concat(&(0..width).map(plane).collect::<Vec<_>>().iter().collect::<Vec<_>>())
            });
            let bits = bits.collect();
            counted(engine, bits, masks.clone()).await
        });
        assert_eq!(found, expected, "{rows} rows, in clear");
    }
}

#[test]
fn planes_that_are_turned_over_are_counted_in_no_row_beyond_the_last() {
    let found = world::rep3(2, |mut engine| async move {
        let bits = engine.not(&engine.parity(&engine.constant(&[0; 70])));
        let masks = [1];
        let counts = odd_rows(&mut engine, &[Masked { bits: &[&bits], masks: &masks }]).await?;
        Ok(engine.open(&counts).await?.0)
    });
    assert_eq!(found, [vec![70], vec![70], vec![70]]);
}

/// Small numbers around zero, and the bits of their signs cut into planes.
async fn signs<E: Engine>(mut engine: E, rows: usize) -> Result<Vec<Vec<bool>>, Error> {
    let numbers: Vec<i64> = (0..7 * rows as i64).map(|i| (i * 37) % 1024 - 512).collect();
    let numbers = engine.constant::<3>(&numbers);
    let bits = negative_within(&mut engine, &numbers, 10).await?;
    let cut = bits.cut(rows);
    // A conjunction, so that components that changed places would be seen.
    let both = engine.and(&cut, &cut).await?;
    engine.open_bits(&both).await
}

#[test]
fn signs_of_small_numbers_are_exact_and_planes_are_cut_in_order() {
    for rows in [64, 128, 192] {
        let all: Vec<bool> = (0..7 * rows as i64).map(|i| (i * 37) % 1024 < 512).collect();
        let expected: Vec<Vec<bool>> = all.chunks(rows).map(<[bool]>::to_vec).collect();
        let found = world::rep3(5, move |engine| signs(engine, rows));
        assert_eq!(found, [(); 3].map(|()| expected.clone()));
        let found = world::dealer(5, move |engine| signs(engine, rows), |_, _, _| Fate::Deliver);
        assert_eq!(found.unwrap(), [(); 3].map(|()| expected.clone()));
        assert_eq!(world::clear(|engine| signs(engine, rows)), expected);
    }
}

#[test]
fn whoever_gets_all_three_roles_components_has_the_numbers_and_sees_one_that_was_altered() {
    let numbers = [5, -7, 1 << 40];
    let messages = world::rep3(6, move |mut engine| async move {
        let own = (engine.role() == Rep3::ROLES[0]).then_some(&numbers[..]);
        let vector = engine.input::<7>(Rep3::ROLES[0], own, 3).await?;
        let one = engine.constant::<0>(&[1; 3]);
        let product = engine.multiply(&vector, &one).await?;
        Ok(engine.reshare::<7>(product).await?.release())
    });
    let open = |messages: [&[u8]; 3]| Opened::<7>::from_released(Layout::Replicated, messages, 3);
    let all = messages.each_ref().map(|message| &message[..]);
    assert_eq!(open(all).unwrap().0, numbers);
    for role in 0..3 {
        for at in [0, 23, 24, 47] {
            let mut altered = messages[role].to_vec();
            altered[at] ^= 1;
            let mut messages = all;
            messages[role] = &altered;
            assert_eq!(open(messages), Err(Error::Released));
            messages[role] = &altered[..at];
            assert_eq!(open(messages), Err(Error::Released));
        }
    }
}
