//! The plots of a score: how well it parts good from bad, and how it has moved.

use domain::Text;
use scorecard::monitoring::{Calibration, Shift};
use terminal::Language;

use super::figures::{four, percent, score};
use crate::html::{Axis, Ink, Mark, Plot, Ticks};
use crate::measures::{real, share};
use crate::{GainGroup, Performance, phrases};

/// The share of the bad over that of the good, from the lowest score to the highest.
pub(super) fn roc(performance: &Performance, language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let auc = four(performance.all.auc);
    let (low, high) = performance.all.auc_95.unwrap_or((performance.all.auc, performance.all.auc));
    let curve = performance.curve.points.iter().map(|point| (point.good, point.bad));
    let points = std::iter::once((0.0, 0.0)).chain(curve).collect();
    Plot {
        id: "roc".into(),
        title: say(&phrases::roc_title(&auc)),
        description: say(&phrases::roc_description(&auc, four(low), four(high))),
        x: Axis::shares(say(&phrases::axis_share_of_good()), 1.0),
        y: Axis::shares(say(&phrases::axis_share_of_bad()), 1.0),
        right: None,
        marks: vec![
            Mark::Line { points: vec![(0.0, 0.0), (1.0, 1.0)], ink: Ink::Faint, right: false },
            Mark::Line { points, ink: Ink::Good, right: false },
        ],
        legend: Vec::new(),
    }
}

/// The shares of the good and of the bad with a score or less.
pub(super) fn ks(performance: &Performance, language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let curve = &performance.curve;
    let points = &curve.points;
    let ends = points.first().zip(points.last()).map(|(from, until)| (from.score, until.score));
    let (from, until) = ends.unwrap_or((0.0, 1.0));
    let at = points.iter().find(|point| point.score == curve.ks_at);
    let (good, bad) = at.map_or((0.0, 0.0), |point| (point.good, point.bad));
    let line = |share: fn(&scorecard::monitoring::CurvePoint) -> f64| {
        points.iter().map(|point| (point.score, share(point))).collect()
    };
    Plot {
        id: "ks".into(),
        title: say(&phrases::ks_title(four(curve.ks))),
        description: say(&phrases::ks_description(four(curve.ks), score(curve.ks_at))),
        x: scores(language, from, until),
        y: Axis::shares(say(&phrases::axis_share_so_far()), 1.0),
        right: None,
        marks: vec![
            Mark::Line { points: line(|point| point.good), ink: Ink::Good, right: false },
            Mark::Line { points: line(|point| point.bad), ink: Ink::Bad, right: false },
            Mark::Line {
                points: vec![(curve.ks_at, good), (curve.ks_at, bad)],
                ink: Ink::Faint,
                right: false,
            },
        ],
        legend: vec![
            (Ink::Good, say(&phrases::legend_good())),
            (Ink::Bad, say(&phrases::legend_bad())),
            (Ink::Faint, say(&phrases::legend_farthest())),
        ],
    }
}

/// The bad rate of groups, observed over predicted.
pub(super) fn calibration(groups: &[Calibration], language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let rates = groups.iter().flat_map(|group| [group.predicted, group.observed]);
    let most = rates.fold(0.0, f64::max);
    let points: Vec<_> = groups.iter().map(|group| (group.predicted, group.observed)).collect();
    let x = Axis::shares(say(&phrases::axis_predicted()), most);
    let diagonal = vec![(0.0, 0.0), (x.until, x.until)];
    Plot {
        id: "calibration".into(),
        title: say(&phrases::calibration_title()),
        description: say(&phrases::calibration_description(groups.len())),
        x,
        y: Axis::shares(say(&phrases::axis_observed()), most),
        right: None,
        marks: vec![
            Mark::Line { points: diagonal, ink: Ink::Faint, right: false },
            Mark::Line { points: points.clone(), ink: Ink::Good, right: false },
            Mark::Dots { points, ink: Ink::Good, right: false },
        ],
        legend: Vec::new(),
    }
}

