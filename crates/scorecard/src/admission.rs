//! What a model must keep before it is registered: breadth, dominance, room, and no way to read one
//! part off the total.
//!
//! An encrypted score tells a lender one number. These rules see to it that the number is a score:
//! that it mixes many features of several holders, and that no feature, and no holder's part, can
//! be taken out of it again. They hold for whoever wrote the table, whatever it says it is.
//!
//! Three rules need [`Reference`] statistics; without them their verdict is [`Verdict::Unknown`].
//!
//! Where the lender fills a slot of the model itself, the number that it opens is the sum of the
//! others, whatever it adds to it afterwards. What the rules say of the score (dominance, spans, what
//! can be read off) they say of that sum then: an own block cannot make the others' part look mixed.
//!
//! # What can be read off a total
//!
//! Split a card's features in two, U and the rest, and take every bin of a feature to be as likely
//! as every other. H is the entropy of a sum of points, in bits. H(U) + H(rest) − H(total) is what
//! the addition hides: 0 when the total determines both sums, which is so exactly when every pair of
//! sums has a total of its own (|totals| = |sums of U| · |sums of the rest|). Of the side with less
//! to tell, the total gives away the share
//!
//! ```text
//! readable = (H(total) − max(H(U), H(rest))) / min(H(U), H(rest))      0 to 1
//! ```
//!
//! A table of points b·Bʲ has 1 at every split. So has one with a few points of noise below the
//! digits, at the split between digits and noise; and merging a few totals to escape an exact test
//! lowers the share by little. The rule takes the largest share over
//!
//! * each feature against all others,
//! * each holder's features against the others',
//! * the features in order of their span of points, cut anywhere: digits of a mixed radix stand
//!   behind such a cut, for what is above it has steps wider than everything below it together.
//!
//! It knows no other splits: a set of features with a sum that is readable although none of them
//! is, nor a cut by span, passes here and is met by the limits on dominance.

use domain::Slot;
use serde::{Deserialize, Serialize};

use crate::{Feature, Reference, Scorecard};

mod form;
mod readable;
mod reported;
mod rule;

pub use reported::{Objection, Reported};
pub use rule::{
    FLAGGED_BY_HOLDER, LEAST_BIN_SHARE, LEAST_BINS, LEAST_FEATURES, LEAST_FEATURES_OF_A_HOLDER,
    LEAST_HOLDERS, LEAST_HOLDERS_WITH_LENDER, MOST_BY_FEATURE, MOST_BY_HOLDER, MOST_POINTS,
    MOST_READABLE, MOST_SPAN, Rule,
};

/// How a model fares with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It keeps it.
    #[serde(rename = "kept")]
    Holds,
    /// It keeps it, and somebody should look.
    Flagged,
    /// It breaks it.
    #[serde(rename = "broken")]
    Fails,
    /// That takes reference statistics.
    Unknown,
}

/// A limit that a figure must keep; the limit itself is allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// The figure must be at least this.
    Least(f64),
    /// The figure must be at most this.
    Most(f64),
}

/// What a figure is about.
#[derive(Clone, Debug, PartialEq)]
pub enum FigureOf {
    /// The whole model.
    Model,
    /// A holder's features together.
    Holder(Slot),
    /// A feature: holder and column.
    Feature(Slot, String),
    /// A bin of a feature: holder, column and what the bin takes.
    Bin(Slot, String, String),
    /// The features with this span of points or less, against all others.
    Below(u16),
}

/// A rule, and how a model fares with it where it fares worst.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "form::Form", into = "form::Form")]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Where the model fares worst.
    pub place: FigureOf,
    /// The figure there; `None` without the statistics that it takes.
    pub figure: Option<f64>,
    /// What the figure must keep.
    pub limit: Limit,
    /// How it does.
    pub verdict: Verdict,
}

/// Every rule with its figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission(Vec<Finding>);

