//! What another score would have decided instead, at the same number of approvals.

use ndarray::ArrayView1;
use serde::Serialize;

use crate::Error;
use crate::fitting::Counts;

/// Rows that two scores decide about alike, or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Good rows.
    pub good: u64,
    /// Bad rows.
    pub bad: u64,
}

/// What a challenger decides otherwise than the champion, over one list.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Swap {
    /// The score from which the challenger approves: as many rows as the champion, or the fewest more
    /// where rows of equal score cannot be parted.
    pub challenger_from: f64,
    /// Approved by both.
    pub both: Cell,
    /// Approved by the challenger alone.
    pub swapped_in: Cell,
    /// Approved by the champion alone.
    pub swapped_out: Cell,
    /// Approved by neither.
    pub neither: Cell,
}

/// Compares what two scores (the higher the better) of the same rows approve. The champion approves
/// from `champion_from` on, the challenger as many rows.
///
/// # Errors
///
/// [`Error::Measure`] when the columns have different lengths, a score is no number, or the champion
/// approves nobody.
pub fn swap_set(
    champion: ArrayView1<'_, f64>,
    challenger: ArrayView1<'_, f64>,
    bad: ArrayView1<'_, bool>,
    champion_from: f64,
) -> Result<Swap, Error> {
    let rows = champion.len();
    if rows != challenger.len() || rows != bad.len() {
        return Err(Error::Measure(format!(
            "{rows} scores, {} of the challenger and {} outcomes: as many of each",
            challenger.len(),
            bad.len()
        )));
    }
    if champion.iter().chain(&challenger).any(|score| score.is_nan()) {
        return Err(Error::Measure("a score is a number".into()));
    }
    let approved = champion.iter().filter(|score| **score >= champion_from).count();
    let mut sorted = challenger.to_vec();
    sorted.sort_unstable_by(|one, other| other.total_cmp(one));
    let challenger_from = approved
        .checked_sub(1)
        .map(|last| sorted[last])
        .ok_or_else(|| Error::Measure(format!("nobody has a score of {champion_from} or more")))?;
    let mut counts = [[Counts::default(); 2]; 2];
    for ((champion, challenger), bad) in champion.iter().zip(challenger).zip(bad) {
        let [one, other] = [*champion >= champion_from, *challenger >= challenger_from];
        let cell = &mut counts[usize::from(one)][usize::from(other)];
        *cell = *cell + Counts::row(*bad);
    }
    let cell = |champion: usize, challenger: usize| {
        let counts = counts[champion][challenger];
        Cell { good: counts.good, bad: counts.bad }
    };
    Ok(Swap {
        challenger_from,
        both: cell(1, 1),
        swapped_in: cell(0, 1),
        swapped_out: cell(1, 0),
        neither: cell(0, 0),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::{Cell, swap_set};

    #[test]
    fn rows_are_swapped_at_the_same_number_of_approvals() {
        let champion = array![700.0, 650.0, 600.0, 550.0, 500.0];
        let challenger = array![40.0, 10.0, 30.0, 20.0, 0.0];
        let bad = array![false, true, false, false, true];
        let found = swap_set(champion.view(), challenger.view(), bad.view(), 600.0).unwrap();
        assert_eq!(found.challenger_from, 20.0);
        assert_eq!(found.both, Cell { good: 2, bad: 0 });
        assert_eq!(found.swapped_in, Cell { good: 1, bad: 0 });
        assert_eq!(found.swapped_out, Cell { good: 0, bad: 1 });
        assert_eq!(found.neither, Cell { good: 0, bad: 1 });
        assert!(swap_set(champion.view(), challenger.view(), bad.view(), 701.0).is_err());
        assert!(swap_set(champion.view(), array![1.0].view(), bad.view(), 600.0).is_err());
        // Rows of equal score are not parted.
        let equal = ndarray::Array1::ones(5);
        let found = swap_set(champion.view(), equal.view(), bad.view(), 600.0).unwrap();
        assert_eq!(found.swapped_in, Cell { good: 1, bad: 1 });
    }
}