/// What of the bad and of the good the riskiest rows hold.
pub(super) fn gains(groups: &[GainGroup], language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let line = |share: fn(&GainGroup) -> f64| {
        let groups = groups.iter().map(|group| (group.group, share(group)));
        std::iter::once((0.0, 0.0)).chain(groups).collect::<Vec<_>>()
    };
    let (riskiest, held) =
        groups.first().map_or((0.0, 0.0), |group| (group.group, group.bad_so_far));
    let dots =
        |points: &[(f64, f64)], ink| Mark::Dots { points: points[1..].to_vec(), ink, right: false };
    let (bad, good) = (line(|group| group.bad_so_far), line(|group| group.good_so_far));
    Plot {
        id: "gains".into(),
        title: say(&phrases::gains_title()),
        description: say(&phrases::gains_description(percent(held), percent(riskiest))),
        x: Axis::shares(say(&phrases::axis_riskiest()), 1.0),
        y: Axis::shares(say(&phrases::axis_share_so_far_of_class()), 1.0),
        right: None,
        marks: vec![
            dots(&bad, Ink::Bad),
            dots(&good, Ink::Good),
            Mark::Line { points: bad, ink: Ink::Bad, right: false },
            Mark::Line { points: good, ink: Ink::Good, right: false },
        ],
        legend: vec![
            (Ink::Bad, say(&phrases::legend_bad())),
            (Ink::Good, say(&phrases::legend_good())),
        ],
    }
}

/// Good and bad rows by score, with the bad rate.
pub(super) fn distribution(performance: &Performance, language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let bins = &performance.distribution;
    let ends = bins.first().zip(bins.last()).map(|(first, last)| (first.from, last.until));
    let (from, until) = ends.unwrap_or((0.0, 1.0));
    let mut marks = Vec::new();
    let mut rates = Vec::new();
    for bin in bins {
        let gap = 0.08 * (bin.until - bin.from);
        let (left, right) = (bin.from + gap, bin.until - gap);
        let (bad, all) = (real(bin.bad), real(bin.good + bin.bad));
        marks.push(Mark::Bar { from: (left, 0.0), until: (right, bad), ink: Ink::Bad });
        marks.push(Mark::Bar { from: (left, bad), until: (right, all), ink: Ink::Plain });
        if bin.good + bin.bad > 0 {
            rates.push(((bin.from + bin.until) / 2.0, share(bin.bad, bin.good + bin.bad)));
        }
    }
    let most = rates.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    marks.push(Mark::Line { points: rates.clone(), ink: Ink::Text, right: true });
    marks.push(Mark::Dots { points: rates, ink: Ink::Text, right: true });
    let rows = bins.iter().map(|bin| real(bin.good + bin.bad));
    Plot {
        id: "distribution".into(),
        title: say(&phrases::distribution_title()),
        description: say(&phrases::distribution_description(bins.len(), score(from), score(until))),
        x: scores(language, from, until),
        y: Axis::numbers(say(&phrases::axis_rows()), rows),
        right: Some(Axis::shares(say(&phrases::axis_bad_rate()), most)),
        marks,
        legend: vec![
            (Ink::Plain, say(&phrases::legend_good())),
            (Ink::Bad, say(&phrases::legend_bad())),
            (Ink::Text, say(&phrases::legend_bad_rate())),
        ],
    }
}

/// Where scores lie, before and now.
pub(super) fn shift(shift: &Shift, language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let shares = |counts: &[u64]| {
        let all = counts.iter().sum();
        counts.iter().map(|own| share(*own, all)).collect::<Vec<_>>()
    };
    let (before, now) = (shares(&shift.before), shares(&shift.now));
    let most = before.iter().chain(&now).copied().fold(0.0, f64::max);
    let first = shift.breaks.first().map_or_else(|| "–".into(), |at| format!("< {}", score(*at)));
    let rest = shift.breaks.iter().map(|at| score(*at));
    let marks = before.iter().zip(&now).zip(0_u32..).flat_map(|((before, now), at)| {
        let at = f64::from(at);
        [
            Mark::Bar { from: (at + 0.1, 0.0), until: (at + 0.48, *before), ink: Ink::Plain },
            Mark::Bar { from: (at + 0.52, 0.0), until: (at + 0.9, *now), ink: Ink::Good },
        ]
    });
    Plot {
        id: "shift".into(),
        title: say(&phrases::shift_title(four(shift.index))),
        description: say(&phrases::shift_description(four(shift.index))),
        x: Axis::names(
            say(&phrases::head_score_from()),
            std::iter::once(first).chain(rest).collect(),
        ),
        y: Axis::shares(say(&phrases::axis_share_of_rows()), most),
        right: None,
        marks: marks.collect(),
        legend: vec![
            (Ink::Plain, say(&phrases::legend_before())),
            (Ink::Good, say(&phrases::legend_now())),
        ],
    }
}

/// A scale of scores; never of no length.
fn scores(language: Language, from: f64, until: f64) -> Axis {
    let title = language.words(&phrases::axis_score()).to_owned();
    let until = if until > from { until } else { from + 1.0 };
    Axis { title, from, until, ticks: Ticks::Number }
}
