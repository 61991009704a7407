//! What a histogram of scores says: AUC, KS, Gini, lift.

/// Bins of a histogram.
pub(crate) const BINS: usize = 256;

/// How many good and bad rows have a logit in each of 256 bins of 1/16 from -8 to 8; the first and
/// the last hold all beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Rows of each bin that are good, the safest first.
    pub good: Vec<u64>,
    /// Rows of each bin that are bad.
    pub bad: Vec<u64>,
}

/// How well scores tell bad rows from good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// How probable it is that a bad row has the higher score than a good one.
    pub auc: f64,
    /// The largest difference between the shares of bad and of good rows above a score.
    pub ks: f64,
    /// Twice the AUC less 1.
    pub gini: f64,
    /// How much more often a row of the riskiest tenth is bad than any is.
    pub lift: f64,
}

impl Histogram {
    pub(crate) fn from_counts(counts: &[i64]) -> Self {
        let (bad, good) = counts.split_at(counts.len() / 2);
        let unsigned = |counts: &[i64]| counts.iter().map(|count| count.cast_unsigned()).collect();
        Self { good: unsigned(good), bad: unsigned(bad) }
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.good.iter().chain(&self.bad).sum()
    }

    /// How well the scores tell bad rows from good; nothing if all are of one class.
    pub fn measures(&self) -> Option<Measures> {
        let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
        let (goods, bads) = (total(&self.good), total(&self.bad));
        if goods == 0.0 || bads == 0.0 {
            return None;
        }
        // From the riskiest bin down.
        let (mut good_above, mut bad_above) = (0.0, 0.0);
        let (mut pairs, mut ks) = (0.0, 0.0_f64);
        let mut tenth = (goods + bads) / 10.0;
        let mut bad_in_tenth = 0.0;
        for (good, bad) in self.good.iter().zip(&self.bad).rev() {
            let (good, bad) = (*good as f64, *bad as f64);
            pairs += good * (bad_above + bad / 2.0);
            good_above += good;
            bad_above += bad;
            ks = ks.max((bad_above / bads - good_above / goods).abs());
            let taken = tenth.min(good + bad);
            if taken > 0.0 {
                bad_in_tenth += bad * taken / (good + bad);
                tenth -= taken;
            }
        }
        let auc = pairs / (goods * bads);
        let lift = bad_in_tenth / ((goods + bads) / 10.0) / (bads / (goods + bads));
        Some(Measures { auc, ks, gini: 2.0 * auc - 1.0, lift })
    }
}

#[cfg(test)]
mod tests {
    use super::{BINS, Histogram};

    fn histogram(good: &[(usize, u64)], bad: &[(usize, u64)]) -> Histogram {
        let counts = |some: &[(usize, u64)]| {
            let mut all = vec![0; BINS];
            some.iter().for_each(|&(bin, count)| all[bin] = count);
            all
        };
        Histogram { good: counts(good), bad: counts(bad) }
    }

    #[test]
    fn scores_that_tell_all_apart_have_an_auc_and_a_ks_of_one() {
        let told = histogram(&[(3, 90)], &[(200, 10)]).measures().unwrap();
        assert_eq!((told.auc, told.ks, told.gini, told.lift), (1.0, 1.0, 1.0, 10.0));
    }

    #[test]
    fn scores_that_tell_nothing_have_an_auc_of_a_half() {
        let told = histogram(&[(7, 50)], &[(7, 50)]).measures().unwrap();
        assert_eq!((told.auc, told.ks, told.gini, told.lift), (0.5, 0.0, 0.0, 1.0));
    }

    #[test]
    fn a_pair_that_is_the_wrong_way_round_counts_as_none() {
        // Bads in bins 1 and 3, goods in bins 0 and 2: three pairs of four are right.
        let told = histogram(&[(0, 1), (2, 1)], &[(1, 1), (3, 1)]).measures().unwrap();
        assert_eq!((told.auc, told.ks), (0.75, 0.5));
    }

    #[test]
    fn one_class_alone_measures_nothing() {
        assert_eq!(histogram(&[(0, 5)], &[]).measures(), None);
    }
}
