//! A feature of a model: its bins, and what rows say of each.

use domain::{Field, Slot};
use scorecard::fitting::{Counts, evidence};
use scorecard::{Binning, stability_index};
use serde::Serialize;

use crate::PointsPolicy;
use crate::measures::{real, share};
use crate::sample::Drawn;

/// A feature of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureCard {
    /// Whose it is.
    pub holder: Slot,
    /// The holder's column.
    pub column: String,
    /// The catalogue's field, where the file names one.
    pub field: Option<Field>,
    /// Its weight in the regression, where the file has that.
    pub coefficient: Option<f64>,
    /// The information value of its bins over the rows.
    pub iv: Option<f64>,
    /// What of the score it explains, 0 to 1.
    pub explains: Option<f64>,
    /// The stability index of its bins (CSI), where there are rows of before.
    pub csi: Option<f64>,
    /// In the order of the binning.
    pub bins: Vec<BinCard>,
}

/// A bin of a feature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinCard {
    /// What it takes: `[3, 5)`, `A, B`; nothing of bins that take what has no place elsewhere.
    pub takes: String,
    /// Whether it takes values, or what has no place elsewhere.
    pub kind: BinKind,
    /// Whether it is a range of numbers, next to that of the bin before it.
    pub is_range: bool,
    /// Its points; `None` where nobody learns them.
    pub points: Option<u16>,
    /// The weight of evidence that the file has for it.
    pub fitted_woe: Option<f64>,
    /// What the rows say.
    pub counted: Option<Counted>,
    /// Its share of the rows of before.
    pub share_before: Option<f64>,
    /// Whether it has more points than the bin before it although its bad rate is higher, or fewer
    /// although it is lower, beyond what chance does in 95 of 100 samples.
    pub against_points: bool,
}

/// What a bin takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BinKind {
    /// A range, or listed categories.
    Values,
    /// Categories in no list.
    Other,
    /// Missing values.
    Missing,
}

/// The rows of a bin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Counted {
    /// How many.
    pub rows: u64,
    /// Their share of all.
    pub share: f64,
    /// The good ones.
    pub good: u64,
    /// The bad ones.
    pub bad: u64,
    /// The share that is bad; `None` without rows.
    pub bad_rate: Option<f64>,
    /// ln (share of the bads / share of the goods); `None` without rows.
    pub woe: Option<f64>,
    /// What the bin adds to the information value; `None` without rows.
    pub iv: Option<f64>,
}

/// How far two rates are apart that chance leaves equal in 95 of 100 samples, in standard errors.
const BEYOND_CHANCE: f64 = 1.96;

impl FeatureCard {
    /// The feature as its model has it, without a row counted.
    pub(crate) fn of(drawn: &Drawn<'_>, policy: Option<PointsPolicy>) -> Self {
        let binning = drawn.feature.binning();
        let shown = policy != Some(PointsPolicy::Nobody);
        let bin = |bin: usize| BinCard {
            takes: takes(binning, bin),
            kind: kind(binning, bin),
            is_range: binning.is_numeric() && kind(binning, bin) == BinKind::Values,
            points: drawn.points.get(bin).copied().filter(|_| shown),
            fitted_woe: drawn.regression.and_then(|(_, woe)| woe.get(bin).copied()),
            counted: None,
            share_before: None,
            against_points: false,
        };
        Self {
            holder: drawn.slot.clone(),
            column: drawn.feature.column().into(),
            field: drawn.field.cloned(),
            coefficient: drawn.regression.map(|(coefficient, _)| coefficient),
            iv: None,
            explains: None,
            csi: None,
            bins: (0..binning.len()).map(bin).collect(),
        }
    }

    /// Adds what rows say: good and bad ones by bin.
    pub(crate) fn count(&mut self, counts: &[Counts]) {
        let all = counts.iter().copied().sum::<Counts>().total();
        // A bin without rows is none of the rows' bins: it says nothing, and changes no other's share.
        let filled: Vec<Counts> = counts.iter().copied().filter(|own| own.total() > 0).collect();
        let evidence = evidence(&filled);
        self.iv = Some(evidence.iter().map(|(_, iv)| iv).sum());
        let mut evidence = evidence.into_iter();
        for (bin, own) in self.bins.iter_mut().zip(counts) {
            let (woe, iv) = if own.total() > 0 { evidence.next().unzip() } else { (None, None) };
            bin.counted = Some(Counted {
                rows: own.total(),
                share: share(own.total(), all),
                good: own.good,
                bad: own.bad,
                bad_rate: own.bad_rate(),
                woe,
                iv,
            });
        }
        for at in 1..self.bins.len() {
            let (one, other) = (&self.bins[at - 1], &self.bins[at]);
            let listed = one.kind == BinKind::Values && other.kind == BinKind::Values;
            let against = listed && contradicts((one, counts[at - 1]), (other, counts[at]));
            self.bins[at].against_points = against;
        }
    }

    /// Adds how rows of before fell into the bins.
    pub(crate) fn compare(&mut self, before: &[u64]) {
        let all = before.iter().sum();
        for (bin, own) in self.bins.iter_mut().zip(before) {
            bin.share_before = Some(share(*own, all));
        }
        let now: Option<Vec<u64>> =
            self.bins.iter().map(|bin| bin.counted.map(|counted| counted.rows)).collect();
        self.csi = now.and_then(|now| stability_index(&now, before));
    }
}

/// Whether two neighbours' points and bad rates rise together, beyond chance.
fn contradicts(one: (&BinCard, Counts), other: (&BinCard, Counts)) -> bool {
    let (Some(points), Some(next)) = (one.0.points, other.0.points) else { return false };
    let (Some(rate), Some(next_rate)) = (one.1.bad_rate(), other.1.bad_rate()) else {
        return false;
    };
    let (rows, next_rows) = (real(one.1.total()), real(other.1.total()));
    let pooled = (rate * rows + next_rate * next_rows) / (rows + next_rows);
    let error = (pooled * (1.0 - pooled) * (1.0 / rows + 1.0 / next_rows)).sqrt();
    let apart = next_rate - rate;
    let rises = i32::from(next) - i32::from(points);
    apart.abs() > BEYOND_CHANCE * error && f64::from(rises) * apart > 0.0
}

fn kind(binning: &Binning, bin: usize) -> BinKind {
    let last_listed = binning.len() - usize::from(binning.has_missing());
    if binning.missing_bin() == Some(bin) {
        BinKind::Missing
    } else if binning.has_other() && bin + 1 == last_listed {
        BinKind::Other
    } else {
        BinKind::Values
    }
}

/// What a bin takes, in signs that need no language.
fn takes(binning: &Binning, bin: usize) -> String {
    if kind(binning, bin) != BinKind::Values {
        return String::new();
    }
    let Some(breaks) = binning.breaks() else { return binning.label(bin).unwrap_or_default() };
    let from = bin.checked_sub(1).and_then(|before| breaks.get(before));
    match (from, breaks.get(bin)) {
        // A bin that special codes have cut out holds one number.
        (Some(from), Some(until)) if from.next_up() == *until => format!("= {from}"),
        (Some(from), Some(until)) => format!("[{from}, {until})"),
        (None, Some(until)) => format!("< {until}"),
        (Some(from), None) => format!("≥ {from}"),
        (None, None) => "(−∞, ∞)".into(),
    }
}
