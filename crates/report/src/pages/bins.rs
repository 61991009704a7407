//! A feature's bins: as a table and as plots.

use domain::Text;
use maud::Markup;
use terminal::Language;
use terminal::units::count;

use super::figures::{four, percent};
use crate::html::{Axis, Cell, Column, Ink, Mark, Plot, Table, Tone, side_by_side};
use crate::{BinCard, BinKind, FeatureCard, phrases};

/// Every bin with what is known of it.
pub(super) fn table(feature: &FeatureCard, name: &str) -> Table {
    let counted = feature.bins.iter().any(|bin| bin.counted.is_some());
    let fitted = feature.bins.iter().any(|bin| bin.fitted_woe.is_some());
    let before = feature.bins.iter().any(|bin| bin.share_before.is_some());
    let points = feature.bins.iter().any(|bin| bin.points.is_some());
    let mut columns =
        vec![Column::number(phrases::head_place()), Column::words(phrases::head_bin())];
    if points {
        columns.push(Column::number(phrases::axis_points()));
    }
    if counted {
        columns
            .extend([Column::number(phrases::head_rows()), Column::number(phrases::head_share())]);
    }
    if before {
        columns.push(Column::number(phrases::head_share_before()));
    }
    if counted {
        columns.extend([
            Column::number(phrases::head_goods()),
            Column::number(phrases::head_bads()),
            Column::number(phrases::head_bad_rate()),
            Column::number(Text::same("WOE")),
            Column::number(Text::same("IV")),
        ]);
    }
    if fitted {
        columns.push(Column::number(phrases::head_fitted_woe()));
    }
    if feature.bins.iter().any(|bin| bin.against_points) {
        columns.push(Column::words(phrases::head_remark()));
    }
    let remarks = columns.len();
    let mut table = Table::new(phrases::bins_caption(name), columns);
    for (place, bin) in feature.bins.iter().enumerate() {
        let mut row = vec![Cell::Plain((place + 1).to_string()), takes(bin)];
        if points {
            row.push(Cell::known(bin.points, |points| points.to_string()));
        }
        if counted {
            row.push(Cell::known(bin.counted, |counted| count(counted.rows)));
            row.push(Cell::known(bin.counted, |counted| percent(counted.share)));
        }
        if before {
            row.push(Cell::known(bin.share_before, percent));
        }
        if counted {
            row.push(Cell::known(bin.counted, |counted| count(counted.good)));
            row.push(Cell::known(bin.counted, |counted| count(counted.bad)));
            row.push(Cell::known(bin.counted.and_then(|counted| counted.bad_rate), percent));
            row.push(Cell::known(bin.counted.and_then(|counted| counted.woe), four));
            row.push(Cell::known(bin.counted.and_then(|counted| counted.iv), four));
        }
        if fitted {
            row.push(Cell::known(bin.fitted_woe, four));
        }
        if row.len() < remarks {
            row.push(match bin.against_points {
                true => Cell::Flag(Tone::Look, phrases::against_points()),
                false => Cell::Plain(String::new()),
            });
        }
        table.row(row);
    }
    table
}

/// Its plots: what rows say, or the points where there are none.
pub(super) fn plots(feature: &FeatureCard, id: &str, name: &str, language: Language) -> Markup {
    let drawn = match feature.bins.iter().any(|bin| bin.counted.is_some()) {
        true => vec![rates(feature, id, name, language), woe(feature, id, name, language)],
        false => points(feature, id, name, language).into_iter().collect(),
    };
    side_by_side(&drawn.iter().map(Plot::figure).collect::<Vec<_>>())
}

