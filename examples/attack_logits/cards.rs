//! Cards over bins, as they are registered, and what their scores give away to a lender that knows
//! them: the kinds of firms that have such scores, and the likeliest among them.

use std::error::Error;
use std::fmt::Write;

use rand::{Rng, RngExt};
use scorecard::admission::{Admission, Finding, Limit, Verdict};
use scorecard::{Scorecard, Tally};

use crate::population::{BINS, FEATURES, Firm, KINDS, bins_of, bounds, likelihood, named};

/// How far two scores may be apart and be the same number: far below the last bit that a
/// score of some hundreds has as `f64` after ten additions.
const SAME: f64 = 1e-11;

/// Cards, and the points of each for every kind of firm.
pub(crate) struct Cards {
    cards: Vec<Scorecard>,
    points: Vec<Vec<u16>>,
    likelihood: Vec<f64>,
}

/// What scores of each firm gave away.
pub(crate) struct Reading {
    /// Kinds that have such scores: half of the firms have no more.
    pub(crate) left: usize,
    /// Firms whose kind is the only one.
    pub(crate) certain: usize,
    /// Firms whose kind is the likeliest one.
    pub(crate) guessed: usize,
    /// Of all features of all firms, the share whose likeliest bin is the right one.
    pub(crate) features: f64,
}

impl Cards {
    /// Cards as regressions make them: weights of evidence that fall with the value, no two alike.
    pub(crate) fn fitted(count: usize, rng: &mut impl Rng) -> Result<Self, Box<dyn Error>> {
        let cards: Vec<_> =
            (1..=count).map(|version| fitted(version, rng)).collect::<Result<_, _>>()?;
        let points = cards.iter().map(|card| {
            let points = (0..KINDS).map(|kind| card.points_of(&bins_of(kind)));
            points.collect::<Option<Vec<_>>>().ok_or("a card has points for every kind")
        });
        let points = points.collect::<Result<_, _>>()?;
        Ok(Self { cards, points, likelihood: (0..KINDS).map(likelihood).collect() })
    }

    /// What is known of the firms before any score.
    pub(crate) fn read_nothing(&self, firms: &[Firm]) -> Reading {
        let kinds: Vec<usize> = (0..KINDS).collect();
        let guess = self.guess(&kinds);
        Reading::of(firms, |_| guess)
    }

    /// What the points of the first `count` cards give away.
    pub(crate) fn read(&self, firms: &[Firm], count: usize) -> Reading {
        let [first, others @ ..] = &self.points[..count] else { return self.read_nothing(firms) };
        let mut by_points: Vec<Vec<usize>> = vec![Vec::new(); 1 << 10];
        (0..KINDS).for_each(|kind| by_points[usize::from(first[kind])].push(kind));
        Reading::of(firms, |kind| {
            let alike = by_points[usize::from(first[kind])].iter().copied();
            let alike =
                alike.filter(|other| others.iter().all(|points| points[*other] == points[kind]));
            self.guess(&alike.collect::<Vec<_>>())
        })
    }

    /// What the score of the first card gives away before it is rounded.
    pub(crate) fn read_exact(&self, firms: &[Firm]) -> Result<Reading, Box<dyn Error>> {
        let scores = (0..KINDS).map(|kind| self.cards[0].exact_score(&bins_of(kind)));
        let scores: Option<Vec<f64>> = scores.collect();
        let scores = scores.ok_or("the card has its regression")?;
        let mut order: Vec<usize> = (0..KINDS).collect();
        order.sort_by(|one, other| scores[*one].total_cmp(&scores[*other]));
        Ok(Reading::of(firms, |kind| {
            let from = order.partition_point(|other| scores[*other] < scores[kind] - SAME);
            let alike = order[from..].iter().copied();
            let alike = alike.take_while(|other| scores[*other] <= scores[kind] + SAME);
            self.guess(&alike.collect::<Vec<_>>())
        }))
    }

