//! Reference statistics: how a population falls into a model's bins, and what moves its score.

use domain::Slot;

use crate::Scorecard;

/// How a population falls into a model's bins, and how much of the score one feature or one
/// holder's block explains.
///
/// Explains: the square of the correlation of the feature's (the block's) points with the sum that
/// the lender opens, which is (C w)ⱼ² / (Cⱼⱼ · w′C w). Where the lender fills a slot itself, that is
/// the sum of the others: it knows its own points and sees the sum without them. Its own features
/// and block explain nothing of it, and stand here with 0. Counted in clear by a [`Tally`], or
/// computed on shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The slot that the lender fills itself: its points are not in the sum that is explained.
    pub lender: Option<Slot>,
    /// How many rows were counted.
    pub rows: u64,
    /// By feature and bin, in the order of the model: the share of the rows, 0 to 1.
    pub bin_shares: Vec<Vec<f64>>,
    /// By feature: what of the score it explains, 0 to 1.
    pub feature_dominance: Vec<f64>,
    /// By holder, in the order of [`Scorecard::holders`]: what of the score its block explains.
    pub holder_dominance: Vec<f64>,
}

/// Counts rows into a [`Reference`].
#[derive(Clone, Debug)]
pub struct Tally<'a> {
    card: &'a Scorecard,
    lender: Option<Slot>,
    holders: Vec<Slot>,
    rows: u64,
    bins: Vec<Vec<u64>>,
    total: Moments,
    features: Vec<Moments>,
    blocks: Vec<Moments>,
}

/// Sums of points, of their squares, and of their products with the total.
#[derive(Clone, Copy, Debug, Default)]
struct Moments {
    sum: u64,
    square: u64,
    product: u64,
}

impl<'a> Tally<'a> {
    /// Has counted no row yet. `lender` is the slot that the lender fills itself; one that the model
    /// does not have is none.
    #[must_use]
    pub fn new(card: &'a Scorecard, lender: Option<&Slot>) -> Self {
        let holders = card.holders();
        Self {
            card,
            lender: lender.filter(|slot| holders.contains(slot)).cloned(),
            rows: 0,
            bins: card.features().map(|(_, _, points)| vec![0; points.len()]).collect(),
            total: Moments::default(),
            features: card.features().map(|_| Moments::default()).collect(),
            blocks: vec![Moments::default(); holders.len()],
            holders,
        }
    }

    /// Counts a row by the bins of [`Scorecard::bins`]; bins of another model are not counted.
    pub fn count(&mut self, bins: &[usize]) {
        if self.card.points_of(bins).is_none() {
            return;
        }
        let lender = self.lender.as_ref();
        let opened = |((slot, _, points), bin): ((&Slot, _, &[u16]), &usize)| {
            if Some(slot) == lender { 0 } else { points[*bin] }
        };
        let total = self.card.features().zip(bins).map(opened).sum();
        self.rows += 1;
        let mut blocks = vec![0; self.holders.len()];
        for (place, (holder, _, points)) in self.card.features().enumerate() {
            let bin = bins[place];
            self.bins[place][bin] += 1;
            if Some(holder) == lender {
                continue;
            }
            self.features[place].add(points[bin], total);
            let block = self.holders.iter().position(|slot| slot == holder);
            blocks[block.expect("the model's holders are these")] += points[bin];
        }
        for (moments, points) in self.blocks.iter_mut().zip(blocks) {
            moments.add(points, total);
        }
        self.total.add(total, total);
    }

    /// What was counted; `None` of no row.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        let rows = self.rows;
        let share = |count: &u64| real((*count).into()) / real(rows.into());
        let dominance = |part: &Moments| part.explained(&self.total, rows);
        (rows > 0).then(|| Reference {
            lender: self.lender.clone(),
            rows,
            bin_shares: self.bins.iter().map(|bins| bins.iter().map(share).collect()).collect(),
            feature_dominance: self.features.iter().map(dominance).collect(),
            holder_dominance: self.blocks.iter().map(dominance).collect(),
        })
    }
}