/// The share of the rows in each bin, and their bad rate.
fn rates(feature: &FeatureCard, id: &str, name: &str, language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let shares = feature.bins.iter().map(|bin| bin.counted.map_or(0.0, |counted| counted.share));
    let shares: Vec<f64> = shares.collect();
    let rates = feature
        .bins
        .iter()
        .zip(0_u32..)
        .filter_map(|(bin, at)| Some((f64::from(at) + 0.5, bin.counted?.bad_rate?)));
    let rates: Vec<(f64, f64)> = rates.collect();
    let most = rates.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let mut marks: Vec<Mark> = bars(&shares, |_| Ink::Plain).collect();
    // A line joins ranges of numbers; categories and missing values have no neighbours.
    let ranges = feature.bins.iter().take_while(|bin| bin.is_range).count();
    marks.push(Mark::Line {
        points: rates.iter().copied().filter(|(at, _)| *at < real(ranges)).collect(),
        ink: Ink::Bad,
        right: true,
    });
    marks.push(Mark::Dots { points: rates, ink: Ink::Bad, right: true });
    Plot {
        id: format!("{id}-rates"),
        title: say(&phrases::bins_title(name)),
        description: say(&phrases::bins_description(name, feature.bins.len())),
        x: axis(feature, language),
        y: Axis::shares(
            say(&phrases::axis_share_of_rows()),
            shares.iter().copied().fold(0.0, f64::max),
        ),
        right: Some(Axis::shares(say(&phrases::axis_bad_rate()), most)),
        marks,
        legend: vec![
            (Ink::Plain, say(&phrases::legend_share())),
            (Ink::Bad, say(&phrases::legend_bad_rate())),
        ],
    }
}

/// The weight of evidence of each bin.
fn woe(feature: &FeatureCard, id: &str, name: &str, language: Language) -> Plot {
    let say = |text: &Text| language.words(text).to_owned();
    let woe = feature.bins.iter().map(|bin| bin.counted.and_then(|counted| counted.woe));
    let woe: Vec<f64> = woe.map(Option::unwrap_or_default).collect();
    let x = axis(feature, language);
    let mut marks: Vec<Mark> =
        bars(&woe, |woe| if woe > 0.0 { Ink::Bad } else { Ink::Good }).collect();
    let zero = vec![(x.from, 0.0), (x.until, 0.0)];
    marks.push(Mark::Line { points: zero, ink: Ink::Text, right: false });
    Plot {
        id: format!("{id}-woe"),
        title: say(&phrases::woe_title(name)),
        description: say(&phrases::woe_description(name)),
        x,
        y: Axis::numbers(say(&phrases::axis_woe()), woe),
        right: None,
        marks,
        legend: vec![
            (Ink::Bad, say(&phrases::legend_worse())),
            (Ink::Good, say(&phrases::legend_better())),
        ],
    }
}

/// The points of each bin; nothing where nobody learns them.
fn points(feature: &FeatureCard, id: &str, name: &str, language: Language) -> Option<Plot> {
    let say = |text: &Text| language.words(text).to_owned();
    let points: Option<Vec<f64>> =
        feature.bins.iter().map(|bin| bin.points.map(f64::from)).collect();
    let points = points?;
    Some(Plot {
        id: format!("{id}-points"),
        title: say(&phrases::points_title(name)),
        description: say(&phrases::points_description(name)),
        x: axis(feature, language),
        marks: bars(&points, |_| Ink::Plain).collect(),
        y: Axis::numbers(say(&phrases::axis_points()), points),
        right: None,
        legend: Vec::new(),
    })
}

fn bars(heights: &[f64], ink: impl Fn(f64) -> Ink) -> impl Iterator<Item = Mark> {
    heights.iter().zip(0_u32..).map(move |(height, at)| {
        let at = f64::from(at);
        Mark::Bar { from: (at + 0.14, 0.0), until: (at + 0.86, *height), ink: ink(*height) }
    })
}

/// Bins by what they take where that is short, by their numbers in the table where it is not.
fn axis(feature: &FeatureCard, language: Language) -> Axis {
    let say = |text: &Text| language.words(text).to_owned();
    let name = |bin: &BinCard| match bin.kind {
        BinKind::Values => bin.takes.clone(),
        BinKind::Other => say(&phrases::bin_other()),
        BinKind::Missing => say(&phrases::bin_missing()),
    };
    let names: Vec<String> = feature.bins.iter().map(name).collect();
    if Axis::has_room_for(&names) {
        Axis::names(say(&phrases::axis_bins()), names)
    } else {
        let numbers = (1..=feature.bins.len()).map(|place| place.to_string());
        Axis::names(say(&phrases::axis_bin_numbers()), numbers.collect())
    }
}

fn takes(bin: &BinCard) -> Cell {
    match bin.kind {
        BinKind::Values => Cell::Plain(bin.takes.clone()),
        BinKind::Other => Cell::Text(phrases::bin_other()),
        BinKind::Missing => Cell::Text(phrases::bin_missing()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of bins")]
fn real(bins: usize) -> f64 {
    bins as f64
}
