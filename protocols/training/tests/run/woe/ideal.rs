//! The ideal functionality: cells counted and merged in clear, by who may see everything.

use training::Outcome;
use training::woe::{CoarseBin, Floors, Table, Tally};

/// What the holder of a feature learns of it.
pub(crate) fn table(
    column: &[Option<u8>],
    bins: u8,
    outcomes: &[Outcome],
    floors: Floors,
) -> Table {
    let mut cells = vec![Tally { good: 0, bad: 0 }; usize::from(bins) + 1];
    for (bin, outcome) in column.iter().zip(outcomes) {
        let cell = &mut cells[usize::from(bin.unwrap_or(bins))];
        match outcome {
            Outcome::Good(_) => cell.good += 1,
            Outcome::Bad(_) => cell.bad += 1,
            Outcome::Stranger => {}
        }
    }
    let missing = cells.pop().unwrap();
    let mut coarse: Vec<CoarseBin> = Vec::new();
    let mut open: Option<CoarseBin> = None;
    for (bin, cell) in (0..bins).zip(&cells) {
        let so_far = match open.take() {
            Some(CoarseBin { first, tally, .. }) => {
                CoarseBin { first, last: bin, tally: sum(tally, *cell) }
            }
            None => CoarseBin { first: bin, last: bin, tally: *cell },
        };
        match reaches(so_far.tally, floors) {
            true => coarse.push(so_far),
            false => open = Some(so_far),
        }
    }
    if let (Some(rest), Some(last)) = (open, coarse.last_mut()) {
        *last =
            CoarseBin { first: last.first, last: rest.last, tally: sum(last.tally, rest.tally) };
    }
    let Some(first) = coarse.first_mut() else { return Table::Withheld };
    let apart = reaches(missing, floors);
    if !apart {
        first.tally = sum(first.tally, missing);
    }
    Table::Counted { bins: coarse, missing: apart.then_some(missing) }
}

pub(crate) fn reaches(tally: Tally, floors: Floors) -> bool {
    tally.good + tally.bad >= floors.rows()
        && tally.good >= floors.class()
        && tally.bad >= floors.class()
}

fn sum(one: Tally, other: Tally) -> Tally {
    Tally { good: one.good + other.good, bad: one.bad + other.bad }
}