impl Admission {
    /// Holds a model against every rule.
    ///
    /// `lender` is the slot that the lender itself is to fill, if there is one. Statistics of
    /// another shape than the model's, or with another slot for the lender, count as none.
    #[must_use]
    pub fn of(card: &Scorecard, lender: Option<&Slot>, reference: Option<&Reference>) -> Self {
        let slots = card.holders();
        let lender = lender.filter(|slot| slots.contains(slot));
        let reference = reference.filter(|reference| fits(reference, card, lender));
        let rules = Rule::ALL.iter().map(|rule| finding(*rule, card, lender, reference));
        Self(rules.collect())
    }

    /// A finding for every rule, in the order of [`Rule::ALL`].
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.0
    }

    /// Whether no rule is broken; those of unknown verdict are not counted as broken.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.0.iter().all(|finding| finding.verdict != Verdict::Fails)
    }

    /// Whether every rule is known to be kept.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.holds() && self.0.iter().all(|finding| finding.verdict != Verdict::Unknown)
    }
}

impl Finding {
    /// The finding as the holder of one slot may see it: of others' features, whose they are.
    #[must_use]
    pub fn seen_by(&self, slot: &Slot) -> Self {
        let place = match &self.place {
            FigureOf::Feature(holder, _) | FigureOf::Bin(holder, ..) if holder != slot => {
                FigureOf::Holder(holder.clone())
            }
            place => place.clone(),
        };
        Self { place, ..self.clone() }
    }
}

impl Limit {
    fn is_kept(self, figure: f64) -> bool {
        match self {
            Self::Least(least) => figure >= least,
            Self::Most(most) => figure <= most,
        }
    }
}

/// A figure and where it is; `None` where nothing has one.
type Worst = Option<(f64, FigureOf)>;

fn finding(
    rule: Rule,
    card: &Scorecard,
    lender: Option<&Slot>,
    reference: Option<&Reference>,
) -> Finding {
    let (limit, worst) = match rule {
        Rule::Holders => holders(card, lender),
        Rule::HolderFeatures => {
            (least(LEAST_FEATURES_OF_A_HOLDER), features_of_holders(card, lender))
        }
        Rule::Features => {
            let features = card.features().filter(|(.., points)| span(points) > 0).count();
            (least(LEAST_FEATURES), Some((real(features), FigureOf::Model)))
        }
        Rule::Bins => {
            let bins = card
                .features()
                .map(|(slot, feature, points)| (real(points.len()), place_of(slot, feature)));
            (least(LEAST_BINS), smallest(bins))
        }
        Rule::BinShare => {
            let rarest = reference.and_then(|reference| rarest(card, reference));
            (Limit::Least(LEAST_BIN_SHARE), rarest)
        }
        Rule::Room => (most(MOST_POINTS), Some((f64::from(card.most_points()), FigureOf::Model))),
        Rule::FeatureDominance => {
            let shares = reference.into_iter().flat_map(|reference| &reference.feature_dominance);
            let features = card.features().map(|(slot, feature, _)| place_of(slot, feature));
            (Limit::Most(MOST_BY_FEATURE), largest(shares.copied().zip(features)))
        }
        Rule::HolderDominance => {
            let shares = reference.into_iter().flat_map(|reference| &reference.holder_dominance);
            let holders = card.holders().into_iter().map(FigureOf::Holder);
            (Limit::Most(MOST_BY_HOLDER), largest(shares.copied().zip(holders)))
        }
        Rule::UnitVector => (Limit::Most(MOST_SPAN), widest(card, lender)),
        Rule::MixedRadix => (Limit::Most(MOST_READABLE), readable::worst(card, lender)),
    };
    let needs_reference =
        matches!(rule, Rule::BinShare | Rule::FeatureDominance | Rule::HolderDominance);
    let verdict = match &worst {
        None if needs_reference && reference.is_none() => Verdict::Unknown,
        None => Verdict::Holds,
        Some((figure, _)) if !limit.is_kept(*figure) => Verdict::Fails,
        Some((figure, _)) if rule == Rule::HolderDominance && *figure > FLAGGED_BY_HOLDER => {
            Verdict::Flagged
        }
        Some(_) => Verdict::Holds,
    };
    let (figure, place) = worst.map_or((None, FigureOf::Model), |(figure, at)| (Some(figure), at));
    Finding { rule, place, figure, limit, verdict }
}