    /// How many rules of admission the worst of the cards breaks, by statistics of firms.
    pub(crate) fn broken(&self, rng: &mut impl Rng) -> usize {
        let firms: Vec<Firm> = (0..20_000).map(|_| Firm::drawn(rng)).collect();
        let broken = self.cards.iter().map(|card| broken(card, &firms).len());
        broken.max().unwrap_or(0)
    }

    /// The best that can be said of a firm that is of one of these kinds.
    fn guess(&self, kinds: &[usize]) -> Guess {
        let likelier = |one: &&usize, other: &&usize| {
            self.likelihood[**one].total_cmp(&self.likelihood[**other])
        };
        let kind = kinds.iter().max_by(likelier).copied().unwrap_or(0);
        let mut likely = [[0.0; BINS]; FEATURES];
        for kind in kinds {
            let bins = bins_of(*kind).into_iter().zip(&mut likely);
            bins.for_each(|(bin, likely)| likely[bin] += self.likelihood[*kind]);
        }
        let likeliest = |likely: [f64; BINS]| {
            let bins = (0..BINS).max_by(|one, other| likely[*one].total_cmp(&likely[*other]));
            bins.unwrap_or(0)
        };
        Guess { left: kinds.len(), kind, bins: likely.map(likeliest) }
    }
}

/// The best guesses about one firm.
#[derive(Clone, Copy)]
struct Guess {
    /// Kinds that it may be of.
    left: usize,
    /// The likeliest of them.
    kind: usize,
    /// The likeliest bin of each feature by itself.
    bins: [usize; FEATURES],
}

impl Reading {
    fn of(firms: &[Firm], guess: impl Fn(usize) -> Guess) -> Self {
        let (mut left, mut certain, mut guessed, mut right) = (Vec::new(), 0, 0, 0);
        for firm in firms {
            let guess = guess(firm.kind());
            left.push(guess.left);
            certain += usize::from(guess.left == 1);
            guessed += usize::from(guess.kind == firm.kind());
            right +=
                guess.bins.iter().zip(firm.bins()).filter(|(guess, bin)| *guess == bin).count();
        }
        left.sort_unstable();
        let features = share(right, FEATURES * firms.len());
        Self { left: left[left.len() / 2], certain, guessed, features }
    }
}

/// The rules that a card breaks, with the figures.
pub(crate) fn broken(card: &Scorecard, firms: &[Firm]) -> Vec<String> {
    let mut tally = Tally::new(card, None);
    firms.iter().for_each(|firm| tally.count(&firm.bins()));
    let admission = Admission::of(card, None, tally.reference().as_ref());
    // What is unknown is not kept.
    let broken = admission
        .findings()
        .iter()
        .filter(|finding| matches!(finding.verdict, Verdict::Fails | Verdict::Unknown));
    let line = |finding: &Finding| {
        let limit = match finding.limit {
            Limit::Least(least) => format!("{least} at least"),
            Limit::Most(most) => format!("{most} at most"),
        };
        let (code, rule) = (finding.rule.code(), finding.rule.en());
        format!("{code}, {rule}: {:.3}, {limit}", finding.figure.unwrap_or(f64::NAN))
    };
    broken.map(line).collect()
}

fn fitted(version: usize, rng: &mut impl Rng) -> Result<Scorecard, Box<dyn Error>> {
    let mut file = format!(
        "model = 'card'\nversion = {version}\ntitle = 'A card'\nintercept = -2\n\
         [scale]\nbase_score = 600\nbase_odds = 50\npdo = 20\n"
    );
    for feature in 0..FEATURES {
        let (holder, column) = named(feature);
        let coef = rng.random_range(0.5..1.1);
        writeln!(file, "[[feature]]\nholder = '{holder}'\ncolumn = '{column}'\ncoef = {coef}")?;
        let bounds = bounds().map(Some).into_iter().chain([None]);
        for (bound, woe) in bounds.zip([0.9, 0.4, 0.0, -0.4, -0.9]) {
            writeln!(file, "[[feature.bin]]\nwoe = {}", woe + rng.random_range(-0.15..0.15))?;
            if let Some(bound) = bound {
                writeln!(file, "below = {bound}")?;
            }
        }
    }
    Ok(Scorecard::from_toml(&file)?)
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}
