//! How a score does: plots, and the tables that they were drawn from.

use domain::Text;
use maud::{Markup, html};
use terminal::Language;
use terminal::units::count;

use super::curves;
use super::figures::{four, percent, score};
use crate::html::{Cell, Column, Table, Tile, side_by_side};
use crate::measures::share;
use crate::{Measures, Performance, phrases};

/// The figures that are read first.
pub(super) fn tiles(performance: &Performance) -> Vec<Tile> {
    let all = &performance.all;
    let interval = all.auc_95.map(|(low, high)| phrases::interval(four(low), four(high)));
    vec![
        Tile { name: Text::same("AUC"), figure: four(all.auc), beside: interval },
        Tile {
            name: Text::same("KS"),
            figure: four(all.ks),
            beside: Some(phrases::ks_at(score(performance.curve.ks_at))),
        },
        Tile { name: phrases::head_gini(), figure: four(all.gini), beside: None },
        Tile {
            name: phrases::head_bad_rate(),
            figure: percent(all.bad_rate),
            beside: Some(phrases::bad_of_rows(count(all.bad), count(all.rows))),
        },
    ]
}

/// Curves, gains with calibration, and the distribution of scores.
pub(super) fn body(performance: &Performance, language: Language) -> Markup {
    let mut plots = vec![
        curves::roc(performance, language),
        curves::ks(performance, language),
        curves::gains(&performance.gains, language),
    ];
    if let Some(groups) = &performance.calibration {
        plots.push(curves::calibration(groups, language));
    }
    let plots: Vec<Markup> = plots.iter().map(crate::html::Plot::figure).collect();
    html! {
        (side_by_side(&plots))
        (gains(performance).markup(language))
        (side_by_side(&[curves::distribution(performance, language).figure()]))
        (distribution(performance).markup(language))
    }
}

/// A line a group, the riskiest first.
fn gains(performance: &Performance) -> Table {
    let mut columns = vec![
        Column::number(phrases::head_riskiest()),
        Column::number(phrases::head_rows()),
        Column::number(phrases::head_goods()),
        Column::number(phrases::head_bads()),
        Column::number(phrases::head_bad_rate()),
    ];
    if performance.calibration.is_some() {
        columns.push(Column::number(phrases::head_predicted()));
    }
    columns.extend([
        Column::number(phrases::head_lift()),
        Column::number(phrases::head_bads_so_far()),
        Column::number(phrases::head_goods_so_far()),
        Column::number(Text::same("KS")),
    ]);
    let mut table = Table::new(phrases::gains_caption(), columns);
    for (place, group) in performance.gains.iter().enumerate() {
        let mut row = vec![
            Cell::Plain(format!("{:.0}%", 100.0 * group.group)),
            Cell::Plain(count(group.good + group.bad)),
            Cell::Plain(count(group.good)),
            Cell::Plain(count(group.bad)),
            Cell::Plain(percent(group.bad_rate)),
        ];
        if let Some(groups) = &performance.calibration {
            row.push(Cell::known(groups.get(place), |group| percent(group.predicted)));
        }
        row.extend([
            Cell::Plain(format!("{:.2}", group.lift)),
            Cell::Plain(percent(group.bad_so_far)),
            Cell::Plain(percent(group.good_so_far)),
            Cell::Plain(four(group.ks)),
        ]);
        table.row(row);
    }
    table
}

/// A line a bin of scores.
fn distribution(performance: &Performance) -> Table {
    let columns = vec![
        Column::number(phrases::head_score_from()),
        Column::number(phrases::head_score_until()),
        Column::number(phrases::head_rows()),
        Column::number(phrases::head_share()),
        Column::number(phrases::head_goods()),
        Column::number(phrases::head_bads()),
        Column::number(phrases::head_bad_rate()),
    ];
    let mut table = Table::new(phrases::distribution_caption(), columns);
    for bin in &performance.distribution {
        let rows = bin.good + bin.bad;
        let rate = (rows > 0).then(|| share(bin.bad, rows));
        table.row(vec![
            Cell::Plain(score(bin.from)),
            Cell::Plain(score(bin.until)),
            Cell::Plain(count(rows)),
            Cell::Plain(percent(share(rows, performance.all.rows))),
            Cell::Plain(count(bin.good)),
            Cell::Plain(count(bin.bad)),
            Cell::known(rate, percent),
        ]);
    }
    table
}

/// How a score did before and how it does now, a line each.
pub(super) fn compared(before: &Measures, now: &Measures) -> Table {
    let columns = vec![
        Column::words(phrases::head_population()),
        Column::number(phrases::head_rows()),
        Column::number(phrases::head_bads()),
        Column::number(phrases::head_bad_rate()),
        Column::number(phrases::head_auc()),
        Column::number(Text::same("KS")),
        Column::number(phrases::head_gini()),
    ];
    let mut table = Table::new(phrases::compared_caption(), columns);
    for (name, measures) in
        [(phrases::population_before(), before), (phrases::population_now(), now)]
    {
        table.row(vec![
            Cell::Text(name),
            Cell::Plain(count(measures.rows)),
            Cell::Plain(count(measures.bad)),
            Cell::Plain(percent(measures.bad_rate)),
            Cell::Plain(measures.auc_words()),
            Cell::Plain(four(measures.ks)),
            Cell::Plain(four(measures.gini)),
        ]);
    }
    table
}
