//! What a holder checks of the figures that a platform reports for a model.
//!
//! A holder sees its own part of a model and no points. It cannot recompute every figure, and it need
//! not take one that contradicts itself, its rule's limit, or what the part shows.

use std::fmt;

use crate::admission::{
    FigureOf, Finding, LEAST_BIN_SHARE, LEAST_BINS, LEAST_FEATURES, LEAST_FEATURES_OF_A_HOLDER,
    LEAST_HOLDERS, LEAST_HOLDERS_WITH_LENDER, Limit, MOST_BY_FEATURE, MOST_BY_HOLDER, MOST_POINTS,
    MOST_READABLE, MOST_SPAN, Rule, Verdict, least, most, real,
};
use crate::{Feature, Part};

/// What a platform reports of a model beside a holder's own part.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// How the model fares with each rule.
    pub figures: &'a [Finding],
    /// How many holders take part.
    pub holders: usize,
    /// Whether the lender fills a slot of the model itself.
    pub lender_takes_part: bool,
    /// The largest sum of points over all holders.
    pub max_points: u16,
}

/// Why reported figures are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// There is not one figure for this rule.
    Missing(Rule),
    /// The rule is broken, whatever the verdict says.
    Broken(Rule),
    /// The figure contradicts its verdict, the rule's limit, or what the holder's own part shows.
    Contradicted(Rule),
}

impl Objection {
    /// The objection for English readers.
    #[must_use]
    pub fn en(self) -> String {
        match self {
            Self::Missing(rule) => format!("it has not one figure for {}", rule.code()),
            Self::Broken(rule) => format!("it breaks {} ({})", rule.code(), rule.en()),
            Self::Contradicted(rule) => {
                format!(
                    "its figure for {} contradicts its limit or this holder's part",
                    rule.code()
                )
            }
        }
    }

    /// The objection for Chinese readers.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Missing(rule) => format!("缺少 {} 的数值或有多个", rule.code()),
            Self::Broken(rule) => format!("违反 {}（{}）", rule.code(), rule.zh()),
            Self::Contradicted(rule) => {
                format!("{} 的数值与其限值或本方部分不符", rule.code())
            }
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for Objection {}

impl Reported<'_> {
    /// Checks that every rule has its figure, and that none contradicts itself or the part.
    ///
    /// `must_hold` is false for a model of research data alone, where rules are told and not enforced.
    ///
    /// # Errors
    ///
    /// The first [`Objection`], in the order of the rules.
    pub fn check(&self, own: &Part, must_hold: bool) -> Result<(), Objection> {
        Rule::ALL.iter().try_for_each(|rule| self.check_rule(*rule, own, must_hold))
    }

    fn check_rule(&self, rule: Rule, own: &Part, must_hold: bool) -> Result<(), Objection> {
        let mut of_rule = self.figures.iter().filter(|finding| finding.rule == rule);
        let (Some(finding), None) = (of_rule.next(), of_rule.next()) else {
            return Err(Objection::Missing(rule));
        };
        let limit = limit(rule, self.lender_takes_part);
        if finding.limit != limit {
            return Err(Objection::Contradicted(rule));
        }
        let Some(figure) = finding.figure else {
            // Statistics were not at hand, or no points differ so that nothing can be read off.
            return match (finding.verdict, rule) {
                (
                    Verdict::Unknown,
                    Rule::BinShare | Rule::FeatureDominance | Rule::HolderDominance,
                ) => Ok(()),
                (Verdict::Unknown | Verdict::Holds | Verdict::Flagged | Verdict::Fails, _) => {
                    Err(Objection::Missing(rule))
                }
            };
        };
        let kept = figure.is_finite() && limit.is_kept(figure);
        if must_hold && (!kept || finding.verdict == Verdict::Fails) {
            return Err(Objection::Broken(rule));
        }
        let said_kept = match finding.verdict {
            Verdict::Holds | Verdict::Flagged => true,
            Verdict::Fails | Verdict::Unknown => false,
        };
        if said_kept != kept || !self.fits(rule, figure, &finding.place, own) {
            return Err(Objection::Contradicted(rule));
        }
        Ok(())
    }

    /// Whether a figure can be true beside this part.
    fn fits(&self, rule: Rule, figure: f64, place: &FigureOf, own: &Part) -> bool {
        let features = own.features();
        let is_own = |slot: &domain::Slot| slot == own.holder();
        match rule {
            Rule::Holders => same(figure, self.holders),
            // The fewest of all holders: no more than ours, and ours where it says so.
            Rule::HolderFeatures => {
                let ours = matches!(place, FigureOf::Holder(slot) if is_own(slot));
                figure <= real(features.len()) && (!ours || same(figure, features.len()))
            }
            // The fewest of all features, likewise.
            Rule::Bins => {
                let fewest = features.iter().map(bins).min().unwrap_or(0);
                let named = match place {
                    FigureOf::Feature(slot, column) if is_own(slot) => {
                        let named = features.iter().find(|feature| feature.column() == column);
                        named.is_some_and(|feature| same(figure, bins(feature)))
                    }
                    FigureOf::Model
                    | FigureOf::Holder(_)
                    | FigureOf::Feature(..)
                    | FigureOf::Bin(..)
                    | FigureOf::Below(_) => true,
                };
                figure <= real(fewest) && named
            }
            // The lender's own block is in the total, and not in the sum of the holders.
            Rule::Room if self.lender_takes_part => figure >= f64::from(self.max_points),
            Rule::Room => same(figure, self.max_points.into()),
            Rule::Features
            | Rule::BinShare
            | Rule::FeatureDominance
            | Rule::HolderDominance
            | Rule::UnitVector
            | Rule::MixedRadix => true,
        }
    }
}

fn bins(feature: &Feature) -> usize {
    feature.binning().len()
}

/// Whether a figure is this count: both are small whole numbers.
fn same(figure: f64, count: usize) -> bool {
    (figure - real(count)).abs() < 0.5
}

/// What a rule's figure must keep.
fn limit(rule: Rule, lender_takes_part: bool) -> Limit {
    match rule {
        Rule::Holders if lender_takes_part => least(LEAST_HOLDERS_WITH_LENDER),
        Rule::Holders => least(LEAST_HOLDERS),
        Rule::HolderFeatures => least(LEAST_FEATURES_OF_A_HOLDER),
        Rule::Features => least(LEAST_FEATURES),
        Rule::Bins => least(LEAST_BINS),
        Rule::BinShare => Limit::Least(LEAST_BIN_SHARE),
        Rule::Room => most(MOST_POINTS),
        Rule::FeatureDominance => Limit::Most(MOST_BY_FEATURE),
        Rule::HolderDominance => Limit::Most(MOST_BY_HOLDER),
        Rule::UnitVector => Limit::Most(MOST_SPAN),
        Rule::MixedRadix => Limit::Most(MOST_READABLE),
    }
}

#[cfg(test)]
#[path = "reported_tests.rs"]
mod tests;
