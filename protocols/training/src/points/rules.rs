//! What the rules of admission say of points that nobody sees: one bit each (SPEC §P.5).

use sharing::{Engine, Vector, negative_within};

use super::Terms;
use super::extremes::Spans;
use crate::Error;
use crate::woe::place_of;

/// Bits of a hundredfold sum of spans, and of its sign: 512 spans below 2^21.
const HUNDREDFOLD: usize = 39;
/// Bits of a count of what breaks a rule, and of its sign.
const COUNT: usize = 20;

/// What the rules say of a card. Each is one bit, which every role learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// Whether it is broad: at least 3 holders, or 2 besides the lender; of each at least
    /// 3 features; 3 bins of every feature; and 8 features whose bins differ in points.
    pub breadth: bool,
    /// Whether no feature has more than 80 of a hundred points of all features' spans.
    pub feature_dominance: bool,
    /// Whether no holder has more than 95.
    pub holder_dominance: bool,
}

impl Verdicts {
    /// Holders besides the lender.
    pub const LEAST_HOLDERS: usize = 3;
    /// Holders besides the lender, where it is one itself.
    pub const LEAST_HOLDERS_WITH_LENDER: usize = 2;
    /// Features of each holder that is not the lender.
    pub const LEAST_FEATURES_OF_A_HOLDER: usize = 3;
    /// Features whose bins differ in points.
    pub const LEAST_FEATURES: u32 = 8;
    /// Bins of each feature.
    pub const LEAST_BINS: u8 = 3;
    /// Of a hundred points of all spans, what one feature may have.
    pub const MOST_BY_FEATURE: i64 = 80;
    /// Of a hundred points of all spans, what one holder may have.
    pub const MOST_BY_HOLDER: i64 = 95;

    /// Whether every rule is kept.
    pub fn are_kept(self) -> bool {
        self.breadth && self.feature_dominance && self.holder_dominance
    }
}

/// Opens a bit for each rule, and one for whether every total has room; no verdicts if one has not.
pub(crate) async fn verdicts<E: Engine>(
    engine: &mut E,
    terms: &Terms,
    spans: &Spans,
    outside: &Vector<0>,
) -> Result<Option<Verdicts>, Error> {
    let widths = spans.widths();
    let holders = others(terms);
    let features = holders.concat();
    let own = widths.gather(&features);
    let blocks: Vec<Vector<0>> = holders.iter().map(|all| widths.gather(all).sum()).collect();
    let all = own.sum();

    // > §P.5 What must not be negative: of totals, of each span, of each feature's part and of each
    // > holder's.
    let highest = engine.constant::<0>(&[(1 << terms.bits) - 1]);
    let ones = engine.constant::<0>(&vec![1; features.len()]);
    let part = |percent: i64, parts: usize| all.times(percent).repeated(parts);
    let by_feature = part(Verdicts::MOST_BY_FEATURE, features.len()).minus(&own.times(100));
    let mut margins =
        vec![spans.least.sum(), highest.minus(&spans.most.sum()), own.minus(&ones), by_feature];
    let limit = part(Verdicts::MOST_BY_HOLDER, 1);
    margins.extend(blocks.iter().map(|block| limit.minus(&block.times(100))));
    let margins = Vector::concat(&margins.iter().collect::<Vec<_>>());
    let broken = negative_within(engine, &margins, HUNDREDFOLD).await?;
    let broken = engine.to_indicators(&broken).await?;

    // > (2) How much breaks each rule, less what may.
    let mut start = 0;
    let mut count = |numbers: usize| {
        start += numbers;
        broken.slice(start - numbers..start).sum()
    };
    let (totals, flat) = (count(2), count(features.len()));
    let (by_feature, by_holder) = (count(features.len()), count(blocks.len()));
    let may_be_flat = i64::from(place_of(features.len())) - i64::from(Verdicts::LEAST_FEATURES);
    let allowed = engine.constant::<0>(&[0, may_be_flat, 0, 0]);
    let found = Vector::concat(&[&totals.plus(outside), &flat, &by_feature, &by_holder]);
    let broken = negative_within(engine, &allowed.minus(&found), COUNT).await?;
    let broken = engine.open_bits(&broken).await?.concat();
    let kept = |place: usize| broken.get(place) == Some(&false);
    Ok(kept(0).then(|| Verdicts {
        breadth: is_broad(terms) && kept(1),
        feature_dominance: kept(2),
        holder_dominance: kept(3),
    }))
}

/// The features of each holder that is not the lender, by their places.
fn others(terms: &Terms) -> Vec<Vec<u32>> {
    let mut next = 0;
    let holders = terms.features.iter().map(|bins| {
        next += bins.len();
        (next - bins.len()..next).map(place_of).collect()
    });
    let holders = holders.enumerate().filter(|(place, _)| Some(*place) != terms.lender);
    holders.map(|(_, features)| features).collect()
}

/// What of breadth the terms alone say.
fn is_broad(terms: &Terms) -> bool {
    let others = others(terms);
    let least = match terms.lender {
        Some(_) => Verdicts::LEAST_HOLDERS_WITH_LENDER,
        None => Verdicts::LEAST_HOLDERS,
    };
    others.len() >= least
        && others.iter().all(|features| features.len() >= Verdicts::LEAST_FEATURES_OF_A_HOLDER)
        && terms.features.iter().flatten().all(|&bins| bins >= Verdicts::LEAST_BINS)
}
