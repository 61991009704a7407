//! What the lender is told of a holder's bins, and holds against what it knows itself.

use std::sync::Arc;

use scorecard::fitting::{Counts, information_value};
use training::LENDER;
use training::woe::{Floors, Thousandths};
use wire::{BinnedColumn, RowCounts, peer};

use super::evidence::{counted, weights};
use super::gathering::Gathering;
use super::{Asked, not_gathering};
use crate::Trouble;
use crate::node::Node;
use crate::runs::agreed::{Answer, without_exchange};

/// How far a mean or a deviation may be from that of the counts, for the order of a sum.
const ROUNDING: f64 = 1e-6;

/// Takes what a holder tells of its bins, and keeps it before it says so.
pub(super) fn accept(
    node: &Arc<Node>,
    asked: &Asked<'_>,
    place: u16,
    columns: &[BinnedColumn],
) -> Result<Answer, Trouble> {
    let gathering = node.trainings.find(asked.training, asked.digest)?;
    let place = usize::from(place);
    let own = gathering.job.contributions.get(place).ok_or_else(not_gathering)?;
    asked.by(&own.party)?;
    if let Err(trouble) = keep(&gathering, place, columns) {
        let trouble = trouble.by(asked.peer);
        gathering.spoil(trouble.clone());
        return Err(trouble);
    }
    gathering.touch();
    Ok(without_exchange(peer::TrainAgreement::default()))
}

/// Keeps what a party tells of the bins of its columns, the lender itself among them.
///
/// # Errors
///
/// `TRAIN_BINS` where it is not what was counted: as far as the lender can tell.
pub(super) fn keep(
    gathering: &Gathering,
    place: usize,
    columns: &[BinnedColumn],
) -> Result<(), Trouble> {
    if gathering.role != LENDER {
        return Err(not_gathering());
    }
    check(gathering, place, columns)?;
    gathering.folder.keep_told(place, &BinnedColumn::encode_all(columns))
}

fn check(gathering: &Gathering, place: usize, columns: &[BinnedColumn]) -> Result<(), Trouble> {
    let job = &gathering.job;
    let scorecard = job.scorecard.as_ref().ok_or_else(not_gathering)?;
    let own = job.contributions.get(place).ok_or_else(not_gathering)?;
    let values = gathering.values(place).ok_or_else(not_gathering)?;
    let all = gathering.outcomes().ok_or_else(not_gathering)?;
    if columns.len() != own.columns.len() || values.len() != columns.len() {
        return Err(other(&own.party));
    }
    let everyone = job.rows.cover.is_none();
    for (column, value) in columns.iter().zip(values) {
        let few = column.bins.len() <= usize::from(scorecard.most_bins);
        let spread = !everyone || is_spread(column);
        if !few || !is_counted(column, value, all) || !spread {
            return Err(other(&own.party));
        }
    }
    Ok(())
}

/// Whether every cell reaches the floors, all of them together are the lender's rows, and merging has
/// not made of them more than was counted.
fn is_counted(column: &BinnedColumn, value: Option<Thousandths>, all: RowCounts) -> bool {
    let cells: Vec<RowCounts> = column.bins.iter().copied().chain(column.missing.apart()).collect();
    let (rows, class) = (Floors::USUAL.rows(), Floors::USUAL.class());
    let reaches = |cell: &RowCounts| {
        cell.good.saturating_add(cell.bad) >= rows && cell.good >= class && cell.bad >= class
    };
    let sum = |of: fn(&RowCounts) -> u32| cells.iter().map(|cell| u64::from(of(cell))).sum::<u64>();
    let whole =
        sum(|cell| cell.good) == u64::from(all.good) && sum(|cell| cell.bad) == u64::from(all.bad);
    let found: Vec<Counts> = cells.iter().map(|cell| counted(*cell)).collect();
    let least = information_value(&found);
    let told = value.map(|Thousandths(value)| f64::from(value) / 1e3);
    cells.iter().all(reaches) && whole && told.is_some_and(|told| least <= told + 1e-3)
}

/// Whether mean and deviation are those of the counts: where every row is a customer, they are.
fn is_spread(column: &BinnedColumn) -> bool {
    let bins: Vec<Counts> = column.bins.iter().map(|cell| counted(*cell)).collect();
    let weights = weights(&bins, column.missing);
    let apart = column.missing.apart().map(counted).unwrap_or_default();
    let many = |counts: &Counts| {
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let many = counts.total() as f64;
        many
    };
    let cells: Vec<f64> = bins.iter().chain([&apart]).map(many).collect();
    let total: f64 = cells.iter().sum();
    let over = |of: &dyn Fn(f64) -> f64| {
        cells.iter().zip(&weights).map(|(rows, weight)| rows * of(*weight)).sum::<f64>() / total
    };
    let mean = over(&|weight| weight);
    let deviation = over(&|weight| (weight - mean).powi(2)).sqrt();
    (mean - column.mean).abs() <= ROUNDING && (deviation - column.deviation).abs() <= ROUNDING
}

fn other(party: &domain::PartyId) -> Trouble {
    Trouble::us(
        super::BINS,
        format!("what {party} tells of its bins is not what was counted of them"),
        format!("{party} 提供的分箱与计数结果不符"),
    )
}