fn holders(card: &Scorecard, lender: Option<&Slot>) -> (Limit, Worst) {
    let all = card.holders();
    let others = all.iter().filter(|slot| Some(*slot) != lender).count();
    let takes_part = others < all.len();
    let limit = if takes_part { LEAST_HOLDERS_WITH_LENDER } else { LEAST_HOLDERS };
    (least(limit), Some((real(others), FigureOf::Model)))
}

fn features_of_holders(card: &Scorecard, lender: Option<&Slot>) -> Worst {
    let others = card.holders().into_iter().filter(|slot| Some(slot) != lender);
    smallest(others.map(|slot| {
        let features = card.features().filter(|(holder, ..)| **holder == slot).count();
        (real(features), FigureOf::Holder(slot))
    }))
}

/// The smallest share of a bin: of the rows with a value. A bin for other or missing values counts
/// only where its points stand out from those of the feature's listed bins; missing ones, of all.
fn rarest(card: &Scorecard, reference: &Reference) -> Worst {
    let features = card.features().zip(&reference.bin_shares);
    smallest(features.flat_map(|((slot, feature, points), shares)| {
        let binning = feature.binning();
        let listed = &points[..binning.listed_len()];
        let among = listed.iter().min()..=listed.iter().max();
        let valued = binning.len() - usize::from(binning.has_missing());
        let known: f64 = shares[..valued].iter().sum();
        shares.iter().enumerate().filter_map(move |(bin, share)| {
            let counts = bin < listed.len() || !among.contains(&points.get(bin));
            let share = if bin < valued && known > 0.0 { share / known } else { *share };
            let label = binning.label(bin).unwrap_or_default();
            let place = || FigureOf::Bin(slot.clone(), feature.column().into(), label);
            counts.then(|| (share, place()))
        })
    }))
}

/// The widest span of a feature's points, as a share of all spans, those of the lender left out.
fn widest(card: &Scorecard, lender: Option<&Slot>) -> Worst {
    let others = || card.features().filter(|(slot, ..)| Some(*slot) != lender);
    let all: u32 = others().map(|(.., points)| u32::from(span(points))).sum();
    let spans = others().map(|(slot, feature, points)| {
        let share = if all == 0 { 0.0 } else { f64::from(span(points)) / f64::from(all) };
        (share, place_of(slot, feature))
    });
    largest(spans)
}

/// How far the points of a feature's bins are apart.
fn span(points: &[u16]) -> u16 {
    match (points.iter().min(), points.iter().max()) {
        (Some(min), Some(max)) => max - min,
        _ => 0,
    }
}

fn fits(reference: &Reference, card: &Scorecard, lender: Option<&Slot>) -> bool {
    let shares = reference.bin_shares.iter().flatten();
    let figures = shares.chain(&reference.feature_dominance).chain(&reference.holder_dominance);
    let sizes = reference.bin_shares.iter().map(Vec::len);
    reference.lender.as_ref() == lender
        && sizes.eq(card.features().map(|(.., points)| points.len()))
        && reference.feature_dominance.len() == reference.bin_shares.len()
        && reference.holder_dominance.len() == card.holders().len()
        && figures.into_iter().all(|figure| (0.0..=1.000_001).contains(figure))
}

fn place_of(slot: &Slot, feature: &Feature) -> FigureOf {
    FigureOf::Feature(slot.clone(), feature.column().into())
}

fn smallest(figures: impl Iterator<Item = (f64, FigureOf)>) -> Worst {
    figures.min_by(|(one, _), (other, _)| one.total_cmp(other))
}

fn largest(figures: impl Iterator<Item = (f64, FigureOf)>) -> Worst {
    figures.max_by(|(one, _), (other, _)| one.total_cmp(other))
}

fn least(limit: u16) -> Limit {
    Limit::Least(limit.into())
}

fn most(limit: u16) -> Limit {
    Limit::Most(limit.into())
}

#[expect(clippy::cast_precision_loss, reason = "counts of holders, features and bins")]
fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
#[path = "admission/tests.rs"]
mod tests;