impl Moments {
    fn add(&mut self, points: u16, total: u16) {
        let (points, total) = (u64::from(points), u64::from(total));
        self.sum += points;
        self.square += points * points;
        self.product += points * total;
    }

    /// The square of the correlation with the total; 0 where either does not vary.
    fn explained(&self, total: &Self, rows: u64) -> f64 {
        let covariance = |sum: u64, other: u64, product: u64| {
            i128::from(rows) * i128::from(product) - i128::from(sum) * i128::from(other)
        };
        let own = covariance(self.sum, self.sum, self.square);
        let whole = covariance(total.sum, total.sum, total.square);
        let both = covariance(self.sum, total.sum, self.product);
        if own == 0 || whole == 0 {
            return 0.0;
        }
        (real(both) / real(own)) * (real(both) / real(whole))
    }
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn real(count: i128) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::Scorecard;

    const FILE: &str = "model = 'm'\nversion = 1\ntitle = 't'\noffset = 0\n\
        [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n\
        [[feature]]\ncolumn = 'a'\nholder = 'x'\nbin = [{below = 1, points = 0}, {points = 3}]\n\
        [[feature]]\ncolumn = 'b'\nholder = 'y'\nbin = [{below = 1, points = 0}, {points = 4}]\n\
        [[feature]]\ncolumn = 'c'\nholder = 'y'\nbin = [{points = 7}]\n";

    #[test]
    fn independent_features_explain_their_shares_of_the_variance() {
        let card = Scorecard::from_toml(FILE).unwrap();
        let mut tally = Tally::new(&card, None);
        assert_eq!(tally.reference(), None);
        for bins in [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]] {
            tally.count(&bins);
        }
        tally.count(&[0, 0]);
        tally.count(&[0, 0, 1]);
        let found = tally.reference().unwrap();
        assert_eq!(
            (found.rows, &found.bin_shares[0], &found.bin_shares[2]),
            (4, &vec![0.5; 2], &vec![1.0])
        );
        let close = |one: f64, other: f64| (one - other).abs() < 1e-12;
        assert!(close(found.feature_dominance[0], 9.0 / 25.0));
        assert!(close(found.feature_dominance[1], 16.0 / 25.0));
        assert!(close(found.feature_dominance[2], 0.0));
        assert!(close(found.holder_dominance[1], 16.0 / 25.0));
    }

    #[test]
    fn one_feature_alone_explains_everything() {
        let card = Scorecard::from_toml(FILE).unwrap();
        let mut tally = Tally::new(&card, None);
        [[0, 1, 0], [1, 1, 0], [1, 1, 0]].iter().for_each(|bins| tally.count(bins));
        let found = tally.reference().unwrap();
        assert!((found.feature_dominance[0] - 1.0).abs() < 1e-12);
        assert_eq!(found.feature_dominance[1], 0.0);
    }

    #[test]
    fn the_lenders_own_points_are_not_in_the_sum_that_is_explained() {
        let card = Scorecard::from_toml(FILE).unwrap();
        let own = "x".parse().unwrap();
        let mut tally = Tally::new(&card, Some(&own));
        for bins in [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 0]] {
            tally.count(&bins);
        }
        let found = tally.reference().unwrap();
        assert_eq!(found.lender, Some(own));
        assert_eq!(found.bin_shares[0], vec![0.5; 2]);
        let close = |one: f64, other: f64| (one - other).abs() < 1e-12;
        assert!(close(found.feature_dominance[0], 0.0) && close(found.holder_dominance[0], 0.0));
        assert!(close(found.feature_dominance[1], 1.0) && close(found.holder_dominance[1], 1.0));
        let nobody = "z".parse().unwrap();
        assert_eq!(Tally::new(&card, Some(&nobody)).lender, None);
    }
}
