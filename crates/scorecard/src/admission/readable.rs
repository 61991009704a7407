//! What of a part of a card can be read off a total, whatever the data; see the header above.

use domain::Slot;

use crate::Scorecard;
use crate::admission::{FigureOf, Worst, largest, place_of, span};

/// The chances of sums of points from 0 on, every bin of a feature being equally likely.
#[derive(Clone, Debug)]
struct Sums(Vec<f64>);

/// The split with the largest readable share, the lender's own features left out: it reads the sum
/// without them. `None` where no points differ.
pub(super) fn worst(card: &Scorecard, lender: Option<&Slot>) -> Worst {
    let opened = card.features().filter(|(slot, ..)| Some(*slot) != lender);
    // Points that do not differ shift every total and say nothing.
    let mut features: Vec<_> = opened.filter(|(.., points)| span(points) > 0).collect();
    features.sort_by_key(|(.., points)| span(points));
    let each: Vec<Sums> = features.iter().map(|(.., points)| Sums::of(points)).collect();
    let below = running(each.iter());
    let mut above = running(each.iter().rev());
    above.reverse();
    let all = below.last()?.bits();

    let mut worst = Vec::new();
    for (place, (slot, feature, points)) in features.iter().enumerate() {
        let rest = below[place].with(&above[place + 1]);
        worst.push((share(all, each[place].bits(), rest.bits()), place_of(slot, feature)));
        let (below, above) = (below[place + 1].bits(), above[place + 1].bits());
        if place + 1 < features.len() {
            worst.push((share(all, below, above), FigureOf::Below(span(points))));
        }
    }
    let holders = card.holders();
    for holder in holders.iter().filter(|_| holders.len() > 1) {
        let sums = |own: bool| {
            let side = features.iter().zip(&each);
            let side = side.filter(|((slot, ..), _)| (*slot == holder) == own);
            side.fold(Sums::nothing(), |sums, (_, feature)| sums.with(feature)).bits()
        };
        let (own, others) = (sums(true), sums(false));
        if own > 0.0 && others > 0.0 {
            worst.push((share(all, own, others), FigureOf::Holder(holder.clone())));
        }
    }
    largest(worst.into_iter())
}

/// Of the side with less to tell, what the total gives away; all of it where the other side is
/// silent.
fn share(all: f64, one: f64, other: f64) -> f64 {
    let (less, more) = (one.min(other), one.max(other));
    if less > 0.0 { ((all - more) / less).clamp(0.0, 1.0) } else { 1.0 }
}

/// The sums of the first none, one, two ... of these.
fn running<'a>(features: impl Iterator<Item = &'a Sums>) -> Vec<Sums> {
    let mut sums = vec![Sums::nothing()];
    for feature in features {
        let next = sums.last().map_or_else(Sums::nothing, |before| before.with(feature));
        sums.push(next);
    }
    sums
}

impl Sums {
    /// Of no feature: always 0.
    fn nothing() -> Self {
        Self(vec![1.0])
    }

    /// Of one feature, its least points taken away.
    fn of(points: &[u16]) -> Self {
        let least = points.iter().min().copied().unwrap_or(0);
        let mut chances = vec![0.0; usize::from(span(points)) + 1];
        for points in points {
            chances[usize::from(points - least)] += 1.0;
        }
        let bins: f64 = chances.iter().sum();
        Self(chances.into_iter().map(|count| count / bins).collect())
    }

    /// Of both together. No longer than the message space, as no card's points are.
    fn with(&self, other: &Self) -> Self {
        let mut chances = vec![0.0; self.0.len() + other.0.len() - 1];
        let possible = |sums: &Self| -> Vec<(usize, f64)> {
            sums.0.iter().copied().enumerate().filter(|(_, chance)| *chance > 0.0).collect()
        };
        let others = possible(other);
        for (sum, chance) in possible(self) {
            for (more, its) in &others {
                chances[sum + more] += chance * its;
            }
        }
        Self(chances)
    }

    /// The entropy.
    fn bits(&self) -> f64 {
        self.0.iter().filter(|chance| **chance > 0.0).map(|chance| -chance * chance.log2()).sum()
    }
}
